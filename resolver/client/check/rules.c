/* SPDX-License-Identifier: MIT */
/* The rules of +check: one function each, in the order of the table at the end. */
#include <string.h>

#include "resolver/client/check/check.h"
#include "resolver/client/exit_code.h"
#include "resolver/wire/text.h"

#define NAME_TEXT   (LIMIT_NAME_TEXT + 8)
#define WHO_TEXT    (NAME_TEXT + ADDR_TEXT)
#define NAME_WIDTH  40
#define DAY_S       86400
#define SIGNED_DAYS 7 /* days before expiry that deserve a warning */

/* "ns1.good.test 127.10.2.1". */
static const char *who(const struct survey_server *server, char buf[WHO_TEXT])
{
	char name[NAME_TEXT], addr[ADDR_TEXT];
	(void)snprintf(buf, WHO_TEXT, "%s %s",
		out_name(server->name->name, false, NAME_WIDTH, name, sizeof(name)),
		addr_ip_text(&server->addr, addr));
	return buf;
}

static const char *named(const uint8_t *name, char buf[NAME_TEXT])
{
	return out_name(name, true, NAME_WIDTH, buf, NAME_TEXT);
}

static bool speaks(const struct survey_server *server)
{
	return poll_is_authoritative(&server->soa);
}

/* ---- delegation ---- */

static void rule_found(struct check *c)
{
	if (!c->survey.zone || c->survey.server_count == 0)
		check_report(c, SEVERITY_ERROR,
			c->survey.end.exit_code ? c->survey.end.exit_code : EXIT_DELEGATION,
			"look at the walk: rootwalk +trace",
			"no server of the zone could be found");
}

/* A slip of the pen must not look like a sound zone. */
static void rule_there(struct check *c)
{
	char name[NAME_TEXT];
	if (c->survey.zone && c->survey.end.verdict == VERDICT_NXDOMAIN)
		check_report(c, SEVERITY_NOTE, EXIT_REPLY,
			"see that the name is meant; what is examined is the zone it would be in",
			"%s does not exist", named(c->survey.question.name, name));
}

static void rule_names(struct check *c)
{
	char name[NAME_TEXT];
	const struct survey *s = &c->survey;
	for (unsigned i = 0; i < s->name_count; i++) {
		const struct survey_name *n = &s->names[i];
		if (!n->resolved && !n->has_glue)
			check_report(c, SEVERITY_ERROR, EXIT_DELEGATION,
				"give the name an address, or take it out of the NS records",
				"server %s has no address that could be found",
				named(n->name, name));
		if (s->shared || !s->zone_ns || n->at_parent == n->at_zone)
			continue;
		check_report(c, SEVERITY_WARNING, EXIT_DELEGATION,
			"make the NS records at the parent and in the zone the same",
			"%s is a server by the NS records of the %s only", named(n->name, name),
			n->at_parent ? "parent" : "zone");
	}
}

static void rule_glue(struct check *c)
{
	char name[NAME_TEXT], text[WHO_TEXT];
	const struct survey *s = &c->survey;
	for (unsigned i = 0; i < s->server_count; i++)
		if (s->servers[i].glue_only && s->servers[i].name->resolved)
			check_report(c, SEVERITY_ERROR, EXIT_DELEGATION,
				"correct the glue at the parent",
				"glue %s is not among the addresses of the name",
				who(&s->servers[i], text));
	for (unsigned i = 0; i < s->name_count && s->zone; i++)
		if (s->names[i].at_parent && !s->names[i].has_glue &&
			name_is_at_or_below(s->names[i].name, s->zone))
			check_report(c, SEVERITY_ERROR, EXIT_DELEGATION,
				"have the parent add glue for it",
				"%s lies in the zone itself, and the parent gives no glue for it",
				named(s->names[i].name, name));
}

static void rule_serve(struct check *c)
{
	char text[WHO_TEXT], rcode[TEXT_TYPE];
	const struct survey *s = &c->survey;
	for (unsigned i = 0; i < s->server_count; i++) {
		const struct survey_server *server = &s->servers[i];
		if (speaks(server) || poll_is_authoritative(&c->polls[i].plain) ||
			survey_is_out_of_reach(s, server))
			continue; /* what is wrong there is another rule's finding */
		if (!server->soa.msg)
			check_report(c, SEVERITY_ERROR, EXIT_DELEGATION,
				"bring the server up, or take it out of the NS records and glue",
				"%s does not answer: %s", who(server, text),
				net_end_text(server->soa.end));
		else
			check_report(c, SEVERITY_ERROR, EXIT_DELEGATION,
				"load the zone on this server, or take it out of the NS records",
				"%s is lame: it says %s%s", who(server, text),
				text_rcode(server->soa.msg->rcode, rcode),
				server->soa.msg->rcode ? "" : " without authority");
	}
}

