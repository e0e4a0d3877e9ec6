/* SPDX-License-Identifier: MIT */
/* Records of a master file into rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"
#include "zones/include.h"
#include "zones/lists/rpz_inner.h"

#define RECORD_ARENA (1 << 20) /* bytes; one record and what its reading takes */
#define SHOWN        64        /* bytes of text shown in a message, with the final NUL */
#define V6_WORDS     8
#define RPZ_LABEL    4 /* bytes of "rpz-" */

struct rpz_reader {
	struct rpz *rpz;
	struct include *include; /* NULL: it is read from memory, and draws nothing in */
	struct fault_list *faults;
	unsigned line;         /* of the file at hand */
	unsigned include_line; /* of the file itself, where it draws in what is read */
	unsigned rule_line;    /* of the file itself: what is told of a rule */
	struct arena record;   /* memory of the record at hand */
	bool is_wrong;
};

/* The file of the line at hand. */
static const char *path_of(const struct rpz_reader *r)
{
	return r->include ? include_path(r->include) : r->rpz->file;
}

static const char *shown(const char *text, char buf[SHOWN])
{
	size_t used = 0;
	for (; used < SHOWN - 4 && text[used]; used++)
		buf[used] = text[used] >= 0x20 && text[used] < 0x7f ? text[used] : '?';
	(void)snprintf(buf + used, SHOWN - used, "%s", text[used] ? "..." : "");
	return buf;
}

/* A record that is no rule: left out. */
static int leave_out(struct rpz_reader *r, const uint8_t *owner, const char *why)
{
	char text[LIMIT_NAME_TEXT], buf[SHOWN];
	fault_warning(r->faults, path_of(r), r->line, "%s %s: the record is left out",
		shown(name_text(owner, text), buf), why);
	return 0;
}

/* ---- actions ---- */

/* Names without a dot at the end are completed by the zone's, which is never what was meant. */
static bool lacks_dot(const struct rpz_reader *r, const uint8_t *target)
{
	return name_labels(target) == 1 + name_labels(r->rpz->apex.bytes) &&
	       name_is_below(target, r->rpz->apex.bytes) && target[0] > RPZ_LABEL &&
	       memcmp(target + 1, "rpz-", RPZ_LABEL) == 0;
}

/* What a CNAME's target stands for; -1: nothing that is known. */
static int action_of(const uint8_t *target, const uint8_t *trigger)
{
	static const struct {
		const char *name; /* wire form; the final root label is the NUL */
		enum rpz_action action;
	} words[] = {{"\14rpz-passthru", RPZ_PASSTHRU}, {"\10rpz-drop", RPZ_DROP},
		{"\14rpz-tcp-only", RPZ_TCP_ONLY}, {"\1*", RPZ_NODATA}, {"", RPZ_NXDOMAIN}};
	for (size_t i = 0; i < RW_COUNT(words); i++)
		if (name_equal(target, (const uint8_t *)words[i].name))
			return (int)words[i].action;
	if (name_labels(target) == 1 && target[0] > RPZ_LABEL &&
		memcmp(target + 1, "rpz-", RPZ_LABEL) == 0)
		return -1;
	/* The old way to say passthru: an alias to itself. */
	return name_equal(target, trigger) ? RPZ_PASSTHRU : RPZ_DATA;
}

/* Whether records of the type may be answered with. */
static bool is_data(uint16_t type)
{
	switch (type) {
	case TYPE_SOA:
	case TYPE_NS:
	case TYPE_DNAME:
	case TYPE_DS:
	case TYPE_DNSKEY:
	case TYPE_RRSIG:
	case TYPE_NSEC:
	case TYPE_NSEC3:
	case TYPE_NSEC3PARAM:
		return false;
	default:
		return true;
	}
}

