/* SPDX-License-Identifier: MIT */
/*
 * A hash table of names with chained entries, each with its sets of A, AAAA and PTR records; and
 * the same names in canonical order, where those below a name stand right behind it.
 */
#include "zones/localdata/hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/keyed_table.h"
#include "resolver/base/limits.h"

struct host_set {
	struct host_set *next; /* of the same name */
	struct rrset set;
	uint64_t *until_ms; /* one to each record */
	uint64_t first_ms;  /* the earliest of them; HOSTS_FOREVER: none ends */
};

struct host {
	struct keyed_entry by_name;
	const uint8_t *name;
	struct host_set *sets;
	unsigned line; /* where it first stood */
};

struct hosts {
	struct table table;
	struct arena arena;
	struct keyed_table names;
	struct host **sorted; /* by hosts_finish */
};

/* The names come from the configuration, so the key need not be secret. */
static const struct siphash_key hash_key = {{0x686f737473000001, 0x686f737473000002}};

static void free_hosts(struct table *table)
{
	struct hosts *hosts = rw_container_of(table, struct hosts, table);
	arena_release(&hosts->arena);
	keyed_release(&hosts->names);
	free(hosts->sorted);
	free(hosts);
}

int hosts_new(size_t cap, const struct table_source *source, struct hosts **ret_hosts)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));
	if (!hosts || table_init(&hosts->table, free_hosts, source)) {
		free(hosts);
		return RW_ENOMEM;
	}
	arena_init(&hosts->arena, cap);
	hosts->names.key = hash_key;
	*ret_hosts = hosts;
	return 0;
}

struct hosts *hosts_ref(struct hosts *hosts)
{
	if (hosts)
		(void)table_ref(&hosts->table);
	return hosts;
}

void hosts_unref(struct hosts *hosts)
{
	if (hosts)
		table_unref(&hosts->table);
}

struct table *hosts_table(struct hosts *hosts)
{
	return &hosts->table;
}

struct hosts *hosts_of_table(struct table *table)
{
	return rw_container_of(table, struct hosts, table);
}

size_t hosts_count(const struct hosts *hosts)
{
	return hosts->names.count;
}

/* ---- building ---- */

static struct host *find(const struct hosts *hosts, const uint8_t *name, uint64_t hash)
{
	keyed_match(struct host, host, &hosts->names, hash, by_name)
		if (name_equal(host->name, name))
			return host;
	return NULL;
}

static struct host *find_or_add(struct hosts *hosts, const uint8_t *name, unsigned line)
{
	uint64_t hash = name_hash(name, &hash_key);
	struct host *host = find(hosts, name, hash);
	if (host)
		return host;
	host = arena_alloc(&hosts->arena, sizeof(*host));
	const uint8_t *copy = name_dup(name, &hosts->arena);
	if (!host || !copy)
		return NULL;
	*host = (struct host){.name = copy, .line = line};
	keyed_add(&hosts->names, &host->by_name, hash);
	return host;
}

static struct host_set *set_of(const struct host *host, uint16_t type)
{
	struct host_set *set = host->sets;
	while (set && set->set.type != type)
		set = set->next;
	return set;
}

static struct host_set *set_or_add(struct hosts *hosts, struct host *host, uint16_t type)
{
	struct host_set *set = set_of(host, type);
	if (set)
		return set;
	set = arena_alloc(&hosts->arena, sizeof(*set));
	if (!set)
		return NULL;
	set->set = (struct rrset){.owner = host->name, .type = type, .class = CLASS_IN};
	set->set.ttl = UINT32_MAX;
	set->first_ms = HOSTS_FOREVER;
	struct host_set **link = &host->sets;
	while (*link && (*link)->set.type < type)
		link = &(*link)->next;
	set->next = *link;
	*link = set;
	return set;
}

static bool has_record(const struct rrset *set, const void *bytes, size_t size)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->records[i].size == size && memcmp(set->records[i].bytes, bytes, size) == 0)
			return true;
	return false;
}