/* Addresses that could not be asked from here, so that the findings are not all there may be. */
static unsigned count_unasked(const struct check *c)
{
	unsigned count = c->survey.left_out;
	for (unsigned i = 0; i < c->survey.server_count; i++)
		count += survey_is_out_of_reach(&c->survey, &c->survey.servers[i]);
	return count;
}

static void rule_reach(struct check *c)
{
	unsigned count = count_unasked(c);
	if (count > 0)
		check_report(c, SEVERITY_NOTE, EXIT_REPLY,
			"look again from a host with IPv4 and IPv6, without -4 and -6",
			"%u address%s could not be asked from here, by IPv4 or IPv6", count,
			count == 1 ? "" : "es");
}

static void rule_single(struct check *c)
{
	unsigned speaking = 0;
	for (unsigned i = 0; i < c->survey.server_count; i++)
		speaking += speaks(&c->survey.servers[i]);
	if (speaking == 1 && count_unasked(c) == 0)
		check_report(c, SEVERITY_WARNING, EXIT_DELEGATION,
			"add a second server in another network (RFC 2182)",
			"only one address serves the zone");
}

/* ---- contents ---- */

static void rule_serial(struct check *c)
{
	char text[WHO_TEXT];
	uint32_t newest = 0, serial;
	bool any = false;
	const struct survey *s = &c->survey;
	for (unsigned i = 0; i < s->server_count; i++)
		if (poll_serial(&s->servers[i].soa, &serial) &&
			(!any || poll_serial_newer(serial, newest))) {
			newest = serial;
			any = true;
		}
	for (unsigned i = 0; i < s->server_count; i++)
		if (poll_serial(&s->servers[i].soa, &serial) && serial != newest)
			check_report(c, SEVERITY_ERROR, EXIT_DISAGREE,
				"see that it is notified and may transfer the zone",
				"%s has serial %u, the newest is %u", who(&s->servers[i], text),
				serial, newest);
}

static const struct rrset *first_soa(const struct check *c)
{
	for (unsigned i = 0; i < c->survey.server_count; i++)
		if (speaks(&c->survey.servers[i]))
			return poll_soa(&c->survey.servers[i].soa);
	return NULL;
}

/* RFC 1912 section 2.2, RFC 2308 section 5. */
static void rule_soa(struct check *c)
{
	char a[OUT_TTL], b[OUT_TTL];
	const struct rrset *soa = first_soa(c);
	if (!soa)
		return;
	uint32_t refresh = poll_soa_field(soa, 1), retry = poll_soa_field(soa, 2),
		 expire = poll_soa_field(soa, 3), minimum = poll_soa_field(soa, 4);
	if (retry >= refresh)
		check_report(c, SEVERITY_WARNING, EXIT_REPLY, "make retry a fraction of refresh",
			"SOA retry %s is not shorter than refresh %s", out_ttl(retry, a),
			out_ttl(refresh, b));
	if (expire < refresh + retry)
		check_report(c, SEVERITY_WARNING, EXIT_REPLY,
			"two to four weeks are usual for expire",
			"SOA expire %s is shorter than refresh and retry: one missed refresh "
			"ends the zone",
			out_ttl(expire, a));
	else if (expire < 7 * DAY_S)
		check_report(c, SEVERITY_NOTE, EXIT_REPLY, "two to four weeks are usual for expire",
			"SOA expire %s: after that without its primary a server gives up",
			out_ttl(expire, a));
	if (minimum > DAY_S)
		check_report(c, SEVERITY_WARNING, EXIT_REPLY, "5 minutes to 1 hour are usual",
			"SOA minimum %s: so long a \"no\" is kept, so long a new name is not seen",
			out_ttl(minimum, a));
}

