/* SPDX-License-Identifier: MIT */
/*
 * A scripted internet for unit tests: a request runs in virtual time against servers that are rows
 * of a table. Not a test itself; linked into every unit test.
 */
#ifndef TESTS_UNIT_FAKENET_H
#define TESTS_UNIT_FAKENET_H

#include "resolver/request/request.h"

/*
 * What one server says to one question. `server`: its address. `name`, `type`: the question; type 0
 * matches any, a name that starts with "*." any name below. `reply`: flags and records, separated
 * by
 * '|': "aa", "nxdomain", "refused", "servfail", "formerr", "tc", "ra", "noedns" (FORMERR to EDNS),
 * "cookie" (a good DNS cookie), "badcookie" (the same with BADCOOKIE unless the question had it),
 * "wrongcookie" (not the asker's), "an NAME TTL TYPE RDATA", "ns ...", "ar ..."; "silent": no
 * reply. Rows are tried in order.
 */
struct fake_row {
	const char *server, *name;
	uint16_t type;
	const char *reply;
};

struct fakenet {
	const struct fake_row *rows;
	size_t row_count;
	/* Asked before the rows, for worlds without an end; NULL: the rows decide. The text may
	 * stand in `said`. */
	const char *(*script)(struct fakenet *net, const char *server,
		const struct question *question, const struct machine_action *send);
	char said[1 << 16];
	/* Sees every action before it is performed; and the request before it starts. */
	void (*watch)(struct fakenet *net, const struct machine_action *action);
	void (*prepare)(struct fakenet *net);
	bool refreshes; /* the request has the purse of one that nobody waits for */
	bool renew;     /* after the result, learn a delegation that is about to end anew */
	bool renewed;   /* the last request has done so */
	struct settings settings;
	struct env env;
	uint64_t dice;
	uint64_t now_ms;
	struct delegation hints;
	struct machine_context context;
	/* The last one, and what it left to be learnt anew; until the next fake_ask. */
	struct request *request, *renewal;
	unsigned sends, tcp_sends;
	char log[8192]; /* "server name type\n" per packet, names in lower case */
};

/* The root server is 192.0.2.1. Minimisation and IPv6 are off, special-use names too. */
void fakenet_init(struct fakenet *net, const struct fake_row *rows, size_t row_count);
void fakenet_release(struct fakenet *net);

/* Makes `request`, for tests that take its actions themselves. */
void fake_request(struct fakenet *net, const struct question *question);

/* Resolves; the result lives until the next call. */
const struct machine_result *fake_ask(struct fakenet *net, const char *name, uint16_t type);

/* The rdata text of the answer's last set's first record, or "" ; the number of sets before it. */
const char *fake_answer(const struct fakenet *net, const struct machine_result *result);

/* Whether a packet "server name type" was sent. */
bool fake_was_asked(const struct fakenet *net, const char *line);

#endif
