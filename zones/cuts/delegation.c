/* SPDX-License-Identifier: MIT */
/*
 * Delegations: built from a referral, stored in the cache as one compact value, loaded again.
 * Stored form: source, number of servers, TTL; per server its name, kind, number of addresses; per
 * address family, source, port, bytes.
 */
#include "zones/cuts/delegation.h"

#include <string.h>

#define STORED_BYTES 8192 /* more than LIMIT_NS_KEPT servers with all their addresses take */

static unsigned count_family(const struct nameserver *ns, uint8_t family)
{
	unsigned count = 0;
	for (unsigned i = 0; i < ns->address_count; i++)
		count += ns->addresses[i].family == family;
	return count;
}

void delegation_add_address(
	struct nameserver *ns, const struct addr *addr, enum address_source source)
{
	for (unsigned i = 0; i < ns->address_count; i++)
		if (addr_equal(&ns->addresses[i], addr))
			return;
	if (count_family(ns, addr->family) >= LIMIT_ADDRESSES_PER_NS)
		return;
	ns->addresses[ns->address_count] = *addr;
	ns->sources[ns->address_count] = (uint8_t)source;
	ns->address_count++;
}

bool delegation_has_address(const struct delegation *delegation, const struct addr *addr)
{
	for (unsigned i = 0; i < delegation->ns_count; i++)
		for (unsigned a = 0; a < delegation->ns[i].address_count; a++)
			if (addr_equal(&delegation->ns[i].addresses[a], addr))
				return true;
	return false;
}

static enum glue_kind glue_kind(const uint8_t *name, const uint8_t *zone, const uint8_t *bailiwick)
{
	if (name_is_at_or_below(name, zone))
		return GLUE_IN_DOMAIN;
	return name_is_at_or_below(name, bailiwick) ? GLUE_SIBLING : GLUE_OUTSIDE;
}

static void take_glue(struct nameserver *ns, const struct msg *msg, uint16_t port)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	for (unsigned t = 0; t < RW_COUNT(types); t++) {
		const struct rrset *set = msg_find(msg, SECTION_ADDITIONAL, ns->name, types[t]);
		for (unsigned i = 0; set && i < set->count; i++) {
			struct addr addr =
				addr_from_bytes(set->records[i].bytes, set->records[i].size, port);
			delegation_add_address(ns, &addr, ADDRESS_GLUE);
		}
	}
}

static bool is_server_name(const uint8_t *name)
{
	return name && !name_is_root(name);
}

bool delegation_names_nobody(const struct rrset *ns)
{
	for (unsigned i = 0; i < ns->count; i++)
		if (is_server_name(rrset_target(ns, i)))
			return false;
	return true;
}

int delegation_build(struct arena *arena, const struct rrset *ns, const struct msg *msg,
	const uint8_t *bailiwick, uint16_t port, struct delegation **ret_delegation)
{
	struct delegation *made = arena_alloc(arena, sizeof(*made));
	if (!made)
		return RW_ENOMEM;
	made->zone = ns->owner;
	made->source = DELEGATION_REFERRAL;
	made->ttl = ns->ttl;
	for (unsigned i = 0; i < ns->count && made->ns_count < LIMIT_NS_KEPT; i++) {
		const uint8_t *name = rrset_target(ns, i);
		if (!is_server_name(name))
			continue;
		struct nameserver *server = &made->ns[made->ns_count++];
		server->name = name;
		server->kind = (uint8_t)glue_kind(name, ns->owner, bailiwick);
		take_glue(server, msg, port);
	}
	if (made->ns_count == 0)
		return RW_EMALFORMED;
	*ret_delegation = made;
	return 0;
}