static void rule_ttl(struct check *c)
{
	char ttl[OUT_TTL];
	const struct rrset *ns = c->survey.zone_ns;
	if (ns && ns->ttl < 60)
		check_report(c, SEVERITY_WARNING, EXIT_REPLY, "an hour or more is usual",
			"TTL of the NS records is %s: resolvers ask for them all the time",
			out_ttl(ns->ttl, ttl));
}

static void rule_apex_alias(struct check *c)
{
	char text[WHO_TEXT];
	for (unsigned i = 0; i < c->survey.server_count; i++) {
		const struct msg *msg = c->polls[i].apex_alias.msg;
		if (!msg || !msg_find(msg, SECTION_ANSWER, c->survey.zone, TYPE_CNAME))
			continue;
		check_report(c, SEVERITY_ERROR, EXIT_REFUSAL,
			"replace it by A and AAAA records, or HTTPS records in alias mode",
			"%s has a CNAME at the zone's apex, beside SOA and NS (RFC 1912)",
			who(&c->survey.servers[i], text));
		return;
	}
}

static void rule_ns_alias(struct check *c)
{
	char name[NAME_TEXT];
	for (unsigned i = 0; i < c->survey.name_count; i++)
		if (c->survey.names[i].is_alias)
			check_report(c, SEVERITY_WARNING, EXIT_DELEGATION,
				"name the server by the name that has the address",
				"server name %s is an alias (RFC 2181 section 10.3)",
				named(c->survey.names[i].name, name));
}

/* ---- behaviour ---- */

static void rule_tcp(struct check *c)
{
	char text[WHO_TEXT];
	for (unsigned i = 0; i < c->survey.server_count; i++)
		if (speaks(&c->survey.servers[i]) && !poll_is_authoritative(&c->polls[i].tcp))
			check_report(c, SEVERITY_ERROR, EXIT_REFUSAL,
				"let TCP to port 53 through (RFC 7766): long answers need it",
				"%s does not answer over TCP: %s", who(&c->survey.servers[i], text),
				c->polls[i].tcp.msg ? "not with authority"
						    : net_end_text(c->polls[i].tcp.end));
}

static void rule_edns(struct check *c)
{
	char text[WHO_TEXT];
	for (unsigned i = 0; i < c->survey.server_count; i++) {
		const struct survey_server *server = &c->survey.servers[i];
		bool plain = poll_is_authoritative(&c->polls[i].plain);
		if (!speaks(server) && plain)
			check_report(c, SEVERITY_ERROR, EXIT_REFUSAL,
				"renew the server or the box in front of it (RFC 6891)",
				"%s answers only without EDNS", who(server, text));
		else if (speaks(server) && !server->soa.msg->edns.present)
			check_report(c, SEVERITY_WARNING, EXIT_REPLY,
				"renew the server, or the box in front of it (RFC 6891)",
				"%s does not speak EDNS", who(server, text));
	}
}

static void rule_recursion(struct check *c)
{
	char text[WHO_TEXT];
	for (unsigned i = 0; i < c->survey.server_count; i++) {
		const struct msg *msg = c->polls[i].recursion.msg;
		if (!msg || !(msg->flags & FLAG_RA) || (msg->flags & FLAG_AA) ||
			msg->set_count[SECTION_ANSWER] == 0)
			continue;
		check_report(c, SEVERITY_WARNING, EXIT_REPLY,
			"switch recursion off, or for strangers at least (RFC 5358)",
			"%s resolves for anybody: it can be used to attack others",
			who(&c->survey.servers[i], text));
	}
}

/* ---- DNSSEC: tags and dates; signatures are not verified here ---- */

static const struct rrset *keys_of(const struct check *c)
{
	for (unsigned i = 0; i < c->survey.server_count; i++) {
		const struct rrset *set = c->polls[i].keys.msg
						  ? msg_find(c->polls[i].keys.msg, SECTION_ANSWER,
							    c->survey.zone, TYPE_DNSKEY)
						  : NULL;
		if (set)
			return set;
	}
	return NULL;
}

/* Whether any server said what keys there are: silence is no "no". */
static bool tells_keys(const struct check *c)
{
	for (unsigned i = 0; i < c->survey.server_count; i++)
		if (poll_is_authoritative(&c->polls[i].keys))
			return true;
	return false;
}

