/* SPDX-License-Identifier: MIT */
/* A lab from its scenario to its end. */
#ifndef RW_LAB_RUN_H
#define RW_LAB_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct run_options {
	const char *folder;   /* NULL: the usual one */
	const char *scenario; /* NULL: the built-in one */
	uint16_t port;        /* 0: the scenario's */
	uint16_t listen;      /* of the resolver whose configuration is written */
	bool log;             /* a line for each question, on standard output */
	bool detach;          /* come back once the servers answer, and leave them running */
};

/* The exit code. */
int lab_run(const struct run_options *options);

/* Reads a scenario and says what is wrong with it; the exit code. */
int lab_check(const char *scenario);

/* Writes the zones of a scenario into the folder, which is made; the exit code. */
int lab_zones(const char *folder, const char *scenario);

#endif
