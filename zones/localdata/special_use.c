/* SPDX-License-Identifier: MIT */
/*
 * The table of locally served zones, in wire form. The top label decides which part of it is
 * searched, if any.
 */
#include "zones/localdata/special_use.h"

#include <string.h>

#include "zones/cuts/zonecut.h"

/* A zone in wire form, and whether names below its apex exist as well. */
struct special_zone {
	const char *wire;
	bool is_localhost; /* every name has the loopback addresses (RFC 6761 section 6.3) */
};

#define ARPA4 "\7in-addr\4arpa"
#define ARPA6 "\3ip6\4arpa"

static const struct special_zone top_zones[] = {
	{"\11localhost", true},
	{"\7invalid", false},
	{"\4test", false},
	{"\5onion", false},
	{"\5local", false},
};

static const struct special_zone arpa_zones[] = {
	{"\4home\4arpa", false},
	{"\10resolver\4arpa", false},
	{"\7service\4arpa", false},
	{"\0010" ARPA4, false},
	{"\00210" ARPA4, false},
	{"\003127" ARPA4, false},
	{"\003254\003169" ARPA4, false},
	{"\003168\003192" ARPA4, false},
	{"\0012\0010\003192" ARPA4, false},
	{"\003100\00251\003198" ARPA4, false},
	{"\003113\0010\003203" ARPA4, false},
	{"\003255\003255\003255\003255" ARPA4, false},
	{"\1d\1f" ARPA6, false},
	{"\0018\1e\1f" ARPA6, false},
	{"\0019\1e\1f" ARPA6, false},
	{"\1a\1e\1f" ARPA6, false},
	{"\1b\1e\1f" ARPA6, false},
	{"\0018\1b\1d\0010\0011\0010\0010\0012" ARPA6, false},
};

#define ZEROS8  "\0010\0010\0010\0010\0010\0010\0010\0010"
#define ZEROS24 ZEROS8 ZEROS8 ZEROS8
#define ZEROS31 ZEROS24 "\0010\0010\0010\0010\0010\0010\0010"

static const struct special_zone loopback6_zones[] = {
	{"\0010" ZEROS31 ARPA6, false},
	{"\0011" ZEROS31 ARPA6, false},
};

static const uint8_t *wire_of(const struct special_zone *zone)
{
	return (const uint8_t *)zone->wire;
}

static const struct special_zone *find_in(
	const struct special_zone *zones, size_t count, const uint8_t *name)
{
	for (size_t i = 0; i < count; i++)
		if (name_is_at_or_below(name, wire_of(&zones[i])))
			return &zones[i];
	return NULL;
}

/* The value of a decimal label, or -1. */
static int label_number(const uint8_t *label)
{
	int value = 0;
	if (label[0] == 0 || label[0] > 3 || (label[0] > 1 && label[1] == '0'))
		return -1;
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return -1;
		value = value * 10 + (label[i] - '0');
	}
	return value;
}

/*
 * The ranges that take many zones: 16..31.172 (RFC 1918) and 64..127.100 (RFC 7793), each second
 * octet a zone of its own.
 */
static const uint8_t *find_in_ranges(const uint8_t *name, unsigned labels)
{
	static const uint8_t arpa4[] = ARPA4;
	if (labels < 4 || !name_equal(name_skip(name, labels - 2), arpa4))
		return NULL;
	const uint8_t *zone = name_skip(name, labels - 4);
	int second = label_number(zone), first = label_number(name_parent(zone));
	if ((first == 172 && second >= 16 && second <= 31) ||
		(first == 100 && second >= 64 && second <= 127))
		return zone;
	return NULL;
}

static const struct special_zone *find_fixed(
	const uint8_t *name, const uint8_t *top, unsigned labels)
{
	static const uint8_t arpa[] = "\4arpa";
	if (!name_equal(top, arpa))
		return find_in(top_zones, RW_COUNT(top_zones), name);
	const struct special_zone *zone = find_in(arpa_zones, RW_COUNT(arpa_zones), name);
	if (!zone && labels >= 34)
		zone = find_in(loopback6_zones, RW_COUNT(loopback6_zones), name);
	return zone;
}

/* By its length alone, so that most names of the public tree cost no comparison. */
static bool may_be_top(const uint8_t *label)
{
	return label[0] == 4 || label[0] == 5 || label[0] == 7 || label[0] == 9;
}

