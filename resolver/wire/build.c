/* SPDX-License-Identifier: MIT */
/* Writing messages: compression by a small table of suffixes, whole sets, the OPT record. */
#include "resolver/wire/build.h"

#include <string.h>

#define POINTER_RANGE 0x4000 /* offsets below this can be pointed at */
#define OPT_FIXED     11     /* bytes: root owner, type, class, TTL, RDLENGTH */
#define OPT_FLAG_DO   0x8000

static inline uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

void build_begin(
	struct builder *b, uint8_t *out, size_t cap, size_t reserve, uint16_t id, uint16_t flags)
{
	rw_require(cap >= HEADER_SIZE + reserve);
	memset(b, 0, sizeof(*b));
	b->out = out;
	b->cap = RW_MIN(cap, LIMIT_MESSAGE_BYTES) - reserve;
	b->reserve = reserve;
	b->size = HEADER_SIZE;
	memset(out, 0, HEADER_SIZE);
	rr_put16(out, id);
	rr_put16(out + 2, flags);
}

static bool fits(const struct builder *b, size_t bytes)
{
	return bytes <= b->cap - b->size;
}

static void put16(struct builder *b, uint16_t value)
{
	rr_put16(b->out + b->size, value);
	b->size += 2;
}

static void put_bytes(struct builder *b, const void *bytes, size_t size)
{
	if (size)
		memcpy(b->out + b->size, bytes, size);
	b->size += size;
}

/* A name taken apart: its labels from the first, and a hash of each suffix. */
struct suffixes {
	const uint8_t *label[LIMIT_LABELS];
	uint32_t hash[LIMIT_LABELS];
	unsigned count;
};

static void suffixes_of(const uint8_t *name, struct suffixes *ret)
{
	unsigned count = 0;
	for (; *name; name = name_parent(name))
		ret->label[count++] = name;
	uint32_t hash = 2166136261u;
	for (unsigned i = count; i-- > 0;) {
		for (unsigned j = 0; j <= ret->label[i][0]; j++)
			hash = (hash ^ lower(ret->label[i][j])) * 16777619u;
		ret->hash[i] = hash;
	}
	ret->count = count;
}

/* Whether the name written at `offset` is `name`. Pointers there are ours, so they end. */
static bool written_equal(const struct builder *b, size_t offset, const uint8_t *name)
{
	for (;;) {
		const uint8_t *at = b->out + offset;
		if (*at >= 0xc0) {
			offset = rr_get16(at) & (POINTER_RANGE - 1);
			continue;
		}
		if (*at != *name)
			return false;
		if (*at == 0)
			return true;
		for (unsigned i = 1; i <= *at; i++)
			if (lower(at[i]) != lower(name[i]))
				return false;
		offset += 1u + *at;
		name = name_parent(name);
	}
}

/* The offset where `name` stands already; 0: nowhere known. */
static uint16_t find_target(const struct builder *b, uint32_t hash, const uint8_t *name)
{
	for (unsigned i = 0; i < b->target_count; i++)
		if (b->hashes[i] == hash && written_equal(b, b->targets[i], name))
			return b->targets[i];
	return 0;
}

static void remember(struct builder *b, size_t offset, uint32_t hash)
{
	if (b->target_count == BUILD_TARGETS || offset >= POINTER_RANGE)
		return;
	b->hashes[b->target_count] = hash;
	b->targets[b->target_count++] = (uint16_t)offset;
}

/* Writes the first `literal` labels, then a pointer to `target` or the root label. */
static int put_labels(
	struct builder *b, const struct suffixes *parts, unsigned literal, uint16_t target)
{
	size_t start = b->size, bytes = target ? 2 : 1;
	for (unsigned i = 0; i < literal; i++)
		bytes += 1u + parts->label[i][0];
	if (!fits(b, bytes))
		return RW_ENOSPACE;
	for (unsigned i = 0; i < literal; i++)
		put_bytes(b, parts->label[i], 1u + parts->label[i][0]);
	if (target)
		put16(b, (uint16_t)(POINTER_RANGE * 3 + target));
	else
		b->out[b->size++] = 0;
	for (unsigned i = 0; i < literal; i++) {
		remember(b, start, parts->hash[i]);
		start += 1u + parts->label[i][0];
	}
	return 0;
}

