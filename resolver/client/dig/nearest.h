/* SPDX-License-Identifier: MIT */
/* The word of a list that a mistyped one was probably meant to be. */
#ifndef RW_CLIENT_DIG_NEAREST_H
#define RW_CLIENT_DIG_NEAREST_H

/*
 * The nearest of word(0), word(1), ... up to NULL by edit distance; NULL when all of them are
 * farther away than a slip of the fingers.
 */
const char *nearest_word(const char *text, const char *(*word)(unsigned index));

#endif
