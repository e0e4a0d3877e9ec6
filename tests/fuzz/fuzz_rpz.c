/* SPDX-License-Identifier: MIT */
/*
 * Policy zones of any bytes. What can be read keeps to its memory, and its rules can be looked up
 * and their data made for any name.
 */
#include "zones/lists/rpz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)1 << 18)

static const uint8_t names[][32] = {
	"\3www\3bad\7example", "\3bad\7example", "\2ns\4evil\7example", "\7example", ""};
static const uint8_t addresses[][16] = {
	{192, 0, 2, 1}, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, {0}, {10, 1, 2, 3}};

static void see(const struct rpz_match *match, const uint8_t *name)
{
	static const uint16_t types[] = {TYPE_A, TYPE_CNAME, TYPE_ANY};
	struct arena arena;
	rw_require(match->line > 0);
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; match->action == RPZ_DATA && i < RW_COUNT(types); i++) {
		const struct rrset *set;
		int err = rpz_data(match, name, types[i], &arena, &set);
		rw_require(err || !set || (set->count > 0 && name_equal(set->owner, name)));
	}
	arena_release(&arena);
}

static void look_up(const struct rpz *rpz)
{
	struct rpz_match match;
	for (unsigned trigger = 0; trigger < RPZ_TRIGGERS; trigger++)
		for (size_t i = 0; i < RW_COUNT(names); i++)
			if (trigger == RPZ_QNAME || trigger == RPZ_NSDNAME) {
				if (rpz_match_name(rpz, trigger, names[i], &match))
					see(&match, names[i]);
			} else if (i < 2 * RW_COUNT(addresses)) {
				struct addr addr = addr_from_bytes(
					addresses[i % RW_COUNT(addresses)], i % 2 ? 16 : 4, 0);
				if (rpz_match_address(rpz, trigger, &addr, &match))
					see(&match, names[0]);
			}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t apex[] = "\3rpz";
	static struct fault_list faults;
	const struct rpz_source source = {
		.path = "zone", .apex = apex, .max_bytes = ROOM, .hash_key = {{7, 8}}};
	struct rpz *rpz;
	faults = (struct fault_list){0};
	int err = rpz_parse(&source, (const char *)data, size, &faults, &rpz);
	rw_require(err == 0 || err == RW_ENOMEM || err == RW_ELIMIT || faults.errors > 0);
	for (size_t i = 0; i < RW_MIN(faults.count, (size_t)LIMIT_FILE_FAULTS); i++)
		for (const char *at = faults.items[i].message; *at; at++)
			rw_require(*at >= 0x20 && *at < 0x7f);
	if (err)
		return 0;
	look_up(rpz);
	rpz_unref(rpz);
	return 0;
}
