/* SPDX-License-Identifier: MIT */
/*
 * A set-associative table: an address hashes to a bucket of WAYS slots; the least recently used
 * slot is replaced by a new server. Buckets share LOCKS locks. Nothing is allocated after
 * infra_new.
 */
#include "cache/infra.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/base/siphash.h"
#include "resolver/wire/name.h"

#define WAYS          8
#define BUCKETS       (LIMIT_INFRA_SERVERS / WAYS)
#define LOCKS         64
#define ZONE_WAYS     4 /* zones about which facts are kept, for each server */
#define DEAD_FIRST_MS 1000

/* What the server has shown as one of a zone's. */
struct zone_facts {
	uint64_t zone_hash;
	uint64_t lame_until_ms, tcp_until_ms;
	uint32_t names[INFRA_LAME_NAMES - 1]; /* hashes of names it failed for */
	uint8_t useless;                      /* number of such names, at most LAME_NAMES */
};

struct slot {
	struct addr addr; /* family 0: free */
	uint64_t used_ms;
	uint32_t srtt_ms, rttvar_ms, timeouts, dead_ms;
	uint64_t timed_out_ms; /* when the last time-out was counted */
	uint64_t dead_until_ms;
	uint64_t edns_until_ms, case_until_ms, suspect_until_ms, cookie_until_ms;
	uint64_t cookies_until_ms;
	uint8_t edns;
	uint8_t cookies;
	bool cookie_doubted; /* silent to a cookie once */
	uint8_t cookie_size;
	uint8_t cookie[INFRA_COOKIE_BYTES];
	struct zone_facts zones[ZONE_WAYS];
};

struct infra {
	struct siphash_key key;
	pthread_mutex_t locks[LOCKS];
	/* Of IPv4 and IPv6. */
	_Atomic uint32_t family_failures[2];
	_Atomic uint64_t family_bad_until_ms[2];
	struct slot slots[BUCKETS][WAYS];
};

int infra_new(const struct env *env, struct infra **ret_infra)
{
	struct infra *infra = calloc(1, sizeof(*infra));
	if (!infra)
		return RW_ENOMEM;
	env->random(env->ctx, &infra->key, sizeof(infra->key));
	for (unsigned i = 0; i < LOCKS; i++)
		rw_require(pthread_mutex_init(&infra->locks[i], NULL) == 0);
	*ret_infra = infra;
	return 0;
}

void infra_free(struct infra *infra)
{
	if (!infra)
		return;
	for (unsigned i = 0; i < LOCKS; i++)
		(void)pthread_mutex_destroy(&infra->locks[i]);
	free(infra);
}

static unsigned bucket_of(const struct infra *infra, const struct addr *addr)
{
	uint8_t bytes[18] = {0};
	memcpy(bytes, addr->ip, addr_ip_size(addr));
	bytes[16] = (uint8_t)(addr->port >> 8);
	bytes[17] = (uint8_t)addr->port;
	return (unsigned)(siphash(&infra->key, bytes, sizeof(bytes)) % BUCKETS);
}

static struct slot *find(struct infra *infra, unsigned bucket, const struct addr *addr)
{
	for (unsigned i = 0; i < WAYS; i++)
		if (addr_equal(&infra->slots[bucket][i].addr, addr))
			return &infra->slots[bucket][i];
	return NULL;
}

static struct slot *find_or_make(struct infra *infra, unsigned bucket, const struct addr *addr)
{
	struct slot *slot = find(infra, bucket, addr), *oldest = &infra->slots[bucket][0];
	if (slot)
		return slot;
	for (unsigned i = 1; i < WAYS; i++)
		if (infra->slots[bucket][i].used_ms < oldest->used_ms)
			oldest = &infra->slots[bucket][i];
	*oldest = (struct slot){.addr = *addr};
	return oldest;
}

/* Locks the slot of the server, which is created if there is none. */
static struct slot *enter(
	struct infra *infra, const struct addr *addr, uint64_t now_ms, pthread_mutex_t **ret_lock)
{
	unsigned bucket = bucket_of(infra, addr);
	*ret_lock = &infra->locks[bucket % LOCKS];
	(void)pthread_mutex_lock(*ret_lock);
	struct slot *slot = find_or_make(infra, bucket, addr);
	slot->used_ms = now_ms;
	return slot;
}

