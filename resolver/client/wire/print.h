/* SPDX-License-Identifier: MIT */
/* +wire: a message with every byte beside its meaning, for people and for programs. */
#ifndef RW_CLIENT_WIRE_PRINT_H
#define RW_CLIENT_WIRE_PRINT_H

#include "resolver/client/out.h"
#include "resolver/client/raw_message.h"

#define JSON_WIRE "rootwalk.wire/1"

/* `json`: as an object on one line. `title` says what it is: "query", "reply", "message 3";
 * printable. */
void wire_print(
	const struct out *out, bool json, const struct raw_message *reply, const char *title);

#endif
