/* SPDX-License-Identifier: MIT */
/* The reply as an object: RFC 8427, and what that leaves to the reader of the OPT record. */
#include "resolver/client/dig/lookup_json.h"

#include "resolver/client/json.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/text.h"

static json_t *json_ede(const struct edns *edns)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < edns->option_count; i++) {
		const struct edns_option *option = &edns->options[i];
		char text[4 * LIMIT_EDE_TEXT + 8];
		if (option->code != OPTION_EDE || option->size < 2)
			continue;
		json_t *object = json_object();
		json_set(object, "code", json_integer(rr_get16(option->bytes)));
		json_set(object, "name", json_string(ede_text(rr_get16(option->bytes))));
		json_set(object, "text",
			json_string(out_escape(
				option->bytes + 2, option->size - 2u, text, sizeof(text))));
		(void)json_array_append_new(array, object);
	}
	return array;
}

/* The extended rcode and errors, which RFC 8427 leaves inside the OPT record. */
static void set_edns(json_t *object, const struct raw_message *reply)
{
	struct precheck info;
	struct edns edns = {0};
	char text[TEXT_TYPE];
	if (precheck(reply->wire, reply->size, &info))
		return;
	if (info.opt && edns_read(reply->wire, reply->size, info.opt, &edns))
		edns.present = false;
	uint16_t rcode = info.flags & 0xf;
	if (edns.present)
		rcode = (uint16_t)(rcode | edns.extended_rcode << 4);
	json_set(object, "status", json_string(text_rcode(rcode, text)));
	json_set(object, "ede", edns.present ? json_ede(&edns) : json_array());
}

static json_t *lookup_object(const struct query *query, const struct raw_message *reply)
{
	char addr[ADDR_TEXT], type[TEXT_TYPE];
	json_t *object = json_object(), *server = json_object();
	json_set(object, "schema", json_string(JSON_LOOKUP));
	json_set(object, "name", json_name(query->name.bytes));
	json_set(object, "type", json_string(text_type(query->type, type)));
	json_set(server, "name", json_string(reply->server_name ? reply->server_name : ""));
	json_set(server, "addr", json_string(addr_ip_text(&reply->server, addr)));
	json_set(server, "port", json_integer(reply->server.port));
	json_set(object, "server", server);
	json_set(object, "proto", json_string(reply->tcp ? "tcp" : "udp"));
	return object;
}

void lookup_json(const struct out *out, const struct query *query, const struct raw_message *reply)
{
	json_t *object = lookup_object(query, reply), *msg = json_message(reply->wire, reply->size);
	json_set(object, "rtt_us", json_integer(reply->rtt_us));
	json_set(object, "size", json_integer((json_int_t)reply->size));
	set_edns(object, reply);
	if (!msg)
		json_set(object, "error", json_string("malformed message"));
	json_set(object, "msg", msg ? msg : json_null());
	json_set(object, "wire", json_hex(reply->wire, reply->size));
	json_line(out, object);
}

void lookup_json_failed(const struct out *out, const struct query *query,
	const struct raw_message *reply, const char *why)
{
	json_t *object = lookup_object(query, reply);
	json_set(object, "error", json_string(why));
	json_line(out, object);
}
