/* SPDX-License-Identifier: MIT */
/*
 * DNS cookies towards servers (RFC 7873, RFC 9018). A server that has sent one before must send
 * ours back with every reply over UDP; one that comes without is as good as forged, and the
 * question is asked again over TCP.
 */
#include <string.h>

#include "resolver/iterate/walk_state.h"

#define CLIENT_COOKIE   8
#define FULL_COOKIE_MIN 16 /* RFC 7873 section 4: the server's part has 8 to 32 bytes */

void cookie_prepare(struct walk *walk, const struct infra_server *known)
{
	const struct env *env = walk->context->env;
	walk->exchange.cookie_size = 0;
	walk->exchange.cookie_doubted = false;
	if (!walk->context->settings->outgoing.cookies || !walk->exchange.sent_edns ||
		walk->target.chosen->without_cookie || known->cookies == INFRA_COOKIES_BROKEN)
		return;
	walk->exchange.cookie_doubted = known->cookie_doubted;
	walk->exchange.cookie_size = known->cookie_size;
	memcpy(walk->exchange.cookie, known->cookie, known->cookie_size);
	if (walk->exchange.cookie_size >= CLIENT_COOKIE)
		return;
	walk->exchange.cookie_size = CLIENT_COOKIE;
	env->random(env->ctx, walk->exchange.cookie, CLIENT_COOKIE);
	infra_set_cookie(walk->context->infra, &walk->target.chosen->addr, walk->exchange.cookie,
		CLIENT_COOKIE, walk->now_ms);
}

static bool is_ours(const struct walk *walk, const struct edns_option *option)
{
	return option && option->size >= CLIENT_COOKIE &&
	       memcmp(option->bytes, walk->exchange.cookie, CLIENT_COOKIE) == 0;
}

enum cookie_verdict cookie_check(struct walk *walk)
{
	const struct edns_option *option = edns_find(&walk->exchange.reply->edns, OPTION_COOKIE);
	bool udp = walk->exchange.transport == TRANSPORT_UDP;
	if (walk->exchange.cookie_size == 0)
		return COOKIE_FINE;
	if (!option)
		return udp && walk->exchange.cookie_size > CLIENT_COOKIE ? COOKIE_SUSPECT
									 : COOKIE_FINE;
	if (!is_ours(walk, option))
		return udp ? COOKIE_SUSPECT : COOKIE_FINE;
	if (option->size < FULL_COOKIE_MIN || option->size > INFRA_COOKIE_BYTES)
		return COOKIE_FINE;
	infra_set_cookie(walk->context->infra, &walk->target.chosen->addr, option->bytes,
		(uint8_t)option->size, walk->now_ms);
	return COOKIE_FINE;
}

void cookie_doubt(struct walk *walk)
{
	struct candidate *server = walk->target.chosen;
	const struct msg *reply = walk->exchange.reply;
	struct infra *infra = walk->context->infra;
	struct infra_server known;
	/* Silence says nothing. */
	if (reply && server->without_cookie && server->cookie_refused)
		infra_cookie_harmless(infra, &server->addr, walk->now_ms);
	/* A longer one holds the server's part, which it has sent before. */
	if (walk->exchange.cookie_size != CLIENT_COOKIE)
		return;
	infra_get(infra, &server->addr, walk->now_ms, &known);
	if (known.cookies == INFRA_COOKIES_HARMLESS)
		return;
	if (!reply)
		server->without_cookie = true;
	else if (!is_ours(walk, edns_find(&reply->edns, OPTION_COOKIE)))
		server->cookie_refused = true;
}

/* One is enough: where that fails too, cookies were not the reason. */
bool cookie_give_up(struct walk *walk)
{
	for (unsigned i = 0; i < walk->target.count; i++)
		if (walk->candidates[i].without_cookie && walk->candidates[i].cookie_refused)
			return false;
	for (unsigned i = 0; i < walk->target.count; i++) {
		struct candidate *server = &walk->candidates[i];
		if (!server->cookie_refused)
			continue;
		server->without_cookie = true;
		server->want_tcp = false;
		server->standing = CANDIDATE_OPEN;
		server->tries = LIMIT_TRIES_PER_ADDRESS - 2;
		server->tcp_tries = 0;
		return true;
	}
	return false;
}
