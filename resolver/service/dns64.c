/* SPDX-License-Identifier: MIT */
/* The making of AAAA records, and of the answer that holds them. */
#include "resolver/service/dns64.h"

#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/iterate/address_filter.h"
#include "resolver/policy/rebinding.h"
#include "resolver/wire/edns.h"
#include "zones/localdata/nat64.h"

#define U_OCTET 8 /* bits 64 to 71 of the address hold nothing of the IPv4 one */

bool dns64_is_wanted(const struct dns64_settings *dns64, const struct client_query *query)
{
	return dns64->prefix.base.family == ADDR_V6 && query->question.type == TYPE_AAAA &&
	       !(query->flags & FLAG_CD);
}

void dns64_embed(const struct prefix *prefix, const uint8_t *ip, uint8_t ret_ip[16])
{
	size_t at = prefix->bits / 8;
	memcpy(ret_ip, prefix->base.ip, 16);
	for (size_t i = 0; i < 4; i++) {
		if (at == U_OCTET)
			at++;
		ret_ip[at++] = ip[i];
	}
}

int dns64_exclude(const struct dns64_settings *dns64, struct arena *arena, struct answer *answer)
{
	unsigned last = answer->set_count - 1, kept = 0;
	if (answer->outcome != ANSWER_POSITIVE || answer->set_count == 0 ||
		answer->sets[last]->type != TYPE_AAAA)
		return 0;
	const struct rrset *all = answer->sets[last];
	struct rrset *set = arena_dup(arena, all, sizeof(*set));
	struct rdata *records = arena_alloc(arena, all->count * sizeof(*records));
	if (!set || !records)
		return RW_ENOMEM;
	for (unsigned i = 0; i < all->count; i++)
		if (!nat64_excludes(dns64, &all->records[i]))
			records[kept++] = all->records[i];
	if (kept == all->count)
		return 0;
	set->records = records;
	set->count = (uint16_t)kept;
	set->sig_count = 0; /* they cover the whole set */
	answer->sets[last] = set;
	if (kept == 0) {
		answer->set_count--;
		answer_deny(answer, ANSWER_NODATA, NULL, &provenance_local);
	}
	return 0;
}

/* An IPv4 address that means something else in each network leads nowhere behind another one. */
static bool may_be_mapped(const struct prefix *prefix, const uint8_t *ip)
{
	static const uint8_t well_known[12] = {0, 0x64, 0xff, 0x9b};
	const struct addr addr = addr_from_bytes(ip, 4, 0);
	return memcmp(prefix->base.ip, well_known, sizeof(well_known)) != 0 ||
	       address_is_global(&addr);
}

static struct rrset *make_set(
	const struct prefix *prefix, const struct rrset *a, struct arena *arena)
{
	struct rrset *set = arena_alloc(arena, sizeof(*set));
	struct rdata *records = arena_alloc(arena, a->count * sizeof(*records));
	uint8_t *ips = arena_alloc(arena, a->count * 16u);
	if (!set || !records || !ips)
		return NULL;
	*set = (struct rrset){.owner = a->owner,
		.type = TYPE_AAAA,
		.class = CLASS_IN,
		.ttl = a->ttl,
		.records = records};
	for (unsigned i = 0; i < a->count; i++) {
		uint8_t *ip = ips + 16u * set->count;
		if (a->records[i].size != 4 || !may_be_mapped(prefix, a->records[i].bytes))
			continue;
		dns64_embed(prefix, a->records[i].bytes, ip);
		records[set->count++] = (struct rdata){ip, 16};
	}
	return set;
}

int dns64_answer(const struct settings *settings, const struct localdata *localdata,
	const struct rrset *a, struct arena *arena, struct answer *answer)
{
	const struct question question = {a->owner, TYPE_A, CLASS_IN};
	struct answer only;
	answer_begin(&only, &question);
	answer_end(&only, a, &provenance_local);
	if (rebinding_filter(settings, localdata, arena, &only))
		return RW_ENOMEM;
	if (only.set_count == 0)
		return 0;
	const struct prefix *prefix = &localdata_dns64(localdata, settings)->prefix;
	struct rrset *set = make_set(prefix, only.sets[0], arena);
	if (!set)
		return RW_ENOMEM;
	if (set->count == 0)
		return 0;
	set->ttl = RW_MIN(set->ttl, answer->soa ? answer->soa->ttl : (uint32_t)LIMIT_TTL_DNS64);
	if (answer->outcome == ANSWER_FAILURE) {
		/* That the question for AAAA failed is of no interest any more. */
		answer->ede = EDE_NONE;
		answer->ede_text = NULL;
	}
	answer->soa = NULL;
	answer_end(answer, set, &provenance_local);
	return 0;
}
