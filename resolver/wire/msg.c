/* SPDX-License-Identifier: MIT */
/*
 * The parsed view: records are gathered into sets through a hash table in the arena. The table's
 * key is no secret, so the steps along its chains are counted too.
 */
#include "resolver/wire/msg.h"

#include <string.h>

#include "resolver/wire/precheck.h"

struct node {
	struct rdata rdata;
	struct node *next;
};

struct msg_list {
	struct node *first, **end;
	uint16_t count;
};

/* A set in the making. RRSIG records are filed under the type they cover. */
struct msg_entry {
	uint64_t hash;
	struct msg_entry *chain; /* same bucket */
	struct msg_entry *next;  /* same section, in order; merged entries stay, empty */
	const uint8_t *owner;
	uint16_t type, class;
	uint32_t ttl;
	struct msg_list records, sigs;
};

/* The sets of one section, in order and by their keys. */
struct msg_table {
	struct msg_entry **buckets; /* NULL: the section is empty */
	size_t mask;
	struct msg_entry *first, **end, *last; /* `last` got the latest record */
};

struct msg_parser {
	struct arena *arena;
	const uint8_t *wire;
	size_t size, at;
	struct precheck info;
	struct msg *msg;
	struct siphash_key key;
	struct msg_table tables[SECTION_COUNT];
	struct msg_table *table; /* of the section at hand */
	unsigned steps;
	unsigned kept; /* records in the whole message */
};

struct msg_record {
	size_t owner, rdata;
	uint16_t type, class, length;
	uint32_t ttl;
};

static void list_init(struct msg_list *list)
{
	list->first = NULL;
	list->end = &list->first;
	list->count = 0;
}

static uint64_t entry_hash(
	const struct msg_parser *p, const uint8_t *owner, uint16_t type, uint16_t class)
{
	return name_hash(owner, &p->key) + (((uint64_t)type << 16 | class) * 0x9e3779b97f4a7c15u);
}

static bool entry_is(
	const struct msg_entry *entry, const uint8_t *owner, uint16_t type, uint16_t class)
{
	return entry->type == type && entry->class == class && name_equal(entry->owner, owner);
}

/* NULL in `ret_entry` when there is none. RW_ELIMIT when chains were made too long on purpose. */
static int entry_find(struct msg_parser *p, const struct msg_table *table, uint64_t hash,
	const uint8_t *owner, uint16_t type, uint16_t class, struct msg_entry **ret_entry)
{
	struct msg_entry *entry = table->buckets ? table->buckets[hash & table->mask] : NULL;
	for (; entry; entry = entry->chain) {
		if (++p->steps > LIMIT_MESSAGE_WORK)
			return RW_ELIMIT;
		if (entry->hash == hash && entry_is(entry, owner, type, class))
			break;
	}
	*ret_entry = entry;
	return 0;
}

static void entry_file(struct msg_table *table, struct msg_entry *entry, uint64_t hash)
{
	entry->hash = hash;
	entry->chain = table->buckets[hash & table->mask];
	table->buckets[hash & table->mask] = entry;
}

/* Finds or adds. */
static int entry_get(struct msg_parser *p, const uint8_t *owner, uint16_t type, uint16_t class,
	struct msg_entry **ret_entry)
{
	struct msg_table *table = p->table;
	/* Records of one set mostly stand together. */
	if (table->last && entry_is(table->last, owner, type, class)) {
		*ret_entry = table->last;
		return 0;
	}
	uint64_t hash = entry_hash(p, owner, type, class);
	struct msg_entry *entry;
	int err = entry_find(p, table, hash, owner, type, class, &entry);
	if (err)
		return err;
	if (!entry) {
		entry = arena_alloc(p->arena, sizeof(*entry));
		const uint8_t *copy = entry ? name_dup(owner, p->arena) : NULL;
		if (!copy)
			return RW_ENOMEM;
		entry->owner = copy;
		entry->type = type;
		entry->class = class;
		entry->ttl = UINT32_MAX;
		list_init(&entry->records);
		list_init(&entry->sigs);
		entry_file(table, entry, hash);
		*table->end = entry;
		table->end = &entry->next;
	}
	*ret_entry = table->last = entry;
	return 0;
}

