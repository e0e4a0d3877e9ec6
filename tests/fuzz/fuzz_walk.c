/* SPDX-License-Identifier: MIT */
/*
 * Drives a whole request with the fuzzer's bytes: they choose which exchange ends next, how, and
 * what its reply says. The oracle: the invariants of the walk (debug builds check them after each
 * step), exactly one result, no more packets, sub-walks and depth than the budget allows, and an
 * end; nothing in the cache that its server was not asked about; no packet to an address that must
 * not be asked; and a failure that is remembered.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/request/request.h"
#include "resolver/wire/build.h"

#define OPEN_MAX 64

struct input {
	const uint8_t *bytes;
	size_t left;
};

static uint8_t take(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->bytes++;
}

/* Deterministic dice, so that a crash can be replayed. */
struct dice {
	uint64_t state;
};

static void roll(void *ctx, void *buf, size_t size)
{
	struct dice *dice = ctx;
	uint8_t *out = buf;
	for (size_t i = 0; i < size; i++) {
		dice->state = dice->state * 6364136223846793005ULL + 1442695040888963407ULL;
		out[i] = (uint8_t)(dice->state >> 33);
	}
}

static uint64_t no_mono(void *ctx)
{
	(void)ctx;
	return 0;
}

static int64_t no_wall(void *ctx)
{
	(void)ctx;
	return 0;
}

static const char *const names[] = {"www.sub.example.test", "sub.example.test", "example.test",
	"test", ".", "ns1.example.test", "ns2.other.test", "other.test", "evil.example",
	"a.b.c.d.e.test", "example", "*.example.test"};
static const uint16_t types[] = {TYPE_A, TYPE_AAAA, TYPE_NS, TYPE_CNAME, TYPE_DNAME, TYPE_SOA,
	TYPE_DS, TYPE_TXT, TYPE_MX, TYPE_RRSIG};

static void pick_name(struct input *in, const struct question *asked, struct name *ret_name)
{
	uint8_t choice = take(in);
	if (choice >= 128)
		name_copy(name_skip(asked->name, choice % 4), ret_name);
	else
		rw_require(name_from_text(names[choice % RW_COUNT(names)], ret_name) == 0);
}

/* Rdata that fits the type, made of the fuzzer's choices. */
static uint16_t make_rdata(
	struct input *in, const struct question *asked, uint16_t type, uint8_t *out)
{
	/* Usable, and not. */
	static const uint8_t v4[][4] = {{192, 0, 2, 0}, {127, 0, 0, 0}, {10, 1, 1, 0}, {0, 0, 0, 0},
		{224, 0, 0, 0}, {169, 254, 1, 0}, {192, 168, 1, 0}, {172, 16, 9, 0},
		{203, 0, 113, 0}, {255, 255, 255, 0}, {100, 64, 1, 0}, {198, 51, 100, 0}};
	static const uint8_t v6[][2] = {{0xfe, 0x80}, {0xfd, 0}, {0xff, 2}, {0x20, 1}};
	uint8_t choice;
	struct name name;
	size_t size;
	switch (type) {
	case TYPE_A:
		choice = take(in);
		memcpy(out, v4[choice >= 192 ? choice % RW_COUNT(v4) : 0], 4);
		out[3] = choice;
		return 4;
	case TYPE_AAAA:
		choice = take(in);
		memset(out, choice < 192 ? 0x20 : 0, 16);
		if (choice >= 224)
			memcpy(out, v6[choice % RW_COUNT(v6)], 2);
		out[15] = choice;
		return 16;
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_DNAME:
		pick_name(in, asked, &name);
		return (uint16_t)name_copy(name.bytes, (struct name *)(void *)out);
	case TYPE_SOA:
		pick_name(in, asked, &name);
		size = name_copy(name.bytes, (struct name *)(void *)out);
		out[size] = 0;
		memset(out + size + 1, 0, 20);
		out[size + 20] = take(in);
		return (uint16_t)(size + 21);
	case TYPE_MX:
		pick_name(in, asked, &name);
		memset(out, 0, 2);
		return (uint16_t)(2 + name_copy(name.bytes, (struct name *)(void *)(out + 2)));
	default:
		memset(out, take(in), 24);
		return 24;
	}
}

