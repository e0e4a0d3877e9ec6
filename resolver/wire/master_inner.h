/* SPDX-License-Identifier: MIT */
/* What the parts of the reader of master files share. */
#ifndef RW_WIRE_MASTER_INNER_H
#define RW_WIRE_MASTER_INNER_H

#include "resolver/wire/text.h"

/* What reading a file carries from line to line. */
struct master {
	struct arena *arena;
	const struct text_reader *reader; /* NULL: one line is read, and nothing else */
	struct name origin, owner;
	bool has_owner;
	bool lost_owner; /* the last one could not be read: lines that lean on it are passed over */
	bool has_ttl;    /* of $TTL, which no record changes (RFC 2308 section 4) */
	uint32_t ttl;
	unsigned depth;          /* files that have drawn in the one that is read */
	unsigned generated;      /* records made by $GENERATE, in all files */
	int stop;                /* not 0: what the reader has ended the reading with */
	struct text_fault fault; /* of the line being read */
};

/* Reads one file, and those it draws in. Returns m->stop; RW_ENOMEM. */
int master_read(struct master *m, const char *bytes, size_t size) RW_MUSTCHECK;

/* Remembers what is wrong; `word` (may be NULL) outlives the line. Returns RW_EMALFORMED. */
int master_blame(struct master *m, const char *word, const char *why);

/* A line that begins with a dollar; it is written into. Negative: as m->fault says. */
int master_directive(char *line, struct master *m) RW_MUSTCHECK;

/* "$GENERATE", with what is behind the word. The same. */
int master_generate(char *line, struct master *m) RW_MUSTCHECK;

/* Seconds, or with units as in "1h30m". RW_EMALFORMED. */
int master_ttl(const char *text, uint32_t *ret_ttl) RW_MUSTCHECK;

/* TTL and class in any order, each at most once, then the type, into `frame`. RW_EMALFORMED. */
int master_fields(char **text, struct master *m, struct rrset *frame) RW_MUSTCHECK;

/* The next blank-separated word of `*text`, terminated in place; NULL at the end. */
char *master_word(char **text);

/* A name of the file: "@", with a dot at its end, or completed by `origin`. RW_EMALFORMED,
 * RW_ELIMIT. */
int master_name(const char *text, const uint8_t *origin, struct name *ret_name) RW_MUSTCHECK;

/*
 * Reads rdata for the owner, type, class and TTL of `frame`; relative names are completed by
 * `origin`. The text is written into. RW_EMALFORMED, RW_ELIMIT, RW_ENOMEM.
 */
int master_rdata(struct arena *arena, char *rdata, const uint8_t *origin, const struct rrset *frame,
	struct rrset **ret_set) RW_MUSTCHECK;

#endif
