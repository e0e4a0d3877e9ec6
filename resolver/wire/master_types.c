/* SPDX-License-Identifier: MIT */
/*
 * Data of rare types out of text, by a table: each type is a row of fields, each kind of field a
 * function. All that Debian's named-compilezone reads and ldns 1.8.3 does not is here.
 */
#include "resolver/wire/master_types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/wire/master_inner.h"

/* Text that is read, and what came out of it so far. */
struct rdata_input {
	char *text;
	const uint8_t *origin;
	uint8_t *rdata;
	size_t size;
};

typedef int field_reader(struct rdata_input *in);

static int put(struct rdata_input *in, const void *bytes, size_t size)
{
	if (size > UINT16_MAX - in->size)
		return RW_ELIMIT;
	memcpy(in->rdata + in->size, bytes, size);
	in->size += size;
	return 0;
}

static int put_number(struct rdata_input *in, uint32_t number, unsigned bytes)
{
	uint8_t wire[4];
	for (unsigned i = 0; i < bytes; i++)
		wire[i] = (uint8_t)(number >> 8 * (bytes - 1 - i));
	return put(in, wire, bytes);
}

/* ---- numbers and words ---- */

/* Decimal, and nothing else. */
static bool is_number(const char *word, uint64_t max, uint32_t *ret_number)
{
	if (!word || !*word || strspn(word, "0123456789") != strlen(word) || strlen(word) > 10)
		return false;
	uint64_t number = strtoull(word, NULL, 10);
	*ret_number = (uint32_t)number;
	return number <= max;
}

static int number_field(struct rdata_input *in, unsigned bytes)
{
	uint32_t number;
	uint64_t max = (UINT64_C(1) << 8 * bytes) - 1;
	if (!is_number(master_word(&in->text), max, &number))
		return RW_EMALFORMED;
	return put_number(in, number, bytes);
}

static int read_u8(struct rdata_input *in)
{
	return number_field(in, 1);
}

static int read_u16(struct rdata_input *in)
{
	return number_field(in, 2);
}

static int read_u32(struct rdata_input *in)
{
	return number_field(in, 4);
}

struct type_word {
	const char *text;
	uint16_t number;
};

/* One of the words, or the number itself. */
static int word_field(
	struct rdata_input *in, const struct type_word *words, size_t count, unsigned bytes)
{
	const char *text = master_word(&in->text);
	uint32_t number;
	if (is_number(text, (UINT64_C(1) << 8 * bytes) - 1, &number))
		return put_number(in, number, bytes);
	for (size_t i = 0; text && i < count; i++)
		if (strcasecmp(text, words[i].text) == 0)
			return put_number(in, words[i].number, bytes);
	return RW_EMALFORMED;
}

/* RFC 4398 section 2.1. */
static int read_certificate(struct rdata_input *in)
{
	static const struct type_word words[] = {{"PKIX", 1}, {"SPKI", 2}, {"PGP", 3}, {"IPKIX", 4},
		{"ISPKI", 5}, {"IPGP", 6}, {"ACPKIX", 7}, {"IACPKIX", 8}, {"URI", 253},
		{"OID", 254}};
	return word_field(in, words, RW_COUNT(words), 2);
}

static int read_algorithm(struct rdata_input *in)
{
	static const struct type_word words[] = {{"RSAMD5", 1}, {"DH", 2}, {"DSA", 3}, {"ECC", 4},
		{"RSASHA1", 5}, {"NSEC3DSA", 6}, {"DSA-NSEC3-SHA1", 6}, {"NSEC3RSASHA1", 7},
		{"RSASHA1-NSEC3-SHA1", 7}, {"RSASHA256", 8}, {"RSASHA512", 10}, {"ECCGOST", 12},
		{"ECC-GOST", 12}, {"ECDSAP256SHA256", 13}, {"ECDSAP384SHA384", 14}, {"ED25519", 15},
		{"ED448", 16}, {"INDIRECT", 252}, {"PRIVATEDNS", 253}, {"PRIVATEOID", 254}};
	return word_field(in, words, RW_COUNT(words), 1);
}

static int read_type(struct rdata_input *in)
{
	const char *word = master_word(&in->text);
	uint16_t type;
	return word && text_to_type(word, &type) == 0 ? put_number(in, type, 2) : RW_EMALFORMED;
}

