/* SPDX-License-Identifier: MIT */
/*
 * ASK: what exactly is sent. The name is shortened so that a zone's servers learn no more of it
 * than they need (RFC 9156): one label more than the cut first, with type A; the whole name only
 * with its own type. Its letters get random case (0x20), which a forged reply would have to guess.
 */
#include <string.h>

#include "resolver/iterate/walk_state.h"
#include "resolver/wire/build.h"

bool ask_is_minimised(const struct walk *walk)
{
	return !name_equal(walk->ask.question.name, walk->current.name);
}

static bool is_shortening(const struct walk *walk)
{
	return walk->ask.form != ASK_WHOLE && walk->ask.question.name && ask_is_minimised(walk);
}

bool ask_give_up_minimising(struct walk *walk)
{
	if (!is_shortening(walk))
		return false;
	walk->ask.form = ASK_WHOLE;
	return true;
}

void ask_shorten_again(struct walk *walk)
{
	if (walk->ask.form == ASK_WHOLE)
		walk->ask.form = ASK_SHORT;
}

bool ask_otherwise(struct walk *walk)
{
	if (!is_shortening(walk))
		return false;
	walk->ask.form = walk->ask.form == ASK_SHORT ? ASK_SHORT_NS : ASK_WHOLE;
	return true;
}

static bool may_minimise(const struct walk *walk)
{
	/* DS lives at the parent, which is found cut by cut (RFC 4035 section 3.1.4.1). */
	bool wanted = walk->context->settings->minimisation != MINIMISE_OFF ||
		      walk->current.type == TYPE_DS;
	return wanted && walk->ask.form != ASK_WHOLE && walk->cut->source != DELEGATION_FORWARD &&
	       walk->ask.steps < LIMIT_MINIMISE_STEPS;
}

/* How many labels more are shown with the next question (RFC 9156 section 2.3). */
static unsigned next_labels(const struct walk *walk, unsigned have, unsigned all)
{
	if (walk->ask.steps < LIMIT_MINIMISE_ONE)
		return have + 1;
	unsigned steps = LIMIT_MINIMISE_STEPS - walk->ask.steps;
	return have + RW_MAX((all - have) / steps, 1u);
}

/* A name without a cut of its own, as is known by now, need not be asked for again. */
static bool known_inside_zone(const struct walk *walk, const uint8_t *name)
{
	static const enum cache_kind kinds[] = {CACHE_NODATA, CACHE_RRSET};
	for (unsigned i = 0; i < RW_COUNT(kinds); i++)
		if (cache_has(walk->cache, kinds[i], name, TYPE_A, walk->now_ms) ||
			learnt_has(&walk->result.learnt, kinds[i], name, TYPE_A))
			return true;
	return false;
}

/* Chooses name and type of the question into walk->ask.question; the name points into current.name.
 */
static void choose_question(struct walk *walk)
{
	unsigned all = name_labels(walk->current.name);
	unsigned have = RW_MAX(name_labels(walk->cut->zone), walk->ask.labels);
	walk->ask.question = walk->current;
	if (!may_minimise(walk))
		return;
	unsigned labels = next_labels(walk, have, all);
	/* Only to the whole name of a server the parent adds its address. */
	if (walk->cuts.above && labels >= name_labels(walk->cuts.above))
		return;
	while (labels < all && known_inside_zone(walk, name_suffix(walk->current.name, labels)))
		labels++;
	if (labels >= all)
		return;
	walk->ask.steps++;
	walk->ask.question.name = name_suffix(walk->current.name, labels);
	walk->ask.question.type = walk->ask.form == ASK_SHORT_NS ? TYPE_NS : TYPE_A;
}

/* Copies the name with random letter case where that is wanted, else in lower case. */
static void spell_name(struct walk *walk, bool random_case)
{
	uint8_t *out = walk->asked_name.bytes, bits[LIMIT_NAME_BYTES / 8 + 1] = {0};
	size_t size = name_lower(walk->ask.question.name, out);
	if (random_case)
		walk->context->env->random(walk->context->env->ctx, bits, size / 8 + 1);
	for (size_t i = 0; i < size; i++)
		if (out[i] >= 'a' && out[i] <= 'z' && (bits[i / 8] >> (i % 8) & 1))
			out[i] &= (uint8_t)~0x20;
	walk->ask.question.name = walk->asked_name.bytes;
}

void walk_restore_case(struct walk *walk, uint8_t *wire, size_t size)
{
	struct name theirs;
	const uint8_t *ours = walk->asked_name.bytes;
	size_t named = name_size(ours);
	walk->exchange.letters_kept = true;
	if (size < HEADER_SIZE + named || rr_get16(wire + 4) != 1 ||
		name_read(wire, size, HEADER_SIZE, &theirs, NULL) ||
		!name_equal(theirs.bytes, ours))
		return;
	walk->exchange.letters_kept = memcmp(theirs.bytes, ours, named) == 0;
	(void)name_lower(ours, wire + HEADER_SIZE);
}

