/* SPDX-License-Identifier: MIT */
/*
 * Columns, chunks and multi-line forms. The rdata's text itself is text_rdata's; here it is only
 * cut into pieces, so what a server sent is escaped already.
 */
#include "resolver/client/dig/record_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/client/dig/idn.h"
#include "resolver/wire/text.h"

#define TAB             8  /* columns */
#define MULTILINE_SPLIT 44 /* characters of a chunk in multi-line form, as dig's */

/* Where fields start, dig's choice by what is shown. */
struct columns {
	unsigned ttl, class, type, rdata;
};

static struct columns columns_of(const struct query_options *options)
{
	if (options->multiline || (!options->ttl && !options->class))
		return (struct columns){24, 24, 24, 32};
	if (!options->ttl || !options->class)
		return (struct columns){24, 24, 32, 40};
	return (struct columns){24, 32, 40, 48};
}

/* Tabs, then spaces, at least one column. */
static void pad_to(FILE *file, unsigned *column, unsigned to)
{
	to = RW_MAX(to, *column + 1);
	for (unsigned tab = to / TAB - *column / TAB; tab > 0; tab--) {
		fputc('\t', file);
		*column = (*column / TAB + 1) * TAB;
	}
	for (; *column < to; (*column)++)
		fputc(' ', file);
}

static void put_column(FILE *file, unsigned *column, unsigned at, const char *text)
{
	if (*column > 0)
		pad_to(file, column, at);
	fputs(text, file);
	*column += (unsigned)strlen(text);
}

/* Types whose text ends in one long base64 or hex field: how many fields stand before it. */
struct blob {
	uint16_t type;
	uint8_t fields;
	bool hex;
	bool crypto; /* +nocrypto leaves it out */
};

#define TYPE_SSHFP      44
#define TYPE_TLSA       52
#define TYPE_SMIMEA     53
#define TYPE_CDS        59
#define TYPE_CDNSKEY    60
#define TYPE_OPENPGPKEY 61

static const struct blob blobs[] = {
	{TYPE_KEY, 3, false, true},
	{TYPE_DS, 3, true, true},
	{TYPE_SSHFP, 2, true, false},
	{TYPE_RRSIG, 8, false, true},
	{TYPE_DNSKEY, 3, false, true},
	{TYPE_TLSA, 3, true, false},
	{TYPE_SMIMEA, 3, true, false},
	{TYPE_CDS, 3, true, true},
	{TYPE_CDNSKEY, 3, false, true},
	{TYPE_OPENPGPKEY, 0, false, true},
};

static bool is_key_type(uint16_t type)
{
	return type == TYPE_DNSKEY || type == TYPE_CDNSKEY || type == TYPE_KEY;
}

/* How the text is to be cut; false: not at all. */
static bool blob_of(uint16_t type, const char *text, struct blob *ret_blob)
{
	if (strncmp(text, "\\# ", 3) == 0) {
		*ret_blob = (struct blob){type, 2, true, false};
		return true;
	}
	for (size_t i = 0; i < RW_COUNT(blobs); i++)
		if (blobs[i].type == type) {
			*ret_blob = blobs[i];
			return true;
		}
	return false;
}

/* The rest of `text` behind `count` fields; NULL when it has fewer. */
static const char *behind_fields(const char *text, unsigned count)
{
	for (; count > 0; count--) {
		text = strchr(text, ' ');
		if (!text)
			return NULL;
		text++;
	}
	return text;
}

/* The long field without blanks, hex digits in capitals as dig writes them. */
static char *compact(struct arena *arena, const char *field, bool hex)
{
	char *out = arena_alloc(arena, strlen(field) + 1);
	size_t used = 0;
	for (; out && *field; field++)
		if (*field != ' ')
			out[used++] = hex ? (char)toupper((unsigned char)*field) : *field;
	return out;
}