/* RFC 6298 section 2 within our bounds, doubled for each time-out in a row. */
static uint32_t retransmission_ms(const struct slot *slot)
{
	uint32_t base = LIMIT_TRY_FIRST_MS;
	if (slot->srtt_ms > 0)
		base = slot->srtt_ms + 4 * slot->rttvar_ms;
	base = RW_MAX(base, (uint32_t)LIMIT_TRY_MIN_MS);
	for (uint32_t i = 0; i < slot->timeouts && base < LIMIT_TRY_MAX_MS; i++)
		base *= 2;
	return RW_MIN(base, (uint32_t)LIMIT_TRY_MAX_MS);
}

void infra_get(struct infra *infra, const struct addr *server, uint64_t now_ms,
	struct infra_server *ret_server)
{
	struct infra_server known = {.timeout_ms = LIMIT_TRY_FIRST_MS};
	unsigned bucket = bucket_of(infra, server);
	pthread_mutex_t *lock = &infra->locks[bucket % LOCKS];
	(void)pthread_mutex_lock(lock);
	const struct slot *slot = find(infra, bucket, server);
	if (slot) {
		known.known = true;
		known.srtt_ms = slot->srtt_ms;
		known.rttvar_ms = slot->rttvar_ms;
		known.timeout_ms = retransmission_ms(slot);
		known.timeouts = slot->timeouts;
		known.dead = now_ms < slot->dead_until_ms;
		known.dead_until_ms = slot->dead_until_ms;
		known.edns = now_ms < slot->edns_until_ms ? slot->edns : INFRA_EDNS_UNKNOWN;
		known.case_broken = now_ms < slot->case_until_ms;
		known.udp_suspect = now_ms < slot->suspect_until_ms;
		known.cookies =
			now_ms < slot->cookies_until_ms ? slot->cookies : INFRA_COOKIES_UNKNOWN;
		known.cookie_doubted = slot->cookie_doubted;
		known.cookie_size = now_ms < slot->cookie_until_ms ? slot->cookie_size : 0;
		memcpy(known.cookie, slot->cookie, sizeof(known.cookie));
	}
	(void)pthread_mutex_unlock(lock);
	*ret_server = known;
}

static void smooth(struct slot *slot, uint32_t rtt_ms)
{
	uint32_t rtt = RW_MAX(rtt_ms, 1u);
	if (slot->srtt_ms == 0) {
		slot->srtt_ms = rtt;
		slot->rttvar_ms = rtt / 2;
		return;
	}
	uint32_t apart = slot->srtt_ms > rtt ? slot->srtt_ms - rtt : rtt - slot->srtt_ms;
	slot->rttvar_ms = (3 * slot->rttvar_ms + apart) / 4;
	slot->srtt_ms = RW_MAX((7 * slot->srtt_ms + rtt) / 8, 1u);
}

static unsigned family_index(uint8_t family)
{
	return family == ADDR_V6;
}

void infra_family_failed(struct infra *infra, uint8_t family, uint64_t now_ms)
{
	unsigned i = family_index(family);
	if (++infra->family_failures[i] >= INFRA_FAMILY_FAILURES)
		infra->family_bad_until_ms[i] = now_ms + INFRA_LAME_MS;
}

bool infra_family_is_bad(struct infra *infra, uint8_t family, uint64_t now_ms)
{
	return now_ms < infra->family_bad_until_ms[family_index(family)];
}

static void family_works(struct infra *infra, uint8_t family)
{
	unsigned i = family_index(family);
	/* Read first: the line is shared by all threads and seldom changes. */
	if (infra->family_failures[i] != 0)
		infra->family_failures[i] = 0;
	if (infra->family_bad_until_ms[i] != 0)
		infra->family_bad_until_ms[i] = 0;
}

void infra_reply(struct infra *infra, const struct addr *server, uint32_t rtt_ms, uint64_t now_ms)
{
	family_works(infra, server->family);
	pthread_mutex_t *lock;
	struct slot *slot = enter(infra, server, now_ms, &lock);
	smooth(slot, rtt_ms);
	slot->timeouts = 0;
	slot->dead_ms = 0;
	slot->dead_until_ms = 0;
	(void)pthread_mutex_unlock(lock);
}

