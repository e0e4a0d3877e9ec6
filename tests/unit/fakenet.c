/* SPDX-License-Identifier: MIT */
/* Looks replies up in the table, builds them, and lets virtual time pass where there is none. */
#include "tests/unit/fakenet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/build.h"
#include "resolver/wire/text.h"

static uint64_t fake_mono(void *ctx)
{
	return ((struct fakenet *)ctx)->now_ms;
}

static int64_t fake_wall(void *ctx)
{
	return (int64_t)(((struct fakenet *)ctx)->now_ms / 1000);
}

static void fake_random(void *ctx, void *buf, size_t size)
{
	struct fakenet *net = ctx;
	for (size_t i = 0; i < size; i++) {
		net->dice = net->dice * 6364136223846793005ULL + 1442695040888963407ULL;
		((uint8_t *)buf)[i] = (uint8_t)(net->dice >> 40);
	}
}

void fakenet_init(struct fakenet *net, const struct fake_row *rows, size_t row_count)
{
	static const uint8_t root_server[] = "\1a\4root";
	struct addr root = addr_from_bytes((const uint8_t[]){192, 0, 2, 1}, 4, 53);
	memset(net, 0, sizeof(*net));
	net->rows = rows;
	net->row_count = row_count;
	net->now_ms = 1000000;
	net->env = (struct env){fake_mono, fake_wall, fake_random, net};
	settings_default(&net->settings);
	net->settings.outgoing.ipv6 = false;
	net->settings.minimisation = MINIMISE_OFF;
	net->settings.special_use = false;
	net->hints = (struct delegation){.zone = name_root,
		.source = DELEGATION_HINTS,
		.ns_count = 1,
		.expires_ms = UINT64_MAX};
	net->hints.ns[0].name = root_server;
	delegation_add_address(&net->hints.ns[0], &root, ADDRESS_HINTS);
	const struct cache_params params = {.size_bytes = 1 << 22,
		.max_ttl_s = LIMIT_TTL_MAX,
		.max_negative_ttl_s = LIMIT_TTL_NEGATIVE,
		.stale_max_age_s = LIMIT_STALE_AGE};
	net->context = (struct machine_context){
		.env = &net->env, .settings = &net->settings, .hints = &net->hints, .notes = true};
	rw_require(cache_new(&params, &net->env, &net->context.cache) == 0);
	rw_require(infra_new(&net->env, &net->context.infra) == 0);
}

void fakenet_release(struct fakenet *net)
{
	request_free(net->renewal);
	request_free(net->request);
	infra_free(net->context.infra);
	cache_free(net->context.cache);
	settings_release(&net->settings);
}

static bool name_matches(const char *pattern, const uint8_t *name)
{
	struct name wanted;
	bool below = strncmp(pattern, "*.", 2) == 0;
	rw_require(name_from_text(below && pattern[2] ? pattern + 2
				  : below             ? "."
						      : pattern,
			   &wanted) == 0);
	return below ? name_is_below(name, wanted.bytes) : name_equal(name, wanted.bytes);
}

static const char *find_row(
	struct fakenet *net, const struct machine_action *send, const struct question *question)
{
	char ip[ADDR_TEXT];
	(void)addr_ip_text(&send->server, ip);
	const char *said = net->script ? net->script(net, ip, question, send) : NULL;
	if (said)
		return said;
	for (size_t i = 0; i < net->row_count; i++) {
		const struct fake_row *row = &net->rows[i];
		if (strcmp(row->server, ip) == 0 && (!row->type || row->type == question->type) &&
			name_matches(row->name, question->name))
			return row->reply;
	}
	return "refused";
}

static void put_word(struct builder *b, struct arena *arena, const char *word, bool edns)
{
	static const char *const sections[] = {"an ", "ns ", "ar "};
	struct rrset *set;
	if (strcmp(word, "aa") == 0)
		build_set_flags(b, FLAG_AA, 0);
	else if (strcmp(word, "ra") == 0)
		build_set_flags(b, FLAG_RA, 0);
	else if (strcmp(word, "tc") == 0)
		build_set_flags(b, FLAG_TC, 0);
	else if (strcmp(word, "nxdomain") == 0)
		build_set_rcode(b, RCODE_NXDOMAIN);
	else if (strcmp(word, "refused") == 0)
		build_set_rcode(b, RCODE_REFUSED);
	else if (strcmp(word, "servfail") == 0)
		build_set_rcode(b, RCODE_SERVFAIL);
	else if (strcmp(word, "noedns") == 0)
		build_set_rcode(b, edns ? RCODE_FORMERR : RCODE_NOERROR);
	for (int s = 0; s < 3; s++) {
		if (strncmp(word, sections[s], 3) != 0)
			continue;
		rw_require(text_to_rrset(arena, word + 3, NULL, NULL, 300, &set) == 0);
		rw_require(build_rrset(b, (enum msg_section)s, set, set->ttl, 0, false) == 0);
	}
}

/* The cookie a reply with that word carries; the server's part is always the same. */
static unsigned put_cookie(struct builder *b, const char *word, const struct msg *query,
	uint8_t bytes[16], struct edns_option *ret_option)
{
	const struct edns_option *asked = edns_find(&query->edns, OPTION_COOKIE);
	if (!asked || asked->size < 8)
		return 0;
	memset(bytes, 7, 16);
	if (strcmp(word, "wrongcookie") != 0)
		memcpy(bytes, asked->bytes, 8);
	if (strcmp(word, "badcookie") == 0 && asked->size == 8)
		build_set_rcode(b, RCODE_BADCOOKIE & 0xf);
	*ret_option = (struct edns_option){OPTION_COOKIE, 16, bytes};
	return 1;
}

