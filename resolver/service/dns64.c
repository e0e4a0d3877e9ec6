/* SPDX-License-Identifier: MIT */
/* The making of AAAA records, and of the answer that holds them. */
#include "resolver/service/dns64.h"

#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/policy/rebinding.h"
#include "resolver/wire/edns.h"

#define U_OCTET 8 /* bits 64 to 71 of the address hold nothing of the IPv4 one */

bool dns64_is_wanted(const struct settings *settings, const struct client_query *query)
{
	return settings->dns64.base.family == ADDR_V6 && query->question.type == TYPE_AAAA &&
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

static struct rrset *make_set(
	const struct settings *settings, const struct rrset *a, struct arena *arena)
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
		if (a->records[i].size != 4)
			continue;
		dns64_embed(&settings->dns64, a->records[i].bytes, ip);
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
	struct rrset *set = make_set(settings, only.sets[0], arena);
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
