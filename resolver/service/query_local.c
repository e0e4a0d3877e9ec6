/* SPDX-License-Identifier: MIT */
/* What is answered here: what is ours, types that are withheld, special-use names. */
#include "resolver/service/query_inner.h"
#include "zones/local.h"
#include "zones/nat64.h"
#include "zones/zonecut.h"

/* Aliases of ours may lead out of what is ours, into the cache or to a walk. */
bool query_own(struct take *t)
{
	const struct own_query query = {.own = t->view->own,
		.settings = t->settings,
		.cache = t->responder->cache,
		.question = &t->query->question,
		.now_ms = t->now_ms,
		.arena = &t->responder->arena};
	struct own_found ours;
	struct own_answer answer;
	int err = own_lookup(query.own, query.question, t->now_ms, query.arena, &ours);
	if (err == RW_ENOTFOUND)
		return false;
	if (query_policy(t, true))
		return true;
	if (!err)
		err = own_answer(&query, &answer);
	counters_increment(t->responder->counters, COUNT_LOCAL);
	if (err)
		(void)query_code(t, RCODE_SERVFAIL, EDE_OTHER);
	else
		t->verdict = query_found(t, &answer);
	return true;
}

static bool is_withheld(const struct settings *settings, const struct question *question)
{
	for (size_t i = 0; i < settings->withhold.count; i++) {
		const struct withhold_settings *item = &settings->withhold.items[i];
		for (size_t k = 0; k < item->types.count; k++)
			if (item->types.items[k] == question->type &&
				name_is_at_or_below(question->name, item->zone))
				return true;
	}
	return false;
}

static const char withheld_text[] = "the configuration's key withhold leaves this type out here";

int query_withhold(const struct query_way *way, struct reply *reply)
{
	const struct settings *settings = &way->responder->views->settings;
	unsigned kept = 0;
	if (settings->withhold.count == 0 || reply->answer_count == 0)
		return 0;
	const struct rrset **sets =
		arena_alloc(&way->responder->arena, reply->answer_count * sizeof(*sets));
	if (!sets)
		return RW_ENOMEM;
	for (unsigned i = 0; i < reply->answer_count; i++) {
		const struct rrset *set = reply->answer[i];
		const struct question question = {set->owner, set->type, set->class};
		bool leads_on = set->type == TYPE_CNAME || set->type == TYPE_DNAME;
		if (leads_on || own_has(way->view->own, set->owner) ||
			!is_withheld(settings, &question))
			sets[kept++] = set;
	}
	if (kept == reply->answer_count)
		return 0;
	reply->answer = sets;
	reply->answer_count = kept;
	reply->ede = EDE_FILTERED;
	reply->ede_text = withheld_text;
	return 0;
}

bool query_withheld(struct take *t)
{
	static const struct reply reply = {
		.authoritative = true, .ede = EDE_FILTERED, .ede_text = withheld_text};
	if (!is_withheld(t->settings, &t->query->question))
		return false;
	if (query_policy(t, true))
		return true;
	counters_increment(t->responder->counters, COUNT_LOCAL);
	(void)query_reply(t, &reply);
	return true;
}

bool query_special(struct take *t)
{
	struct local_answer local;
	struct own_cut cut;
	const struct question *question = &t->query->question;
	/* A NAT64's prefix may be one whose names are served locally. */
	if (!zonecut_local_zone(t->settings, question->name) ||
		nat64_has(&t->settings->dns64, question))
		return false;
	/* What a zone of ours delegates is its servers' to answer. */
	if (own_cut(t->view->own, question, &t->responder->arena, &cut) != RW_ENOTFOUND)
		return false;
	if (local_lookup(question, &t->responder->arena, &local))
		return false;
	if (query_policy(t, true))
		return true;
	struct reply reply = {
		.rcode = local.rcode,
		.authoritative = true,
		.answer = &local.answer,
		.answer_count = local.answer ? 1 : 0,
		.soa = local.soa,
		.ede = EDE_NONE,
	};
	/* Between the apex and a name of ours there is something, if only a name without data. */
	if (reply.rcode == RCODE_NXDOMAIN && own_has_below(t->view->own, question->name, t->now_ms))
		reply.rcode = RCODE_NOERROR;
	counters_increment(t->responder->counters, COUNT_LOCAL);
	(void)query_reply(t, &reply);
	return true;
}
