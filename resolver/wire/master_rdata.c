/* SPDX-License-Identifier: MIT */
/*
 * The rdata of one record out of its text: RFC 3597 form here, some types by our own table
 * (master_types.c), all else by ldns, of which it is asked for no more than this. What comes out is
 * checked like rdata from the network.
 */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/master_inner.h"
#include "resolver/wire/master_types.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

#define LINE_EXTRA 32 /* bytes put before rdata that ldns is to read */

#define MNEMONIC_GROWTH 5 /* "TYPE32768" may take the place of "TA" */

char *master_word(char **text)
{
	char *word = *text + strspn(*text, " \t\r\n");
	if (!*word)
		return NULL;
	char *end = word;
	while (*end && !strchr(" \t\r\n", *end))
		end += *end == '\\' && end[1] ? 2 : 1;
	*text = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* A set with the frame's owner, type, class and TTL and this rdata. */
static int make_set(struct arena *arena, const struct rrset *frame, const uint8_t *rdata,
	size_t size, struct rrset **ret_set)
{
	int err = precheck_rdata(frame->type, rdata, size);
	if (err)
		return err;
	struct rrset *set =
		rrset_single(arena, frame->owner, frame->type, frame->ttl, rdata, (uint16_t)size);
	if (!set)
		return RW_ENOMEM;
	set->class = frame->class;
	*ret_set = set;
	return 0;
}

/* RFC 3597 section 5: a length, then hexadecimal digits with blanks anywhere between. */
static int read_generic(
	struct arena *arena, char *text, const struct rrset *frame, struct rrset **ret_set)
{
	char *length = master_word(&text);
	if (!length || strspn(length, "0123456789") != strlen(length) || strlen(length) > 5)
		return RW_EMALFORMED;
	size_t wanted = strtoul(length, NULL, 10), digits = 0;
	/* The digits are packed in place: two become one byte before them or where they stand. */
	uint8_t *rdata = (uint8_t *)text;
	for (; *text; text++) {
		if (*text == ' ' || *text == '\t')
			continue;
		int digit = text_hex_digit(*text);
		if (digit < 0)
			return RW_EMALFORMED;
		uint8_t *to = rdata + digits / 2;
		*to = (uint8_t)(digits++ % 2 ? *to | digit : digit << 4);
	}
	return digits == 2 * wanted ? make_set(arena, frame, rdata, wanted, ret_set)
				    : RW_EMALFORMED;
}

static int rr_to_set(
	struct arena *arena, const ldns_rr *rr, const struct rrset *frame, struct rrset **ret_set)
{
	ldns_buffer *buffer = ldns_buffer_new(LDNS_MIN_BUFLEN);
	if (!buffer)
		return RW_ENOMEM;
	int err = RW_EMALFORMED;
	if (ldns_rr_rdata2buffer_wire(buffer, rr) == LDNS_STATUS_OK)
		err = make_set(arena, frame, ldns_buffer_begin(buffer),
			ldns_buffer_position(buffer), ret_set);
	ldns_buffer_free(buffer);
	return err;
}

/* What is wrong is shown as it stands, so that a copy is read. */
static int read_by_table(struct arena *arena, const char *text, const uint8_t *origin,
	const struct rrset *frame, struct rrset **ret_set)
{
	char *copy = strdup(text);
	uint8_t *rdata = malloc(UINT16_MAX);
	size_t size;
	int err = copy && rdata ? 0 : RW_ENOMEM;
	if (!err)
		err = master_type_read(frame->type, copy, origin, rdata, &size);
	if (!err)
		err = make_set(arena, frame, rdata, size, ret_set);
	free(rdata);
	free(copy);
	return err;
}

/* Types that name others, from which word on. */
static bool names_types(uint16_t type, unsigned word)
{
	switch (type) {
	case TYPE_NSEC:
		return word >= 1;
	case TYPE_NSEC3:
		return word >= 5;
	case LDNS_RR_TYPE_CSYNC:
		return word >= 2;
	case TYPE_RRSIG:
	case LDNS_RR_TYPE_SIG:
		return word == 0;
	default:
		return false;
	}
}

/* Copies the data, with types that ldns does not know as numbers. `out` has MNEMONIC_GROWTH times
 * the room. */
static void copy_for_ldns(uint16_t type, const char *rdata, char *out)
{
	for (unsigned word = 0; *rdata; word++) {
		size_t blanks = strspn(rdata, " \t"), length = strcspn(rdata + blanks, " \t");
		char text[16] = "";
		if (length < sizeof(text) && names_types(type, word))
			memcpy(text, rdata + blanks, length);
		unsigned number = *text ? master_type_number(text) : 0;
		memcpy(out, rdata, blanks + length);
		out += number ? blanks : blanks + length;
		if (number)
			out += sprintf(out, "TYPE%u", number);
		rdata += blanks + length;
	}
	*out = '\0';
}

/* Has ldns read `rdata`, completing its names by the origin. */
static int read_by_ldns(struct arena *arena, const char *rdata, const uint8_t *origin,
	const struct rrset *frame, struct rrset **ret_set)
{
	bool has_types = names_types(frame->type, 0) || names_types(frame->type, UINT8_MAX);
	size_t room = strlen(rdata) * (has_types ? MNEMONIC_GROWTH : 1) + LINE_EXTRA;
	char *line = malloc(room);
	ldns_rdf *suffix = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name_size(origin), origin);
	ldns_rr *rr = NULL;
	int err = RW_ENOMEM;
	if (!line || !suffix)
		goto out;
	int used = snprintf(line, room, ". 0 IN TYPE%u ", frame->type);
	if (has_types)
		copy_for_ldns(frame->type, rdata, line + used);
	else
		memcpy(line + used, rdata, strlen(rdata) + 1);
	err = RW_EMALFORMED;
	if (ldns_rr_new_frm_str(&rr, line, 0, suffix, NULL) == LDNS_STATUS_OK)
		err = rr_to_set(arena, rr, frame, ret_set);
	else
		rr = NULL;
out:
	ldns_rr_free(rr);
	ldns_rdf_deep_free(suffix);
	free(line);
	return err;
}