static void add_record(struct input *in, struct builder *b, struct arena *arena,
	const struct question *asked, enum msg_section section)
{
	uint8_t rdata[LIMIT_NAME_BYTES + 32];
	struct name owner;
	uint8_t choice = take(in);
	uint16_t type = choice >= 200 ? asked->type : types[choice % RW_COUNT(types)];
	pick_name(in, asked, &owner);
	uint16_t size = make_rdata(in, asked, type, rdata);
	struct rrset *set = rrset_single(arena, owner.bytes, type, take(in) * 16u, rdata, size);
	if (set && type != TYPE_RRSIG && build_rrset(b, section, set, set->ttl, 0, false))
		return;
}

/* A reply built from choices, or the fuzzer's own bytes behind a fitting header. */
static size_t make_reply(
	struct input *in, const struct machine_action *send, uint8_t *out, size_t cap)
{
	static const uint16_t rcodes[] = {0, 0, 0, 0, 3, 3, 2, 5, 1, 4, 6};
	struct arena arena;
	struct builder b;
	const struct msg *query;
	arena_init(&arena, 1 << 16);
	if (msg_parse(&arena, send->wire, send->wire_size, &query)) {
		arena_release(&arena);
		return 0;
	}
	uint8_t flags = take(in), sections = take(in);
	build_begin(&b, out, cap, 0, 0,
		FLAG_QR | (flags & 1 ? FLAG_AA : 0) | ((flags & 6) == 6 ? FLAG_TC : 0) |
			((flags & 24) == 24 ? FLAG_RA : 0));
	build_set_rcode(&b, rcodes[(flags >> 5) % RW_COUNT(rcodes)]);
	if ((sections & 0xc0) != 0xc0)
		(void)!build_question(&b, &query->question);
	for (unsigned i = 0; i < (sections & 3u); i++)
		add_record(in, &b, &arena, &query->question, SECTION_ANSWER);
	for (unsigned i = 0; i < (sections >> 2 & 3u); i++)
		add_record(in, &b, &arena, &query->question, SECTION_AUTHORITY);
	for (unsigned i = 0; i < (sections >> 4 & 3u); i++)
		add_record(in, &b, &arena, &query->question, SECTION_ADDITIONAL);
	size_t size = build_finish(&b);
	if (flags == 0xff)
		for (size_t i = HEADER_SIZE; i < size; i++)
			out[i] ^= take(in);
	arena_release(&arena);
	return size;
}

/* Which server was queried for which zone since the cache was empty. */
struct asked {
	struct addr server;
	struct name zone;
};

#define ROUNDS    4
#define ASKED_MAX (2 * ROUNDS * LIMIT_SENDS_PER_REQUEST)

struct fuzz_world {
	const struct machine_context *context;
	struct request *request;
	struct machine_action open[OPEN_MAX];
	unsigned open_count, sends, results;
	bool renewing; /* it has its result, and learns a delegation anew */
	uint64_t now_ms;
	unsigned replies[LIMIT_SUBWALKS + 1]; /* of each walk */
	struct asked asked[ASKED_MAX];
	unsigned asked_count;
	bool full;      /* notes may have been lost */
	bool short_of;  /* sockets: no failure of anybody else, and not remembered */
	bool refreshes; /* asks for what is there as if it was due */
};

/* By hand, so that a hole in the table of the walk is found. */
static void check_address(const struct addr *to)
{
	const uint8_t *ip = to->ip;
	static const uint8_t zeroes[15] = {0};
	if (to->family == ADDR_V4) {
		rw_require(ip[0] != 0 && ip[0] != 10 && ip[0] != 127 && ip[0] < 224);
		rw_require(!(ip[0] == 192 && ip[1] == 168) && !(ip[0] == 169 && ip[1] == 254));
		rw_require(
			!(ip[0] == 172 && ip[1] / 16 == 1) && !(ip[0] == 100 && ip[1] / 64 == 1));
	} else {
		rw_require(memcmp(ip, zeroes, sizeof(zeroes)) != 0);
		rw_require((ip[0] & 0xfe) != 0xfc && ip[0] != 0xff && ip[0] != 0xfe);
	}
}

