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
	walk->exchange.cookie_size = known->cookie_size;
	memcpy(walk->exchange.cookie, known->cookie, known->cookie_size);
	if (walk->exchange.cookie_size >= CLIENT_COOKIE)
		return;
	walk->exchange.cookie_size = CLIENT_COOKIE;
	env->random(env->ctx, walk->exchange.cookie, CLIENT_COOKIE);
	infra_set_cookie(walk->context->infra, &walk->target.chosen->addr, walk->exchange.cookie,
		CLIENT_COOKIE, walk->now_ms);
}

enum cookie_verdict cookie_check(struct walk *walk)
{
	const struct edns_option *option = edns_find(&walk->exchange.reply->edns, OPTION_COOKIE);
	bool udp = walk->exchange.transport == TRANSPORT_UDP;
	if (!walk->exchange.sent_edns)
		return COOKIE_FINE;
	if (!option)
		return udp && walk->exchange.cookie_size > CLIENT_COOKIE ? COOKIE_SUSPECT
									 : COOKIE_FINE;
	bool ours = option->size >= CLIENT_COOKIE &&
		    memcmp(option->bytes, walk->exchange.cookie, CLIENT_COOKIE) == 0;
	if (!ours)
		return udp ? COOKIE_SUSPECT : COOKIE_FINE;
	if (option->size < FULL_COOKIE_MIN || option->size > INFRA_COOKIE_BYTES)
		return COOKIE_FINE;
	infra_set_cookie(walk->context->infra, &walk->target.chosen->addr, option->bytes,
		(uint8_t)option->size, walk->now_ms);
	return COOKIE_FINE;
}