static int put_plain(struct builder *b, const uint8_t *name)
{
	size_t size = name_size(name);
	if (!fits(b, size))
		return RW_ENOSPACE;
	put_bytes(b, name, size);
	return 0;
}

static int put_name(struct builder *b, const uint8_t *name)
{
	if (name_is_root(name))
		return put_plain(b, name);
	/* The commonest case, which costs no try: the name that was asked for. */
	if (b->counts[0] > 0 && written_equal(b, HEADER_SIZE, name)) {
		if (!fits(b, 2))
			return RW_ENOSPACE;
		put16(b, POINTER_RANGE * 3 + HEADER_SIZE);
		return 0;
	}
	if (b->tries >= LIMIT_COMPRESS_TRIES)
		return put_plain(b, name);
	b->tries++;
	struct suffixes parts;
	suffixes_of(name, &parts);
	uint16_t target = 0;
	unsigned literal = 0;
	for (; literal < parts.count; literal++)
		if ((target = find_target(b, parts.hash[literal], parts.label[literal])) != 0)
			break;
	return put_labels(b, &parts, literal, target);
}

int build_question(struct builder *b, const struct question *question)
{
	struct suffixes parts;
	suffixes_of(question->name, &parts);
	if (!fits(b, name_size(question->name) + 4))
		return RW_ENOSPACE;
	int err = put_labels(b, &parts, parts.count, 0);
	if (err)
		return err;
	put16(b, question->type);
	put16(b, question->class);
	b->counts[0]++;
	return 0;
}

/* RFC 3597 section 4: only the types of RFC 1035 itself. */
static bool may_compress(uint16_t type)
{
	switch (type) {
	case TYPE_NS:
	case TYPE_MD:
	case TYPE_MF:
	case TYPE_CNAME:
	case TYPE_SOA:
	case TYPE_MB:
	case TYPE_MG:
	case TYPE_MR:
	case TYPE_PTR:
	case TYPE_MINFO:
	case TYPE_MX:
		return true;
	default:
		return false;
	}
}

static int put_block(struct builder *b, const uint8_t *bytes, size_t size)
{
	if (!fits(b, size))
		return RW_ENOSPACE;
	put_bytes(b, bytes, size);
	return 0;
}

static int put_rdata(struct builder *b, uint16_t type, const struct rdata *record)
{
	uint16_t first;
	unsigned names = may_compress(type) ? rr_rdata_names(type, &first) : 0;
	if (names == 0)
		return put_block(b, record->bytes, record->size);
	int err = put_block(b, record->bytes, first);
	const uint8_t *at = record->bytes + first;
	for (; !err && names > 0; names--) {
		err = put_name(b, at);
		at += name_size(at);
	}
	return err ? err : put_block(b, at, record->size - (size_t)(at - record->bytes));
}

/* What all records of a set share; `at` is where its owner was written first, 0: nowhere yet. */
struct owner {
	const uint8_t *name;
	uint16_t class;
	uint32_t ttl;
	size_t at;
};

static int put_owner(struct builder *b, struct owner *owner)
{
	if (owner->at == 0) {
		size_t at = b->size;
		int err = put_name(b, owner->name);
		if (!err && at < POINTER_RANGE && !name_is_root(owner->name))
			owner->at = b->out[at] >= 0xc0 ? rr_get16(b->out + at) & (POINTER_RANGE - 1)
						       : at;
		return err;
	}
	if (!fits(b, 2))
		return RW_ENOSPACE;
	put16(b, (uint16_t)(POINTER_RANGE * 3 + owner->at));
	return 0;
}

static int put_record(
	struct builder *b, struct owner *owner, uint16_t type, const struct rdata *record)
{
	int err = put_owner(b, owner);
	if (err)
		return err;
	if (!fits(b, 10))
		return RW_ENOSPACE;
	put16(b, type);
	put16(b, owner->class);
	rr_put32(b->out + b->size, owner->ttl);
	b->size += 6;
	size_t rdata = b->size;
	err = put_rdata(b, type, record);
	if (!err)
		rr_put16(b->out + rdata - 2, (uint16_t)(b->size - rdata));
	return err;
}

