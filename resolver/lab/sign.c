/* SPDX-License-Identifier: MIT */
/* Signing with ldns: records over to it, and what it made of them back. */
#include "resolver/lab/sign.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"

#define KEY_FLAGS    257 /* zone key and secure entry point, RFC 4034 section 2.1.1 */
#define RECORD_FRAME 10  /* bytes of type, class, TTL and length */
#define VALID_BEFORE 3600
#define VALID_AFTER  (30 * 86400)

static const char key_words[] = "rootwalk-lab key of ",
		  other_words[] = "rootwalk-lab other key of ";

/* The private number is the hash of the zone's name with a few words before it. */
static void key_seed(const uint8_t *apex, bool other, uint8_t seed[LDNS_SHA256_DIGEST_LENGTH])
{
	const char *words = other ? other_words : key_words;
	uint8_t text[sizeof(other_words) + LIMIT_NAME_BYTES];
	size_t size = (size_t)snprintf((char *)text, sizeof(text), "%s", words);
	size += name_lower(apex, text + size);
	(void)ldns_sha256(text, (unsigned)size, seed);
}

static ldns_rdf *name_rdf(const uint8_t *name)
{
	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name_size(name), name);
}

/* ldns takes private keys as the text of a key file only. */
static ldns_key *make_key(const uint8_t *apex, bool other)
{
	uint8_t seed[LDNS_SHA256_DIGEST_LENGTH];
	char text[160];
	key_seed(apex, other, seed);
	ldns_rdf *bytes = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, sizeof(seed), seed);
	char *base64 = bytes ? ldns_rdf2str(bytes) : NULL;
	ldns_rdf_deep_free(bytes);
	if (!base64)
		return NULL;
	int size = snprintf(text, sizeof(text),
		"Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: %s\n",
		base64);
	free(base64);
	FILE *file = fmemopen(text, (size_t)size, "r");
	ldns_key *key = NULL;
	ldns_rdf *owner = name_rdf(apex);
	if (file && owner && ldns_key_new_frm_fp(&key, file) != LDNS_STATUS_OK)
		key = NULL;
	if (file)
		(void)fclose(file);
	if (!key) {
		ldns_rdf_deep_free(owner);
		return NULL;
	}
	ldns_key_set_pubkey_owner(key, owner);
	ldns_key_set_flags(key, KEY_FLAGS);
	return key;
}

/* Also tells the key its tag. */
static ldns_rr *make_dnskey(ldns_key *key, uint32_t ttl)
{
	ldns_rr *dnskey = ldns_key2rr(key);
	if (!dnskey)
		return NULL;
	ldns_rr_set_ttl(dnskey, ttl);
	ldns_key_set_keytag(key, ldns_calc_keytag(dnskey));
	return dnskey;
}

/* One record of a set as ldns has it. NULL: no memory, or it does not like it. */
static ldns_rr *to_ldns(const struct rrset *set, const struct rdata *record)
{
	size_t owner = name_size(set->owner), size = owner + RECORD_FRAME + record->size, at = 0;
	uint8_t *wire = malloc(size);
	ldns_rr *rr = NULL;
	if (!wire)
		return NULL;
	memcpy(wire, set->owner, owner);
	rr_put16(wire + owner, set->type);
	rr_put16(wire + owner + 2, set->class);
	rr_put32(wire + owner + 4, set->ttl);
	rr_put16(wire + owner + 8, record->size);
	memcpy(wire + owner + RECORD_FRAME, record->bytes, record->size);
	if (ldns_wire2rr(&rr, wire, size, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		rr = NULL;
	free(wire);
	return rr;
}

static int from_ldns(const ldns_rr *rr, struct arena *arena, struct rrset **ret_set)
{
	uint8_t *wire = NULL;
	size_t size = 0;
	if (ldns_rr2wire(&wire, rr, LDNS_SECTION_ANSWER, &size) != LDNS_STATUS_OK)
		return RW_ENOMEM;
	struct name owner;
	size_t next = 0;
	int err = name_read(wire, size, 0, &owner, &next);
	if (err == 0 && size < next + RECORD_FRAME)
		err = RW_EMALFORMED;
	if (err == 0) {
		struct rrset *set = rrset_single(arena, owner.bytes, rr_get16(wire + next),
			rr_get32(wire + next + 4), wire + next + RECORD_FRAME,
			(uint16_t)(size - next - RECORD_FRAME));
		if (set)
			*ret_set = set;
		else
			err = RW_ENOMEM;
	}
	free(wire);
	return err;
}

static void set_times(ldns_key *key, const struct sign_params *params)
{
	bool expired = params->variant == SIGN_EXPIRED;
	int64_t from = expired ? 1735689600 : params->now - VALID_BEFORE; /* 2025-01-01 */
	int64_t to = expired ? 1738368000 : params->now + VALID_AFTER;    /* 2025-02-01 */
	ldns_key_set_inception(key, (uint32_t)from);
	ldns_key_set_expiration(key, (uint32_t)to);
}

/* All records of the sets into the zone and into `owned`. */
static int fill_zone(
	ldns_dnssec_zone *zone, ldns_rr_list *owned, const struct rrset *const *sets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned j = 0; j < sets[i]->count; j++) {
			ldns_rr *rr = to_ldns(sets[i], &sets[i]->records[j]);
			if (!rr || !ldns_rr_list_push_rr(owned, rr))
				return RW_ENOMEM;
			if (ldns_dnssec_zone_add_rr(zone, rr) != LDNS_STATUS_OK)
				return RW_EINVAL;
		}
	}
	return 0;
}