static int new_rule(struct rpz *rpz, unsigned line, uint32_t *ret_number)
{
	if (rpz->rule_count == rpz->rule_room) {
		size_t room = rpz->rule_room ? 2 * rpz->rule_room : 16;
		struct rpz_rule *rules = realloc(rpz->rules, room * sizeof(*rules));
		if (!rules)
			return RW_ENOMEM;
		rpz->rules = rules;
		rpz->rule_room = room;
	}
	*ret_number = (uint32_t)rpz->rule_count;
	rpz->rules[rpz->rule_count++] = (struct rpz_rule){.line = line};
	return 0;
}

static struct rpz_set *find_or_add_set(
	struct rpz_reader *r, struct rpz_rule *rule, const struct rrset *record)
{
	struct rpz_set **link = &rule->sets;
	while (*link && (*link)->set.type != record->type)
		link = &(*link)->next;
	if (!*link) {
		*link = arena_alloc(&r->rpz->arena, sizeof(**link));
		if (*link)
			(*link)->set = (struct rrset){
				.type = record->type, .class = CLASS_IN, .ttl = record->ttl};
	}
	return *link;
}

/* RW_ELIMIT: no room in the zone's memory. */
static int add_data(struct rpz_reader *r, uint32_t number, const struct rrset *record)
{
	struct arena *arena = &r->rpz->arena;
	struct rpz_rule *rule = &r->rpz->rules[number];
	bool alias = rule->sets && rule->sets->set.type == TYPE_CNAME;
	if (rule->sets && (alias || record->type == TYPE_CNAME))
		return leave_out(r, record->owner, "has an alias beside other records");
	struct rpz_set *at = find_or_add_set(r, rule, record);
	struct rrset *set = at ? &at->set : NULL;
	if (!set)
		return RW_ELIMIT;
	if (set->count == LIMIT_RRSET_RECORDS)
		return leave_out(r, record->owner, "has more records of one type than are kept");
	/* Room doubles when the count is a power of two. */
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? 2u * set->count : 1;
		struct rdata *records = arena_alloc(arena, room * sizeof(*records));
		if (!records)
			return RW_ELIMIT;
		if (set->count)
			memcpy(records, set->records, set->count * sizeof(*records));
		set->records = records;
	}
	uint8_t *copy = arena_dup(arena, record->records[0].bytes, record->records[0].size);
	if (!copy)
		return RW_ELIMIT;
	set->records[set->count++] = (struct rdata){copy, record->records[0].size};
	set->ttl = RW_MIN(set->ttl, record->ttl);
	return 0;
}

/* ---- triggers ---- */

/* The trigger that the last label of the relative owner names; RPZ_QNAME for any other. */
static enum rpz_trigger trigger_of(const uint8_t *label)
{
	static const struct {
		const char *label;
		enum rpz_trigger trigger;
	} words[] = {{"rpz-client-ip", RPZ_CLIENT_IP}, {"rpz-ip", RPZ_RESPONSE_IP},
		{"rpz-nsdname", RPZ_NSDNAME}, {"rpz-nsip", RPZ_NSIP}};
	if (label[0] <= RPZ_LABEL || memcmp(label + 1, "rpz-", RPZ_LABEL) != 0)
		return RPZ_QNAME;
	for (size_t i = 0; i < RW_COUNT(words); i++)
		if (strlen(words[i].label) == label[0] &&
			memcmp(words[i].label, label + 1, label[0]) == 0)
			return words[i].trigger;
	return RPZ_TRIGGERS;
}

/* A label as a number; false: it is none, or too large. */
static bool label_number(const uint8_t *label, int base, unsigned max, unsigned *ret_number)
{
	char text[8], *end;
	if (label[0] == 0 || label[0] >= sizeof(text))
		return false;
	memcpy(text, label + 1, label[0]);
	text[label[0]] = '\0';
	if (strspn(text, base == 16 ? "0123456789abcdef" : "0123456789") != label[0])
		return false;
	unsigned long number = strtoul(text, &end, base);
	*ret_number = (unsigned)number;
	return number <= max;
}

