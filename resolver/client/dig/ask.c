/* SPDX-License-Identifier: MIT */
/* Puts a query's flags, question and EDNS options together. */
#include "resolver/client/dig/ask.h"

#include <string.h>

#include "resolver/client/dig/option_set.h"
#include "resolver/wire/build.h"

#define ASK_OPTIONS (OPTION_MAX + 7)
#define ASK_Z       0x0040 /* the last bit of the header without a meaning */
/* Offsets in an OPT record owned by the root, RFC 6891 section 6.1.3. */
#define OPT_VERSION  6
#define OPT_FLAGS    7
#define SUBNET_BYTES 20

/* Options being collected, with the bytes of those that have no place of their own. */
struct options {
	struct edns_option items[ASK_OPTIONS];
	unsigned count;
	uint8_t subnet[SUBNET_BYTES], padding[PADDING_MAX];
};

static void add_option(struct options *o, uint16_t code, const uint8_t *bytes, size_t size)
{
	o->items[o->count++] =
		(struct edns_option){.code = code, .size = (uint16_t)size, .bytes = bytes};
}

/* RFC 7871 section 6: family, source prefix length, scope 0, as many bytes as the prefix needs. */
static void add_subnet(struct options *o, const struct prefix *prefix)
{
	size_t size = (prefix->bits + 7u) / 8;
	rr_put16(o->subnet, prefix->base.family == ADDR_V6 ? 2 : prefix->base.family ? 1 : 0);
	o->subnet[2] = prefix->bits;
	o->subnet[3] = 0;
	memcpy(o->subnet + 4, prefix->base.ip, size);
	add_option(o, OPTION_SUBNET, o->subnet, 4 + size);
}

static void collect_options(struct options *o, const struct query_options *q)
{
	o->count = 0;
	if (q->nsid)
		add_option(o, OPTION_NSID, NULL, 0);
	if (q->subnet)
		add_subnet(o, &q->subnet_prefix);
	if (q->cookie)
		add_option(o, OPTION_COOKIE, q->cookie_bytes, q->cookie_size);
	if (q->zone_version)
		add_option(o, OPTION_ZONEVERSION, NULL, 0);
	if (q->expire)
		add_option(o, OPTION_EXPIRE, NULL, 0);
	if (q->keepalive && q->tcp)
		add_option(o, OPTION_KEEPALIVE, NULL, 0);
	for (uint32_t i = 0; i < q->ednsopt_count; i++)
		add_option(o, q->ednsopt[i].code, q->ednsopt[i].bytes, q->ednsopt[i].size);
}

/* Fills the query up to a multiple of the block size (RFC 7830, RFC 8467). */
static void pad(struct options *o, uint32_t block, size_t size_without)
{
	size_t over = (size_without + 4) % block;
	memset(o->padding, 0, sizeof(o->padding));
	add_option(o, OPTION_PADDING, o->padding, over ? block - over : 0);
}

static uint16_t header_flags(const struct query_options *q)
{
	return (uint16_t)((q->opcode << 11) | (q->recurse ? FLAG_RD : 0) | (q->aa ? FLAG_AA : 0) |
			  (q->ad ? FLAG_AD : 0) | (q->cd ? FLAG_CD : 0) | (q->ra ? FLAG_RA : 0) |
			  (q->tc ? FLAG_TC : 0) | (q->z ? ASK_Z : 0));
}

int ask_build(const struct query *query, uint32_t edns_version, struct ask *ret_ask)
{
	const struct query_options *q = &query->options;
	struct options options;
	struct builder b;
	collect_options(&options, q);
	struct build_opt opt = {.udp_size = (uint16_t)q->bufsize,
		.dnssec_ok = q->dnssec,
		.ede = EDE_NONE,
		.options = options.items,
		.option_count = options.count};
	struct question question = {query->name.bytes, query->type, query->class};
	if (q->edns && q->padding) {
		size_t asked = q->header_only ? 0 : name_size(question.name) + 4;
		pad(&options, q->padding, HEADER_SIZE + asked + build_opt_size(&opt));
		opt.option_count = options.count;
	}
	size_t opt_size = q->edns ? build_opt_size(&opt) : 0;
	if (opt_size + HEADER_SIZE + LIMIT_NAME_BYTES + 4 > ASK_BYTES)
		return RW_ENOSPACE;
	build_begin(&b, ret_ask->wire, ASK_BYTES, opt_size, 0, header_flags(q));
	int err = q->header_only ? 0 : build_question(&b, &question);
	if (!err && q->edns)
		err = build_edns(&b, &opt);
	if (err)
		return err;
	ret_ask->size = build_finish(&b);
	if (q->edns) {
		uint8_t *made = ret_ask->wire + ret_ask->size - opt_size;
		uint32_t flags = q->edns_flags | (q->compact ? EDNS_CO : 0);
		made[OPT_VERSION] = (uint8_t)edns_version;
		rr_put16(made + OPT_FLAGS, (uint16_t)(rr_get16(made + OPT_FLAGS) | flags));
	}
	return 0;
}
