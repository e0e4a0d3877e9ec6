/* SPDX-License-Identifier: MIT */
/* Making versions: records in, a zone that can be asked out. */
#include "resolver/lab/version.h"

#include <stdlib.h>
#include <string.h>

#include "zones/authority/zone_file.h"

#define SOA_SERIAL 20 /* bytes from the serial to the end of a SOA's rdata */
#define DS_TTL     3600

/* ---- the list of records of a version ---- */

static int keep(struct version *version, const struct rrset *set)
{
	struct rrset *copy = rrset_dup(set, &version->arena);
	if (!copy)
		return RW_ELIMIT;
	copy->sig_count = 0;
	version->sets[version->set_count++] = copy;
	return 0;
}

/* The SOA, with its serial moved on. */
static int keep_soa(struct version *version, const struct rrset *set, int32_t step)
{
	int err = keep(version, set);
	if (err)
		return err;
	struct rdata *record = &version->sets[version->set_count - 1]->records[0];
	uint8_t *bytes = arena_dup(&version->arena, record->bytes, record->size);
	if (!bytes)
		return RW_ELIMIT;
	uint8_t *serial = bytes + record->size - SOA_SERIAL;
	version->serial = rr_get32(serial) + (uint32_t)step;
	rr_put32(serial, version->serial);
	record->bytes = bytes;
	return 0;
}

static int keep_all(
	struct version *version, const struct rrset *const *sets, size_t count, int32_t step)
{
	version->sets = arena_alloc(&version->arena, (count + 1) * sizeof(*version->sets));
	if (!version->sets)
		return RW_ELIMIT;
	for (size_t i = 0; i < count; i++) {
		int err = sets[i]->type == TYPE_SOA ? keep_soa(version, sets[i], step)
						    : keep(version, sets[i]);
		if (err)
			return err;
	}
	return 0;
}

/* ---- the zone ---- */

struct adding {
	struct zone *zone;
	enum zone_fault fault;
};

static int add_signed(void *ctx, const struct rrset *record)
{
	struct adding *adding = ctx;
	return zone_add(adding->zone, record, &adding->fault);
}

/* The records of a set one by one, as zone_add takes them. */
static int add_zone_set(struct adding *adding, const struct rrset *set)
{
	struct rrset single = *set;
	int err = 0;
	single.count = 1;
	for (unsigned i = 0; i < set->count && err == 0; i++) {
		single.records = &set->records[i];
		err = add_signed(adding, &single);
	}
	return err;
}

static int sign_into(const struct scenario_zone *plan, const struct version *version, int64_t now,
	struct adding *adding)
{
	struct arena arena;
	const struct sign_params params = {.apex = plan->apex,
		.variant = plan->variant,
		.nsec3 = plan->nsec3,
		.altered = plan->altered,
		.now = now};
	arena_init(&arena, LIMIT_LAB_ZONE_BYTES);
	int err = sign_zone(&params, version->sets, version->set_count, &arena, add_signed, adding);
	arena_release(&arena);
	return err;
}

static int build_zone(const struct scenario_zone *plan, struct version *version, int64_t now,
	const char **ret_why)
{
	struct adding adding = {.fault = ZONE_OK};
	int err = zone_new(plan->apex, LIMIT_LAB_ZONE_BYTES, &adding.zone);
	if (err)
		return err;
	if (plan->variant != SIGN_NONE)
		err = sign_into(plan, version, now, &adding);
	else
		for (size_t i = 0; i < version->set_count && err == 0; i++)
			err = add_zone_set(&adding, version->sets[i]);
	if (err == 0)
		err = zone_finish(adding.zone, &adding.fault);
	if (err) {
		*ret_why = err == RW_ENOMEM          ? "it is too large for the lab"
			   : adding.fault == ZONE_OK ? "it cannot be signed"
						     : zone_fault_text(adding.fault);
		zone_free(adding.zone);
		return RW_EINVAL;
	}
	version->zone = adding.zone;
	return 0;
}