static bool list_holds(const struct msg_list *list, const struct rdata *rdata)
{
	for (const struct node *node = list->first; node; node = node->next)
		if (node->rdata.size == rdata->size &&
			memcmp(node->rdata.bytes, rdata->bytes, rdata->size) == 0)
			return true;
	return false;
}

/* Adds what is not there yet; past the limit it only notes that more was there. */
static int list_add(
	struct msg_parser *p, struct msg_list *list, unsigned limit, const struct rdata *rdata)
{
	if (list_holds(list, rdata))
		return 0;
	if (list->count >= limit) {
		p->msg->more = true;
		return 0;
	}
	struct node *node = arena_alloc_raw(p->arena, sizeof(*node));
	if (!node)
		return RW_ENOMEM;
	node->rdata = *rdata;
	node->next = NULL;
	*list->end = node;
	list->end = &node->next;
	list->count++;
	return 0;
}

/* Rdata with its names expanded, in the arena. */
static int expand(struct msg_parser *p, const struct msg_record *record, struct rdata *ret_rdata)
{
	const uint8_t *bytes = p->wire + record->rdata;
	uint16_t first;
	unsigned count = rr_rdata_names(record->type, &first);
	struct name names[2];
	size_t at = record->rdata + first, sizes[2] = {0, 0};
	for (unsigned i = 0; i < count; i++) {
		int err = name_read(p->wire, p->size, at, &names[i], &at);
		if (err)
			return err;
		sizes[i] = name_size(names[i].bytes);
	}
	size_t tail = record->rdata + record->length - at;
	size_t size = first + sizes[0] + sizes[1] + tail;
	if (size > UINT16_MAX)
		return RW_EMALFORMED;
	uint8_t *out = arena_alloc_raw(p->arena, size ? size : 1);
	if (!out)
		return RW_ENOMEM;
	ret_rdata->bytes = out;
	ret_rdata->size = (uint16_t)size;
	memcpy(out, bytes, first);
	out += first;
	for (unsigned i = 0; i < count; i++, out += sizes[i - 1])
		memcpy(out, names[i].bytes, sizes[i]);
	memcpy(out, p->wire + at, tail);
	return 0;
}

static int keep_record(struct msg_parser *p, const struct msg_record *record)
{
	struct name owner;
	struct rdata rdata;
	struct msg_entry *entry;
	int err = name_read(p->wire, p->size, record->owner, &owner, NULL);
	if (!err)
		err = expand(p, record, &rdata);
	if (err)
		return err;
	/* Filed under what it covers, a signature meets its set whichever of them comes first. */
	bool sig = record->type == TYPE_RRSIG;
	uint16_t type = sig ? rr_get16(rdata.bytes) : record->type;
	err = entry_get(p, owner.bytes, type, record->class, &entry);
	if (err)
		return err;
	/* RFC 2181 section 8: a TTL with the top bit set is none at all. */
	uint32_t ttl = record->ttl > INT32_MAX ? 0 : record->ttl;
	entry->ttl = RW_MIN(entry->ttl, ttl);
	return sig ? list_add(p, &entry->sigs, LIMIT_RRSET_SIGS, &rdata)
		   : list_add(p, &entry->records, LIMIT_RRSET_RECORDS, &rdata);
}

static int read_record(struct msg_parser *p)
{
	struct msg_record record = {.owner = p->at};
	int err = name_read(p->wire, p->size, p->at, NULL, &p->at);
	if (err)
		return err;
	const uint8_t *fixed = p->wire + p->at;
	record.type = rr_get16(fixed);
	record.class = rr_get16(fixed + 2);
	record.ttl = rr_get32(fixed + 4);
	record.length = rr_get16(fixed + 8);
	record.rdata = p->at + 10;
	p->at = record.rdata + record.length;
	if (record.owner == p->info.opt || record.owner == p->info.signature)
		return 0;
	if (p->kept == LIMIT_RECORDS) {
		p->msg->more = true;
		return 0;
	}
	p->kept++;
	return keep_record(p, &record);
}

