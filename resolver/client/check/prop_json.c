/* SPDX-License-Identifier: MIT */
/* The facts of +prop's screen as one object. */
#include <time.h>

#include "resolver/client/check/prop.h"
#include "resolver/client/json.h"

/* Which servers the parent and the zone itself name; both should name the same. */
static json_t *names_array(const struct survey *s)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < s->name_count; i++) {
		const struct survey_name *n = &s->names[i];
		(void)json_array_append_new(
			array, json_pack("{s:o, s:b, s:b, s:b, s:b}", "name", json_name(n->name),
				       "at_parent", n->at_parent, "at_zone", n->at_zone, "resolved",
				       n->resolved || n->has_glue, "glue_wrong", n->glue_wrong));
	}
	return array;
}

/* The bound of the screen with its summands; s. */
static json_t *bound_object(const struct prop *p)
{
	uint32_t refresh = p->old_servers && p->oldest_soa ? poll_soa_field(p->oldest_soa, 1) : 0;
	json_t *object = json_pack("{s:I, s:I, s:I}", "seconds", (json_int_t)refresh + p->ttl,
		"refresh", (json_int_t)refresh, "ttl", (json_int_t)p->ttl);
	if (p->survey.cut && p->survey.parent && !p->survey.shared)
		(void)json_object_set_new(
			object, "parent_ns_ttl", json_integer(p->survey.cut->ttl));
	return object;
}

static json_t *authority_object(const struct prop *p, unsigned i)
{
	char addr[ADDR_TEXT];
	uint32_t serial;
	const struct survey_server *server = &p->survey.servers[i];
	json_t *object = json_pack("{s:o, s:s, s:s, s:I, s:s}", "name",
		json_name(server->name->name), "addr", addr_ip_text(&server->addr, addr), "answer",
		p->answers[i], "ttl", (json_int_t)p->ttls[i], "state", prop_state(p, i));
	if (poll_serial(&server->soa, &serial))
		(void)json_object_set_new(object, "serial", json_integer(serial));
	return object;
}

static json_t *resolver_object(const struct prop *p, const struct prop_resolver *r)
{
	static const char *const states[] = {"new", "old", "mixed", "not-cached", "failed"};
	/* Without an authority there is nothing to compare with. */
	const char *state = p->newest < 0 && r->state < CACHE_EMPTY ? "held" : states[r->state];
	json_t *object = json_pack("{s:s, s:b, s:s, s:I, s:I, s:I, s:s}", "resolver", r->text, "rd",
		r->asked_rd, "answer", r->answer, "left_min", (json_int_t)r->left_min, "left_max",
		(json_int_t)r->left_max, "ttl", (json_int_t)r->full, "state", state);
	if (r->negative && r->state < CACHE_EMPTY)
		(void)json_object_set_new(object, "negative_serial", json_integer(r->serial));
	return object;
}

void prop_json(const struct prop *p)
{
	json_t *servers = json_array(), *resolvers = json_array();
	for (unsigned i = 0; i < p->survey.server_count; i++)
		(void)json_array_append_new(servers, authority_object(p, i));
	for (unsigned i = 0; i < p->resolver_count; i++)
		(void)json_array_append_new(resolvers, resolver_object(p, &p->resolvers[i]));
	json_t *object = json_pack("{s:s, s:o, s:I, s:o, s:o, s:I, s:i}", "schema", JSON_PROP,
		"name", json_name(p->survey.question.name), "at", (json_int_t)time(NULL), "servers",
		servers, "resolvers", resolvers, "serial", (json_int_t)p->newest_serial, "exit",
		prop_code(p));
	(void)json_object_set_new(object, "names", names_array(&p->survey));
	if (p->newest >= 0)
		(void)json_object_set_new(object, "bound", bound_object(p));
	if (p->survey.zone)
		(void)json_object_set_new(object, "zone", json_name(p->survey.zone));
	json_line(p->out, object);
}
