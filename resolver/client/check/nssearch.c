/* SPDX-License-Identifier: MIT */
/* A survey of the zone, of which only the SOA records are shown. */
#include "resolver/client/check/nssearch.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/client/check/survey.h"
#include "resolver/client/exit_code.h"
#include "resolver/client/json.h"
#include "resolver/wire/text.h"

#define NAME_TEXT (LIMIT_NAME_TEXT + 8)

struct nssearch {
	const struct query_options *options;
	const struct out *out;
	struct walker *walker;
	struct survey survey;
	unsigned found; /* servers that gave an SOA */
};

/* The SOA the server gave with authority, as text; NULL. */
static const char *soa_text(const struct nssearch *n, const struct survey_server *server)
{
	uint32_t serial;
	if (!poll_serial(&server->soa, &serial))
		return NULL;
	const struct rrset *soa = poll_soa(&server->soa);
	return text_rdata(walker_arena(n->walker), TYPE_SOA, &soa->records[0]);
}

static const char *why_none(const struct nssearch *n, const struct survey_server *server)
{
	struct question soa = {n->survey.zone, TYPE_SOA, CLASS_IN};
	const char *says = poll_answer(walker_arena(n->walker), &soa, &server->soa, NULL);
	return server->soa.msg && server->soa.msg->set_count[SECTION_ANSWER] ? "without authority"
									     : says;
}

static void print_soa(const struct nssearch *n, const struct survey_server *server)
{
	char addr[ADDR_TEXT], name[NAME_TEXT];
	const char *soa = soa_text(n, server);
	(void)addr_ip_text(&server->addr, addr);
	if (soa)
		fprintf(n->out->file, "SOA %s from server %s in %u %cs.\n", soa, addr,
			out_ticks(server->soa.rtt_us, n->options->usec),
			n->options->usec ? 'u' : 'm');
	else if (!n->options->short_form)
		fprintf(n->out->file, ";; no SOA from server %s (%s): %s\n", addr,
			out_name(server->name->name, false, 60, name, sizeof(name)),
			why_none(n, server));
}

static void print_soa_json(const struct nssearch *n, const struct survey_server *server)
{
	char addr[ADDR_TEXT];
	uint32_t serial;
	const char *soa = soa_text(n, server);
	json_t *object = json_pack("{s:s, s:o, s:o, s:s, s:I, s:I}", "schema", JSON_NSSEARCH,
		"zone", json_name(n->survey.zone), "name", json_name(server->name->name), "addr",
		addr_ip_text(&server->addr, addr), "port", (json_int_t)server->addr.port, "rtt_us",
		(json_int_t)server->soa.rtt_us);
	if (poll_serial(&server->soa, &serial))
		(void)json_object_set_new(object, "serial", json_integer(serial));
	(void)json_object_set_new(
		object, soa ? "soa" : "error", json_string(soa ? soa : why_none(n, server)));
	json_line(n->out, object);
}

static void print_nowhere(const struct nssearch *n)
{
	char name[NAME_TEXT];
	const struct survey *s = &n->survey;
	if (n->options->json || n->options->short_form)
		return;
	for (unsigned i = 0; i < s->name_count; i++)
		if (!s->names[i].resolved && !s->names[i].has_glue)
			fprintf(n->out->file, ";; server %s has no address that could be found\n",
				out_name(s->names[i].name, false, 60, name, sizeof(name)));
	if (s->out_of_time)
		fputs(";; looking up servers took too long: not all are here\n", n->out->file);
	if (n->found == 0)
		fputs(";; no server of the zone gave an SOA record; +trace shows why\n",
			n->out->file);
}

static int search_zone(struct nssearch *n, const struct query *query)
{
	struct question question = {query->name.bytes, TYPE_SOA, query->class};
	survey_zone(n->walker, &question, &n->survey);
	for (unsigned i = 0; i < n->survey.server_count; i++) {
		const struct survey_server *server = &n->survey.servers[i];
		uint32_t serial;
		n->found += poll_serial(&server->soa, &serial);
		if (n->options->json)
			print_soa_json(n, server);
		else
			print_soa(n, server);
	}
	print_nowhere(n);
	if (n->found)
		return EXIT_REPLY;
	return n->survey.end.exit_code ? n->survey.end.exit_code : EXIT_DELEGATION;
}

int nssearch_run(const struct args *args, const struct query *query, const struct out *out)
{
	struct nssearch *n = calloc(1, sizeof(*n));
	if (!n)
		return EXIT_INTERNAL;
	n->options = &query->options;
	n->out = out;
	int code = walker_new(args, query, &n->walker);
	if (!code) {
		walker_live(n->walker, out);
		code = search_zone(n, query);
		walker_free(n->walker);
	}
	free(n);
	return code;
}