/* Room doubles when the count is a power of two. */
static int make_room(struct hosts *hosts, struct host_set *set)
{
	size_t count = set->set.count, room = count ? 2 * count : 1;
	if ((count & (count - 1)) != 0)
		return 0;
	struct rdata *records = arena_alloc(&hosts->arena, room * sizeof(*records));
	uint64_t *until_ms = arena_alloc(&hosts->arena, room * sizeof(*until_ms));
	if (!records || !until_ms)
		return RW_ENOMEM;
	if (count) {
		memcpy(records, set->set.records, count * sizeof(*records));
		memcpy(until_ms, set->until_ms, count * sizeof(*until_ms));
	}
	set->set.records = records;
	set->until_ms = until_ms;
	return 0;
}

static int add_record(struct hosts *hosts, const uint8_t *name, uint16_t type, const void *bytes,
	size_t size, const struct host_entry *entry)
{
	struct host *host = find_or_add(hosts, name, entry->line);
	struct host_set *set = host ? set_or_add(hosts, host, type) : NULL;
	if (!set)
		return RW_ENOMEM;
	if (has_record(&set->set, bytes, size))
		return 0;
	if (set->set.count >= LIMIT_RRSET_RECORDS)
		return RW_ELIMIT;
	const uint8_t *copy = arena_dup(&hosts->arena, bytes, size);
	if (!copy || make_room(hosts, set))
		return RW_ENOMEM;
	set->until_ms[set->set.count] = entry->until_ms;
	set->set.records[set->set.count++] = (struct rdata){copy, (uint16_t)size};
	set->set.ttl = RW_MIN(set->set.ttl, entry->ttl);
	set->first_ms = RW_MIN(set->first_ms, entry->until_ms);
	return 0;
}

void hosts_reverse_name(const struct addr *addr, struct name *ret_name)
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

int hosts_add(struct hosts *hosts, const struct host_entry *entry)
{
	const struct addr *addr = entry->addr;
	struct name reverse;
	int err = entry->only_back ? 0
				   : add_record(hosts, entry->name,
					     addr->family == ADDR_V6 ? TYPE_AAAA : TYPE_A, addr->ip,
					     addr_ip_size(addr), entry);
	if (err || (!entry->leads_back && !entry->only_back))
		return err;
	hosts_reverse_name(addr, &reverse);
	return add_record(
		hosts, reverse.bytes, TYPE_PTR, entry->name, name_size(entry->name), entry);
}

static int by_name(const void *a, const void *b)
{
	const struct host *const *one = a, *const *other = b;
	return name_compare((*one)->name, (*other)->name);
}

int hosts_finish(struct hosts *hosts)
{
	size_t count = 0;
	hosts->sorted = calloc(RW_MAX(hosts->names.count, 1u), sizeof(struct host *));
	if (!hosts->sorted)
		return RW_ENOMEM;
	keyed_each(struct host, host, &hosts->names, by_name)
		hosts->sorted[count++] = host;
	qsort(hosts->sorted, count, sizeof(struct host *), by_name);
	return 0;
}

int hosts_from_settings(
	const struct host_list *list, const struct table_source *source, struct hosts **ret_hosts)
{
	struct hosts *hosts;
	int err = hosts_new(LIMIT_HOSTS_BYTES, source, &hosts);
	if (err)
		return err;
	for (size_t i = 0; i < list->count && !err; i++) {
		const struct host_settings *host = &list->items[i];
		for (size_t k = 0; k < host->addresses.count && !err; k++) {
			const struct host_entry entry = {.name = host->name,
				.addr = &host->addresses.items[k],
				.until_ms = HOSTS_FOREVER,
				.ttl = LIMIT_HOSTS_TTL,
				.leads_back = true};
			err = hosts_add(hosts, &entry);
			/* What one set cannot hold was more than any answer would. */
			if (err == RW_ELIMIT)
				err = 0;
		}
	}
	if (!err)
		err = hosts_finish(hosts);
	if (err) {
		hosts_unref(hosts);
		return err;
	}
	*ret_hosts = hosts;
	return 0;
}

