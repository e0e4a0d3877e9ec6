/* SPDX-License-Identifier: MIT */
/* What a rule answers. */
#include "resolver/policy/inner.h"

#include <string.h>

#include "resolver/wire/edns.h"

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

/* What the answer begins with: its first `kept` sets, and the reason. */
static void restart(const struct policy_query *query, unsigned kept, int ede, const char *text,
	struct answer *answer)
{
	answer_cut(answer, kept, query->question->name);
	answer->begins_local = answer->ends_local = answer->local = false;
	answer->prefetch = 0;
	answer->ede = ede;
	answer->ede_text = text;
}

static int deny(struct answer *answer, enum answer_outcome outcome, const struct rrset *soa)
{
	answer_deny(answer, outcome, soa, &provenance_local);
	return soa ? 0 : RW_ENOMEM;
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
	const struct question *question = query->question;
	const struct block_reply *instead = &query->set->answer;
	const uint8_t *ip = nowhere;
	bool v6 = question->type == TYPE_AAAA;
	*ret_set = NULL;
	if (instead->kind == BLOCK_ADDRESS) {
		ip = instead->address.ip;
		v6 = instead->address.family == ADDR_V6;
	}
	uint16_t type = v6 ? TYPE_AAAA : TYPE_A;
	if (question->type != type && question->type != TYPE_ANY)
		return 0;
	*ret_set =
		rrset_single(query->arena, question->name, type, LIMIT_BLOCK_TTL, ip, v6 ? 16 : 4);
	return *ret_set ? 0 : RW_ENOMEM;
}

/* As if the question's own name was the listed one. */
static int answer_listed(
	const struct policy_query *query, const struct policy_rule *rule, struct answer *answer)
{
	const uint8_t *listed = name_suffix(rule->name, rule->block.labels);
	enum block_answer kind = query->set->answer.kind;
	const struct rrset *set = NULL;
	const char *text =
		arena_printf(query->arena, "%s:%u", file_name(rule->block.list), rule->block.line);
	int err = text ? 0 : RW_ENOMEM;
	restart(query, 0, EDE_BLOCKED, text, answer);
	if (!err && (kind == BLOCK_ZERO || kind == BLOCK_ADDRESS))
		err = make_address(query, &set);
	if (err)
		return err;
	if (set) {
		answer_end(answer, set, &provenance_local);
		return 0;
	}
	/* The zone above what is listed, unless an alias has led there. */
	return deny(answer, kind == BLOCK_NXDOMAIN ? ANSWER_NXDOMAIN : ANSWER_NODATA,
		soa_of_lists(query, rule->kept > 0 ? query->question->name : listed));
}

/* ---- zones ---- */

static const char *zone_text(const struct policy_query *query, const struct policy_rule *rule)
{
	char name[LIMIT_NAME_TEXT];
	return arena_printf(query->arena, "%s %s:%u", name_text(rpz_apex(rule->zone), name),
		file_name(rpz_file(rule->zone)), rule->match.line);
}

static int answer_data(const struct policy_query *query, const struct policy_rule *rule,
	struct answer *answer, enum policy_verdict *ret_verdict)
{
	const struct rrset *set;
	uint16_t type = query->question->type;
	int err = rpz_data(&rule->match, rule->name, type, query->arena, &set);
	if (err == RW_ELIMIT) {
		answer->outcome = ANSWER_TOO_LONG;
		return 0;
	}
	if (err)
		return err;
	if (!set)
		return deny(answer, ANSWER_NODATA, soa_of_zone(query, rule));
	if (set->type != TYPE_CNAME || type == TYPE_CNAME || type == TYPE_ANY) {
		answer_end(answer, set, &provenance_local);
		return 0;
	}
	answer_follow(answer, set, &provenance_local);
	if (answer->outcome == ANSWER_MISS)
		*ret_verdict = POLICY_ALIAS;
	return 0;
}

static int answer_of_zone(const struct policy_query *query, const struct policy_rule *rule,
	struct answer *answer, enum policy_verdict *ret_verdict)
{
	const char *text = zone_text(query, rule);
	bool tcp_only = rule->match.action == RPZ_TCP_ONLY;
	if (!text)
		return RW_ENOMEM;
	restart(query, tcp_only ? 0 : rule->kept, EDE_FILTERED, text, answer);
	if (rule->match.action == RPZ_DATA)
		return answer_data(query, rule, answer, ret_verdict);
	if (tcp_only) {
		answer->outcome = ANSWER_NODATA;
		*ret_verdict = POLICY_TRUNCATED;
		return 0;
	}
	return deny(answer, rule->match.action == RPZ_NXDOMAIN ? ANSWER_NXDOMAIN : ANSWER_NODATA,
		soa_of_zone(query, rule));
}

int policy_rule_answer(const struct policy_query *query, const struct policy_rule *rule,
	struct answer *answer, enum policy_verdict *ret_verdict)
{
	*ret_verdict = POLICY_ANSWER;
	if (rule->listed)
		return answer_listed(query, rule, answer);
	if (rule->match.action == RPZ_PASSTHRU ||
		(rule->match.action == RPZ_TCP_ONLY && query->tcp)) {
		*ret_verdict = POLICY_NONE;
		return 0;
	}
	if (rule->match.action == RPZ_DROP) {
		*ret_verdict = POLICY_DROP;
		return 0;
	}
	return answer_of_zone(query, rule, answer, ret_verdict);
}
