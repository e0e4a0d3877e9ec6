/* SPDX-License-Identifier: MIT */
/*
 * The course of a look-up: one exchange after the other on a loop of its own, each waited for, so
 * that the course reads from top to bottom.
 */
#include "resolver/client/dig/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/client/dig/ask.h"
#include "resolver/client/dig/lookup_json.h"
#include "resolver/client/dig/prefixes.h"
#include "resolver/client/dig/print.h"
#include "resolver/client/dig/search.h"
#include "resolver/client/dig/servers.h"
#include "resolver/client/exit_code.h"
#include "resolver/client/net.h"
#include "resolver/client/wire/capture.h"
#include "resolver/client/wire/print.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/precheck.h"

#define UDP_TIMEOUT_S 5  /* dig's */
#define TCP_TIMEOUT_S 10 /* dig's */

struct lookup {
	const struct args *args;
	const struct query *query; /* `own` */
	struct query own;
	const struct out *out;
	struct servers servers;
	struct net net;
	struct ask ask;
	uint32_t edns_version;
	struct capture *capture;
	bool *greet, asked_shown;
	bool more_names;  /* +search: this is not the last one, so NXDOMAIN is not the end */
	bool cookie_told; /* BADCOOKIE was answered with the server's cookie once */
	uint16_t rcode;   /* of the newest reply */
	/* The exchange under way or ended last. */
	bool waiting;
	struct raw_message reply; /* bytes in `buffer` */
	enum exchange_end end;
	uint8_t buffer[LIMIT_MESSAGE_BYTES];
};

static void on_done(void *owner, const struct exchange_done *done)
{
	struct lookup *l = owner;
	l->waiting = false;
	uv_stop(&l->net.loop); /* or the loop would go on to wait for the next event */
	l->end = done->end;
	if (done->end != EXCHANGE_REPLY)
		return;
	l->reply.size = RW_MIN(done->size, sizeof(l->buffer));
	memcpy(l->buffer, done->wire, l->reply.size);
	l->reply.wire = l->buffer;
	l->reply.rtt_us = done->rtt_us;
}

/* One exchange, waited for. */
static void exchange(struct lookup *l, const struct addr *server, bool tcp)
{
	const struct query_options *o = &l->query->options;
	uint32_t seconds = o->timeout_s ? o->timeout_s : tcp ? TCP_TIMEOUT_S : UDP_TIMEOUT_S;
	struct exchange *started;
	struct exchange_query asked = {.server = *server,
		.transport = tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
		.wire = l->ask.wire,
		.size = l->ask.size,
		.timeout_ms = seconds * 1000};
	l->reply =
		(struct raw_message){.server = *server, .server_name = l->servers.name, .tcp = tcp};
	l->end = EXCHANGE_RESOURCE;
	if (exchange_start(l->net.upstream, &asked, on_done, l, &started))
		return;
	l->waiting = true;
	while (l->waiting)
		uv_run(&l->net.loop, UV_RUN_DEFAULT);
	/* The id is chosen by the exchange; the reply has it. */
	if (l->end == EXCHANGE_REPLY && l->reply.size >= 2)
		memcpy(l->ask.wire, l->reply.wire, 2);
	capture_exchange(l->capture, l->ask.wire, l->ask.size, &l->reply);
}

static void greet(struct lookup *l)
{
	const struct query_options *o = &l->query->options;
	if (*l->greet && o->cmd && !o->short_form && !o->json && !o->wire && !o->dns64_prefix)
		print_greeting(l->out, l->args, &l->servers, o);
	*l->greet = false;
}

/* The query itself; its id is known once the reply is there. */
static void show_asked(struct lookup *l)
{
	const struct query_options *o = &l->query->options;
	struct raw_message sent = {.wire = l->ask.wire, .size = l->ask.size};
	if (l->asked_shown || (!o->wire && (!o->query || o->json)))
		return;
	greet(l);
	sent.server = l->reply.server;
	sent.tcp = l->reply.tcp;
	if (o->wire)
		wire_print(l->out, o->json, &sent, "query");
	else
		print_message(l->out, l->query, &sent, true);
	l->asked_shown = true;
}

/* The name as dig repeats it: without the final dot that was not typed. */
static const char *name_as_typed(const struct query *query, char buf[LIMIT_NAME_TEXT])
{
	size_t length = strlen(name_text(query->name.bytes, buf)), typed = strlen(query->text);
	if (length > 1 && typed > 0 && query->text[typed - 1] != '.')
		buf[length - 1] = '\0';
	return buf;
}