static void count_timeout(struct slot *slot, uint64_t now_ms)
{
	slot->timeouts++;
	slot->timed_out_ms = now_ms;
	if (slot->timeouts >= INFRA_TIMEOUTS_DEAD && now_ms >= slot->dead_until_ms) {
		uint32_t next = slot->dead_ms ? slot->dead_ms * 2 : DEAD_FIRST_MS;
		slot->dead_ms = RW_MIN(next, (uint32_t)LIMIT_BACKOFF_MAX_MS);
		slot->dead_until_ms = now_ms + slot->dead_ms;
	}
}

void infra_timeout(
	struct infra *infra, const struct addr *server, uint64_t sent_ms, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	struct slot *slot = enter(infra, server, now_ms, &lock);
	/* Many questions time out together; one wave of them counts as one failure. */
	if (sent_ms >= slot->timed_out_ms)
		count_timeout(slot, now_ms);
	(void)pthread_mutex_unlock(lock);
}

void infra_set_edns(
	struct infra *infra, const struct addr *server, enum infra_edns edns, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	struct slot *slot = enter(infra, server, now_ms, &lock);
	slot->edns = (uint8_t)edns;
	slot->edns_until_ms = now_ms + INFRA_FACT_MS;
	(void)pthread_mutex_unlock(lock);
}

void infra_set_case_broken(struct infra *infra, const struct addr *server, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	enter(infra, server, now_ms, &lock)->case_until_ms = now_ms + INFRA_FACT_MS;
	(void)pthread_mutex_unlock(lock);
}

void infra_set_udp_suspect(struct infra *infra, const struct addr *server, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	enter(infra, server, now_ms, &lock)->suspect_until_ms = now_ms + INFRA_LAME_MS;
	(void)pthread_mutex_unlock(lock);
}

static void know_cookies(struct slot *slot, enum infra_cookies what, uint64_t now_ms)
{
	slot->cookies = (uint8_t)what;
	slot->cookies_until_ms = now_ms + INFRA_FACT_MS;
}

void infra_cookie_failed(
	struct infra *infra, const struct addr *server, bool is_certain, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	struct slot *slot = enter(infra, server, now_ms, &lock);
	if (is_certain || slot->cookie_doubted)
		know_cookies(slot, INFRA_COOKIES_BROKEN, now_ms);
	slot->cookie_doubted = !is_certain;
	(void)pthread_mutex_unlock(lock);
}

void infra_cookie_works(struct infra *infra, const struct addr *server, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	enter(infra, server, now_ms, &lock)->cookie_doubted = false;
	(void)pthread_mutex_unlock(lock);
}

void infra_cookie_harmless(struct infra *infra, const struct addr *server, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	know_cookies(enter(infra, server, now_ms, &lock), INFRA_COOKIES_HARMLESS, now_ms);
	(void)pthread_mutex_unlock(lock);
}

void infra_set_cookie(struct infra *infra, const struct addr *server, const uint8_t *cookie,
	uint8_t size, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	struct slot *slot = enter(infra, server, now_ms, &lock);
	slot->cookie_size = size <= INFRA_COOKIE_BYTES ? size : 0;
	slot->cookie_until_ms = now_ms + INFRA_FACT_MS;
	memcpy(slot->cookie, cookie, slot->cookie_size);
	(void)pthread_mutex_unlock(lock);
}

/* ---- what a server has shown as one of a zone's ---- */

static uint64_t facts_end_ms(const struct zone_facts *facts)
{
	return RW_MAX(facts->lame_until_ms, facts->tcp_until_ms);
}

/* The facts of the zone. If there are none, they replace the ones that expire first. */
static struct zone_facts *find_or_make_facts(struct slot *slot, uint64_t zone_hash)
{
	struct zone_facts *first = &slot->zones[0];
	for (unsigned i = 0; i < ZONE_WAYS; i++) {
		if (slot->zones[i].zone_hash == zone_hash)
			return &slot->zones[i];
		if (facts_end_ms(&slot->zones[i]) < facts_end_ms(first))
			first = &slot->zones[i];
	}
	*first = (struct zone_facts){.zone_hash = zone_hash};
	return first;
}