static void remember(struct fuzz_world *world, const struct note *note)
{
	struct asked *asked = &world->asked[world->asked_count];
	rw_require(world->asked_count < ASKED_MAX);
	asked->server = note->server;
	(void)name_copy(note->zone, &asked->zone);
	world->asked_count++;
}

static void see_note(struct fuzz_world *world, const struct note *note)
{
	rw_require(note->walk <= LIMIT_SUBWALKS && note->depth <= LIMIT_DEPTH);
	if (note->kind != NOTE_REPLY && note->kind != NOTE_NOREPLY)
		return;
	rw_require(++world->replies[note->walk] <= LIMIT_SENDS_PER_WALK);
	if (note->kind == NOTE_REPLY)
		remember(world, note);
}

/*
 * Every stored set must lie in a zone for which its server was queried, the one that its provenance
 * names.
 */
static void see_entry(void *ctx, enum cache_kind kind, const uint8_t *name, uint16_t type,
	const struct provenance *from)
{
	const struct fuzz_world *world = ctx;
	(void)type;
	if (kind == CACHE_FAILURE)
		return;
	rw_require(from->cut_labels <= name_labels(name));
	const uint8_t *cut = name_suffix(name, from->cut_labels);
	bool found = false;
	for (unsigned i = 0; i < world->asked_count && !found; i++)
		found = addr_equal(&world->asked[i].server, &from->server) &&
			name_equal(world->asked[i].zone.bytes, cut);
	rw_require(found);
}

static void drain(struct fuzz_world *world)
{
	struct machine_action action;
	while (request_next(world->request, &action)) {
		if (action.type == ACTION_SEND) {
			rw_require(world->open_count < OPEN_MAX);
			rw_require(world->results == 0 || world->renewing);
			check_address(&action.server);
			world->open[world->open_count++] = action;
			world->sends++;
		} else if (action.type == ACTION_ANSWER) {
			rw_require(action.result != NULL);
			world->results++;
		} else if (action.type == ACTION_NOTE) {
			see_note(world, action.note);
		} else if (action.type == ACTION_ABANDON) {
			unsigned i = 0;
			while (i < world->open_count && world->open[i].xid != action.xid)
				i++;
			rw_require(i < world->open_count);
			world->open[i] = world->open[--world->open_count];
		}
	}
}

static void end_one(struct fuzz_world *world, struct input *in)
{
	uint8_t reply[4096], choice = take(in);
	unsigned i = choice % world->open_count;
	struct machine_action send = world->open[i];
	world->open[i] = world->open[--world->open_count];
	uint8_t how = take(in);
	if (how >= 224) {
		world->now_ms += send.timeout_ms;
		enum exchange_end why = (enum exchange_end)(1 + how % EXCHANGE_RESOURCE);
		world->short_of |= why == EXCHANGE_RESOURCE;
		request_noreply(world->request, send.xid, why, 1000, world->now_ms);
		return;
	}
	size_t size = make_reply(in, &send, reply, sizeof(reply));
	world->now_ms += how % 16;
	request_reply(world->request, send.xid, reply, size, 1000, world->now_ms);
}

static void run(struct fuzz_world *world, struct input *in)
{
	drain(world);
	while (!request_done(world->request)) {
		rw_require(world->open_count > 0);
		if (world->now_ms >= request_deadline_ms(world->request))
			request_deadline(world->request, world->now_ms);
		else
			end_one(world, in);
		drain(world);
	}
}

/* What the request leaves to be learnt anew is paid for by what it has left. */
static void renew(struct fuzz_world *world, struct input *in)
{
	struct request *renewal;
	if (request_new_renewal(world->request, world->now_ms, &renewal))
		return;
	request_free(world->request);
	world->request = renewal;
	world->renewing = true;
	world->results = 0;
	request_start(renewal, world->now_ms);
	run(world, in);
	rw_require(world->results == 1);
}

