/* SPDX-License-Identifier: MIT */
/* A hash table of names with chained entries, each with its sets of A, AAAA and PTR records. */
#include "zones/hosts.h"

#include <stdio.h>
#include <string.h>

#include "resolver/base/limits.h"

#define SETS 3

struct host {
	struct host *next; /* in its bucket */
	const uint8_t *name;
	struct rrset sets[SETS]; /* of A, AAAA and PTR; without records: not there */
};

struct hosts {
	struct host **buckets;
	size_t mask;
};

/* Who chooses the names is who may configure us, so that the key need not be secret. */
static const struct siphash_key key = {{0x686f737473000001, 0x686f737473000002}};

static struct host **bucket_of(const struct hosts *hosts, const uint8_t *name)
{
	return &hosts->buckets[name_hash(name, &key) & hosts->mask];
}

static struct host *find(const struct hosts *hosts, const uint8_t *name)
{
	struct host *host = *bucket_of(hosts, name);
	while (host && !name_equal(host->name, name))
		host = host->next;
	return host;
}

static struct host *find_or_add(struct hosts *hosts, const uint8_t *name, struct arena *arena)
{
	static const uint16_t types[SETS] = {TYPE_A, TYPE_AAAA, TYPE_PTR};
	struct host *host = find(hosts, name);
	if (host)
		return host;
	host = arena_alloc(arena, sizeof(*host));
	const uint8_t *copy = name_dup(name, arena);
	if (!host || !copy)
		return NULL;
	host->name = copy;
	for (unsigned i = 0; i < SETS; i++)
		host->sets[i] = (struct rrset){
			.owner = copy, .type = types[i], .class = CLASS_IN, .ttl = LIMIT_HOSTS_TTL};
	struct host **bucket = bucket_of(hosts, name);
	host->next = *bucket;
	*bucket = host;
	return host;
}

static struct rrset *set_of(struct host *host, uint16_t type)
{
	for (unsigned i = 0; i < SETS; i++)
		if (host->sets[i].type == type)
			return &host->sets[i];
	return NULL;
}

static bool has_record(const struct rrset *set, const void *bytes, size_t size)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->records[i].size == size && memcmp(set->records[i].bytes, bytes, size) == 0)
			return true;
	return false;
}

static int add_record(struct hosts *hosts, const uint8_t *name, uint16_t type, const void *bytes,
	size_t size, struct arena *arena)
{
	struct host *host = find_or_add(hosts, name, arena);
	struct rrset *set = host ? set_of(host, type) : NULL;
	if (!set)
		return RW_ENOMEM;
	if (has_record(set, bytes, size))
		return 0;
	/* Room doubles when the count is a power of two. */
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? 2u * set->count : 1;
		struct rdata *records = arena_alloc(arena, room * sizeof(*records));
		if (!records)
			return RW_ENOMEM;
		if (set->count)
			memcpy(records, set->records, set->count * sizeof(*records));
		set->records = records;
	}
	const uint8_t *copy = arena_dup(arena, bytes, size);
	if (!copy)
		return RW_ENOMEM;
	set->records[set->count++] = (struct rdata){copy, (uint16_t)size};
	return 0;
}

/* The name below in-addr.arpa or ip6.arpa (RFC 1035 section 3.5, RFC 3596 section 2.5). */
static void reverse_name(const struct addr *addr, struct name *ret_name)
{
	char text[2 * 2 * sizeof(addr->ip) + sizeof("ip6.arpa.")];
	size_t used = 0;
	for (size_t i = addr_ip_size(addr); i-- > 0;)
		used += (size_t)(addr->family == ADDR_V6
					 ? snprintf(text + used, sizeof(text) - used, "%x.%x.",
						   addr->ip[i] & 0xf, addr->ip[i] >> 4)
					 : snprintf(text + used, sizeof(text) - used, "%u.",
						   addr->ip[i]));
	(void)snprintf(text + used, sizeof(text) - used, "%s",
		addr->family == ADDR_V6 ? "ip6.arpa." : "in-addr.arpa.");
	rw_require(name_from_text(text, ret_name) == 0);
}

static int add_host(struct hosts *hosts, const struct host_settings *host, struct arena *arena)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		const struct addr *addr = &host->addresses.items[i];
		struct name reverse;
		reverse_name(addr, &reverse);
		int err =
			add_record(hosts, host->name, addr->family == ADDR_V6 ? TYPE_AAAA : TYPE_A,
				addr->ip, addr_ip_size(addr), arena);
		if (!err)
			err = add_record(hosts, reverse.bytes, TYPE_PTR, host->name,
				name_size(host->name), arena);
		if (err)
			return err;
	}
	return 0;
}

int hosts_build(const struct host_list *list, struct arena *arena, const struct hosts **ret_hosts)
{
	size_t names = list->count, buckets = 16;
	*ret_hosts = NULL;
	if (list->count == 0)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		names += list->items[i].addresses.count;
	while (buckets < 2 * names)
		buckets *= 2;
	struct hosts *hosts = arena_alloc(arena, sizeof(*hosts));
	if (!hosts)
		return RW_ENOMEM;
	hosts->mask = buckets - 1;
	hosts->buckets = arena_alloc(arena, buckets * sizeof(struct host *));
	if (!hosts->buckets)
		return RW_ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		int err = add_host(hosts, &list->items[i], arena);
		if (err)
			return err;
	}
	*ret_hosts = hosts;
	return 0;
}

bool hosts_lookup(
	const struct hosts *hosts, const struct question *question, const struct rrset **ret_set)
{
	const struct host *host = hosts ? find(hosts, question->name) : NULL;
	if (!host)
		return false;
	*ret_set = NULL;
	for (unsigned i = 0; i < SETS && !*ret_set; i++)
		if (host->sets[i].count > 0 &&
			(question->type == host->sets[i].type || question->type == TYPE_ANY))
			*ret_set = &host->sets[i];
	return true;
}
