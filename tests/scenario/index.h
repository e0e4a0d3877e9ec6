/* SPDX-License-Identifier: MIT */
/*
 * INDEX.tsv beside a folder of texts: file, topic, minimisation modes, peers that pass, whether it
 * needs the validator.
 */
#ifndef RW_TEST_INDEX_H
#define RW_TEST_INDEX_H

#include <stdbool.h>

struct index_row {
	bool found;
	bool on, off; /* modes the text must pass in */
	bool needs_validator;
};

/* Looks for INDEX.tsv in the text's folder and the one above. */
void index_find(const char *text_path, struct index_row *ret_row);

#endif
