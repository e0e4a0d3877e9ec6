/* SPDX-License-Identifier: MIT */
/* Finds out who is to be asked beside a hop, asks, and compares. */
#include "resolver/client/trace/levels.h"

#include <string.h>

#include "resolver/client/poll.h"

static bool wanted(const struct trace_levels *levels)
{
	return levels->all_servers || levels->resolver;
}

static bool was_seen(const struct trace_levels *levels, const uint8_t *zone, const uint8_t *name)
{
	for (unsigned i = 0; i < levels->seen_count; i++)
		if (name_equal(levels->seen[i].zone, zone) &&
			name_equal(levels->seen[i].name, name))
			return true;
	return false;
}

/* A reply that led on. A shortened name's (RFC 9156) did not, unless it tells of a cut or an end.
 */
static bool led_on(const struct note *note)
{
	switch (note->reply) {
	case REPLY_REFERRAL:
	case REPLY_NXDOMAIN:
		return true;
	case REPLY_ANSWER:
	case REPLY_ALIAS:
	case REPLY_NODATA:
		return !history_is_shortened(note);
	default:
		return false;
	}
}

void trace_levels_note(struct trace_levels *levels, const struct note *note)
{
	if (note->walk != 0 || !wanted(levels))
		return;
	if (note->kind == NOTE_CUT)
		levels->cut = note->delegation;
	if (note->kind != NOTE_REPLY || !led_on(note) || levels->seen_count == LEVELS_MAX ||
		was_seen(levels, note->zone, note->question.name))
		return;
	if (levels->spent_ms >= LEVELS_MS) {
		levels->stopped = true;
		return;
	}
	levels->seen[levels->seen_count].zone = note->zone;
	levels->seen[levels->seen_count++].name = note->question.name;
	levels->level = (struct trace_level){
		.zone = note->zone, .cut = levels->cut, .question = note->question, .hop = note};
	memcpy(levels->level.label, levels->history->last, HISTORY_LABEL);
	levels->due = true;
}

/* ---- who is asked ---- */

static void add_asked(struct trace_levels *levels, const uint8_t *name, const struct addr *addr)
{
	const struct outgoing_settings *outgoing = &walker_net(levels->walker)->outgoing;
	struct trace_level *level = &levels->level;
	if ((addr->family == ADDR_V6 && !outgoing->ipv6) ||
		(addr->family == ADDR_V4 && !outgoing->ipv4))
		return;
	for (unsigned i = 0; i < level->asked_count; i++)
		if (addr_equal(&level->asked[i].addr, addr) && addr->family)
			return;
	if (level->asked_count < LEVEL_ASKED)
		level->asked[level->asked_count++] =
			(struct level_asked){.name = name ? name : name_root, .addr = *addr};
}

/* A server without glue: looked up as the walk does, with what it has learnt already. */
static unsigned add_addresses(
	struct trace_levels *levels, const uint8_t *name, uint16_t type, uint16_t port)
{
	struct question question = {name, type, CLASS_IN};
	const struct machine_result *result = walker_walk(levels->walker, &question, NULL);
	unsigned found = 0;
	for (unsigned i = 0; result && i < result->answer.set_count; i++) {
		const struct rrset *set = result->answer.sets[i];
		for (unsigned r = 0; set->type == type && r < set->count; r++, found++) {
			struct addr addr =
				addr_from_bytes(set->records[r].bytes, set->records[r].size, port);
			add_asked(levels, name, &addr);
		}
	}
	return found;
}

