/* SPDX-License-Identifier: MIT */
/* Mnemonics, and printing the rdata of one record through ldns. Reading is in master.c. */
#include "resolver/wire/text.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/master_types.h"

/* A number behind a fixed prefix, as in "TYPE65280" and "CLASS32". */
static int numbered(const char *text, const char *prefix, uint16_t *ret_value)
{
	size_t length = strlen(prefix);
	if (strncasecmp(text, prefix, length) != 0)
		return RW_EMALFORMED;
	const char *digits = text + length;
	size_t count = strspn(digits, "0123456789");
	if (count == 0 || count > 5 || digits[count])
		return RW_EMALFORMED;
	unsigned long value = strtoul(digits, NULL, 10);
	if (value > UINT16_MAX)
		return RW_EMALFORMED;
	*ret_value = (uint16_t)value;
	return 0;
}

const char *text_type(uint16_t type, char buf[TEXT_TYPE])
{
	char *name = ldns_rr_type2str((ldns_rr_type)type);
	if (name && strlen(name) < TEXT_TYPE)
		strcpy(buf, name);
	else
		snprintf(buf, TEXT_TYPE, "TYPE%u", type);
	free(name);
	return buf;
}

int text_to_type(const char *text, uint16_t *ret_type)
{
	if (numbered(text, "TYPE", ret_type) == 0)
		return 0;
	if (strncasecmp(text, "TYPE", 4) == 0)
		return RW_EMALFORMED;
	unsigned type = ldns_get_rr_type_by_name(text);
	if (type == 0)
		type = master_type_number(text);
	if (type == 0)
		return RW_EMALFORMED;
	*ret_type = (uint16_t)type;
	return 0;
}

static const struct {
	uint16_t value;
	const char *name;
} class_names[] = {
	{CLASS_IN, "IN"}, {CLASS_CH, "CH"}, {4, "HS"}, {CLASS_NONE, "NONE"}, {CLASS_ANY, "ANY"}};

const char *text_class(uint16_t class, char buf[TEXT_TYPE])
{
	for (size_t i = 0; i < RW_COUNT(class_names); i++)
		if (class_names[i].value == class)
			return strcpy(buf, class_names[i].name);
	snprintf(buf, TEXT_TYPE, "CLASS%u", class);
	return buf;
}

int text_to_class(const char *text, uint16_t *ret_class)
{
	for (size_t i = 0; i < RW_COUNT(class_names); i++)
		if (strcasecmp(text, class_names[i].name) == 0) {
			*ret_class = class_names[i].value;
			return 0;
		}
	return numbered(text, "CLASS", ret_class);
}

const char *text_rcode(uint16_t rcode, char buf[TEXT_TYPE])
{
	static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
		"REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE",
		"DSOTYPENI", [16] = "BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG",
		"BADTRUNC", "BADCOOKIE"};
	if (rcode < RW_COUNT(names) && names[rcode])
		return names[rcode];
	snprintf(buf, TEXT_TYPE, "RCODE%u", rcode);
	return buf;
}

const char *text_opcode(uint8_t opcode, char buf[TEXT_TYPE])
{
	static const char *const names[] = {
		"QUERY", "IQUERY", "STATUS", [4] = "NOTIFY", "UPDATE", "DSO"};
	if (opcode < RW_COUNT(names) && names[opcode])
		return names[opcode];
	snprintf(buf, TEXT_TYPE, "OPCODE%u", opcode);
	return buf;
}

/* RFC 3597 section 5. */
static char *generic_text(struct arena *arena, const struct rdata *record)
{
	if (record->size == 0)
		return arena_printf(arena, "\\# 0");
	size_t room = 16 + 2 * (size_t)record->size;
	char *text = arena_alloc_raw(arena, room);
	if (!text)
		return NULL;
	int at = snprintf(text, room, "\\# %u ", record->size);
	static const char digits[] = "0123456789abcdef";
	char *out = text + at;
	for (unsigned i = 0; i < record->size; i++) {
		*out++ = digits[record->bytes[i] >> 4];
		*out++ = digits[record->bytes[i] & 15];
	}
	*out = '\0';
	return text;
}

/* The record as ldns sees it: owned by the root, class IN. NULL when ldns cannot read it. */
static ldns_rr *rr_from_rdata(uint16_t type, const struct rdata *record)
{
	size_t size = 11u + record->size, at = 0;
	uint8_t *wire = malloc(size);
	if (!wire)
		return NULL;
	wire[0] = 0;
	rr_put16(wire + 1, type);
	rr_put16(wire + 3, CLASS_IN);
	rr_put32(wire + 5, 0);
	rr_put16(wire + 9, record->size);
	memcpy(wire + 11, record->bytes, record->size);
	ldns_rr *rr = NULL;
	if (ldns_wire2rr(&rr, wire, size, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		rr = NULL;
	free(wire);
	return rr;
}

/* Copies rdata text out of a whole record's: what stands behind the fourth tab. */
static char *rdata_part(struct arena *arena, const char *text)
{
	for (int tabs = 0; text && tabs < 4; tabs++) {
		text = strchr(text, '\t');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return NULL;
	size_t size = strcspn(text, "\n");
	while (size > 0 && text[size - 1] == ' ')
		size--;
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return NULL;
	char *copy = size ? arena_dup(arena, text, size + 1) : NULL;
	if (copy)
		copy[size] = '\0';
	return copy;
}

/* ldns prints a LOC record of a later version as bare digits, which nothing reads back. */
static bool is_strange_loc(uint16_t type, const struct rdata *record)
{
	return type == LDNS_RR_TYPE_LOC && (record->size != 16 || record->bytes[0] != 0);
}

const char *text_rdata(struct arena *arena, uint16_t type, const struct rdata *record)
{
	char *text = NULL;
	ldns_rr *rr = NULL;
	if (record->size > 0 && !is_strange_loc(type, record))
		rr = rr_from_rdata(type, record);
	if (rr) {
		char *whole = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
		text = rdata_part(arena, whole);
		free(whole);
		ldns_rr_free(rr);
	}
	return text ? text : generic_text(arena, record);
}

int text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
