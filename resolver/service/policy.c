/* SPDX-License-Identifier: MIT */
/* Which rule applies. */
#include "resolver/service/policy_inner.h"

#include <string.h>

#include "zones/nat64.h"

#define LINKS (LIMIT_ALIASES + 2)

struct policy_search {
	const struct policy_query *query;
	const struct answer *answer; /* NULL: the question has just come */
	unsigned links;
	struct {
		const uint8_t *name;
		unsigned kept; /* sets of the answer that lead to it */
	} chain[LINKS];
};

enum found {
	FOUND_RULE,
	FOUND_NOTHING,
	FOUND_WAIT, /* the answer must be known first */
};

/* The question's name, and what the aliases of the answer lead to, one behind the other. */
static void follow_chain(struct policy_search *j)
{
	const struct question *question = &j->query->query->question;
	j->chain[0].name = question->name;
	j->chain[0].kept = 0;
	j->links = 1;
	/* Who asks for an alias is not led anywhere. */
	if (!j->answer || question->type == TYPE_CNAME || question->type == TYPE_ANY)
		return;
	for (unsigned i = 0; i < j->answer->set_count && j->links < LINKS; i++) {
		const struct rrset *set = j->answer->sets[i];
		const uint8_t *target = set->type == TYPE_CNAME ? rrset_target(set, 0) : NULL;
		if (!target || !name_equal(set->owner, j->chain[j->links - 1].name))
			continue;
		j->chain[j->links].name = target;
		j->chain[j->links++].kept = i + 1;
	}
}

bool policy_is_closer(const struct rpz_match *match, const struct rpz_match *best)
{
	if (match->bits != best->bits)
		return match->bits > best->bits;
	return memcmp(match->ip, best->ip, 16) < 0;
}

/* Of the rules for the address, and for an IPv4 one that it leads to, the closest. */
static bool match_address(const struct policy_search *j, const struct rpz *zone,
	const struct addr *addr, struct rpz_match *ret_match)
{
	struct addr inside;
	struct rpz_match match;
	bool found = rpz_match_address(zone, RPZ_RESPONSE_IP, addr, ret_match);
	if (!nat64_inside(j->query->nat64, addr, &inside) ||
		!rpz_match_address(zone, RPZ_RESPONSE_IP, &inside, &match) ||
		(found && !policy_is_closer(&match, ret_match)))
		return found;
	*ret_match = match;
	return true;
}

/* The addresses that the answer ends with. */
static bool match_addresses(const struct policy_search *j, const struct rpz *zone, unsigned link,
	struct rpz_match *ret_match)
{
	bool found = false;
	if (!rpz_has(zone, RPZ_RESPONSE_IP) || link + 1 != j->links)
		return false;
	for (unsigned i = j->chain[link].kept; i < j->answer->set_count; i++) {
		const struct rrset *set = j->answer->sets[i];
		if (set->type != TYPE_A && set->type != TYPE_AAAA)
			continue;
		for (unsigned k = 0; k < set->count; k++) {
			struct addr addr =
				addr_from_bytes(set->records[k].bytes, set->records[k].size, 0);
			struct rpz_match match;
			if (!match_address(j, zone, &addr, &match) ||
				(found && !policy_is_closer(&match, ret_match)))
				continue;
			*ret_match = match;
			found = true;
		}
	}
	return found;
}

static bool match_client(
	const struct policy_search *j, const struct rpz *zone, struct rpz_match *ret_match)
{
	return rpz_has(zone, RPZ_CLIENT_IP) &&
	       rpz_match_address(zone, RPZ_CLIENT_IP, &j->query->query->client, ret_match);
}

