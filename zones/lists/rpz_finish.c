/* SPDX-License-Identifier: MIT */
/*
 * What is done once all records of a policy zone are read: triggers by address become tables of
 * prefixes, and names that are there without a record get their place. A wildcard stands for names
 * whose closest encloser is its parent (RFC 4592), as in named: where `*.example` and
 * `good.shop.example` are rules, `shop.example` is there, and what else lies below it is under no
 * rule.
 */
#include "zones/lists/rpz_inner.h"

/* Names that are to be added as empty ones. */
struct empty_names {
	const struct rpz *rpz;
	const struct rpz_names *names;
	struct name_table *found;
	bool is_wildcard; /* the names at hand stand behind a "*.", so that they are there
			     themselves */
};

/* The labels of the name without those of the highest wildcard's parent that lies above it. */
static unsigned wildcard_above(const struct name_table *below, const struct name_folded *name)
{
	struct name_value value;
	for (unsigned skip = name->labels; skip > 0; skip--)
		if (name_table_find(below, name, skip, &value))
			return skip;
	return 0;
}

/* Only where a wildcard lies above it does it matter whether a name is there. */
static int gather_one(void *ctx, const uint8_t *name, const struct name_value *value)
{
	static const struct name_value empty = {.kind = RPZ_EMPTY};
	struct empty_names *g = ctx;
	struct name_folded folded;
	struct name_value there;
	(void)value;
	name_fold(name, &g->rpz->key, &folded);
	unsigned end = wildcard_above(g->names->below, &folded);
	int err = 0;
	for (unsigned skip = g->is_wildcard ? 0 : 1; !err && skip < end; skip++) {
		err = name_table_add(g->found, folded.bytes + folded.at[skip], &empty, &there);
		if (err == RW_EBUSY)
			err = 0;
	}
	return err;
}

static int put_one(void *ctx, const uint8_t *name, const struct name_value *value)
{
	struct name_value there;
	int err = name_table_add(ctx, name, value, &there);
	return err == RW_EBUSY ? 0 : err;
}

static int add_empty_names(const struct rpz *rpz, struct rpz_names *names)
{
	struct empty_names g = {.rpz = rpz, .names = names, .is_wildcard = true};
	int err = name_table_new(&rpz->key, rpz->max_bytes, &g.found);
	if (!err && !names->exact)
		err = name_table_new(&rpz->key, rpz->max_bytes, &names->exact);
	if (!err)
		err = name_table_each(names->below, gather_one, &g);
	g.is_wildcard = false;
	if (!err)
		err = name_table_each(names->exact, gather_one, &g);
	if (!err)
		err = name_table_each(g.found, put_one, names->exact);
	name_table_free(g.found);
	return err;
}

static int count_empty(void *ctx, const uint8_t *name, const struct name_value *value)
{
	size_t *empty = ctx;
	(void)name;
	*empty += value->kind == RPZ_EMPTY;
	return 0;
}

static int finish_names(const struct rpz *rpz, struct rpz_names *names)
{
	int err = 0;
	if (names->below) {
		err = name_table_finish(names->below);
		if (!err)
			err = add_empty_names(rpz, names);
	}
	if (!err && names->exact)
		err = name_table_each(names->exact, count_empty, &names->empty);
	return !err && names->exact ? name_table_finish(names->exact) : err;
}

static int to_prefix(void *ctx, const uint8_t *name, const struct name_value *value)
{
	struct prefix prefix;
	rw_require(rpz_read_prefix(name, &prefix) == NULL);
	return prefix_table_add(ctx, &prefix, value->kind, value->number);
}

int rpz_finish(struct rpz *rpz)
{
	int err = 0;
	for (unsigned i = 0; !err && i < RPZ_TRIGGERS; i++) {
		struct rpz_names *names = &rpz->names[i];
		if (rpz_is_by_name(i)) {
			err = finish_names(rpz, names);
		} else if (names->exact) {
			/* They were gathered as names. */
			err = name_table_each(names->exact, to_prefix, &rpz->prefixes[i]);
			prefix_table_finish(&rpz->prefixes[i]);
			name_table_free(names->exact);
			names->exact = NULL;
		}
	}
	return err;
}
