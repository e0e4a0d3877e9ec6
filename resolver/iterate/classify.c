/* SPDX-License-Identifier: MIT */
/*
 * CLASSIFY: a reply is there. What it is says reading.c, what follows from it accept.c; here stands
 * which follows from which, what the reply tells about its server, and what is asked of that once
 * more in another way.
 */
#include "resolver/iterate/walk_state.h"

static void retry_over_tcp(struct walk *walk)
{
	struct candidate *server = walk->target.chosen;
	bool in_vain =
		server->tcp_tries == 0 && infra_tcp_is_broken(walk->context->infra, &server->addr,
						  walk->cut->zone, walk->now_ms);
	server->want_tcp = true;
	walk->state = WALK_TARGET;
	if (in_vain) {
		/* Others have tried lately: it is asked last, and once. */
		server->tcp_tries = LIMIT_TCP_TRIES - 1;
		if (walk->target.stage < TARGET_LAST_ONES)
			server->standing = CANDIDATE_LAST;
	} else if (server->tcp_tries < LIMIT_TCP_TRIES) {
		walk->state = WALK_ASK;
	}
}

static void retry_without_edns(struct walk *walk)
{
	walk->target.chosen->without_edns = true;
	walk->state = WALK_ASK;
}

/* What the reply tells about its server, whatever it tells about the question. */
static void learn_about_server(struct walk *walk, const struct reading *reading)
{
	struct infra *infra = walk->context->infra;
	struct candidate *server = walk->target.chosen;
	server->answered = true;
	infra_reply(infra, &server->addr, (walk->exchange.rtt_us + 999) / 1000, walk->now_ms);
	if (walk->exchange.transport == TRANSPORT_TCP)
		infra_set_tcp_broken(infra, &server->addr, walk->cut->zone, false, walk->now_ms);
	if (reading->kind >= REPLY_REFUSED || !walk->exchange.reply)
		return;
	if (reading->kind != REPLY_NO_EDNS && walk->exchange.reply->edns.present)
		infra_set_edns(infra, &server->addr, INFRA_EDNS_WORKS, walk->now_ms);
	else if (server->without_edns)
		infra_set_edns(infra, &server->addr, INFRA_EDNS_BROKEN, walk->now_ms);
	if (server->without_cookie && walk->exchange.sent_edns)
		infra_cookie_failed(infra, &server->addr, server->cookie_refused, walk->now_ms);
	else if (walk->exchange.cookie_doubted)
		infra_cookie_works(infra, &server->addr, walk->now_ms);
	/* Over TCP nobody can forge it: the server itself changes the letters. */
	if (server->case_doubted && walk->exchange.transport == TRANSPORT_TCP &&
		!walk->exchange.letters_kept)
		infra_set_case_broken(infra, &server->addr, walk->now_ms);
	if (reading->kind < REPLY_TRUNCATED) {
		server->tries = server->tcp_tries = 0;
		server->want_tcp = false;
	}
}

/* Once more with the cookie that came with the refusal; then over TCP, where none is needed. */
static void retry_with_cookie(struct walk *walk)
{
	if (walk->target.chosen->cookie_renewed)
		walk->target.chosen->want_tcp = true;
	walk->target.chosen->cookie_renewed = true;
	walk->state = WALK_ASK;
}

static void retry_suspect(struct walk *walk)
{
	infra_set_udp_suspect(walk->context->infra, &walk->target.chosen->addr, walk->now_ms);
	failure_reply(walk, REPLY_MISMATCH);
	walk->target.chosen->want_tcp = true;
	cookie_doubt(walk);
	walk->state = WALK_TARGET;
}

static void note_reply(struct walk *walk)
{
	const struct reading *reading = &walk->reading;
	const struct answer *said = &reading->answer;
	struct note *note = walk_note_exchange(walk, NOTE_REPLY);
	note->rtt_us = walk->exchange.rtt_us;
	note->reply = reading->kind;
	note->soa = said->soa && said->soa->count > 0 ? said->soa : NULL;
	note->target = reading->kind == REPLY_ALIAS ? said->name : NULL;
	note->msg = walk->exchange.reply;
	note->set_count = said->set_count;
	note->sets = arena_dup(walk->arena, said->sets, said->set_count * sizeof(*said->sets));
	if (!note->sets)
		note->set_count = 0;
	if (!walk->exchange.reply)
		return;
	const uint8_t *text;
	size_t size;
	note->size = (uint16_t)walk->exchange.reply->size;
	note->rcode = walk->exchange.reply->rcode;
	note->aa = (walk->exchange.reply->flags & FLAG_AA) != 0;
	note->tc = (walk->exchange.reply->flags & FLAG_TC) != 0;
	note->ra = (walk->exchange.reply->flags & FLAG_RA) != 0;
	note->edns = walk->exchange.reply->edns.present;
	note->ede = edns_ede(&walk->exchange.reply->edns, &text, &size);
}

static void truncated(struct walk *walk)
{
	if (walk->exchange.transport == TRANSPORT_UDP)
		retry_over_tcp(walk);
	else
		refuse_reply(walk, REPLY_TRUNCATED);
}

static void too_long(struct walk *walk)
{
	take_sets(walk, true);
	finish_too_long(walk);
}

static void useless(struct walk *walk)
{
	refuse_reply(walk, walk->reading.kind);
}

static void (*const verbs[])(struct walk *) = {
	[REPLY_ANSWER] = accept_answer,
	[REPLY_ALIAS] = accept_alias,
	[REPLY_REFERRAL] = accept_referral,
	[REPLY_NODATA] = accept_nodata,
	[REPLY_NXDOMAIN] = accept_nxdomain,
	[REPLY_YXDOMAIN] = too_long,
	[REPLY_TRUNCATED] = truncated,
	[REPLY_NO_EDNS] = retry_without_edns,
	[REPLY_BADCOOKIE] = retry_with_cookie,
	[REPLY_CHILD_DS] = accept_childs_ds,
	[REPLY_REFUSED] = useless,
	[REPLY_SERVFAIL] = useless,
	[REPLY_BAD_RCODE] = useless,
	[REPLY_LAME] = useless,
	[REPLY_NOBODY] = accept_nobody,
	[REPLY_EMPTY] = accept_empty,
	[REPLY_MALFORMED] = useless,
	[REPLY_MISMATCH] = useless,
};

void walk_classify(struct walk *walk)
{
	bool is_new = !walk->aside.is_taken;
	bool suspect = is_new && walk->exchange.reply && cookie_check(walk) == COOKIE_SUSPECT;
	if (suspect)
		reading_begin(walk, REPLY_MISMATCH, &walk->reading);
	else
		reading_of_reply(walk, walk->exchange.reply, &walk->reading);
	if (is_new && !suspect)
		learn_about_server(walk, &walk->reading);
	if (is_new)
		note_reply(walk);
	if (suspect)
		retry_suspect(walk);
	else
		verbs[walk->reading.kind](walk);
	walk->aside.is_taken = false;
}