/*
 * Some servers put a signature into another section than the set it covers. In an answer to a
 * question for signatures all of them stand where they belong.
 */
static int find_in_other_section(
	struct msg_parser *p, const struct msg_entry *entry, struct msg_entry **ret_home)
{
	*ret_home = NULL;
	if (p->info.qtype == TYPE_RRSIG || p->info.qtype == TYPE_ANY)
		return 0;
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		struct msg_entry *found;
		int err = entry_find(p, &p->tables[i], entry->hash, entry->owner, entry->type,
			entry->class, &found);
		if (err)
			return err;
		if (found && found->records.count > 0) {
			*ret_home = found;
			return 0;
		}
	}
	return 0;
}

/* The set of the section's own that has its signatures for records, one per owner and class. */
static int find_signature_set(
	struct msg_parser *p, struct msg_entry *entry, struct msg_entry **ret_home)
{
	struct msg_table *table = p->table;
	uint64_t hash = entry_hash(p, entry->owner, TYPE_RRSIG, entry->class);
	int err = entry_find(p, table, hash, entry->owner, TYPE_RRSIG, entry->class, ret_home);
	if (err || *ret_home)
		return err;
	if (!table->buckets) /* never: the section has these signatures */
		return RW_EINVAL;
	/* The first of them becomes that set, and moves to the bucket of its new type. */
	struct msg_entry **link = &table->buckets[entry->hash & table->mask];
	while (*link != entry) {
		if (++p->steps > LIMIT_MESSAGE_WORK)
			return RW_ELIMIT;
		link = &(*link)->chain;
	}
	*link = entry->chain;
	entry->type = TYPE_RRSIG;
	entry_file(table, entry, hash);
	*ret_home = entry;
	return 0;
}

/* Signatures that cover nothing in their section go to their set in another, or become a set. */
static int settle_orphan(struct msg_parser *p, struct msg_entry *entry)
{
	struct msg_entry *home;
	int err = find_in_other_section(p, entry, &home);
	bool covers = home != NULL;
	if (!err && !covers)
		err = find_signature_set(p, entry, &home);
	if (err)
		return err;
	const struct node *node = entry->sigs.first;
	list_init(&entry->sigs);
	home->ttl = RW_MIN(home->ttl, entry->ttl);
	for (; !err && node; node = node->next)
		err = covers ? list_add(p, &home->sigs, LIMIT_RRSET_SIGS, &node->rdata)
			     : list_add(p, &home->records, LIMIT_RRSET_RECORDS, &node->rdata);
	return err;
}

static struct rdata *flatten(struct msg_parser *p, const struct msg_list *list)
{
	struct rdata *array = arena_alloc_raw(p->arena, (list->count + 1u) * sizeof(*array));
	unsigned i = 0;
	for (const struct node *node = list->first; array && node; node = node->next)
		array[i++] = node->rdata;
	return array;
}

/* Turns the lists of the section's entries into the arrays of the view. */
static int write_sets(struct msg_parser *p, enum msg_section section)
{
	unsigned count = 0;
	for (const struct msg_entry *entry = p->table->first; entry; entry = entry->next)
		count += entry->records.count > 0;
	struct rrset *set = arena_alloc(p->arena, (count + 1) * sizeof(*set));
	if (!set)
		return RW_ENOMEM;
	p->msg->sets[section] = set;
	p->msg->set_count[section] = (uint16_t)count;
	for (const struct msg_entry *entry = p->table->first; entry; entry = entry->next) {
		if (entry->records.count == 0)
			continue;
		set->owner = entry->owner;
		set->type = entry->type;
		set->class = entry->class;
		set->ttl = entry->ttl;
		set->count = entry->records.count;
		set->sig_count = entry->sigs.count;
		set->records = flatten(p, &entry->records);
		set->sigs = flatten(p, &entry->sigs);
		if (!set->records || !set->sigs)
			return RW_ENOMEM;
		set++;
	}
	return 0;
}

