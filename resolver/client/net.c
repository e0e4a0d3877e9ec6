/* SPDX-License-Identifier: MIT */
/* Opens and closes the loop; runs exchanges side by side until the last one has ended. */
#include "resolver/client/net.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/env.h"
#include "resolver/wire/build.h"

#define QUERY_BYTES 512 /* bytes of a query with the longest name and an OPT record */

int net_open(struct net *net, const struct outgoing_settings *outgoing)
{
	net->outgoing = *outgoing;
	if (uv_loop_init(&net->loop))
		return RW_ESYSTEM;
	int err = upstream_new(
		&net->loop, env_real(), &net->outgoing, &net->counters, &net->upstream);
	if (err)
		(void)uv_loop_close(&net->loop);
	return err;
}

void net_close(struct net *net)
{
	upstream_close(net->upstream);
	/* A stop that came when nothing ran ends the next run at once. */
	while (uv_loop_alive(&net->loop))
		uv_run(&net->loop, UV_RUN_DEFAULT);
	rw_require(uv_loop_close(&net->loop) == 0);
}

const char *net_end_text(enum exchange_end end)
{
	static const char *const texts[] = {
		[EXCHANGE_REPLY] = "reply",
		[EXCHANGE_TIMEOUT] = "timed out",
		[EXCHANGE_UNREACHABLE] = "host unreachable",
		[EXCHANGE_REFUSED] = "connection refused",
		[EXCHANGE_CLOSED] = "end of file",
		[EXCHANGE_SUSPECT] = "timed out; only wrong replies came",
		[EXCHANGE_CASE] = "timed out; only wrong replies came",
		[EXCHANGE_LOOP] = "the question came back",
		[EXCHANGE_RESOURCE] = "no socket could be opened or used",
	};
	return (unsigned)end < RW_COUNT(texts) ? texts[end] : "?";
}

struct round {
	struct net *net;
	struct arena *arena;
	uint32_t timeout_ms;
	unsigned open;
};

/* One exchange of a poll. */
struct poll_exchange {
	struct round *round;
	struct poll *poll;
	bool tcp, again;
	uint8_t query[QUERY_BYTES];
	size_t size;
};

static void on_end(void *owner, const struct exchange_done *done);

static void start_try(struct poll_exchange *f)
{
	struct exchange *exchange;
	struct exchange_query asked = {.server = f->poll->server,
		.transport = f->tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
		.wire = f->query,
		.size = f->size,
		.timeout_ms = f->round->timeout_ms};
	f->poll->end = EXCHANGE_RESOURCE;
	if (exchange_start(f->round->net->upstream, &asked, on_end, f, &exchange))
		free(f);
	else
		f->round->open++;
}

static void on_end(void *owner, const struct exchange_done *done)
{
	struct poll_exchange *f = owner;
	struct round *round = f->round;
	round->open--;
	f->poll->end = done->end;
	f->poll->rtt_us = done->rtt_us;
	f->poll->msg = NULL;
	if (done->end == EXCHANGE_REPLY) {
		const uint8_t *wire = arena_dup(round->arena, done->wire, done->size);
		if (wire && msg_parse(round->arena, wire, done->size, &f->poll->msg))
			f->poll->msg = NULL;
	}
	const struct msg *msg = f->poll->msg;
	if (msg && (msg->flags & FLAG_TC) && !f->tcp) {
		f->tcp = f->poll->cut_short = true;
		start_try(f);
	} else if (done->end == EXCHANGE_TIMEOUT && !f->tcp && !f->again) {
		f->again = true;
		start_try(f);
	} else {
		free(f);
	}
	if (round->open == 0)
		uv_stop(&round->net->loop);
}

static int build_poll(struct poll_exchange *f)
{
	const struct poll *poll = f->poll;
	struct builder b;
	struct build_opt opt = {
		.udp_size = LIMIT_EDNS_UDP, .dnssec_ok = poll->dnssec, .ede = EDE_NONE};
	struct question question = {poll->name, poll->type, CLASS_IN};
	size_t reserved = poll->no_edns ? 0 : build_opt_size(&opt);
	build_begin(&b, f->query, sizeof(f->query), reserved, 0, poll->recurse ? FLAG_RD : 0);
	int err = build_question(&b, &question);
	if (!err && !poll->no_edns)
		err = build_edns(&b, &opt);
	if (!err)
		f->size = build_finish(&b);
	return err;
}

void net_poll(struct net *net, struct arena *arena, struct poll *polls, unsigned count,
	uint32_t timeout_ms)
{
	struct round round = {.net = net, .arena = arena, .timeout_ms = timeout_ms};
	for (unsigned i = 0; i < count; i++) {
		struct poll_exchange *f = calloc(1, sizeof(*f));
		polls[i].end = EXCHANGE_RESOURCE;
		if (!f)
			continue;
		f->round = &round;
		f->poll = &polls[i];
		f->tcp = polls[i].tcp;
		if (build_poll(f))
			free(f);
		else
			start_try(f);
	}
	while (round.open > 0)
		uv_run(&net->loop, UV_RUN_DEFAULT);
}
