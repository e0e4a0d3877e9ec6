/* SPDX-License-Identifier: MIT */
/*
 * The command line, as dig reads it: options, servers, names, types and classes in any order,
 * several queries on one line. What stands before the first name is the default of all queries.
 */
#ifndef RW_CLIENT_DIG_ARGS_H
#define RW_CLIENT_DIG_ARGS_H

#include "resolver/base/arena.h"
#include "resolver/base/settings.h"
#include "resolver/client/dig/options.h"
#include "resolver/wire/rrset.h"

#define ARGS_QUERIES 256  /* queries on one command line */
#define ARGS_SERVERS 16   /* servers named for one query */
#define ARGS_ERROR   512  /* bytes of an error message */
#define ARGS_WORDS   256  /* words of one line of a batch file */
#define ARGS_LINE    4096 /* bytes of one line of a batch file */

struct query {
	const char *text; /* the name as given; NULL for defaults */
	struct name name; /* wire form */
	uint16_t type, class;
	bool type_given, class_given;
	bool absolute;                     /* the name is no short one: +search leaves it alone */
	const char *server;                /* after the first @; NULL: the system's */
	const char *servers[ARGS_SERVERS]; /* all of them, `server` first */
	unsigned server_count;
	uint16_t port;
	struct query_options options;
};

enum args_mode {
	ARGS_RUN,
	ARGS_HELP,
	ARGS_VERSION,
	ARGS_OPTIONS,
};

struct args {
	enum args_mode mode;
	struct query defaults;
	struct query *queries; /* in the arena */
	unsigned count;
	bool continued;     /* not the first line of a batch file */
	const char *batch;  /* -f: file, "-" is the standard input */
	const char *input;  /* -i: file of messages to show, nothing is asked */
	const char *hints;  /* --hints */
	const char *anchor; /* --anchor */
	struct addr source; /* -b; family ADDR_NONE without */
	bool ipv4, ipv6;    /* -4, -6: may be used */
	bool no_rc;         /* -r */
	const char *line;   /* the arguments as one line, escaped, for the first line of output */
};

/*
 * Reads `argv` (without the program's name); `argv` outlives the result. `base` (may be NULL) gives
 * the defaults, as for lines of a batch file, where -f is refused. Without a name the root's NS set
 * is asked for. On failure `error` has a sentence of printable ASCII. RW_EMALFORMED: a name breaks
 * the rules of names; RW_EINVAL: all else.
 */
int args_parse(struct arena *arena, int argc, char *const *argv, const struct args *base,
	struct args *ret_args, char error[ARGS_ERROR]) RW_MUSTCHECK;

/*
 * The name under in-addr.arpa or ip6.arpa (RFC 1035 section 3.5, RFC 3596 section 2.5), or that of
 * a network for one to three octets.
 */
int args_reverse(const char *text, struct name *ret_name) RW_MUSTCHECK;

/* What -4, -6 and -b say. The list of addresses stays theirs. */
void args_outgoing(const struct args *args, struct outgoing_settings *outgoing);

#endif