static int read_scheme(struct rdata_input *in)
{
	static const struct type_word words[] = {{"NOTIFY", 1}};
	return word_field(in, words, RW_COUNT(words), 1);
}

/* ---- names and addresses ---- */

static int read_name(struct rdata_input *in)
{
	const char *word = master_word(&in->text);
	struct name name;
	if (!word || master_name(word, in->origin, &name) != 0)
		return RW_EMALFORMED;
	return put(in, name.bytes, name_size(name.bytes));
}

static int read_address(struct rdata_input *in, int family)
{
	const char *word = master_word(&in->text);
	uint8_t ip[16];
	if (!word || inet_pton(family, word, ip) != 1)
		return RW_EMALFORMED;
	return put(in, ip, family == AF_INET ? 4 : 16);
}

static int read_v4(struct rdata_input *in)
{
	return read_address(in, AF_INET);
}

static int read_dot(struct rdata_input *in)
{
	const char *word = master_word(&in->text);
	return word && strcmp(word, ".") == 0 ? 0 : RW_EMALFORMED;
}

/* What the gateway of IPSECKEY and the relay of AMTRELAY are, by their type. */
static int gateway_of(struct rdata_input *in, unsigned type)
{
	switch (type) {
	case 0:
		return read_dot(in);
	case 1:
		return read_address(in, AF_INET);
	case 2:
		return read_address(in, AF_INET6);
	case 3:
		return read_name(in);
	default:
		return RW_EMALFORMED;
	}
}

/* Precedence, type and algorithm stand before it. */
static int read_gateway(struct rdata_input *in)
{
	return gateway_of(in, in->rdata[1]);
}

/* The bit that tells of discovery, then type and relay (RFC 8777 section 4.3). */
static int read_relay(struct rdata_input *in)
{
	uint32_t discovery, type;
	if (!is_number(master_word(&in->text), 1, &discovery) ||
		!is_number(master_word(&in->text), 3, &type))
		return RW_EMALFORMED;
	int err = put_number(in, discovery << 7 | type, 1);
	return err ? err : gateway_of(in, type);
}

/* The end of an address, and the name of what begins it (RFC 2874 section 3.2). */
static int read_a6(struct rdata_input *in)
{
	uint32_t bits;
	uint8_t ip[16];
	if (!is_number(master_word(&in->text), 128, &bits))
		return RW_EMALFORMED;
	int err = put_number(in, bits, 1);
	if (!err && bits < 128) {
		const char *word = master_word(&in->text);
		if (!word || inet_pton(AF_INET6, word, ip) != 1)
			return RW_EMALFORMED;
		ip[bits / 8] &= (uint8_t)(0xff >> bits % 8);
		err = put(in, ip + bits / 8, 16 - bits / 8);
	}
	return !err && bits > 0 ? read_name(in) : err;
}

/* ---- strings ---- */

