/* SPDX-License-Identifier: MIT */
/* Which rule applies. */
#include "resolver/policy/inner.h"

#include <string.h>

#include "zones/localdata/nat64.h"

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
static void follow_chain(struct policy_search *s)
{
	const struct question *question = s->query->question;
	s->chain[0].name = question->name;
	s->chain[0].kept = 0;
	s->links = 1;
	/* A query for a CNAME record itself does not follow it. */
	if (!s->answer || question->type == TYPE_CNAME || question->type == TYPE_ANY)
		return;
	for (unsigned i = 0; i < s->answer->set_count && s->links < LINKS; i++) {
		const struct rrset *set = s->answer->sets[i];
		const uint8_t *target = set->type == TYPE_CNAME ? rrset_target(set, 0) : NULL;
		if (!target || !name_equal(set->owner, s->chain[s->links - 1].name))
			continue;
		s->chain[s->links].name = target;
		s->chain[s->links++].kept = i + 1;
	}
}

bool policy_is_closer(const struct rpz_match *match, const struct rpz_match *best)
{
	if (match->bits != best->bits)
		return match->bits > best->bits;
	return memcmp(match->ip, best->ip, 16) < 0;
}

/* Of the rules for the address, and for an IPv4 one that it leads to, the closest. */
static bool match_address(const struct policy_search *s, const struct rpz *zone,
	const struct addr *addr, struct rpz_match *ret_match)
{
	struct addr inside;
	struct rpz_match match;
	bool found = rpz_match_address(zone, RPZ_RESPONSE_IP, addr, ret_match);
	if (!nat64_inside(s->query->nat64, addr, &inside) ||
		!rpz_match_address(zone, RPZ_RESPONSE_IP, &inside, &match) ||
		(found && !policy_is_closer(&match, ret_match)))
		return found;
	*ret_match = match;
	return true;
}

/* The addresses that the answer ends with. */
static bool match_addresses(const struct policy_search *s, const struct rpz *zone, unsigned link,
	struct rpz_match *ret_match)
{
	bool found = false;
	if (!rpz_has(zone, RPZ_RESPONSE_IP) || link + 1 != s->links)
		return false;
	for (unsigned i = s->chain[link].kept; i < s->answer->set_count; i++) {
		const struct rrset *set = s->answer->sets[i];
		if (set->type != TYPE_A && set->type != TYPE_AAAA)
			continue;
		for (unsigned k = 0; k < set->count; k++) {
			struct addr addr =
				addr_from_bytes(set->records[k].bytes, set->records[k].size, 0);
			struct rpz_match match;
			if (!match_address(s, zone, &addr, &match) ||
				(found && !policy_is_closer(&match, ret_match)))
				continue;
			*ret_match = match;
			found = true;
		}
	}
	return found;
}

static bool match_client(
	const struct policy_search *s, const struct rpz *zone, struct rpz_match *ret_match)
{
	return rpz_has(zone, RPZ_CLIENT_IP) &&
	       rpz_match_address(zone, RPZ_CLIENT_IP, s->query->client, ret_match);
}

/* One zone for one link. RW_ENOMEM. */
static int find_zone_rule(const struct policy_search *s, const struct rpz *zone, unsigned link,
	struct rpz_match *ret_match, enum found *ret_found)
{
	const uint8_t *name = s->chain[link].name;
	*ret_found = FOUND_RULE;
	if ((link == 0 && match_client(s, zone, ret_match)) ||
		rpz_match_name(zone, RPZ_QNAME, name, ret_match))
		return 0;
	if (!s->answer) {
		bool waits = !s->query->local &&
			     (rpz_has(zone, RPZ_RESPONSE_IP) || rpz_has(zone, RPZ_NSDNAME) ||
				     rpz_has(zone, RPZ_NSIP));
		*ret_found = waits ? FOUND_WAIT : FOUND_NOTHING;
		return 0;
	}
	if (match_addresses(s, zone, link, ret_match))
		return 0;
	int err = policy_servers(s->query, zone, RPZ_NSDNAME, name, ret_match);
	if (err == RW_ENOTFOUND)
		err = policy_servers(s->query, zone, RPZ_NSIP, name, ret_match);
	if (err == RW_ENOTFOUND)
		*ret_found = FOUND_NOTHING;
	return err == RW_ENOTFOUND ? 0 : err;
}

/* A rule for the asker's address comes before lists; whether it lets pass, its zone's turn tells.
 */
static bool is_under_client_rule(const struct policy_search *s)
{
	struct rpz_match match;
	for (size_t i = 0; i < s->query->set->zone_count; i++)
		if (match_client(s, s->query->set->zones[i], &match))
			return true;
	return false;
}

/* `spared`: a name before this one is an exception of lists, and so is all that it leads to. */
static int find_link_rule(const struct policy_search *s, unsigned link, bool *spared,
	struct policy_rule *rule, enum found *ret_found)
{
	const struct policy_set *set = s->query->set;
	*ret_found = FOUND_NOTHING;
	rule->name = s->chain[link].name;
	rule->kept = s->chain[link].kept;
	rule->listed = !*spared && block_lookup(set->block, rule->name, &rule->block);
	*spared = *spared || (!rule->listed && block_excepts(set->block, rule->name));
	if (rule->listed && !is_under_client_rule(s)) {
		*ret_found = FOUND_RULE;
		return 0;
	}
	rule->listed = false;
	for (size_t i = 0; i < set->zone_count && *ret_found == FOUND_NOTHING; i++) {
		rule->zone = set->zones[i];
		int err = find_zone_rule(s, rule->zone, link, &rule->match, ret_found);
		if (err)
			return err;
	}
	return 0;
}

static int find_rule(
	struct policy_search *s, struct answer *answer, enum policy_verdict *ret_verdict)
{
	const struct policy_set *set = s->query->set;
	*ret_verdict = POLICY_NONE;
	follow_chain(s);
	/* Lists have been asked for the name itself when it came. */
	if (s->answer && s->links == 1 && set->zone_count == 0)
		return 0;
	if (block_spares(set->block, s->chain[0].name) && !is_under_client_rule(s))
		return 0;
	bool spared = false;
	for (unsigned link = 0; link < s->links; link++) {
		struct policy_rule rule;
		enum found found;
		int err = find_link_rule(s, link, &spared, &rule, &found);
		if (err || found == FOUND_WAIT)
			return err;
		if (found == FOUND_RULE)
			return policy_rule_answer(s->query, &rule, answer, ret_verdict);
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
	const struct policy_query *query, struct answer *answer, enum policy_verdict *ret_verdict)
{
	struct policy_search search = {.query = query};
	*ret_verdict = POLICY_NONE;
	return policy_set_is_empty(query->set) ? 0 : find_rule(&search, answer, ret_verdict);
}

int policy_answer(
	const struct policy_query *query, struct answer *answer, enum policy_verdict *ret_verdict)
{
	*ret_verdict = POLICY_NONE;
	if (leads_nowhere(query, answer))
		return 0;
	/* A failure is no answer. */
	uint16_t rcode = answer_rcode(answer);
	if (rcode != RCODE_NOERROR && rcode != RCODE_NXDOMAIN)
		return 0;
	struct policy_search search = {.query = query, .answer = answer};
	return find_rule(&search, answer, ret_verdict);
}