int build_rrset(struct builder *b, enum msg_section section, const struct rrset *set, uint32_t ttl,
	unsigned rotate, bool with_sigs)
{
	size_t size = b->size;
	uint16_t targets = b->target_count;
	struct owner owner = {.name = set->owner, .class = set->class, .ttl = ttl};
	unsigned sigs = with_sigs ? set->sig_count : 0;
	int err = b->counts[section + 1] + set->count + sigs > UINT16_MAX ? RW_ENOSPACE : 0;
	for (unsigned i = 0; !err && i < set->count; i++)
		err = put_record(b, &owner, set->type, &set->records[(i + rotate) % set->count]);
	for (unsigned i = 0; !err && i < sigs; i++)
		err = put_record(b, &owner, TYPE_RRSIG, &set->sigs[i]);
	if (err) {
		b->size = size;
		b->target_count = targets;
		return err;
	}
	b->counts[section + 1] += (uint16_t)(set->count + sigs);
	return 0;
}

/* Bytes of the text that are sent: whole UTF-8 characters up to the limit. */
static size_t ede_text_size(const struct build_opt *opt)
{
	if (opt->ede == EDE_NONE || !opt->ede_text)
		return 0;
	size_t size = strnlen(opt->ede_text, LIMIT_EDE_TEXT + 1);
	if (size <= LIMIT_EDE_TEXT)
		return size;
	size = LIMIT_EDE_TEXT;
	while (size > 0 && ((uint8_t)opt->ede_text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

size_t build_opt_size(const struct build_opt *opt)
{
	size_t size = OPT_FIXED;
	if (opt->ede != EDE_NONE)
		size += 6 + ede_text_size(opt);
	for (unsigned i = 0; i < opt->option_count; i++)
		size += 4u + opt->options[i].size;
	return size;
}

static void put_opt(struct builder *b, const struct build_opt *opt, size_t size)
{
	b->out[b->size++] = 0;
	put16(b, TYPE_OPT);
	put16(b, opt->udp_size);
	b->out[b->size++] = (uint8_t)(opt->rcode >> 4);
	b->out[b->size++] = 0;
	put16(b, opt->dnssec_ok ? OPT_FLAG_DO : 0);
	put16(b, (uint16_t)(size - OPT_FIXED));
	if (opt->ede != EDE_NONE) {
		size_t text = ede_text_size(opt);
		put16(b, OPTION_EDE);
		put16(b, (uint16_t)(2 + text));
		put16(b, (uint16_t)opt->ede);
		put_bytes(b, opt->ede_text, text);
	}
	for (unsigned i = 0; i < opt->option_count; i++) {
		put16(b, opt->options[i].code);
		put16(b, opt->options[i].size);
		put_bytes(b, opt->options[i].bytes, opt->options[i].size);
	}
	b->counts[3]++;
}

int build_edns(struct builder *b, const struct build_opt *opt)
{
	size_t room = b->cap + b->reserve - b->size;
	struct build_opt cut = *opt;
	if (build_opt_size(&cut) > room)
		cut.ede_text = NULL;
	if (build_opt_size(&cut) > room)
		cut.option_count = 0;
	size_t size = build_opt_size(&cut);
	if (size > room)
		return RW_ENOSPACE;
	put_opt(b, &cut, size);
	b->cap += b->reserve;
	b->reserve = 0;
	return 0;
}

size_t build_finish(struct builder *b)
{
	for (unsigned i = 0; i < 4; i++)
		rr_put16(b->out + 4 + 2 * i, b->counts[i]);
	return b->size;
}

void build_set_flags(struct builder *b, uint16_t set, uint16_t clear)
{
	rr_put16(b->out + 2, (uint16_t)((rr_get16(b->out + 2) & ~clear) | set));
}

void build_set_rcode(struct builder *b, uint16_t rcode)
{
	build_set_flags(b, rcode & 0xf, 0xf);
}
