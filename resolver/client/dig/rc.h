/* SPDX-License-Identifier: MIT */
/*
 * The rc file, $XDG_CONFIG_HOME/rootwalk/rootwalkrc or ~/.config/rootwalk/rootwalkrc: options as
 * on the command line, in front of which they stand; # begins a comment. -r leaves it out.
 */
#ifndef RW_CLIENT_DIG_RC_H
#define RW_CLIENT_DIG_RC_H

#include "resolver/client/dig/args.h"

/*
 * The defaults a command line starts from; its words are kept in the arena. RW_ENOTFOUND: there is
 * none. Other errors come with a sentence in `error`.
 */
int rc_read(struct arena *arena, struct args *ret_args, char error[ARGS_ERROR]) RW_MUSTCHECK;

/* The same of a given file. */
int rc_read_file(struct arena *arena, const char *path, struct args *ret_args,
	char error[ARGS_ERROR]) RW_MUSTCHECK;

#endif