static void find_asked(struct trace_levels *levels)
{
	const struct outgoing_settings *outgoing = &walker_net(levels->walker)->outgoing;
	struct trace_level *level = &levels->level;
	const struct note *hop = level->hop;
	uint64_t until = env_mono_ms(env_real()) + LEVEL_LOOKUP_MS;
	const struct delegation *cut = level->cut;
	for (unsigned i = 0; cut && name_equal(cut->zone, level->zone) && i < cut->ns_count; i++) {
		const struct nameserver *ns = &cut->ns[i];
		unsigned found = 0;
		for (unsigned a = 0; a < ns->address_count; a++)
			add_asked(levels, ns->name, &ns->addresses[a]);
		if (ns->address_count > 0 || !ns->name)
			continue;
		if (outgoing->ipv4 && env_mono_ms(env_real()) < until)
			found += add_addresses(levels, ns->name, TYPE_A, hop->server.port);
		if (outgoing->ipv6 && env_mono_ms(env_real()) < until)
			found += add_addresses(levels, ns->name, TYPE_AAAA, hop->server.port);
		if (found == 0)
			add_asked(levels, ns->name, &(struct addr){.family = ADDR_NONE});
	}
	add_asked(levels, hop->server_name, &hop->server);
}

/* What the hop taught: the child's NS set, or an answer; of the first hop also its own zone's. */
static void find_held(struct trace_levels *levels)
{
	struct trace_level *level = &levels->level;
	const struct question *asked = &level->question;
	const struct note *hop = level->hop;
	const struct delegation *child = levels->cut; /* of a referral by now */
	if (levels->seen_count == 1)
		level->held[level->held_count++].question =
			(struct question){level->zone, TYPE_NS, CLASS_IN};
	if (hop->reply != REPLY_REFERRAL)
		level->held[level->held_count++].question = *asked;
	else if (child && child != level->cut)
		level->held[level->held_count++].question =
			(struct question){child->zone, TYPE_NS, CLASS_IN};
}

/* ---- what they say ---- */

/* A message's authority section, for what reads answers. */
static const char *referral_text(struct arena *arena, const struct msg *msg,
	const struct question *question, uint32_t *ret_ttl)
{
	struct msg copy = {.sets[SECTION_ANSWER] = msg->sets[SECTION_AUTHORITY],
		.set_count[SECTION_ANSWER] = msg->set_count[SECTION_AUTHORITY]};
	struct poll as_answer = {.msg = &copy};
	return poll_answer(arena, question, &as_answer, ret_ttl);
}

/* NS set of a referral, or the answer: what the servers of one level must agree on. */
static const char *says_of(
	struct arena *arena, const struct question *question, const struct poll *poll)
{
	const struct msg *msg = poll->msg;
	for (unsigned i = 0; msg && msg->set_count[SECTION_ANSWER] == 0 &&
			     msg->rcode == RCODE_NOERROR && i < msg->set_count[SECTION_AUTHORITY];
		i++) {
		const struct rrset *set = &msg->sets[SECTION_AUTHORITY][i];
		struct question ns = {set->owner, TYPE_NS, CLASS_IN};
		if (set->type == TYPE_NS)
			return arena_printf(arena, "NS %s", referral_text(arena, msg, &ns, NULL));
	}
	return poll_answer(arena, question, poll, NULL);
}

static bool differs(const struct level_asked *a, const struct level_asked *b)
{
	return strcmp(a->says, b->says) != 0 ||
	       (a->has_serial && b->has_serial && a->serial != b->serial);
}

static bool replied(const struct poll *poll)
{
	return poll->msg &&
	       (poll->msg->rcode == RCODE_NOERROR || poll->msg->rcode == RCODE_NXDOMAIN);
}

/* `polls` has two of each server: data and SOA. The first server that answers is the measure. */
static void read_asked(struct trace_levels *levels, const struct poll *polls)
{
	struct arena *arena = walker_arena(levels->walker);
	struct trace_level *level = &levels->level;
	const struct level_asked *measure = NULL;
	for (unsigned i = 0; i < level->asked_count; i++) {
		struct level_asked *asked = &level->asked[i];
		const struct poll *data = &polls[2 * i], *soa_poll = &polls[2 * i + 1];
		if (!asked->addr.family) {
			asked->says = "has no address that could be found";
			continue;
		}
		const struct rrset *soa =
			poll_is_authoritative(soa_poll) ? poll_soa(soa_poll) : NULL;
		const char *says = says_of(arena, &level->question, data);
		asked->says = says ? says : "?";
		asked->silent = !data->msg && data->end != EXCHANGE_REPLY;
		asked->has_serial = soa && name_equal(soa->owner, level->zone);
		asked->serial = asked->has_serial ? poll_soa_field(soa, 0) : 0;
		if (asked->has_serial)
			history_serial(levels->history, level->zone, asked->name, &asked->addr,
				asked->serial);
		if (!measure && replied(data))
			measure = asked;
	}
	for (unsigned i = 0; i < level->asked_count; i++) {
		struct level_asked *asked = &level->asked[i];
		asked->differs =
			asked->addr.family && !asked->silent && measure && differs(asked, measure);
		level->differ = level->differ || asked->differs;
	}
}

