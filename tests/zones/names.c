/* SPDX-License-Identifier: MIT */
/* Questions made for a zone. */
#include "tests/zones/names.h"

#include <stdlib.h>
#include <string.h>

/* Room doubles with the count. */
static void append(const uint8_t ***items, size_t *count, const uint8_t *name)
{
	if ((*count & (*count - 1)) == 0) {
		size_t room = *count ? 2 * *count : 1;
		*items = realloc(*items, room * sizeof(**items));
		rw_require(*items);
	}
	(*items)[(*count)++] = name;
}

static void keep(struct names *names, const uint8_t *name)
{
	if (name_is_at_or_below(name, names->apex))
		append(&names->items, &names->count, name);
}

/* Owners with all names between them and the apex, and what their records point to. */
static int see(void *ctx, const struct rrset *set)
{
	struct names *names = ctx;
	uint16_t first;
	if (set->type == TYPE_NSEC3) {
		append(&names->hashes, &names->hash_count, set->owner);
		return 0;
	}
	for (const uint8_t *name = set->owner; name_is_at_or_below(name, names->apex);
		name = name_parent(name)) {
		keep(names, name);
		if (name_is_root(name))
			break;
	}
	if (set->type != TYPE_RRSIG && rr_rdata_names(set->type, &first) > 0)
		for (unsigned i = 0; i < set->count; i++)
			keep(names, set->records[i].bytes + first);
	return 0;
}

void names_init(struct names *names, const struct zone *zone, uint64_t seed)
{
	*names = (struct names){.apex = zone_apex(zone), .state = seed};
	rw_require(zone_walk(zone, see, names) == 0);
}

void names_release(struct names *names)
{
	free(names->items);
	free(names->hashes);
}

/* splitmix64 */
static unsigned dice(struct names *names, unsigned sides)
{
	uint64_t z = names->state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (unsigned)((z ^ (z >> 31)) % sides);
}

/* Puts a label before the name, where it fits. */
static void prepend(struct name *name, const char *label, size_t length)
{
	size_t size = name_size(name->bytes);
	if (size + length + 1 > LIMIT_NAME_BYTES)
		return;
	memmove(name->bytes + length + 1, name->bytes, size);
	name->bytes[0] = (uint8_t)length;
	memcpy(name->bytes + 1, label, length);
}

static void prepend_random(struct names *names, struct name *name)
{
	static const char *const labels[] = {"*", "a", "www", "ns", "zzz", "0", "-", "\1", "*a"};
	char label[63];
	unsigned which = dice(names, RW_COUNT(labels) + 3);
	if (which < RW_COUNT(labels)) {
		prepend(name, labels[which], strlen(labels[which]));
		return;
	}
	size_t length = which == RW_COUNT(labels) ? 63 : 1 + dice(names, 12);
	for (size_t i = 0; i < length; i++)
		label[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[dice(names, 36)];
	prepend(name, label, length);
}

/* Another name beside this one: a byte changed, or one more at the end of the first label. */
static void stray(struct names *names, struct name *name)
{
	uint8_t length = name->bytes[0];
	if (length == 0 || name_equal(name->bytes, names->apex))
		return;
	if (dice(names, 2) == 0) {
		name->bytes[1 + dice(names, length)] = (uint8_t)('a' + dice(names, 26));
		return;
	}
	char label[64];
	if (length > 62)
		return;
	memcpy(label, name->bytes + 1, length);
	label[length] = (char)('a' + dice(names, 26));
	name_copy(name_parent(name->bytes), name);
	prepend(name, label, length + 1u);
}

static void mix_case(struct names *names, struct name *name)
{
	for (uint8_t *label = name->bytes; *label; label += 1 + *label)
		for (unsigned i = 1; i <= *label; i++)
			if (((label[i] | 0x20) >= 'a' && (label[i] | 0x20) <= 'z') &&
				dice(names, 2) == 0)
				label[i] ^= 0x20;
}

static uint16_t any_type(struct names *names)
{
	static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_CNAME, TYPE_SOA, TYPE_PTR, TYPE_MX,
		TYPE_TXT, TYPE_AAAA, TYPE_SRV, TYPE_DNAME, TYPE_DS, TYPE_RRSIG, TYPE_NSEC,
		TYPE_DNSKEY, TYPE_NSEC3, TYPE_NSEC3PARAM, TYPE_HTTPS, TYPE_ANY, TYPE_CAA, 65280};
	/* Mostly what brings data. */
	unsigned which = dice(names, RW_COUNT(types) + 12);
	return which < RW_COUNT(types) ? types[which] : types[which % 2 ? 0 : dice(names, 10)];
}

void names_next(struct names *names, struct name *ret_name, struct question *ret_question)
{
	*ret_question = (struct question){
		.name = ret_name->bytes, .type = any_type(names), .class = CLASS_IN};
	if (names->hash_count > 0 && dice(names, 50) == 0) {
		name_copy(names->hashes[dice(names, (unsigned)names->hash_count)], ret_name);
		return;
	}
	name_copy(names->items[dice(names, (unsigned)names->count)], ret_name);
	unsigned how = dice(names, 10);
	if (how >= 8)
		stray(names, ret_name);
	for (unsigned more = how >= 4 && how < 8 ? how - 3 : 0; more > 0; more--)
		prepend_random(names, ret_name);
	if (dice(names, 40) == 0)
		while (name_size(ret_name->bytes) < 180)
			prepend_random(names, ret_name);
	if (dice(names, 8) == 0)
		mix_case(names, ret_name);
}