const uint8_t *special_use_zone_of(const uint8_t *name)
{
	const uint8_t *top = name;
	unsigned labels = 0;
	for (const uint8_t *at = name; !name_is_root(at); at = name_parent(at)) {
		top = at;
		labels++;
	}
	if (!may_be_top(top))
		return NULL;
	const struct special_zone *zone = find_fixed(name, top, labels);
	return zone ? wire_of(zone) : find_in_ranges(name, labels);
}

const uint8_t *special_use_zone_served(const struct settings *settings, const uint8_t *name)
{
	const uint8_t *zone = settings->special_use ? special_use_zone_of(name) : NULL;
	return zone && !zonecut_leads_into(settings, name, zone) ? zone : NULL;
}

/* RFC 6303 section 3: the zone names itself as its server, and nobody. as its keeper. */
static const struct rrset *make_soa(const uint8_t *zone, struct arena *arena)
{
	static const uint8_t tail[] = "\6nobody\7invalid\0"
				      "\0\0\0\1"     /* serial */
				      "\0\0\16\20"   /* refresh 3600 */
				      "\0\0\4\260"   /* retry 1200 */
				      "\0\11\72\200" /* expire 604800 */
				      "\0\0\52\60";  /* minimum 10800 */
	uint8_t rdata[LIMIT_NAME_BYTES + sizeof(tail)];
	size_t size = name_size(zone);
	memcpy(rdata, zone, size);
	memcpy(rdata + size, tail, sizeof(tail) - 1);
	return rrset_single(
		arena, zone, TYPE_SOA, 10800, rdata, (uint16_t)(size + sizeof(tail) - 1));
}

/* The record the question asks for, NULL when the name has none of that type. */
static const struct rrset *make_data(const struct question *question, const uint8_t *zone,
	bool is_localhost, struct arena *arena)
{
	static const uint8_t loopback4[4] = {127, 0, 0, 1}, loopback6[16] = {[15] = 1};
	static const uint8_t localhost[] = "\11localhost";
	static const uint8_t one_127[] = "\0011\0010\0010\003127" ARPA4;
	const uint8_t *name = question->name;
	if (is_localhost && question->type == TYPE_A)
		return rrset_single(arena, name, TYPE_A, 10800, loopback4, 4);
	if (is_localhost && question->type == TYPE_AAAA)
		return rrset_single(arena, name, TYPE_AAAA, 10800, loopback6, 16);
	if (question->type == TYPE_PTR &&
		(name_equal(name, one_127) || name_equal(name, wire_of(&loopback6_zones[1]))))
		return rrset_single(
			arena, name, TYPE_PTR, 10800, localhost, (uint16_t)sizeof(localhost));
	if (!name_equal(name, zone))
		return NULL;
	if (question->type == TYPE_SOA)
		return make_soa(zone, arena);
	if (question->type == TYPE_NS)
		return rrset_single(arena, zone, TYPE_NS, 10800, zone, (uint16_t)name_size(zone));
	return NULL;
}

/* Whether anything is at the name: at an apex, at names with data and on the way to them. */
static bool name_exists(const uint8_t *name, const uint8_t *zone, bool is_localhost)
{
	static const uint8_t one_127[] = "\0011\0010\0010\003127" ARPA4;
	/* RFC 9462: NODATA for every name in it. */
	static const uint8_t resolver_arpa[] = "\10resolver\4arpa";
	return is_localhost || name_equal(zone, resolver_arpa) || name_equal(name, zone) ||
	       name_is_at_or_below(one_127, name);
}

int special_use_lookup(struct arena *arena, struct answer *answer)
{
	const struct question question = {answer->name, answer->type, answer->class};
	const uint8_t *zone = special_use_zone_of(answer->name);
	if (!zone || (answer->type == TYPE_DS && name_equal(answer->name, zone)))
		return RW_ENOTFOUND;
	bool is_localhost = zone == wire_of(&top_zones[0]);
	const struct rrset *data = make_data(&question, zone, is_localhost, arena);
	const struct rrset *soa = data ? NULL : make_soa(zone, arena);
	if (data)
		answer_end(answer, data, &provenance_local);
	else if (soa)
		answer_deny(answer,
			name_exists(answer->name, zone, is_localhost) ? ANSWER_NODATA
								      : ANSWER_NXDOMAIN,
			soa, &provenance_local);
	return data || soa ? 0 : RW_ENOMEM;
}