/* A copy of what is remembered of the server for the zone; false: nothing is. */
static bool get_facts(struct infra *infra, const struct addr *server, const uint8_t *zone,
	uint64_t now_ms, struct zone_facts *ret_facts)
{
	unsigned bucket = bucket_of(infra, server);
	pthread_mutex_t *lock = &infra->locks[bucket % LOCKS];
	bool found = false;
	(void)pthread_mutex_lock(lock);
	const struct slot *slot = find(infra, bucket, server);
	/* Few servers have any facts, so the zone is hashed only when it is needed. */
	for (unsigned i = 0; slot && !found && i < ZONE_WAYS; i++) {
		const struct zone_facts *facts = &slot->zones[i];
		found = now_ms < facts_end_ms(facts) &&
			facts->zone_hash == name_hash(zone, &infra->key);
		if (found)
			*ret_facts = *facts;
	}
	(void)pthread_mutex_unlock(lock);
	return found;
}

static bool has_name(const struct zone_facts *facts, uint32_t hash)
{
	for (unsigned i = 0; i < facts->useless && i < RW_COUNT(facts->names); i++)
		if (facts->names[i] == hash)
			return true;
	return false;
}

static void count_useless(struct zone_facts *facts, uint32_t hash, bool at_apex, uint64_t now_ms)
{
	if (now_ms >= facts->lame_until_ms)
		facts->useless = 0;
	facts->lame_until_ms = now_ms + INFRA_LAME_MS;
	if (at_apex) {
		facts->useless = INFRA_LAME_NAMES;
	} else if (facts->useless < INFRA_LAME_NAMES && !has_name(facts, hash)) {
		if (facts->useless < RW_COUNT(facts->names))
			facts->names[facts->useless] = hash;
		facts->useless++;
	}
}

void infra_useless_reply(struct infra *infra, const struct addr *server, const uint8_t *zone,
	const uint8_t *name, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	uint64_t zone_hash = name_hash(zone, &infra->key), hash = name_hash(name, &infra->key);
	struct slot *slot = enter(infra, server, now_ms, &lock);
	count_useless(
		find_or_make_facts(slot, zone_hash), (uint32_t)hash, hash == zone_hash, now_ms);
	(void)pthread_mutex_unlock(lock);
}

bool infra_is_lame(struct infra *infra, const struct addr *server, const uint8_t *zone,
	const uint8_t *name, uint64_t now_ms)
{
	struct zone_facts facts;
	if (!get_facts(infra, server, zone, now_ms, &facts) || now_ms >= facts.lame_until_ms)
		return false;
	return facts.useless >= INFRA_LAME_NAMES ||
	       has_name(&facts, (uint32_t)name_hash(name, &infra->key));
}

void infra_set_tcp_broken(struct infra *infra, const struct addr *server, const uint8_t *zone,
	bool broken, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	uint64_t zone_hash = name_hash(zone, &infra->key);
	struct slot *slot = enter(infra, server, now_ms, &lock);
	struct zone_facts *facts = find_or_make_facts(slot, zone_hash);
	facts->tcp_until_ms = broken ? now_ms + INFRA_TCP_MS : 0;
	(void)pthread_mutex_unlock(lock);
}

bool infra_tcp_is_broken(
	struct infra *infra, const struct addr *server, const uint8_t *zone, uint64_t now_ms)
{
	struct zone_facts facts;
	return get_facts(infra, server, zone, now_ms, &facts) && now_ms < facts.tcp_until_ms;
}

uint64_t infra_turn(const struct infra *infra, const uint8_t *zone, uint64_t now_ms)
{
	const uint64_t parts[2] = {name_hash(zone, &infra->key), now_ms / 1000};
	return siphash(&infra->key, parts, sizeof(parts));
}

void infra_wipe_penalties(struct infra *infra)
{
	family_works(infra, ADDR_V4);
	family_works(infra, ADDR_V6);
	for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
		pthread_mutex_t *lock = &infra->locks[bucket % LOCKS];
		(void)pthread_mutex_lock(lock);
		for (unsigned i = 0; i < WAYS; i++) {
			struct slot *slot = &infra->slots[bucket][i];
			slot->timeouts = slot->dead_ms = 0;
			slot->dead_until_ms = slot->cookie_until_ms = 0;
			memset(slot->zones, 0, sizeof(slot->zones));
		}
		(void)pthread_mutex_unlock(lock);
	}
}
