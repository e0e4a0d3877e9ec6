/* SPDX-License-Identifier: MIT */
/* Files of a text, for tests of what reads files. Not a test itself. */
#ifndef TESTS_UNIT_FILEKIT_H
#define TESTS_UNIT_FILEKIT_H

#define FILEKIT_PATH 40

/* Makes a file of a new name with the text in it; the caller unlinks it. */
void filekit_new(char ret_path[FILEKIT_PATH], const char *text);

/* The file holds that text and nothing else; it is made when it is not there. */
void filekit_write(const char *path, const char *text);

#endif