/* `between` is put between chunks of `width` characters. */
static char *chunked(struct arena *arena, const char *field, size_t width, const char *between)
{
	size_t length = strlen(field), gap = strlen(between);
	size_t chunks = width ? length / width + 1 : 1;
	char *out = arena_alloc(arena, length + chunks * gap + 1);
	size_t used = 0;
	for (size_t i = 0; out && i < length; i++) {
		if (width && i > 0 && i % width == 0) {
			used = (size_t)(stpcpy(out + used, between) - out);
		}
		out[used++] = field[i];
	}
	return out;
}

static const char *algorithm(struct arena *arena, uint8_t number)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {{5, "RSASHA1"}, {7, "NSEC3RSASHA1"}, {8, "RSASHA256"}, {10, "RSASHA512"},
		{13, "ECDSAP256SHA256"}, {14, "ECDSAP384SHA384"}, {15, "ED25519"}, {16, "ED448"}};
	for (size_t i = 0; i < RW_COUNT(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return arena_printf(arena, "%u", number);
}

/* " ; KSK; alg = ... ; key id = N", or "". */
static const char *key_comment(struct arena *arena, uint16_t type, const struct rdata *rdata)
{
	if (!is_key_type(type) || rdata->size < 4)
		return "";
	const char *role = rdata->bytes[1] & 1 ? "KSK" : "ZSK";
	if (rdata->bytes[0] & 0x80)
		role = rdata->bytes[1] & 1 ? "revoked KSK" : "revoked ZSK";
	const char *name = algorithm(arena, rdata->bytes[3]);
	return arena_printf(arena, " ; %s; alg = %s ; key id = %u", role, name ? name : "?",
		(unsigned)rrset_key_tag(rdata));
}

static const char *without_crypto(
	struct arena *arena, uint16_t type, const struct rdata *rdata, const char *text, int head)
{
	if (is_key_type(type) && rdata->size >= 4)
		return arena_printf(
			arena, "%.*s[key id = %u]", head, text, (unsigned)rrset_key_tag(rdata));
	return arena_printf(arena, "%.*s[omitted]", head, text);
}

/* Keys of service parameters whose values dig puts into quotes (RFC 9460 section 14.3.2). */
static bool is_quoted_key(const char *word, size_t length)
{
	static const char *const keys[] = {"alpn=", "dohpath=", "key"};
	for (size_t i = 0; i < RW_COUNT(keys); i++)
		if (length > strlen(keys[i]) && strncmp(word, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static const char *quoted_params(struct arena *arena, const char *text)
{
	size_t used = 0;
	char *out = text ? arena_alloc(arena, 2 * strlen(text) + 3) : NULL;
	while (out && *text) {
		size_t length = strcspn(text, " "), key = strcspn(text, "= ");
		bool quoted = key < length && text[key + 1] != '"' && is_quoted_key(text, length);
		size_t head = quoted ? key + 1 : length;
		used += (size_t)sprintf(out + used, "%.*s", (int)head, text);
		if (quoted)
			used += (size_t)sprintf(
				out + used, "\"%.*s\"", (int)(length - head), text + head);
		text += length;
		if (*text)
			out[used++] = *text++;
	}
	if (out)
		out[used] = '\0';
	return out;
}

/* One blank between salt and hash, and both in capitals, as dig writes them. */
static const char *nsec3_text(struct arena *arena, const char *text)
{
	const char *salt = text && text[0] != '\\' ? behind_fields(text, 3) : NULL;
	if (!salt)
		return text;
	char *copy = arena_dup(arena, text, strlen(text) + 1);
	if (!copy)
		return NULL;
	char *out = copy + (salt - text);
	for (int field = 0; *salt && field < 2; field++) {
		while (*salt && *salt != ' ')
			*out++ = (char)toupper((unsigned char)*salt++);
		*out = ' ';
		out += *salt != '\0';
		salt += strspn(salt, " ");
	}
	memcpy(out, salt, strlen(salt) + 1);
	return copy;
}

/* All eight groups with all their digits. */
static const char *expanded(struct arena *arena, const struct rdata *rdata)
{
	const uint8_t *ip = rdata->bytes;
	char text[40];
	size_t used = 0;
	for (unsigned i = 0; i < 16; i += 2)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%02x%02x",
			i ? ":" : "", ip[i], ip[i + 1]);
	return arena_printf(arena, "%s", text);
}

static const char *shown_name(const struct query_options *options, struct arena *arena,
	const uint8_t *name, char buf[LIMIT_NAME_TEXT])
{
	(void)name_text(name, buf);
	return options->idn_out ? idn_text(arena, buf) : buf;
}

static const char *rdata_text(const struct query_options *options, struct arena *arena,
	uint16_t type, const struct rdata *rdata)
{
	/* A private type number makes the text generic (RFC 3597). */
	if (options->unknown_format)
		return text_rdata(arena, 65281, rdata);
	const char *text = options->expand_aaaa && type == TYPE_AAAA && rdata->size == 16
				   ? expanded(arena, rdata)
				   : text_rdata(arena, type, rdata);
	if (text && options->idn_out)
		text = idn_text(arena, text);
	if (type == TYPE_NSEC3)
		return nsec3_text(arena, text);
	return type == TYPE_SVCB || type == TYPE_HTTPS ? quoted_params(arena, text) : text;
}

const char *record_rdata(const struct query_options *options, struct arena *arena, uint16_t type,
	const struct rdata *rdata)
{
	struct blob blob;
	const char *text = rdata_text(options, arena, type, rdata);
	if (!text || !blob_of(type, text, &blob))
		return text;
	const char *field = behind_fields(text, blob.fields);
	if (!field || field[0] == '\0')
		return text;
	int head = (int)(field - text);
	if (blob.crypto && !options->crypto)
		return without_crypto(arena, type, rdata, text, head);
	const char *solid = compact(arena, field, blob.hex);
	const char *pieces = solid ? chunked(arena, solid, options->split, " ") : NULL;
	return pieces ? arena_printf(arena, "%.*s%s", head, text, pieces) : NULL;
}

/* "1 hour 10 minutes". */
static const char *spelt(uint32_t seconds, char *buf, size_t cap)
{
	static const struct {
		uint32_t seconds;
		const char *name;
	} units[] = {
		{604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	size_t used = 0;
	for (size_t i = 0; i < RW_COUNT(units); i++) {
		uint32_t count = seconds / units[i].seconds;
		seconds %= units[i].seconds;
		if (count || (used == 0 && i + 1 == RW_COUNT(units)))
			used += (size_t)snprintf(buf + used, cap - used, "%s%u %s%s",
				used ? " " : "", count, units[i].name, count == 1 ? "" : "s");
	}
	return buf;
}

static void soa_lines(FILE *file, const struct rdata *rdata, const char *text, const char *indent)
{
	static const char *const names[] = {"serial", "refresh", "retry", "expire", "minimum"};
	char words[96];
	const char *numbers = behind_fields(text, 2);
	const uint8_t *at = rdata->bytes + rdata->size - 20;
	fprintf(file, "%.*s (\n", numbers ? (int)(numbers - text) - 1 : 0, text);
	for (size_t i = 0; i < RW_COUNT(names); i++, at += 4) {
		fprintf(file, "%s%-10u ; %s", indent, rr_get32(at), names[i]);
		if (i > 0)
			fprintf(file, " (%s)", spelt(rr_get32(at), words, sizeof(words)));
		fputc('\n', file);
	}
	fprintf(file, "%s)", indent);
}

static bool nsec3_lines(FILE *file, const char *text, const char *indent)
{
	const char *hash = behind_fields(text, 4);
	size_t size = hash ? strcspn(hash, " ") : 0;
	if (size == 0)
		return false;
	fprintf(file, "%.*s(\n%s%.*s", (int)(hash - text), text, indent, (int)size, hash);
	if (hash[size] != '\0')
		fprintf(file, "\n%s%s", indent, hash + size + 1);
	fputs(" )", file);
	return true;
}

static bool blob_lines(FILE *file, const struct query_options *options, struct arena *arena,
	const struct record *record, const char *text, const char *indent)
{
	struct blob blob;
	char between[16];
	if (!blob_of(record->type, text, &blob))
		return false;
	unsigned first = record->type == TYPE_RRSIG ? 4 : blob.fields;
	const char *field = behind_fields(text, blob.fields), *second = behind_fields(text, first);
	const char *solid = field ? compact(arena, field, blob.hex) : NULL;
	size_t width = options->split == 56 ? MULTILINE_SPLIT : options->split;
	(void)snprintf(between, sizeof(between), "\n%s", indent);
	const char *pieces = solid ? chunked(arena, solid, width, between) : NULL;
	if (!pieces || !second)
		return false;
	fprintf(file, "%.*s(\n%s", (int)(second - text), text, indent);
	if (field > second)
		fprintf(file, "%.*s\n%s", (int)(field - second) - 1, second, indent);
	if (!options->crypto && blob.crypto)
		pieces = is_key_type(record->type)
				 ? without_crypto(arena, record->type, &record->rdata, "", 0)
				 : "[omitted]";
	if (is_key_type(record->type))
		fprintf(file, "%s\n%s)%s", pieces, indent,
			key_comment(arena, record->type, &record->rdata));
	else
		fprintf(file, "%s )", pieces);
	return true;
}

static void print_rdata(FILE *file, const struct query_options *options, struct arena *arena,
	const struct record *record)
{
	const char *text = options->multiline
				   ? rdata_text(options, arena, record->type, &record->rdata)
				   : record_rdata(options, arena, record->type, &record->rdata);
	if (!text) {
		fputs("; (out of memory)", file);
		return;
	}
	static const char indent[] = "\t\t\t\t";
	bool generic = strncmp(text, "\\#", 2) == 0;
	if (options->multiline && !generic) {
		if (record->type == TYPE_SOA && record->rdata.size > 20) {
			soa_lines(file, &record->rdata, text, indent);
			return;
		}
		if (record->type == TYPE_NSEC3 && nsec3_lines(file, text, indent))
			return;
		if (blob_lines(file, options, arena, record, text, indent))
			return;
	}
	fputs(text, file);
	if (options->rrcomments && is_key_type(record->type)) {
		const char *comment = key_comment(arena, record->type, &record->rdata);
		fprintf(file, " %s", comment ? comment : "");
	}
}

static const char *type_text(
	const struct query_options *options, uint16_t type, char buf[TEXT_TYPE])
{
	if (!options->unknown_format)
		return text_type(type, buf);
	(void)snprintf(buf, TEXT_TYPE, "TYPE%u", type);
	return buf;
}

static const char *class_text(
	const struct query_options *options, uint16_t class, char buf[TEXT_TYPE])
{
	if (!options->unknown_format)
		return text_class(class, buf);
	(void)snprintf(buf, TEXT_TYPE, "CLASS%u", class);
	return buf;
}

void record_print(FILE *file, const struct query_options *options, struct arena *arena,
	const struct record *record)
{
	char name[LIMIT_NAME_TEXT], ttl[OUT_TTL], word[TEXT_TYPE];
	struct columns at = columns_of(options);
	unsigned column = 0;
	put_column(file, &column, 0, shown_name(options, arena, record->owner, name));
	if (options->ttl) {
		if (options->ttl_units)
			(void)out_ttl(record->ttl, ttl);
		else
			(void)snprintf(ttl, sizeof(ttl), "%u", record->ttl);
		put_column(file, &column, at.ttl, ttl);
	}
	if (options->class)
		put_column(file, &column, at.class, class_text(options, record->class, word));
	put_column(file, &column, at.type, type_text(options, record->type, word));
	if (record->rdata.size > 0) {
		pad_to(file, &column, at.rdata);
		print_rdata(file, options, arena, record);
	}
	fputc('\n', file);
}

void record_print_question(FILE *file, const struct query_options *options, struct arena *arena,
	const struct question *question)
{
	char name[LIMIT_NAME_TEXT], word[TEXT_TYPE];
	struct columns at = columns_of(options);
	unsigned column = 0;
	fputc(';', file);
	put_column(file, &column, 0, shown_name(options, arena, question->name, name));
	put_column(file, &column, at.class, class_text(options, question->class, word));
	put_column(file, &column, at.type, type_text(options, question->type, word));
	fputc('\n', file);
}