static void show_failure(struct lookup *l)
{
	char addr[ADDR_TEXT];
	const struct addr *server = &l->reply.server;
	if (l->query->options.json)
		return;
	if (l->reply.tcp && (l->end == EXCHANGE_REFUSED || l->end == EXCHANGE_UNREACHABLE)) {
		char name[LIMIT_NAME_TEXT];
		fprintf(l->out->file, ";; Connection to %s#%u(%s) for %s failed: %s.\n",
			addr_ip_text(server, addr), server->port, l->servers.name,
			name_as_typed(l->query, name), net_end_text(l->end));
		*l->greet = false; /* dig says no more than this */
		return;
	}
	fprintf(l->out->file, ";; communications error to %s#%u: %s\n", addr_ip_text(server, addr),
		server->port, net_end_text(l->end));
}

static void show_reply(struct lookup *l)
{
	if (l->query->options.dns64_prefix) {
		print_prefixes(l->out, &l->query->options, &l->reply);
		return;
	}
	if (l->query->options.wire) {
		wire_print(l->out, l->query->options.json, &l->reply, "reply");
		return;
	}
	if (l->query->options.json) {
		lookup_json(l->out, l->query, &l->reply);
		return;
	}
	greet(l);
	print_message(l->out, l->query, &l->reply, false);
}

/* What is wanted of this reply beside being shown. */
static bool wants_tcp(const struct lookup *l)
{
	return l->reply.size >= HEADER_SIZE && (rr_get16(l->reply.wire + 2) & FLAG_TC) &&
	       !l->reply.tcp && !l->query->options.ignore_tc;
}

static uint16_t reply_rcode(const struct lookup *l, struct edns *edns)
{
	struct precheck info;
	edns->present = false;
	if (precheck(l->reply.wire, l->reply.size, &info))
		return RCODE_NOERROR;
	if (info.opt && edns_read(l->reply.wire, l->reply.size, info.opt, edns))
		edns->present = false;
	return (uint16_t)((info.flags & 0xf) | (edns->present ? edns->extended_rcode << 4 : 0));
}

/* A server that speaks only a lower version of EDNS says which (RFC 6891 section 6.1.3). */
static bool lower_version(struct lookup *l, uint16_t rcode, const struct edns *edns)
{
	const struct query_options *o = &l->query->options;
	if (rcode != RCODE_BADVERS || !o->edns_negotiation || !edns->present ||
		edns->version >= l->edns_version)
		return false;
	l->edns_version = edns->version;
	if (o->comments && !o->json)
		fprintf(l->out->file, ";; BADVERS, retrying with EDNS version %u.\n",
			l->edns_version);
	return ask_build(l->query, l->edns_version, &l->ask) == 0;
}

/* RFC 7873 section 5.3: the server wants its own cookie back, which it sent along. */
static bool wants_cookie(struct lookup *l, uint16_t rcode, const struct edns *edns)
{
	struct query_options *o = &l->own.options;
	const struct edns_option *cookie = edns->present ? edns_find(edns, OPTION_COOKIE) : NULL;
	if (rcode != RCODE_BADCOOKIE || !o->cookie || !o->retry_badcookie || l->cookie_told ||
		!cookie || cookie->size <= 8 || cookie->size > COOKIE_BYTES ||
		memcmp(cookie->bytes, o->cookie_bytes, 8) != 0)
		return false;
	l->cookie_told = true;
	memcpy(o->cookie_bytes, cookie->bytes, cookie->size);
	o->cookie_size = cookie->size;
	if (o->show_badcookie)
		show_reply(l);
	else if (o->comments && !o->json)
		fprintf(l->out->file, ";; BADCOOKIE, retrying%s.\n",
			l->reply.tcp ? " in TCP mode" : "");
	return ask_build(l->query, l->edns_version, &l->ask) == 0;
}

/* One try at one server, with what follows from its reply. True: a reply was shown. */
static bool try_server(struct lookup *l, const struct addr *server, bool last)
{
	const struct query_options *o = &l->query->options;
	struct edns edns;
	exchange(l, server, o->tcp);
	if (l->end == EXCHANGE_REPLY && wants_tcp(l)) {
		if (o->comments && !o->json)
			fprintf(l->out->file, ";; Truncated, retrying in TCP mode.\n");
		exchange(l, server, true);
	}
	show_asked(l);
	uint16_t rcode = l->end == EXCHANGE_REPLY ? reply_rcode(l, &edns) : RCODE_NOERROR;
	if (l->end == EXCHANGE_REPLY && lower_version(l, rcode, &edns))
		exchange(l, server, l->reply.tcp);
	if (l->end == EXCHANGE_REPLY && wants_cookie(l, rcode, &edns)) {
		exchange(l, server, l->reply.tcp);
		rcode = l->end == EXCHANGE_REPLY ? reply_rcode(l, &edns) : RCODE_NOERROR;
	}
	if (l->end != EXCHANGE_REPLY) {
		show_failure(l);
		return false;
	}
	l->rcode = rcode;
	if (rcode == RCODE_SERVFAIL && !o->stop_at_servfail && !last) {
		if (o->comments && !o->json)
			fprintf(l->out->file, ";; Got SERVFAIL reply, trying next server\n");
		return false;
	}
	if (!l->more_names || rcode != RCODE_NXDOMAIN || o->show_search)
		show_reply(l);
	return true;
}