static bool has_key(const struct rrset *keys, const struct rdata *ds)
{
	for (unsigned i = 0; keys && i < keys->count; i++)
		if (ds->size > 3 && keys->records[i].size > 3 &&
			rrset_key_tag(&keys->records[i]) == rr_get16(ds->bytes) &&
			keys->records[i].bytes[3] == ds->bytes[2])
			return true;
	return false;
}

static void rule_ds(struct check *c)
{
	const struct poll *poll = &c->survey.ds;
	const struct rrset *keys = keys_of(c);
	const struct rrset *ds =
		poll->msg ? msg_find(poll->msg, SECTION_ANSWER, c->survey.zone, TYPE_DS) : NULL;
	unsigned matching = 0;
	c->is_signed = ds || keys;
	for (unsigned i = 0; ds && i < ds->count; i++)
		matching += has_key(keys, &ds->records[i]);
	if (ds && !keys && !tells_keys(c))
		return; /* that its servers do not answer is told by another rule */
	if (ds && !keys)
		check_report(c, SEVERITY_ERROR, EXIT_BOGUS,
			"have the parent drop the DS, or publish the keys again",
			"the parent has a DS, and the zone has no DNSKEY: validators refuse it");
	else if (ds && matching == 0)
		check_report(c, SEVERITY_ERROR, EXIT_BOGUS,
			"have the parent replace the DS by one of a key in the zone",
			"no DS at the parent matches a key of the zone (first key tag %u)",
			ds->records[0].size > 1 ? rr_get16(ds->records[0].bytes) : 0);
	else if (keys && !ds && poll->msg)
		check_report(c, SEVERITY_WARNING, EXIT_REPLY,
			"have the parent publish a DS, or the signatures protect nobody",
			"the zone is signed, and the parent has no DS for it");
	else if (!keys && first_soa(c))
		check_report(c, SEVERITY_NOTE, EXIT_REPLY,
			"sign it, and have the parent publish a DS", "the zone is not signed");
}

/* The SOA in a "no", which in a signed zone has the signature that is renewed most often. */
static const struct rrset *signed_soa(const struct check *c)
{
	for (unsigned i = 0; i < c->survey.server_count; i++) {
		const struct msg *msg = c->polls[i].apex_alias.msg;
		const struct rrset *set =
			msg ? msg_find(msg, SECTION_AUTHORITY, c->survey.zone, TYPE_SOA) : NULL;
		if (set && set->sig_count)
			return set;
	}
	return NULL;
}

/* RFC 4034 section 3.1.5: serial arithmetic, 32 bits. */
static void check_expiry(struct check *c, const struct rrset *set, const char *what)
{
	char left[OUT_TTL];
	int32_t least = INT32_MAX;
	for (unsigned i = 0; set && i < set->sig_count; i++)
		if (set->sigs[i].size > 18)
			least = RW_MIN(least,
				(int32_t)(rr_get32(set->sigs[i].bytes + 8) - (uint32_t)c->now_s));
	if (least == INT32_MAX)
		return;
	if (least < 0)
		check_report(c, SEVERITY_ERROR, EXIT_BOGUS, "sign the zone again",
			"a signature of its %s expired %s ago", what,
			out_ttl((uint32_t) - (int64_t)least, left));
	else if (least < SIGNED_DAYS * DAY_S)
		check_report(c, SEVERITY_WARNING, EXIT_REPLY, "see that signing goes on by itself",
			"a signature of its %s expires in %s", what,
			out_ttl((uint32_t)least, left));
}

static void rule_expiry(struct check *c)
{
	check_expiry(c, keys_of(c), "keys");
	check_expiry(c, signed_soa(c), "SOA");
}

static const struct check_rule rules[] = {
	{"found", rule_found},
	{"there", rule_there},
	{"names", rule_names},
	{"glue", rule_glue},
	{"serve", rule_serve},
	{"reach", rule_reach},
	{"edns", rule_edns},
	{"tcp", rule_tcp},
	{"ds", rule_ds},
	{"expiry", rule_expiry},
	{"serial", rule_serial},
	{"apex-alias", rule_apex_alias},
	{"server-alias", rule_ns_alias},
	{"single", rule_single},
	{"recursion", rule_recursion},
	{"soa", rule_soa},
	{"ttl", rule_ttl},
};

const struct check_rule *check_rules(unsigned *ret_count)
{
	*ret_count = RW_COUNT(rules);
	return rules;
}