int version_make(const struct scenario_zone *plan, const struct rrset *const *sets, size_t count,
	int32_t step, int64_t now, struct version **ret_version, const char **ret_why)
{
	struct version *version = calloc(1, sizeof(*version));
	if (!version)
		return RW_ENOMEM;
	version->refs = 1;
	arena_init(&version->arena, LIMIT_LAB_ZONE_BYTES);
	int err = keep_all(version, sets, count, step);
	if (err)
		*ret_why = "it is too large for the lab";
	else
		err = build_zone(plan, version, now, ret_why);
	if (err) {
		version_unref(version);
		return err == RW_ELIMIT ? RW_EINVAL : err;
	}
	*ret_version = version;
	return 0;
}

struct version *version_ref(struct version *version)
{
	version->refs++;
	return version;
}

void version_unref(struct version *version)
{
	if (!version || --version->refs > 0)
		return;
	zone_free(version->zone);
	arena_release(&version->arena);
	free(version);
}

/* ---- the first version ---- */

/* Sets being gathered; they live in the arena, or in the zone that was read. */
struct gathering {
	struct arena arena;
	const struct rrset **sets;
	size_t count, room;
};

static int collect_set(void *ctx, const struct rrset *set)
{
	struct gathering *gathering = ctx;
	if (gathering->count == gathering->room) {
		size_t room = gathering->room ? 2 * gathering->room : 64;
		const struct rrset **larger = realloc(gathering->sets, room * sizeof(*larger));
		if (!larger)
			return RW_ENOMEM;
		gathering->sets = larger;
		gathering->room = room;
	}
	gathering->sets[gathering->count++] = set;
	return 0;
}

static const struct rrset *find_set(
	const struct gathering *gathering, const uint8_t *owner, uint16_t type)
{
	for (size_t i = 0; i < gathering->count; i++)
		if (gathering->sets[i]->type == type &&
			name_equal(gathering->sets[i]->owner, owner))
			return gathering->sets[i];
	return NULL;
}

static int add_ds(const struct scenario *scenario, const struct scenario_zone *plan,
	struct gathering *gathering)
{
	for (size_t i = 0; i < scenario->zone_count; i++) {
		const struct scenario_zone *child = &scenario->zones[i];
		if (child->variant == SIGN_NONE || child->ds == SCENARIO_DS_NONE ||
			!name_is_below(child->apex, plan->apex) ||
			!find_set(gathering, child->apex, TYPE_NS) ||
			find_set(gathering, child->apex, TYPE_DS))
			continue;
		struct rrset *ds;
		int err = sign_ds(child->apex, child->ds == SCENARIO_DS_WRONG, DS_TTL,
			&gathering->arena, &ds);
		if (err == 0)
			err = collect_set(gathering, ds);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Text inside a scenario begins somewhere down in that file: empty lines before it make the lines
 * of faults those of the file.
 */
static int parse_inline(const struct scenario *scenario, const struct scenario_zone *plan,
	struct fault_list *faults, struct zone **ret_zone)
{
	size_t before = plan->records_line - 1, size = strlen(plan->records);
	char *text = malloc(before + size + 1);
	if (!text)
		return RW_ENOMEM;
	memset(text, '\n', before);
	memcpy(text + before, plan->records, size + 1);
	int err =
		zone_file_parse(scenario->file, text, before + size, plan->apex, faults, ret_zone);
	free(text);
	return err;
}

int version_read(const struct scenario *scenario, const struct scenario_zone *plan, int64_t now,
	struct fault_list *faults, struct version **ret_version)
{
	struct zone *zone = NULL;
	struct gathering gathering = {.count = 0};
	const char *why = NULL;
	int err = plan->file ? zone_file_read(plan->file, plan->apex, NULL, faults, &zone)
			     : parse_inline(scenario, plan, faults, &zone);
	if (err)
		return err;
	arena_init(&gathering.arena, LIMIT_LAB_ZONE_BYTES);
	err = zone_walk(zone, collect_set, &gathering);
	if (err == 0 && plan->variant != SIGN_NONE)
		err = add_ds(scenario, plan, &gathering);
	if (err == 0)
		err = version_make(
			plan, gathering.sets, gathering.count, 0, now, ret_version, &why);
	if (err == RW_EINVAL)
		fault_error(faults, scenario->file, plan->line, "zone %s: %s", plan->id,
			why ? why : "it cannot be signed");
	free(gathering.sets);
	arena_release(&gathering.arena);
	zone_free(zone);
	return err;
}
