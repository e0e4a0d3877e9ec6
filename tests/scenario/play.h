/* SPDX-License-Identifier: MIT */
/* Playing one text: its steps in turn, in each minimisation mode it must pass in. */
#ifndef RW_TEST_PLAY_H
#define RW_TEST_PLAY_H

#include <stdbool.h>
#include <stddef.h>

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_UNSUPPORTED,
};

enum play_mode {
	PLAY_LISTED, /* as INDEX.tsv says, else as the head says */
	PLAY_ON,
	PLAY_OFF,
	PLAY_HEAD,
};

struct play_options {
	enum play_mode mode;
	bool verbose;
	bool no_validate; /* play texts that need the validator without it; AD is not compared */
};

#define PLAY_WHY 1024

/* `ret_why` is empty when the text passes. */
enum verdict play_text(
	const char *path, const struct play_options *options, char ret_why[PLAY_WHY]);

#endif