/* Labels, last first, are the words of an IPv6 address; "zz" is a run of zeroes. */
static bool read_words(const uint8_t *name, unsigned labels, uint8_t ip[16])
{
	unsigned at = V6_WORDS, value;
	bool zz = false;
	for (; labels > 0; labels--, name = name_parent(name)) {
		if (name[0] == 2 && name[1] == 'z' && name[2] == 'z') {
			if (zz || labels > V6_WORDS || at < labels - 1)
				return false;
			at = labels - 1; /* the words in front of the run */
			zz = true;
			continue;
		}
		if (at == 0 || !label_number(name, 16, 0xffff, &value))
			return false;
		at--;
		ip[2 * at] = (uint8_t)(value >> 8);
		ip[2 * at + 1] = (uint8_t)value;
	}
	return at == 0;
}

static bool read_octets(const uint8_t *name, unsigned labels, uint8_t ip[4])
{
	unsigned value;
	if (labels != 4)
		return false;
	for (unsigned i = 0; i < 4; i++, name = name_parent(name)) {
		if (!label_number(name, 10, 255, &value))
			return false;
		ip[3 - i] = (uint8_t)value;
	}
	return true;
}

const char *rpz_read_prefix(const uint8_t *name, struct prefix *ret_prefix)
{
	uint8_t ip[16] = {0};
	unsigned bits, labels = name_labels(name);
	if (labels < 2 || !label_number(name, 10, 128, &bits))
		return "has no prefix length in front";
	name = name_parent(name);
	labels--;
	bool v4 = read_octets(name, labels, ip);
	if (!v4) {
		memset(ip, 0, sizeof(ip));
		if (!read_words(name, labels, ip))
			return "is no address: write the octets or words backwards";
	}
	*ret_prefix = (struct prefix){addr_from_bytes(ip, v4 ? 4 : 16, 0), (uint8_t)bits};
	if (bits > (v4 ? 32u : 128u))
		return "has a prefix longer than its address";
	const struct prefix whole = *ret_prefix;
	for (unsigned bit = bits; bit < (v4 ? 32u : 128u); bit++)
		if (whole.base.ip[bit / 8] >> (7 - bit % 8) & 1)
			return "has bits set behind the length of its prefix";
	return NULL;
}

/* ---- rules ---- */

static int table_of(struct rpz_reader *r, struct name_table **table)
{
	return *table ? 0 : name_table_new(&r->rpz->key, r->rpz->max_bytes, table);
}

/*
 * The owner of a record that is no rule is there all the same: no wildcard above reaches it, nor
 * what lies below it.
 */
static int add_empty(struct rpz_reader *r, enum rpz_trigger trigger, const uint8_t *name)
{
	struct name_table **table = &r->rpz->names[trigger].exact;
	const struct name_value value = {.kind = RPZ_EMPTY};
	struct name_value there;
	if (!rpz_is_by_name(trigger) || name_is_wildcard(name))
		return 0;
	int err = table_of(r, table);
	if (!err)
		err = name_table_add(*table, name, &value, &there);
	return err == RW_EBUSY ? 0 : err;
}

/* The rule of the trigger, which may be there already. */
static int add_rule(struct rpz_reader *r, struct name_table **table, const uint8_t *name,
	enum rpz_action action, const struct rrset *record)
{
	struct name_value value = {.kind = (uint8_t)action, .number = r->rule_line}, there = value;
	int err = table_of(r, table);
	if (!err && action == RPZ_DATA)
		err = new_rule(r->rpz, r->rule_line, &value.number);
	if (!err)
		err = name_table_add(*table, name, &value, &there);
	if (err == RW_EBUSY && there.kind == RPZ_EMPTY) {
		name_table_set(*table, name, &value);
		err = 0;
	} else if (err == RW_EBUSY) {
		if (action == RPZ_DATA)
			r->rpz->rule_count--;
		if (action != RPZ_DATA || there.kind != RPZ_DATA)
			return leave_out(r, record->owner, "has a rule already");
		value = there;
		err = 0;
	}
	return !err && action == RPZ_DATA ? add_data(r, value.number, record) : err;
}