static size_t build_reply(
	const char *reply, const struct msg *query, struct arena *arena, uint8_t *out, size_t cap)
{
	struct builder b;
	char *words = arena_dup(arena, reply, strlen(reply) + 1);
	rw_require(words != NULL);
	build_begin(&b, out, cap, 64, 0, FLAG_QR);
	rw_require(build_question(&b, &query->question) == 0);
	uint8_t cookie[16];
	struct edns_option option;
	struct build_opt opt = {.udp_size = 1232, .ede = EDE_NONE, .options = &option};
	char *rest = words;
	for (char *word = strsep(&rest, "|"); word; word = strsep(&rest, "|")) {
		if (strstr(word, "cookie"))
			opt.option_count = put_cookie(&b, word, query, cookie, &option);
		bool renew = strcmp(word, "badcookie") == 0 &&
			     edns_find(&query->edns, OPTION_COOKIE)->size == 8;
		opt.rcode = renew ? RCODE_BADCOOKIE : 0;
		if (renew)
			break;
		put_word(&b, arena, word, query->edns.present);
		if (strcmp(word, "noedns") == 0 && query->edns.present)
			break;
	}
	if (opt.option_count > 0)
		rw_require(build_edns(&b, &opt) == 0);
	return build_finish(&b);
}

static void log_packet(
	struct fakenet *net, const struct machine_action *send, const struct question *question)
{
	char ip[ADDR_TEXT], name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	struct name lower;
	size_t used = strlen(net->log);
	name_lower(question->name, lower.bytes);
	(void)snprintf(net->log + used, sizeof(net->log) - used, "%s %s %s\n",
		addr_ip_text(&send->server, ip), name_text(lower.bytes, name),
		text_type(question->type, type));
	net->sends++;
	net->tcp_sends += send->transport == TRANSPORT_TCP;
}

static void serve(struct fakenet *net, const struct machine_action *send)
{
	struct arena arena;
	const struct msg *query;
	uint8_t wire[65535];
	arena_init(&arena, 1 << 24);
	rw_require(msg_parse(&arena, send->wire, send->wire_size, &query) == 0);
	log_packet(net, send, &query->question);
	const char *reply = find_row(net, send, &query->question);
	/* "tc" rows have the whole answer ready for TCP. */
	if (send->transport == TRANSPORT_TCP && strncmp(reply, "tc|", 3) == 0)
		reply += 3;
	else if (strncmp(reply, "tc|", 3) == 0)
		reply = "tc";
	uint64_t deadline_ms = request_deadline_ms(net->request);
	if (strcmp(reply, "silent") == 0 && net->now_ms + send->timeout_ms > deadline_ms) {
		net->now_ms = deadline_ms; /* the caller sees to the rest */
	} else if (strcmp(reply, "silent") == 0) {
		net->now_ms += send->timeout_ms;
		request_noreply(net->request, send->xid, EXCHANGE_TIMEOUT, send->timeout_ms * 1000,
			net->now_ms);
	} else {
		size_t size = build_reply(reply, query, &arena, wire, sizeof(wire));
		net->now_ms += 10;
		request_reply(net->request, send->xid, wire, size, 10000, net->now_ms);
	}
	arena_release(&arena);
}

static void perform(struct fakenet *net)
{
	struct machine_action action;
	while (request_next(net->request, &action)) {
		if (net->watch)
			net->watch(net, &action);
		if (action.type == ACTION_SEND)
			serve(net, &action);
		if (net->now_ms >= request_deadline_ms(net->request) && !request_done(net->request))
			request_deadline(net->request, net->now_ms);
	}
}

/* In the place of the request, whose result is kept. */
static void perform_renewal(struct fakenet *net)
{
	struct request *done = net->request;
	net->request = net->renewal;
	request_start(net->request, net->now_ms);
	perform(net);
	net->request = done;
}

void fake_request(struct fakenet *net, const struct question *question)
{
	const struct budget purse = net->refreshes ? purse_of_refresh(&net->settings, net->now_ms)
						   : purse_of_client(&net->settings, net->now_ms);
	rw_require(request_new(&net->context, question, &purse, &net->request) == 0);
}

const struct machine_result *fake_ask(struct fakenet *net, const char *name, uint16_t type)
{
	struct name wire;
	rw_require(name_from_text(name, &wire) == 0);
	struct question question = {wire.bytes, type, CLASS_IN};
	request_free(net->request);
	request_free(net->renewal);
	net->request = net->renewal = NULL;
	net->sends = net->tcp_sends = 0;
	net->log[0] = '\0';
	fake_request(net, &question);
	if (net->prepare)
		net->prepare(net);
	request_start(net->request, net->now_ms);
	perform(net);
	net->renewed =
		net->renew && request_new_renewal(net->request, net->now_ms, &net->renewal) == 0;
	if (net->renewed)
		perform_renewal(net);
	return request_result(net->request);
}

const char *fake_answer(const struct fakenet *net, const struct machine_result *result)
{
	if (!result || result->answer.set_count == 0)
		return "";
	const struct rrset *last = result->answer.sets[result->answer.set_count - 1];
	const char *text = text_rdata(request_arena(net->request), last->type, &last->records[0]);
	return text ? text : "";
}

bool fake_was_asked(const struct fakenet *net, const char *line)
{
	size_t size = strlen(line);
	for (const char *at = strstr(net->log, line); at; at = strstr(at + 1, line))
		if ((at == net->log || at[-1] == '\n') && at[size] == '\n')
			return true;
	return false;
}