static int ask_servers(struct lookup *l)
{
	uint32_t tries = l->query->options.tries ? l->query->options.tries : 1;
	for (uint32_t t = 0; t < tries; t++)
		for (unsigned i = 0; i < l->servers.count; i++)
			if (try_server(l, &l->servers.items[i],
				    t + 1 == tries && i + 1 == l->servers.count))
				return EXIT_REPLY;
	greet(l);
	if (l->query->options.json)
		lookup_json_failed(l->out, l->query, &l->reply, net_end_text(l->end));
	else
		fprintf(l->out->file, ";; no servers could be reached\n");
	return EXIT_NOREPLY;
}

static int open_upstream(struct lookup *l)
{
	struct settings defaults;
	settings_default(&defaults);
	args_outgoing(l->args, &defaults.outgoing);
	return net_open(&l->net, &defaults.outgoing);
}

/* The file is begun by the first query of a command line; the others go on in it. */
static int open_capture(struct lookup *l, bool more)
{
	char error[CAPTURE_ERROR];
	const char *path = l->query->options.pcap;
	if (!path || capture_open(path, more, error, &l->capture) == 0)
		return 0;
	fprintf(stderr, "rootwalk: cannot write the capture: %s\n", error);
	return EXIT_USAGE;
}

static int find_servers(struct lookup *l)
{
	char shown[256];
	const char *server = l->query->server ? l->query->server : "";
	if (servers_find(l->args, l->query, &l->servers)) {
		fprintf(stderr, "rootwalk: couldn't get address for '%s': not found%s\n",
			out_escape(server, strlen(server), shown, sizeof(shown)),
			!l->args->ipv4   ? " with -6"
			: !l->args->ipv6 ? " with -4"
					 : "");
		return EXIT_USAGE;
	}
	l->edns_version = l->query->options.edns_version;
	return 0;
}

/* One name of the search list after the other, until one exists. */
static int run_names(struct lookup *l)
{
	struct name_candidates search;
	int code = EXIT_REPLY;
	search_names(RESOLV_CONF, l->query, &search);
	for (unsigned i = 0; i < search.count && code == EXIT_REPLY; i++) {
		l->own.name = search.names[i];
		l->more_names = i + 1 < search.count;
		l->asked_shown = false;
		if (ask_build(l->query, l->edns_version, &l->ask)) {
			fprintf(stderr, "rootwalk: the EDNS options do not fit into a query\n");
			return EXIT_USAGE;
		}
		code = ask_servers(l);
		if (l->rcode != RCODE_NXDOMAIN)
			break;
		*l->greet = *l->greet || (l->more_names && l->query->options.show_search);
	}
	return code;
}

/* RFC 7050: the one name that exists with A records only. */
static void ask_prefixes(struct query *query)
{
	rw_require(name_from_text("ipv4only.arpa.", &query->name) == 0);
	query->type = TYPE_AAAA;
	query->class = CLASS_IN;
	query->absolute = true;
}

/* A client cookie is chosen once, so that the reply can be held against it. */
static void choose_cookie(struct query_options *options)
{
	if (!options->cookie || options->cookie_size)
		return;
	options->cookie_size = 8;
	env_real()->random(env_real()->ctx, options->cookie_bytes, options->cookie_size);
}

int lookup_run(
	const struct args *args, const struct query *query, const struct out *out, bool *ret_greet)
{
	struct lookup *l = calloc(1, sizeof(*l));
	if (!l)
		return EXIT_INTERNAL;
	l->args = args;
	l->own = *query;
	l->query = &l->own;
	choose_cookie(&l->own.options);
	if (query->options.dns64_prefix)
		ask_prefixes(&l->own);
	l->out = out;
	l->greet = ret_greet;
	int code = find_servers(l);
	if (code == 0)
		code = open_capture(l, args->continued || query != args->queries);
	if (code == 0) {
		code = open_upstream(l) ? EXIT_INTERNAL : run_names(l);
		if (l->net.upstream)
			net_close(&l->net);
	}
	if (capture_close(l->capture)) {
		fprintf(stderr, "rootwalk: the capture could not be written\n");
		code = EXIT_INTERNAL;
	}
	free(l);
	return code;
}
