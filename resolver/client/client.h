/* SPDX-License-Identifier: MIT */
/*
 * The program `rootwalk` as a function: reads the command line, runs each query in order as a plain
 * look-up or as a trace, and says with its return value how it went (enum exit_code).
 */
#ifndef RW_CLIENT_CLIENT_H
#define RW_CLIENT_CLIENT_H

/* `argv` with the program's name first. Writes to stdout, faults to stderr. */
int client_run(int argc, char *const *argv);

#endif