static bool is_absolute(const char *text)
{
	bool dot = false;
	for (; *text; text++) {
		dot = *text == '.';
		if (*text == '\\' && text[1])
			text++;
	}
	return dot;
}

int master_name(const char *text, const uint8_t *origin, struct name *ret_name)
{
	if (strcmp(text, "@") == 0) {
		name_copy(origin, ret_name);
		return 0;
	}
	struct name name;
	int err = name_from_text(text, &name);
	if (!err && !is_absolute(text))
		err = name_replace_suffix(name.bytes, name_root, origin, &name);
	if (!err)
		name_copy(name.bytes, ret_name);
	return err;
}

/* Most records of large zones are one name each, for which ldns takes its time. */
static bool is_one_name(uint16_t type)
{
	return type == TYPE_CNAME || type == TYPE_NS || type == TYPE_PTR;
}

static int read_one_name(struct arena *arena, char *rdata, const uint8_t *origin,
	const struct rrset *frame, struct rrset **ret_set)
{
	static const char blanks[] = " \t\r\n";
	struct name name;
	char *end = rdata;
	while (*end && !strchr(blanks, *end))
		end += *end == '\\' && end[1] ? 2 : 1;
	/* What is wrong is shown as it stands, so that nothing may be written before that is known.
	 */
	if (end == rdata || end[strspn(end, blanks)] != '\0')
		return RW_EMALFORMED;
	*end = '\0';
	int err = master_name(rdata, origin, &name);
	return err ? err : make_set(arena, frame, name.bytes, name_size(name.bytes), ret_set);
}

int master_rdata(struct arena *arena, char *rdata, const uint8_t *origin, const struct rrset *frame,
	struct rrset **ret_set)
{
	rdata += strspn(rdata, " \t");
	if (rdata[0] == '\\' && rdata[1] == '#') {
		rdata += 2;
		return strchr(" \t", *rdata) ? read_generic(arena, rdata, frame, ret_set)
					     : RW_EMALFORMED;
	}
	if (is_one_name(frame->type))
		return read_one_name(arena, rdata, origin, frame, ret_set);
	if (master_type_has_form(frame->type))
		return read_by_table(arena, rdata, origin, frame, ret_set);
	return read_by_ldns(arena, rdata, origin, frame, ret_set);
}