/* What the record says to do, or a negative one of what is wrong with it (`ret_why`). */
static int read_action(const struct rpz_reader *r, const uint8_t *name, const struct rrset *record,
	const char **ret_why)
{
	const uint8_t *target = record->records[0].bytes;
	int action = record->type == TYPE_CNAME ? action_of(target, name) : RPZ_DATA;
	*ret_why = "has an unknown action";
	if (record->type == TYPE_CNAME && lacks_dot(r, target)) {
		*ret_why = "has an action without the dot at its end: write it as rpz-drop.";
		return -1;
	}
	return action;
}

/* `name` is the owner without the zone's name and without the trigger's label. */
static int take_rule(struct rpz_reader *r, enum rpz_trigger trigger, const uint8_t *name,
	const struct rrset *record)
{
	struct rpz_names *names = &r->rpz->names[trigger];
	struct prefix prefix;
	const char *why;
	if (!is_data(record->type))
		return add_empty(r, trigger, name);
	int action = read_action(r, name, record, &why);
	if (action < 0) {
		int err = add_empty(r, trigger, name);
		return err ? err : leave_out(r, record->owner, why);
	}
	if (rpz_is_by_name(trigger) && name_is_wildcard(name))
		return add_rule(
			r, &names->below, name_parent(name), (enum rpz_action)action, record);
	why = rpz_is_by_name(trigger) ? NULL : rpz_read_prefix(name, &prefix);
	if (why)
		return leave_out(r, record->owner, why);
	return add_rule(r, &names->exact, name, (enum rpz_action)action, record);
}

static int take_apex(struct rpz_reader *r, const struct rrset *record)
{
	if (record->type != TYPE_SOA)
		return 0;
	if (r->rpz->soa)
		return leave_out(r, record->owner, "has a second SOA");
	r->rpz->soa = rrset_dup(record, &r->rpz->arena);
	return r->rpz->soa ? 0 : RW_ELIMIT;
}

/* The name ends behind its first `labels` labels. */
static void cut_behind(struct name *name, unsigned labels)
{
	name->bytes[name_skip(name->bytes, labels) - name->bytes] = 0;
}

static int take_inside(struct rpz_reader *r, const struct rrset *record)
{
	struct name relative, apart;
	unsigned labels = name_labels(record->owner) - name_labels(r->rpz->apex.bytes);
	if (labels == 0)
		return take_apex(r, record);
	(void)name_lower(record->owner, relative.bytes);
	const uint8_t *last = name_skip(relative.bytes, labels - 1);
	enum rpz_trigger trigger = trigger_of(last);
	cut_behind(&relative, labels);
	if (trigger == RPZ_QNAME)
		return take_rule(r, trigger, relative.bytes, record);
	if (!is_data(record->type))
		return 0;
	if (trigger == RPZ_TRIGGERS)
		return leave_out(r, record->owner, "has an unknown trigger");
	if (labels == 1)
		return leave_out(r, record->owner, "has nothing in front of its trigger");
	/* Without the label that names the trigger. */
	(void)name_copy(relative.bytes, &apart);
	cut_behind(&apart, labels - 1);
	return take_rule(r, trigger, apart.bytes, record);
}

static size_t memory_of(const struct rpz *rpz)
{
	size_t bytes = rpz->arena.total + rpz->rule_room * sizeof(*rpz->rules);
	for (unsigned i = 0; i < RPZ_TRIGGERS; i++) {
		bytes += rpz->names[i].exact ? name_table_bytes(rpz->names[i].exact) : 0;
		bytes += rpz->names[i].below ? name_table_bytes(rpz->names[i].below) : 0;
	}
	return bytes;
}

