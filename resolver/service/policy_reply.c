/* SPDX-License-Identifier: MIT */
/* What a rule answers. */
#include "resolver/service/policy_inner.h"

#include <string.h>

/*
 * The SOA of a negative answer, for those who keep it: as if the zone above the name had said so.
 * `rdata` of a policy zone tells which one it was.
 */
static const struct rrset *make_soa(const struct policy_query *query, const uint8_t *name,
	const void *rdata, uint16_t size, uint32_t ttl)
{
	return rrset_single(query->arena, name_parent(name), TYPE_SOA, ttl, rdata, size);
}

static const struct rrset *soa_of_lists(const struct policy_query *query, const uint8_t *name)
{
	static const uint8_t rdata[] = "\5block\7invalid\0"
				       "\6nobody\7invalid\0"
				       "\0\0\0\1"      /* serial */
				       "\0\0\16\20"    /* refresh 3600 */
				       "\0\0\4\260"    /* retry 1200 */
				       "\0\11\72\200"; /* expire 604800 */
	uint8_t whole[sizeof(rdata) - 1 + 4];
	memcpy(whole, rdata, sizeof(rdata) - 1);
	rr_put32(whole + sizeof(rdata) - 1, LIMIT_BLOCK_TTL);
	return make_soa(query, name, whole, sizeof(whole), LIMIT_BLOCK_TTL);
}

static const struct rrset *soa_of_zone(
	const struct policy_query *query, const struct policy_rule *rule)
{
	const struct rrset *soa = rpz_soa(rule->zone);
	return make_soa(query, rule->name, soa->records[0].bytes, soa->records[0].size,
		rrset_soa_negative_ttl(soa));
}

/* The sets that lead to the rule's name, and room for one more. */
static int keep_aliases(const struct policy_query *query, const struct policy_rule *rule,
	const struct reply *given, const struct rrset *last, struct reply *reply)
{
	const struct rrset **sets = arena_alloc(query->arena, (rule->kept + 1) * sizeof(*sets));
	if (!sets)
		return RW_ENOMEM;
	for (unsigned i = 0; i < rule->kept; i++)
		sets[i] = given->answer[i];
	sets[rule->kept] = last;
	reply->answer = sets;
	reply->answer_count = rule->kept + (last != NULL);
	return 0;
}

/* ---- lists ---- */

/* Without the folders: they are no business of a client's. */
static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The address that is shown instead; NULL: none of the type. */
static int make_address(const struct policy_query *query, const struct rrset **ret_set)
{
	static const uint8_t nowhere[16];
	const struct question *question = &query->query->question;
	const struct block_reply *answer = &query->set->answer;
	const uint8_t *ip = nowhere;
	bool v6 = question->type == TYPE_AAAA;
	*ret_set = NULL;
	if (answer->kind == BLOCK_ADDRESS) {
		ip = answer->address.ip;
		v6 = answer->address.family == ADDR_V6;
	}
	uint16_t type = v6 ? TYPE_AAAA : TYPE_A;
	if (question->type != type && question->type != TYPE_ANY)
		return 0;
	*ret_set =
		rrset_single(query->arena, question->name, type, LIMIT_BLOCK_TTL, ip, v6 ? 16 : 4);
	return *ret_set ? 0 : RW_ENOMEM;
}

/* As if the question's own name was the listed one. */
static int reply_listed(
	const struct policy_query *query, const struct policy_rule *rule, struct reply *reply)
{
	const struct policy_rule whole = {.name = query->query->question.name};
	const uint8_t *listed = name_suffix(rule->name, rule->block.labels);
	enum block_answer kind = query->set->answer.kind;
	const struct rrset *set = NULL;
	int err = 0;
	*reply = (struct reply){.ede = EDE_BLOCKED};
	reply->ede_text =
		arena_printf(query->arena, "%s:%u", file_name(rule->block.list), rule->block.line);
	if (kind == BLOCK_ZERO || kind == BLOCK_ADDRESS)
		err = make_address(query, &set);
	if (!err && set)
		return keep_aliases(query, &whole, reply, set, reply);
	reply->rcode = kind == BLOCK_NXDOMAIN ? RCODE_NXDOMAIN : RCODE_NOERROR;
	/* The zone above what is listed, unless an alias has led there. */
	reply->soa = soa_of_lists(query, rule->kept > 0 ? whole.name : listed);
	return reply->soa && reply->ede_text ? err : RW_ENOMEM;
}

/* ---- zones ---- */

static const char *zone_text(const struct policy_query *query, const struct policy_rule *rule)
{
	char name[LIMIT_NAME_TEXT];
	return arena_printf(query->arena, "%s %s:%u", name_text(rpz_apex(rule->zone), name),
		file_name(rpz_file(rule->zone)), rule->match.line);
}

static int reply_data(const struct policy_query *query, const struct policy_rule *rule,
	const struct reply *given, struct reply *reply, enum policy_verdict *ret_verdict)
{
	const struct rrset *set;
	uint16_t type = query->query->question.type;
	int err = rpz_data(&rule->match, rule->name, type, query->arena, &set);
	if (err == RW_ELIMIT) {
		reply->rcode = RCODE_YXDOMAIN;
		return keep_aliases(query, rule, given, NULL, reply);
	}
	if (!err)
		err = keep_aliases(query, rule, given, set, reply);
	if (err)
		return err;
	if (!set)
		reply->soa = soa_of_zone(query, rule);
	else if (set->type == TYPE_CNAME && type != TYPE_CNAME && type != TYPE_ANY)
		*ret_verdict = POLICY_ALIAS;
	return set || reply->soa ? 0 : RW_ENOMEM;
}

static int reply_of_zone(const struct policy_query *query, const struct policy_rule *rule,
	const struct reply *given, struct reply *reply, enum policy_verdict *ret_verdict)
{
	*reply = (struct reply){
		.ede = EDE_FILTERED, .ede_text = zone_text(query, rule), .stale = given->stale};
	if (!reply->ede_text)
		return RW_ENOMEM;
	switch (rule->match.action) {
	case RPZ_DATA:
		return reply_data(query, rule, given, reply, ret_verdict);
	case RPZ_TCP_ONLY:
		reply->truncated = true;
		return 0;
	case RPZ_NXDOMAIN:
		reply->rcode = RCODE_NXDOMAIN;
		break;
	default:
		break;
	}
	reply->soa = soa_of_zone(query, rule);
	return reply->soa ? keep_aliases(query, rule, given, NULL, reply) : RW_ENOMEM;
}

int policy_reply(const struct policy_query *query, const struct policy_rule *rule,
	struct reply *reply, enum policy_verdict *ret_verdict)
{
	const struct reply given = *reply;
	*ret_verdict = POLICY_REPLY;
	if (rule->listed)
		return reply_listed(query, rule, reply);
	if (rule->match.action == RPZ_PASSTHRU ||
		(rule->match.action == RPZ_TCP_ONLY && query->query->tcp)) {
		*ret_verdict = POLICY_NONE;
		return 0;
	}
	if (rule->match.action == RPZ_DROP) {
		*ret_verdict = POLICY_DROP;
		return 0;
	}
	return reply_of_zone(query, rule, &given, reply, ret_verdict);
}
