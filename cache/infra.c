/* SPDX-License-Identifier: MIT */
/*
 * A set-associative table: an address hashes to a bucket of WAYS slots; the slot used longest ago
 * gives way to a stranger. Buckets share LOCKS locks. Nothing is allocated after infra_new.
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
#define LAME_WAYS     4 /* zones a server is remembered to be lame for */
#define DEAD_FIRST_MS 1000

struct lame {
	uint64_t zone_hash, until_ms;
};

struct slot {
	struct addr addr; /* family 0: free */
	uint64_t used_ms;
	uint32_t srtt_ms, rttvar_ms, timeouts, dead_ms;
	uint64_t timed_out_ms; /* when the last time-out was counted */
	uint64_t dead_until_ms;
	uint64_t edns_until_ms, case_until_ms, tcp_until_ms, suspect_until_ms, cookie_until_ms;
	uint8_t edns;
	uint8_t cookie_size;
	uint8_t cookie[INFRA_COOKIE_BYTES];
	struct lame lame[LAME_WAYS];
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

/* Locks the slot of the server, made when it is not there. */
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
		known.tcp_broken = now_ms < slot->tcp_until_ms;
		known.udp_suspect = now_ms < slot->suspect_until_ms;
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

void infra_set_tcp_broken(
	struct infra *infra, const struct addr *server, bool broken, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	enter(infra, server, now_ms, &lock)->tcp_until_ms = broken ? now_ms + INFRA_TCP_MS : 0;
	(void)pthread_mutex_unlock(lock);
}

void infra_set_udp_suspect(struct infra *infra, const struct addr *server, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	enter(infra, server, now_ms, &lock)->suspect_until_ms = now_ms + INFRA_LAME_MS;
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

static void set_lame(struct infra *infra, const struct addr *server, uint64_t hash, uint64_t now_ms)
{
	pthread_mutex_t *lock;
	struct slot *slot = enter(infra, server, now_ms, &lock);
	struct lame *oldest = &slot->lame[0];
	for (unsigned i = 0; i < LAME_WAYS; i++) {
		if (slot->lame[i].zone_hash == hash) {
			oldest = &slot->lame[i];
			break;
		}
		if (slot->lame[i].until_ms < oldest->until_ms)
			oldest = &slot->lame[i];
	}
	*oldest = (struct lame){hash, now_ms + INFRA_LAME_MS};
	(void)pthread_mutex_unlock(lock);
}

/* `mask` tells lameness (0) from unwillingness (~0). */
static bool is_lame(struct infra *infra, const struct addr *server, const uint8_t *zone,
	uint64_t mask, uint64_t now_ms)
{
	unsigned bucket = bucket_of(infra, server);
	pthread_mutex_t *lock = &infra->locks[bucket % LOCKS];
	bool lame = false;
	(void)pthread_mutex_lock(lock);
	const struct slot *slot = find(infra, bucket, server);
	/* Hardly any server is lame for anything, so the zone is hashed late. */
	for (unsigned i = 0; slot && !lame && i < LAME_WAYS; i++)
		lame = now_ms < slot->lame[i].until_ms &&
		       slot->lame[i].zone_hash == (name_hash(zone, &infra->key) ^ mask);
	(void)pthread_mutex_unlock(lock);
	return lame;
}

void infra_set_lame(
	struct infra *infra, const struct addr *server, const uint8_t *zone, uint64_t now_ms)
{
	set_lame(infra, server, name_hash(zone, &infra->key), now_ms);
}

bool infra_is_lame(
	struct infra *infra, const struct addr *server, const uint8_t *zone, uint64_t now_ms)
{
	return is_lame(infra, server, zone, 0, now_ms);
}

void infra_set_unwilling(
	struct infra *infra, const struct addr *server, const uint8_t *zone, uint64_t now_ms)
{
	set_lame(infra, server, ~name_hash(zone, &infra->key), now_ms);
}

bool infra_is_unwilling(
	struct infra *infra, const struct addr *server, const uint8_t *zone, uint64_t now_ms)
{
	return is_lame(infra, server, zone, ~UINT64_C(0), now_ms);
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
			slot->dead_until_ms = slot->tcp_until_ms = slot->cookie_until_ms = 0;
			memset(slot->lame, 0, sizeof(slot->lame));
		}
		(void)pthread_mutex_unlock(lock);
	}
}