/* One request from its question to its result; its rcode, or -1 without memory. */
static int ask(
	struct fuzz_world *world, const struct question *question, bool refresh, struct input *in)
{
	const struct budget purse = purse_of_client(world->context->settings, world->now_ms);
	if (request_new(world->context, question, &purse, &world->request))
		return -1;
	struct answer nothing;
	answer_begin(&nothing, question);
	if (refresh && request_begin_with(world->request, &nothing)) {
		request_free(world->request);
		return -1;
	}
	world->sends = world->results = world->open_count = 0;
	world->renewing = false;
	memset(world->replies, 0, sizeof(world->replies));
	request_start(world->request, world->now_ms);
	run(world, in);
	rw_require(world->results == 1);
	world->open_count = 0; /* what is open is dropped with the result */
	int rcode = answer_rcode(&request_result(world->request)->answer);
	world->full |= request_arena(world->request)->total > LIMIT_REQUEST_ARENA / 2;
	renew(world, in);
	rw_require(world->sends <= LIMIT_SENDS_PER_REQUEST);
	request_free(world->request);
	return rcode;
}

static void play(struct fuzz_world *world, struct input *in)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct name name;
		rw_require(name_from_text(names[take(in) % RW_COUNT(names)], &name) == 0);
		struct question question = {
			name.bytes, types[take(in) % RW_COUNT(types)], CLASS_IN};
		world->short_of = false;
		int rcode = ask(world, &question, world->refreshes && round % 2, in);
		/* AAAA made of A records are looked for after that, for longer than it is kept. */
		bool dns64 = world->context->settings->names.dns64.prefix.base.family == ADDR_V6;
		if (rcode == RCODE_SERVFAIL && !world->short_of && !world->renewing && !dns64) {
			/* What it has learnt on the way may answer it now. */
			(void)ask(world, &question, false, in);
			rw_require(world->sends == 0);
		}
		if (!world->full)
			cache_each(world->context->cache, see_entry, world);
		/* Some of it long enough for what was learnt to come near its end. */
		uint8_t pause = take(in);
		world->now_ms += pause * (pause < 128 ? 16u : 500u);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input in = {bytes, size};
	struct dice dice = {size};
	struct env env = {no_mono, no_wall, roll, &dice};
	struct settings settings;
	settings_default(&settings);
	settings.minimisation = (enum minimisation)(take(&in) % 3);
	uint8_t modes = take(&in);
	settings.outgoing.ipv6 = modes & 1;
	if (modes & 2)
		rw_require(prefix_parse("64:ff9b::/96", &settings.names.dns64.prefix) == 0);
	const struct cache_params params = {.size_bytes = LIMIT_CACHE_MIN_BYTES,
		.max_ttl_s = LIMIT_TTL_MAX,
		.max_negative_ttl_s = LIMIT_TTL_NEGATIVE};
	struct delegation hints = {.zone = name_root,
		.source = DELEGATION_HINTS,
		.ns_count = 1,
		.expires_ms = UINT64_MAX};
	hints.ns[0].name = (const uint8_t *)"\1a\4root";
	struct addr root = addr_from_bytes((const uint8_t[]){192, 0, 2, 53}, 4, 53);
	delegation_add_address(&hints.ns[0], &root, ADDRESS_HINTS);
	struct machine_context context = {
		.env = &env, .settings = &settings, .hints = &hints, .notes = true};
	struct fuzz_world *world = calloc(1, sizeof(*world));
	rw_require(world != NULL);
	world->context = &context;
	world->now_ms = 1000000;
	world->refreshes = modes & 4;
	if (cache_new(&params, &env, &context.cache) == 0 && infra_new(&env, &context.infra) == 0)
		play(world, &in);
	free(world);
	infra_free(context.infra);
	cache_free(context.cache);
	return 0;
}