/* Each section has a table of its own, at least as wide as it has records. */
static int read_section(struct msg_parser *p, enum msg_section section)
{
	unsigned count = p->info.counts[section + 1];
	struct msg_table *table = p->table = &p->tables[section];
	table->end = &table->first;
	size_t buckets = 8;
	while (buckets < RW_MIN(count, LIMIT_RECORDS))
		buckets *= 2;
	table->mask = buckets - 1;
	table->buckets = count ? arena_alloc(p->arena, buckets * sizeof(struct msg_entry *)) : NULL;
	if (count && !table->buckets)
		return RW_ENOMEM;
	int err = 0;
	for (unsigned i = 0; !err && i < count; i++)
		err = read_record(p);
	return err;
}

/* When all sections are read: signatures without a set of theirs beside them. */
static int settle_orphans(struct msg_parser *p)
{
	int err = 0;
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		p->table = &p->tables[i];
		for (struct msg_entry *entry = p->table->first; !err && entry; entry = entry->next)
			if (entry->records.count == 0)
				err = settle_orphan(p, entry);
	}
	return err;
}

static int read_sections(struct msg_parser *p)
{
	int err = 0;
	for (unsigned i = 0; !err && i < SECTION_COUNT; i++)
		err = read_section(p, (enum msg_section)i);
	if (!err)
		err = settle_orphans(p);
	for (unsigned i = 0; !err && i < SECTION_COUNT; i++) {
		p->table = &p->tables[i];
		err = write_sets(p, (enum msg_section)i);
	}
	return err;
}

static int read_question(struct msg_parser *p)
{
	p->at = p->info.question_end;
	if (p->info.counts[0] == 0)
		return 0;
	/* RFC 9619: one question is all there may be. */
	if (p->info.counts[0] > 1)
		return RW_EMALFORMED;
	struct name name;
	int err = name_read(p->wire, p->size, HEADER_SIZE, &name, NULL);
	if (err)
		return err;
	p->msg->has_question = true;
	p->msg->question.name = name_dup(name.bytes, p->arena);
	p->msg->question.type = p->info.qtype;
	p->msg->question.class = p->info.qclass;
	return p->msg->question.name ? 0 : RW_ENOMEM;
}

static int read_header(struct msg_parser *p)
{
	struct msg *msg = p->msg;
	msg->id = p->info.id;
	msg->flags = p->info.flags;
	msg->opcode = p->info.flags >> 11 & 0xf;
	msg->rcode = p->info.flags & 0xf;
	msg->size = p->size;
	if (p->info.opt == 0)
		return 0;
	int err = edns_read(p->wire, p->size, p->info.opt, &msg->edns);
	msg->rcode |= (uint16_t)(msg->edns.extended_rcode << 4);
	return err;
}

int msg_parse(struct arena *arena, const uint8_t *wire, size_t size, const struct msg **ret_msg)
{
	struct msg_parser p = {.arena = arena, .wire = wire, .size = size};
	int err = precheck(wire, size, &p.info);
	if (err)
		return err;
	p.msg = arena_alloc(arena, sizeof(*p.msg));
	if (!p.msg)
		return RW_ENOMEM;
	/* Addresses are hard to guess, not secret: `steps` bounds what a good guess can cost. */
	p.key.k[0] = (uintptr_t)p.msg;
	p.key.k[1] = (uintptr_t)&p;
	err = read_header(&p);
	if (!err)
		err = read_question(&p);
	if (!err)
		err = read_sections(&p);
	if (!err)
		*ret_msg = p.msg;
	return err;
}

const struct rrset *msg_find(
	const struct msg *msg, enum msg_section section, const uint8_t *owner, uint16_t type)
{
	for (unsigned i = 0; i < msg->set_count[section]; i++) {
		const struct rrset *set = &msg->sets[section][i];
		if (set->type == type && set->class == CLASS_IN && name_equal(set->owner, owner))
			return set;
	}
	return NULL;
}