static int build_query(struct walk *walk, bool edns, struct machine_action *action)
{
	uint8_t wire[HEADER_SIZE + LIMIT_NAME_BYTES + 4 + 32 + INFRA_COOKIE_BYTES];
	const struct edns_option cookie = {
		OPTION_COOKIE, walk->exchange.cookie_size, walk->exchange.cookie};
	const struct build_opt opt = {
		.options = &cookie,
		.option_count = cookie.size > 0,
		.udp_size = walk->context->settings->outgoing.edns_buffer_size,
		/* Signatures are asked for always: clients that validate need them. */
		.dnssec_ok = true,
		.ede = EDE_NONE,
	};
	bool forward = walk->cut->source == DELEGATION_FORWARD;
	struct builder b;
	build_begin(
		&b, wire, sizeof(wire), edns ? build_opt_size(&opt) : 0, 0, forward ? FLAG_RD : 0);
	int err = build_question(&b, &walk->ask.question);
	if (!err && edns)
		err = build_edns(&b, &opt);
	if (err)
		return err;
	action->wire_size = (uint16_t)build_finish(&b);
	action->wire = arena_dup(walk->arena, wire, action->wire_size);
	return action->wire ? 0 : RW_ENOMEM;
}

static enum transport choose_transport(const struct walk *walk, const struct infra_server *known)
{
	const struct candidate *to = walk->target.chosen;
	bool slow = to->tries >= LIMIT_TRIES_PER_ADDRESS - 1;
	bool suspect = known->udp_suspect && !to->without_cookie;
	bool tcp = to->want_tcp ||
		   ((slow || suspect) && !infra_tcp_is_broken(walk->context->infra, &to->addr,
						 walk->cut->zone, walk->now_ms));
	return tcp ? TRANSPORT_TCP : TRANSPORT_UDP;
}

/* Nobody else is left to be asked, and this server not again: a slow one gets its chance. */
static bool is_last_resort(const struct walk *walk)
{
	for (unsigned i = 0; i < walk->target.count; i++)
		if (walk->candidates[i].standing == CANDIDATE_OPEN &&
			walk->candidates[i].tries + 1 < LIMIT_TRIES_PER_ADDRESS)
			return false;
	return true;
}

/*
 * Never cut to what is left of the client's time: a client without time left stops waiting, and
 * only a server that had the whole time-out counts as silent. The exchange may serve others, too.
 */
static uint32_t choose_timeout(const struct walk *walk, const struct infra_server *known)
{
	uint32_t timeout = known->known ? known->timeout_ms : LIMIT_TRY_FIRST_MS;
	if (walk->exchange.transport == TRANSPORT_TCP)
		timeout = is_last_resort(walk) ? LIMIT_TRY_LAST_MS : LIMIT_TCP_TRY_MS;
	else if (walk->cut->source == DELEGATION_FORWARD)
		timeout = LIMIT_TRY_MAX_MS; /* it may have to walk itself */
	return timeout;
}

bool ask_is_out_of_budget(struct walk *walk)
{
	bool late = walk->now_ms >= walk->budget->deadline_ms;
	if (!late && walk->sends < LIMIT_SENDS_PER_WALK && walk->budget->sends > 0)
		return false;
	if (late)
		finish_failure(walk, EDE_NO_REACHABLE_AUTHORITY, failure_sentence(walk));
	else
		finish_failure(walk, EDE_OTHER, "too many questions to servers would be needed");
	return true;
}

void walk_ask(struct walk *walk)
{
	struct candidate *to = walk->target.chosen;
	struct infra_server known;
	if (ask_is_out_of_budget(walk))
		return;
	infra_get(walk->context->infra, &to->addr, walk->now_ms, &known);
	walk->exchange.transport = choose_transport(walk, &known);
	bool udp = walk->exchange.transport == TRANSPORT_UDP;
	bool random_case =
		walk->context->settings->outgoing.case_randomisation && !known.case_broken;
	choose_question(walk);
	spell_name(walk, random_case);
	walk->exchange.sent_edns = !to->without_edns && known.edns != INFRA_EDNS_BROKEN;
	walk->exchange.reply = NULL;
	cookie_prepare(walk, &known);

	struct machine_action send = {.type = ACTION_SEND};
	if (build_query(walk, walk->exchange.sent_edns, &send)) {
		finish_failure(walk, EDE_NONE, "out of memory for this request");
		return;
	}
	send.xid = walk->exchange.xid = ++walk->budget->next_xid;
	send.server = to->addr;
	send.transport = walk->exchange.transport;
	send.match_case = udp && random_case;
	send.timeout_ms = choose_timeout(walk, &known);
	walk->budget->sends--;
	walk->sends++;
	to->tries++;
	to->tcp_tries += !udp;
	walk->asked_anybody = true;
	*walk_act(walk, ACTION_SEND) = send;
	walk->state = WALK_AWAIT;
}