static int take_record(void *ctx, int line, const struct rrset *record)
{
	struct rpz_reader *r = ctx;
	char text[LIMIT_NAME_TEXT], buf[SHOWN];
	int err = 0;
	r->line = (unsigned)line;
	r->rule_line = r->include && r->include->depth > 1 ? r->include_line : r->line;
	if (record->class != CLASS_IN || !name_is_at_or_below(record->owner, r->rpz->apex.bytes)) {
		r->is_wrong = true;
		fault_error(r->faults, path_of(r), r->line,
			"%s is not in the zone: correct the owner or $ORIGIN, or the zone's name",
			shown(name_text(record->owner, text), buf));
	} else {
		err = take_inside(r, record);
	}
	arena_clear(&r->record);
	return !err && memory_of(r->rpz) > r->rpz->max_bytes ? RW_ELIMIT : err;
}

static int take_fault(void *ctx, const struct text_fault *fault)
{
	struct rpz_reader *r = ctx;
	char buf[SHOWN];
	r->is_wrong = true;
	fault_error(r->faults, path_of(r), (unsigned)fault->line, "%s%s%s%s",
		fault->word ? "\"" : "", fault->word ? shown(fault->word, buf) : "",
		fault->word ? "\" " : "", fault->why);
	return 0;
}

static int take_include(void *ctx, int line, const char *file, const char **ret_bytes,
	size_t *ret_size, const char **ret_why)
{
	struct rpz_reader *r = ctx;
	if (r->include->depth == 1)
		r->include_line = (unsigned)line;
	return include_open(r->include, file, ret_bytes, ret_size, ret_why);
}

static void take_included(void *ctx)
{
	const struct rpz_reader *r = ctx;
	include_close(r->include);
}

/* ---- the end ---- */

static int report_end(struct rpz_reader *r, int err)
{
	if (err == RW_ELIMIT) {
		fault_error(r->faults, r->rpz->file, r->rule_line,
			"from here on its rules take more than %zu bytes of memory, which is "
			"block.max-bytes: raise that, or take a smaller zone",
			r->rpz->max_bytes);
		return RW_EINVAL;
	}
	if (!err && !r->rpz->soa && !r->is_wrong) {
		fault_error(r->faults, r->rpz->file, 0,
			"has no SOA record at its top: add one, or correct the zone's name");
		return RW_EINVAL;
	}
	return !err && r->is_wrong ? RW_EINVAL : err;
}

static int parse(struct rpz_reader *r, const struct rpz_source *source, const char *bytes,
	size_t size, struct rpz **ret_rpz)
{
	const struct text_reader reader = {.add = take_record,
		.fault = take_fault,
		.include = r->include ? take_include : NULL,
		.included = take_included,
		.ctx = r};
	int err = rpz_empty(source, &r->rpz);
	if (err)
		return err;
	arena_init(&r->record, RECORD_ARENA);
	err = text_read_lines(&r->record, bytes, size, source->apex, &reader);
	arena_release(&r->record);
	if (!err)
		err = rpz_finish(r->rpz);
	if (!err && memory_of(r->rpz) > r->rpz->max_bytes)
		err = RW_ELIMIT;
	err = report_end(r, err);
	if (err)
		rpz_unref(r->rpz);
	else
		*ret_rpz = r->rpz;
	return err;
}

int rpz_parse(const struct rpz_source *source, const char *bytes, size_t size,
	struct fault_list *faults, struct rpz **ret_rpz)
{
	struct rpz_reader r = {.faults = faults};
	return parse(&r, source, bytes, size, ret_rpz);
}

int rpz_read(const struct rpz_source *source, struct fault_list *faults, struct rpz **ret_rpz)
{
	struct include include;
	struct rpz_reader r = {.include = &include, .faults = faults};
	struct table_included *included = source->source ? source->source->included : NULL;
	size_t size, limit = RW_MIN(source->max_bytes, (size_t)LIMIT_ZONE_BYTES);
	const char *bytes;
	int err = include_begin(&include, source->path, limit, included, faults, &bytes, &size);
	if (!err)
		err = parse(&r, source, bytes, size, ret_rpz);
	include_end(&include);
	return err;
}