static uint32_t soa_ttl(const struct rrset *const *sets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sets[i]->type == TYPE_SOA)
			return sets[i]->ttl;
	return 3600;
}

static int make_signatures(const struct sign_params *params, ldns_dnssec_zone *zone,
	ldns_rr_list *made, ldns_key_list *keys)
{
	ldns_status status;
	if (!params->nsec3) {
		status = ldns_dnssec_zone_sign(
			zone, made, keys, ldns_dnssec_default_add_to_signatures, NULL);
	} else {
		status = ldns_dnssec_zone_add_empty_nonterminals(zone);
		if (status == LDNS_STATUS_OK)
			status = ldns_dnssec_zone_sign_nsec3(zone, made, keys,
				ldns_dnssec_default_add_to_signatures, NULL, LDNS_SHA1, 0, 0, 0,
				NULL);
	}
	return status == LDNS_STATUS_OK ? 0 : status == LDNS_STATUS_MEM_ERR ? RW_ENOMEM : RW_EINVAL;
}

/* The last byte of an address is turned round, as on its way by a stranger. */
static int alter(const struct sign_params *params, struct arena *arena, struct rrset **set)
{
	if (params->variant != SIGN_ALTERED ||
		((*set)->type != TYPE_A && (*set)->type != TYPE_AAAA) ||
		!name_equal((*set)->owner, params->altered))
		return 0;
	const struct rdata *record = &(*set)->records[0];
	uint8_t *bytes = arena_dup(arena, record->bytes, record->size);
	if (!bytes)
		return RW_ENOMEM;
	bytes[record->size - 1] ^= 0xff;
	(*set)->records[0].bytes = bytes;
	return 0;
}

static int hand_over(const struct sign_params *params, const ldns_rr_list *list,
	struct arena *arena, int (*add)(void *ctx, const struct rrset *record), void *ctx)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		struct rrset *set;
		int err = from_ldns(ldns_rr_list_rr(list, i), arena, &set);
		if (err == 0)
			err = alter(params, arena, &set);
		if (err == 0)
			err = add(ctx, set);
		if (err)
			return err;
	}
	return 0;
}

int sign_zone(const struct sign_params *params, const struct rrset *const *sets, size_t count,
	struct arena *arena, int (*add)(void *ctx, const struct rrset *record), void *ctx)
{
	ldns_key *key = make_key(params->apex, false);
	ldns_key_list *keys = ldns_key_list_new();
	ldns_dnssec_zone *zone = ldns_dnssec_zone_new();
	ldns_rr_list *owned = ldns_rr_list_new(), *made = ldns_rr_list_new();
	int err = RW_ENOMEM;
	ldns_rr *dnskey = key ? make_dnskey(key, soa_ttl(sets, count)) : NULL;
	if (!dnskey || !keys || !zone || !owned || !made || !ldns_rr_list_push_rr(owned, dnskey)) {
		ldns_rr_free(dnskey);
		goto out;
	}
	set_times(key, params);
	(void)ldns_key_list_push_key(keys, key);
	key = NULL; /* the list has it now */
	err = fill_zone(zone, owned, sets, count);
	if (err == 0 && ldns_dnssec_zone_add_rr(zone, dnskey) != LDNS_STATUS_OK)
		err = RW_EINVAL;
	if (err == 0)
		err = make_signatures(params, zone, made, keys);
	if (err == 0)
		err = hand_over(params, owned, arena, add, ctx);
	if (err == 0)
		err = hand_over(params, made, arena, add, ctx);
out:
	ldns_dnssec_zone_free(zone);
	ldns_rr_list_deep_free(owned);
	ldns_rr_list_deep_free(made);
	ldns_key_list_free(keys);
	if (key)
		ldns_key_deep_free(key);
	return err;
}

int sign_ds(
	const uint8_t *apex, bool wrong, uint32_t ttl, struct arena *arena, struct rrset **ret_ds)
{
	ldns_key *key = make_key(apex, wrong);
	ldns_rr *dnskey = key ? make_dnskey(key, ttl) : NULL;
	ldns_rr *ds = dnskey ? ldns_key_rr2ds(dnskey, LDNS_SHA256) : NULL;
	int err = ds ? from_ldns(ds, arena, ret_ds) : RW_ENOMEM;
	ldns_rr_free(ds);
	ldns_rr_free(dnskey);
	if (key)
		ldns_key_deep_free(key);
	return err;
}
