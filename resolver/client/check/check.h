/* SPDX-License-Identifier: MIT */
/*
 * +check: a zone examined as its owner would wish. A survey of all servers, some polls more, then a
 * table of rules (rules.c), each of which looks at one thing and may report findings: what is
 * wrong, where, and what to change.
 */
#ifndef RW_CLIENT_CHECK_CHECK_H
#define RW_CLIENT_CHECK_CHECK_H

#include "resolver/client/check/survey.h"
#include "resolver/client/dig/args.h"
#include "resolver/client/out.h"

#define CHECK_FINDINGS 128
#define JSON_CHECK     "rootwalk.check/1"

enum severity {
	SEVERITY_ERROR,   /* names are not found, or not always, or wrong */
	SEVERITY_WARNING, /* works, and will fail or hurt some day */
	SEVERITY_NOTE,    /* worth knowing */
};

struct finding {
	enum severity severity;
	int code; /* exit code, where it is the first of the most severe */
	const char *rule, *text, *advice;
};

/* What is asked of each server beyond the survey. */
struct check_polls {
	struct poll tcp, plain, recursion, keys, apex_alias;
};

struct check {
	const struct out *out;
	struct walker *walker;
	struct arena *arena;
	struct survey survey;
	struct check_polls polls[SURVEY_SERVERS];
	struct finding findings[CHECK_FINDINGS];
	unsigned count, left_out;
	const char *rule; /* that runs now */
	int64_t now_s;
	bool is_signed; /* the zone has keys, or the parent a DS */
};

struct check_rule {
	const char *name;
	void (*run)(struct check *check);
};

/* The table; `ret_count` rules. */
const struct check_rule *check_rules(unsigned *ret_count);

/* Takes a finding; `advice` is a constant. */
void check_report(struct check *check, enum severity severity, int code, const char *advice,
	const char *format, ...) RW_PRINTF(5, 6);

int check_run(const struct args *args, const struct query *query, const struct out *out);

#endif