/* One byte of a string; `*text` then stands behind it. -1: no byte can be meant. */
static int read_byte(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	if (*at != '\\') {
		*text += 1;
		return *at;
	}
	if (!isdigit(at[1])) {
		*text += at[1] ? 2 : 1;
		return at[1] ? at[1] : -1;
	}
	if (!isdigit(at[2]) || !isdigit(at[3]))
		return -1;
	*text += 4;
	int byte = (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0');
	return byte > UINT8_MAX ? -1 : byte;
}

static int read_string(struct rdata_input *in)
{
	const char *at = in->text + strspn(in->text, " \t");
	uint8_t string[1 + UINT8_MAX];
	bool quoted = *at == '"';
	unsigned used = 0;
	if (!*at)
		return RW_EMALFORMED;
	at += quoted;
	while (*at && (quoted ? *at != '"' : !strchr(" \t", *at))) {
		int byte = read_byte(&at);
		if (byte < 0 || used == UINT8_MAX)
			return RW_EMALFORMED;
		string[++used] = (uint8_t)byte;
	}
	if (quoted && *at++ != '"')
		return RW_EMALFORMED;
	in->text += at - in->text;
	string[0] = (uint8_t)used;
	return put(in, string, 1 + used);
}

static bool is_at_end(const struct rdata_input *in)
{
	return in->text[strspn(in->text, " \t")] == '\0';
}

static int read_strings(struct rdata_input *in)
{
	int err = read_string(in);
	while (!err && !is_at_end(in))
		err = read_string(in);
	return err;
}

/* ---- encoded bytes, up to the end ---- */

/* The rest of the text without the blanks in it. */
static const char *rest_of(struct rdata_input *in)
{
	char *to = in->text, *rest = to;
	for (const char *at = in->text; *at; at++)
		if (!strchr(" \t", *at))
			*to++ = *at;
	*to = '\0';
	in->text = to;
	return rest;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Four digits, of which the last two may be padding where nothing follows (RFC 4648 section 4). */
static int put_group(struct rdata_input *in, const char *group)
{
	uint32_t bits = 0;
	unsigned digits = 0;
	for (; digits < 4 && base64_digit(group[digits]) >= 0; digits++)
		bits |= (uint32_t)base64_digit(group[digits]) << (18 - 6 * digits);
	for (unsigned i = digits; i < 4; i++)
		if (group[i] != '=')
			return RW_EMALFORMED;
	const uint8_t bytes[] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
	if (digits < 2 || (digits < 4 && group[4] != '\0') || (digits == 2 && bytes[1] != 0) ||
		(digits == 3 && bytes[2] != 0))
		return RW_EMALFORMED;
	return put(in, bytes, digits - 1);
}

static int read_base64(struct rdata_input *in)
{
	const char *text = rest_of(in);
	int err = *text && strlen(text) % 4 == 0 ? 0 : RW_EMALFORMED;
	for (; !err && *text; text += 4)
		err = put_group(in, text);
	return err;
}

/* Keys that may be missing. */
static int read_key(struct rdata_input *in)
{
	return is_at_end(in) ? 0 : read_base64(in);
}

/* "-" for none. */
static int read_document(struct rdata_input *in)
{
	if (strcmp(in->text + strspn(in->text, " \t"), "-") != 0)
		return read_base64(in);
	(void)rest_of(in);
	return 0;
}

static int hex_pair(const char *at)
{
	char pair[3] = {at[0], at[0] ? at[1] : '\0', '\0'};
	return isxdigit((unsigned char)pair[0]) && isxdigit((unsigned char)pair[1])
		       ? (int)strtoul(pair, NULL, 16)
		       : -1;
}

static int put_hex(struct rdata_input *in, const char *text)
{
	int err = *text ? 0 : RW_EMALFORMED;
	for (; !err && *text; text += 2) {
		int byte = hex_pair(text);
		err = byte < 0 ? RW_EMALFORMED : put_number(in, (uint32_t)byte, 1);
	}
	return err;
}

static int read_hex(struct rdata_input *in)
{
	return put_hex(in, rest_of(in));
}

/* A number of E.164 behind a plus, or an address of the ATM forum in hexadecimal. */
static int read_atm(struct rdata_input *in)
{
	const char *text = rest_of(in);
	bool is_phone = *text == '+';
	if (is_phone && (!text[1] || strspn(text + 1, "0123456789") != strlen(text + 1)))
		return RW_EMALFORMED;
	int err = put_number(in, is_phone, 1);
	if (err)
		return err;
	return is_phone ? put(in, text + 1, strlen(text + 1)) : put_hex(in, text);
}

/* Types as bits, the highest first (RFC 2535 section 5.2). */
static int read_old_bitmap(struct rdata_input *in)
{
	uint8_t bits[16] = {0};
	size_t size = 0;
	while (!is_at_end(in)) {
		uint16_t type;
		const char *word = master_word(&in->text);
		if (text_to_type(word, &type) != 0 || type == 0 || type > 127)
			return RW_EMALFORMED;
		bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
		size = RW_MAX(size, type / 8u + 1);
	}
	return put(in, bits, size);
}

/* The protocol, and the ports as bits (RFC 1035 section 3.4.2). */
static int read_services(struct rdata_input *in)
{
	static const struct type_word protocols[] = {{"ICMP", 1}, {"TCP", 6}, {"UDP", 17}};
	static const struct type_word services[] = {{"FTP-DATA", 20}, {"FTP", 21}, {"SSH", 22},
		{"TELNET", 23}, {"SMTP", 25}, {"TIME", 37}, {"WHOIS", 43}, {"DOMAIN", 53},
		{"TFTP", 69}, {"GOPHER", 70}, {"FINGER", 79}, {"HTTP", 80}, {"POP2", 109},
		{"POP3", 110}, {"SUNRPC", 111}, {"NNTP", 119}, {"NTP", 123}, {"IMAP", 143},
		{"IMAP2", 143}, {"SNMP", 161}, {"BGP", 179}, {"LDAP", 389}, {"HTTPS", 443}};
	uint8_t bits[8192] = {0};
	size_t size = 0;
	int err = word_field(in, protocols, RW_COUNT(protocols), 1);
	while (!err && !is_at_end(in)) {
		err = word_field(in, services, RW_COUNT(services), 2);
		if (err)
			break;
		in->size -= 2;
		unsigned port = rr_get16(in->rdata + in->size);
		bits[port / 8] |= (uint8_t)(0x80 >> port % 8);
		size = RW_MAX(size, port / 8 + 1);
	}
	return err ? err : put(in, bits, size);
}

/* ---- the table ---- */

#define FIELDS 6

static const struct type_form {
	uint16_t type;
	const char *mnemonic;         /* NULL: ldns has it */
	field_reader *fields[FIELDS]; /* none: RFC 3597 form only */
} forms[] = {
	{11, NULL, {read_v4, read_services}},                                  /* WKS */
	{23, NULL, {read_name}},                                               /* NSAP-PTR */
	{30, NULL, {read_name, read_old_bitmap}},                              /* NXT */
	{34, NULL, {read_atm}},                                                /* ATMA */
	{37, NULL, {read_certificate, read_u16, read_algorithm, read_base64}}, /* CERT */
	{38, NULL, {read_a6}},                                                 /* A6 */
	{40, NULL, {read_u8, read_u8, read_u8, read_base64}},                  /* SINK */
	{45, NULL, {read_u8, read_u8, read_u8, read_gateway, read_key}},       /* IPSECKEY */
	{56, "NINFO", {read_strings}},
	{57, "RKEY", {read_u16, read_u8, read_algorithm, read_base64}},
	{66, "DSYNC", {read_type, read_scheme, read_u16, read_name}},
	{67, "HHIT", {read_base64}},
	{68, "BRID", {read_base64}},
	{100, "UINFO", {NULL}},
	{101, "UID", {NULL}},
	{102, "GID", {NULL}},
	{103, "UNSPEC", {NULL}},
	{258, "AVC", {read_strings}},
	{259, "DOA", {read_u32, read_u32, read_u8, read_string, read_document}},
	{260, "AMTRELAY", {read_u8, read_relay}},
	{261, "RESINFO", {read_strings}},
	{262, "WALLET", {read_strings}},
	{32768, "TA", {read_u16, read_algorithm, read_u8, read_hex}},
	{65533, "KEYDATA", {NULL}},
};

static const struct type_form *form_of(uint16_t type)
{
	for (size_t i = 0; i < RW_COUNT(forms); i++)
		if (forms[i].type == type)
			return &forms[i];
	return NULL;
}

uint16_t master_type_number(const char *mnemonic)
{
	for (size_t i = 0; i < RW_COUNT(forms); i++)
		if (forms[i].mnemonic && strcasecmp(forms[i].mnemonic, mnemonic) == 0)
			return forms[i].type;
	return 0;
}

bool master_type_has_form(uint16_t type)
{
	return form_of(type) != NULL;
}

int master_type_read(uint16_t type, char *text, const uint8_t *origin,
	uint8_t ret_rdata[UINT16_MAX], size_t *ret_size)
{
	struct rdata_input in = {.text = text, .origin = origin, .rdata = ret_rdata};
	const struct type_form *form = form_of(type);
	int err = form && form->fields[0] ? 0 : RW_EMALFORMED;
	for (unsigned i = 0; !err && i < FIELDS && form->fields[i]; i++)
		err = form->fields[i](&in);
	if (!err && !is_at_end(&in))
		err = RW_EMALFORMED;
	if (!err)
		*ret_size = in.size;
	return err;
}
