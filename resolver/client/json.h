/* SPDX-License-Identifier: MIT */
/*
 * Output for programs: one JSON object per line. Each has `schema`; what a schema name means never
 * changes. Messages are in the names of RFC 8427; the OPT record stands among the additional
 * records, raw.
 */
#ifndef RW_CLIENT_JSON_H
#define RW_CLIENT_JSON_H

#include <jansson.h>

#include "resolver/client/out.h"
#include "resolver/wire/rrset.h"

/* Sets a member, which is taken over. What cannot be set is missing in the output. */
void json_set(json_t *object, const char *key, json_t *value);

/* The message as an RFC 8427 object; NULL when it is malformed or memory is used up. */
json_t *json_message(const uint8_t *wire, size_t size);

/* A record set as an array of RFC 8427 records. */
json_t *json_rrset(struct arena *arena, const struct rrset *set);

/* A name in escaped presentation form. */
json_t *json_name(const uint8_t *name);

/* A question as an object of name, type and class. */
json_t *json_question(const struct question *question);

/* Lower-case hex digits. */
json_t *json_hex(const uint8_t *bytes, size_t size);

/* Writes the object as one line and gives it back; nothing is written for NULL. */
void json_line(const struct out *out, json_t *object);

#endif