static uint8_t *put_server(uint8_t *out, const struct nameserver *ns)
{
	size_t size = name_size(ns->name);
	memcpy(out, ns->name, size);
	out += size;
	*out++ = ns->kind;
	*out++ = ns->address_count;
	for (unsigned i = 0; i < ns->address_count; i++) {
		const struct addr *addr = &ns->addresses[i];
		*out++ = addr->family;
		*out++ = ns->sources[i];
		rr_put16(out, addr->port);
		memcpy(out + 2, addr->ip, addr_ip_size(addr));
		out += 2 + addr_ip_size(addr);
	}
	return out;
}

void delegation_store(struct cache *cache, const struct delegation *delegation, uint64_t now_ms)
{
	uint8_t bytes[STORED_BYTES], *out = bytes;
	if (delegation->expires_ms <= now_ms + 999)
		return;
	uint64_t left = (delegation->expires_ms - now_ms) / 1000;
	*out++ = delegation->source;
	*out++ = delegation->ns_count;
	rr_put32(out, delegation->ttl);
	out += 4;
	for (unsigned i = 0; i < delegation->ns_count; i++)
		out = put_server(out, &delegation->ns[i]);
	rw_debug(out <= bytes + sizeof(bytes));
	/* A delegation that cannot be remembered is only asked for again. */
	const struct cache_blob blob = {
		bytes, (size_t)(out - bytes), (uint32_t)RW_MIN(left, (uint64_t)LIMIT_TTL_MAX)};
	(void)cache_store_delegation(cache, delegation->zone, &blob, &delegation->from, now_ms);
}

/* Our own bytes: what put_server wrote. */
static const uint8_t *get_server(const uint8_t *in, struct nameserver *ret_ns)
{
	ret_ns->name = in;
	in += name_size(in);
	ret_ns->kind = *in++;
	ret_ns->address_count = *in++;
	for (unsigned i = 0; i < ret_ns->address_count; i++) {
		size_t size = in[0] == ADDR_V6 ? 16 : 4;
		ret_ns->sources[i] = in[1];
		ret_ns->addresses[i] = addr_from_bytes(in + 4, size, rr_get16(in + 2));
		in += 4 + size;
	}
	return in;
}

int delegation_load(struct cache *cache, const uint8_t *zone, uint64_t now_ms, struct arena *arena,
	struct delegation **ret_delegation)
{
	struct cache_hit hit;
	const struct cache_query query = {.cache = cache, .now_ms = now_ms, .arena = arena};
	int err = cache_lookup(&query, CACHE_DELEGATION, zone, TYPE_NS, &hit);
	if (err)
		return err;
	struct delegation *made = arena_alloc_raw(arena, sizeof(*made));
	if (!made)
		return RW_ENOMEM;
	const uint8_t *in = hit.blob;
	memset(made, 0, offsetof(struct delegation, ns));
	made->zone = zone;
	made->source = *in++;
	made->ns_count = *in++;
	made->ttl = rr_get32(in);
	in += 4;
	for (unsigned i = 0; i < made->ns_count; i++)
		in = get_server(in, &made->ns[i]);
	made->expires_ms = now_ms + (uint64_t)hit.ttl * 1000;
	made->from = hit.from;
	*ret_delegation = made;
	return 0;
}

static bool has_server(const struct delegation *delegation, const struct nameserver *ns)
{
	const struct nameserver *same = NULL;
	for (unsigned i = 0; i < delegation->ns_count && !same; i++)
		if (name_equal(delegation->ns[i].name, ns->name))
			same = &delegation->ns[i];
	if (!same || same->address_count != ns->address_count)
		return false;
	unsigned found = 0;
	for (unsigned i = 0; i < ns->address_count; i++)
		for (unsigned k = 0; k < same->address_count; k++)
			found += addr_equal(&ns->addresses[i], &same->addresses[k]);
	return found == ns->address_count;
}

bool delegation_same_servers(const struct delegation *a, const struct delegation *b)
{
	bool same = name_equal(a->zone, b->zone) && a->ns_count == b->ns_count;
	for (unsigned i = 0; i < a->ns_count && same; i++)
		same = has_server(b, &a->ns[i]);
	return same;
}