static void read_held(struct trace_levels *levels, const struct poll *polls)
{
	struct arena *arena = walker_arena(levels->walker);
	const struct note *hop = levels->level.hop;
	struct poll taught = {.msg = hop->msg, .end = EXCHANGE_REPLY};
	for (unsigned i = 0; i < levels->level.held_count; i++) {
		struct level_held *held = &levels->level.held[i];
		if (hop->msg && hop->reply == REPLY_REFERRAL &&
			!name_equal(held->question.name, levels->level.zone))
			held->taught = referral_text(arena, hop->msg, &held->question, &held->of);
		else if (hop->msg && hop->reply != REPLY_REFERRAL &&
			 name_equal(held->question.name, levels->level.question.name) &&
			 held->question.type == levels->level.question.type)
			held->taught = poll_answer(arena, &held->question, &taught, &held->of);
		held->says = poll_answer(arena, &held->question, &polls[i], &held->left);
		held->failed = !replied(&polls[i]);
		held->held = !held->failed && strcmp(held->says, "no answer") != 0;
		held->differs = held->held && held->taught && strcmp(held->says, held->taught) != 0;
	}
}

static void take_disagreement(struct trace_levels *levels)
{
	char zone[LIMIT_NAME_TEXT + 8];
	const struct trace_level *level = &levels->level;
	if (!level->differ)
		return;
	levels->disagree = true;
	if (!levels->warning && !history_serials_differ(levels->history, level->zone))
		levels->warning = arena_printf(walker_arena(levels->walker),
			"%s: its servers give different answers",
			out_name(level->zone, true, 40, zone, sizeof(zone)));
}

void trace_levels_ask(struct trace_levels *levels)
{
	struct trace_level *level = &levels->level;
	struct poll polls[LEVEL_POLLS], sent[LEVEL_POLLS];
	unsigned place[LEVEL_POLLS] = {0}, count = 0;
	uint64_t began = env_mono_ms(env_real());
	unsigned sent_before = walker_sent(levels->walker);
	memset(polls, 0, sizeof(polls));
	levels->due = false;
	if (levels->all_servers)
		find_asked(levels);
	if (levels->resolver)
		find_held(levels);
	unsigned held_at = 2 * level->asked_count;
	for (unsigned i = 0; i < level->asked_count; i++) {
		struct poll poll = {.server = level->asked[i].addr,
			.name = level->question.name,
			.type = level->question.type};
		polls[2 * i] = poll;
		poll.name = level->zone;
		poll.type = TYPE_SOA;
		polls[2 * i + 1] = poll;
	}
	const struct addr *resolver = levels->resolver ? levels->resolver->items : NULL;
	for (unsigned i = 0; resolver && i < level->held_count; i++)
		polls[held_at + i] = (struct poll){.server = *resolver,
			.name = level->held[i].question.name,
			.type = level->held[i].question.type};
	for (unsigned i = 0; i < held_at + level->held_count; i++)
		if (polls[i].server.family) {
			place[count] = i;
			sent[count++] = polls[i];
		}
	walker_poll(levels->walker, sent, count, LEVEL_POLL_MS);
	levels->queries += count + walker_sent(levels->walker) - sent_before;
	for (unsigned i = 0; i < count; i++)
		polls[place[i]] = sent[i];
	read_asked(levels, polls);
	read_held(levels, &polls[held_at]);
	take_disagreement(levels);
	levels->spent_ms += env_mono_ms(env_real()) - began;
}