/* One zone for one link. RW_ENOMEM. */
static int judge_zone(const struct policy_search *j, const struct rpz *zone, unsigned link,
	struct rpz_match *ret_match, enum found *ret_found)
{
	const uint8_t *name = j->chain[link].name;
	*ret_found = FOUND_RULE;
	if ((link == 0 && match_client(j, zone, ret_match)) ||
		rpz_match_name(zone, RPZ_QNAME, name, ret_match))
		return 0;
	if (!j->answer) {
		bool waits = !j->query->local &&
			     (rpz_has(zone, RPZ_RESPONSE_IP) || rpz_has(zone, RPZ_NSDNAME) ||
				     rpz_has(zone, RPZ_NSIP));
		*ret_found = waits ? FOUND_WAIT : FOUND_NOTHING;
		return 0;
	}
	if (match_addresses(j, zone, link, ret_match))
		return 0;
	int err = policy_servers(j->query, zone, RPZ_NSDNAME, name, ret_match);
	if (err == RW_ENOTFOUND)
		err = policy_servers(j->query, zone, RPZ_NSIP, name, ret_match);
	if (err == RW_ENOTFOUND)
		*ret_found = FOUND_NOTHING;
	return err == RW_ENOTFOUND ? 0 : err;
}

/* A rule for the asker's address comes before lists; whether it lets pass, its zone's turn tells.
 */
static bool is_under_client_rule(const struct policy_search *j)
{
	struct rpz_match match;
	for (size_t i = 0; i < j->query->set->zone_count; i++)
		if (match_client(j, j->query->set->zones[i], &match))
			return true;
	return false;
}

/* `spared`: a name before this one is an exception of lists, and so is all that it leads to. */
static int judge_link(const struct policy_search *j, unsigned link, bool *spared,
	struct policy_rule *rule, enum found *ret_found)
{
	const struct policy_set *set = j->query->set;
	*ret_found = FOUND_NOTHING;
	rule->name = j->chain[link].name;
	rule->kept = j->chain[link].kept;
	rule->listed = !*spared && block_lookup(set->block, rule->name, &rule->block);
	*spared = *spared || (!rule->listed && block_excepts(set->block, rule->name));
	if (rule->listed && !is_under_client_rule(j)) {
		*ret_found = FOUND_RULE;
		return 0;
	}
	rule->listed = false;
	for (size_t i = 0; i < set->zone_count && *ret_found == FOUND_NOTHING; i++) {
		rule->zone = set->zones[i];
		int err = judge_zone(j, rule->zone, link, &rule->match, ret_found);
		if (err)
			return err;
	}
	return 0;
}

static int judge(struct policy_search *j, struct reply *reply, enum policy_verdict *ret_verdict)
{
	const struct policy_set *set = j->query->set;
	*ret_verdict = POLICY_NONE;
	follow_chain(j);
	/* Lists have been asked for the name itself when it came. */
	if (j->answer && j->links == 1 && set->zone_count == 0)
		return 0;
	if (block_spares(set->block, j->chain[0].name) && !is_under_client_rule(j))
		return 0;
	bool spared = false;
	for (unsigned link = 0; link < j->links; link++) {
		struct policy_rule rule;
		enum found found;
		int err = judge_link(j, link, &spared, &rule, &found);
		if (err || found == FOUND_WAIT)
			return err;
		if (found == FOUND_RULE)
			return policy_reply(j->query, &rule, reply, ret_verdict);
	}
	return 0;
}

/* Without zones, only aliases can lead under a rule that the question was not under. */
static bool leads_nowhere(const struct policy_query *query, const struct answer *answer)
{
	if (query->set->zone_count > 0)
		return false;
	for (unsigned i = 0; i < answer->set_count; i++)
		if (answer->sets[i]->type == TYPE_CNAME)
			return false;
	return true;
}

int policy_question(
	const struct policy_query *query, struct reply *reply, enum policy_verdict *ret_verdict)
{
	struct policy_search j = {.query = query};
	*ret_verdict = POLICY_NONE;
	return policy_set_is_empty(query->set) ? 0 : judge(&j, reply, ret_verdict);
}

int policy_answer(
	const struct policy_query *query, struct reply *reply, enum policy_verdict *ret_verdict)
{
	*ret_verdict = POLICY_NONE;
	if (leads_nowhere(query, reply->answer))
		return 0;
	/* A failure is no answer. */
	uint16_t rcode = answer_rcode(reply->answer);
	if (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN)
		return 0;
	struct policy_search j = {.query = query, .answer = reply->answer};
	return judge(&j, reply, ret_verdict);
}