/* ---- looking up ---- */

/* The records that have not ended, with the time that is left; NULL in `ret_set`: none. */
static int alive(const struct host_set *from, uint64_t now_ms, struct arena *arena,
	const struct rrset **ret_set)
{
	uint64_t first_ms = HOSTS_FOREVER;
	*ret_set = &from->set;
	if (from->first_ms == HOSTS_FOREVER)
		return 0;
	struct rrset *set = arena_dup(arena, &from->set, sizeof(*set));
	struct rdata *records = arena_alloc(arena, from->set.count * sizeof(*records));
	if (!set || !records)
		return RW_ENOMEM;
	set->count = 0;
	set->records = records;
	for (unsigned i = 0; i < from->set.count; i++) {
		if (from->until_ms[i] <= now_ms)
			continue;
		records[set->count++] = from->set.records[i];
		first_ms = RW_MIN(first_ms, from->until_ms[i]);
	}
	if (first_ms != HOSTS_FOREVER)
		set->ttl = (uint32_t)RW_MIN((uint64_t)set->ttl, (first_ms - now_ms + 999) / 1000);
	*ret_set = set->count ? set : NULL;
	return 0;
}

static bool is_alive(const struct host *host, uint64_t now_ms)
{
	for (const struct host_set *set = host->sets; set; set = set->next)
		for (unsigned i = 0; i < set->set.count; i++)
			if (set->until_ms[i] > now_ms)
				return true;
	return false;
}

int hosts_lookup(const struct hosts *hosts, const struct question *question, uint64_t now_ms,
	struct arena *arena, const struct rrset **ret_set)
{
	const struct host *host = find(hosts, question->name, name_hash(question->name, &hash_key));
	if (!host || !is_alive(host, now_ms))
		return RW_ENOTFOUND;
	const struct rrset *found = NULL;
	for (const struct host_set *set = host->sets; set && !found; set = set->next)
		if ((question->type == set->set.type || question->type == TYPE_ANY) &&
			alive(set, now_ms, arena, &found))
			return RW_ENOMEM;
	*ret_set = found;
	return 0;
}

bool hosts_name_exists(const struct hosts *hosts, const uint8_t *name, uint64_t now_ms)
{
	size_t low = 0, high = hosts->names.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (name_compare(hosts->sorted[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < hosts->names.count && name_is_at_or_below(hosts->sorted[low]->name, name);
		low++)
		if (is_alive(hosts->sorted[low], now_ms))
			return true;
	return false;
}

bool hosts_line_of(const struct hosts *hosts, const uint8_t *name, unsigned *ret_line)
{
	const struct host *host = find(hosts, name, name_hash(name, &hash_key));
	if (!host)
		return false;
	*ret_line = host->line;
	return true;
}

bool hosts_agree(const struct hosts *some, const struct hosts *all, const uint8_t *name)
{
	uint64_t hash = name_hash(name, &hash_key);
	const struct host *one = find(some, name, hash), *other = find(all, name, hash);
	for (const struct host_set *set = one ? one->sets : NULL; set; set = set->next) {
		const struct host_set *theirs = other ? set_of(other, set->set.type) : NULL;
		for (unsigned i = 0; i < set->set.count; i++)
			if (!theirs || !has_record(&theirs->set, set->set.records[i].bytes,
					       set->set.records[i].size))
				return false;
	}
	return true;
}

void hosts_each(const struct hosts *hosts,
	void (*see)(void *ctx, const uint8_t *name, unsigned line), void *ctx)
{
	for (size_t i = 0; i < hosts->names.count; i++)
		if (set_of(hosts->sorted[i], TYPE_A) || set_of(hosts->sorted[i], TYPE_AAAA))
			see(ctx, hosts->sorted[i]->name, hosts->sorted[i]->line);
}
