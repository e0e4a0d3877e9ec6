/* SPDX-License-Identifier: MIT */
/*
 * Names in other scripts than ASCII (RFC 5890). Typed ones become A-labels; with +idnout A-labels
 * of replies become U-labels, but only such as IDNA allows: those hold neither control nor
 * formatting characters, so they are as safe on a terminal as ASCII is.
 */
#ifndef RW_CLIENT_DIG_IDN_H
#define RW_CLIENT_DIG_IDN_H

#include "resolver/base/arena.h"
#include "resolver/wire/name.h"

/* With `convert`, U-labels in UTF-8 become A-labels; all else is read as typed. RW_EMALFORMED. */
int idn_name(const char *text, bool convert, struct name *ret_name) RW_MUSTCHECK;

/*
 * Presentation text with its A-labels made readable, in the arena; `text` itself where there are
 * none, where the locale cannot show them, or where the arena is full.
 */
const char *idn_text(struct arena *arena, const char *text);

#endif
