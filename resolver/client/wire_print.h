/* SPDX-License-Identifier: MIT */
/* +wire: a message with every byte beside its meaning, for people and for programs. */
#ifndef RW_CLIENT_WIRE_PRINT_H
#define RW_CLIENT_WIRE_PRINT_H

#include "resolver/client/print.h"

#define JSON_WIRE "rootwalk.wire/1"

/* `title` says what it is: "query", "reply", "message 3"; printable. */
void wire_print(const struct out *out, const struct query_options *options,
	const struct reply *reply, const char *title);

#endif
