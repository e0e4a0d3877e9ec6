/* SPDX-License-Identifier: MIT */
/* Files that a lab leaves for others. */
#include "resolver/lab/folder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolver/wire/text.h"

#define SET_ARENA (1 << 20) /* bytes; the text of one set */

static int refuse_file(int err, char ret_message[FOLDER_MESSAGE], const char *format, ...)
	RW_PRINTF(3, 4);

static int refuse_file(int err, char ret_message[FOLDER_MESSAGE], const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(ret_message, FOLDER_MESSAGE, format, args);
	va_end(args);
	return err;
}

const char *folder_default(char buf[FOLDER_PATH])
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	if (run && run[0] == '/' && strlen(run) < FOLDER_PATH / 2)
		(void)snprintf(buf, FOLDER_PATH, "%s/rootwalk-lab", run);
	else
		(void)snprintf(buf, FOLDER_PATH, "/tmp/rootwalk-lab-%u", (unsigned)getuid());
	return buf;
}

const char *folder_file(const char *folder, const char *name, char buf[FOLDER_PATH])
{
	int size = snprintf(buf, FOLDER_PATH, "%s/%s", folder, name);
	if (size < 0 || size >= FOLDER_PATH)
		buf[0] = '\0';
	return buf;
}

int folder_make(const char *folder, char ret_message[FOLDER_MESSAGE])
{
	struct stat status;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return refuse_file(RW_ESYSTEM, ret_message,
			"%s: %s; name another folder with --dir", folder, strerror(errno));
	if (stat(folder, &status) || !S_ISDIR(status.st_mode))
		return refuse_file(
			RW_EINVAL, ret_message, "%s is no folder; name another with --dir", folder);
	if (status.st_uid != getuid())
		return refuse_file(RW_EINVAL, ret_message,
			"%s belongs to somebody else; name another folder with --dir", folder);
	return 0;
}

/* ---- files ---- */

/* One file being written. */
struct output {
	FILE *file;
	char path[FOLDER_PATH];
};

static int open_output(struct output *output, const char *folder, const char *name,
	char ret_message[FOLDER_MESSAGE])
{
	output->file = fopen(folder_file(folder, name, output->path), "we");
	if (!output->file)
		return refuse_file(
			RW_ESYSTEM, ret_message, "%s/%s: %s", folder, name, strerror(errno));
	return 0;
}

static int close_output(struct output *output, char ret_message[FOLDER_MESSAGE])
{
	bool failed = ferror(output->file) != 0;
	failed |= fclose(output->file) != 0;
	return failed ? refuse_file(
				RW_ESYSTEM, ret_message, "%s: %s", output->path, strerror(errno))
		      : 0;
}

/* What is written, and memory for the text of a set. */
struct printing {
	FILE *file;
	struct arena arena;
};

static int write_records(struct printing *printing, const struct rrset *set, uint16_t type,
	const struct rdata *records, unsigned count)
{
	char name[LIMIT_NAME_TEXT], word[TEXT_TYPE];
	for (unsigned i = 0; i < count; i++) {
		arena_clear(&printing->arena);
		const char *text = text_rdata(&printing->arena, type, &records[i]);
		if (!text)
			return RW_ENOMEM;
		fprintf(printing->file, "%s %u IN %s %s\n", name_text(set->owner, name), set->ttl,
			text_type(type, word), text);
	}
	return 0;
}

static int print_set(void *ctx, const struct rrset *set)
{
	struct printing *printing = ctx;
	int err = write_records(printing, set, set->type, set->records, set->count);
	return err ? err : write_records(printing, set, TYPE_RRSIG, set->sigs, set->sig_count);
}

/* ---- hints and anchors ---- */

static const struct version *root_of(const struct world *world)
{
	for (size_t i = 0; i < world->scenario->zone_count; i++)
		if (name_is_root(world->zones[i].plan->apex))
			return world->zones[i].newest;
	return NULL;
}

static int lookup(const struct version *root, const uint8_t *name, uint16_t type,
	struct arena *arena, struct answer *answer)
{
	const struct question question = {.name = name, .type = type, .class = CLASS_IN};
	struct zone_beside beside;
	return zone_lookup(root->zone, &question, arena, answer, &beside);
}

/* NS of the root, and the addresses that the root zone has for them. */
static int write_hints(FILE *file, const struct version *root)
{
	struct printing printing = {.file = file};
	struct answer said;
	struct arena arena;
	arena_init(&arena, SET_ARENA);
	arena_init(&printing.arena, SET_ARENA);
	int err = lookup(root, name_root, TYPE_NS, &arena, &said);
	if (err == 0 && said.set_count > 0)
		err = print_set(&printing, &(struct rrset){.owner = said.sets[0]->owner,
						   .type = TYPE_NS,
						   .class = CLASS_IN,
						   .ttl = said.sets[0]->ttl,
						   .count = said.sets[0]->count,
						   .records = said.sets[0]->records});
	for (size_t i = 0; err == 0 && i < root->set_count; i++) {
		const struct rrset *set = root->sets[i];
		bool is_server = false;
		for (unsigned j = 0; j < said.sets[0]->count; j++)
			is_server |= name_equal(set->owner, rrset_target(said.sets[0], j));
		if (is_server && (set->type == TYPE_A || set->type == TYPE_AAAA))
			err = print_set(&printing, set);
	}
	arena_release(&arena);
	arena_release(&printing.arena);
	return err;
}

static int write_anchors(FILE *file, const struct version *root)
{
	struct printing printing = {.file = file};
	struct rrset *ds;
	arena_init(&printing.arena, SET_ARENA);
	struct arena arena;
	arena_init(&arena, SET_ARENA);
	int err = sign_ds(name_root, false, 172800, &arena, &ds);
	if (err == 0 && zone_is_signed(root->zone))
		err = print_set(&printing, ds);
	arena_release(&arena);
	arena_release(&printing.arena);
	return err;
}

static const char mark[] = "# A resolver that lives in the lab of this folder. Written by "
			   "rootwalk-lab.\n";

/* `rootwalk.yaml` is a usual name: one that no lab wrote is left alone. */
static int find_strangers(const char *folder, char ret_message[FOLDER_MESSAGE])
{
	char path[FOLDER_PATH], line[sizeof(mark)] = "";
	FILE *file = fopen(folder_file(folder, "rootwalk.yaml", path), "re");
	if (!file)
		return 0; /* there is none, or writing will tell what is wrong */
	bool ours = !fgets(line, sizeof(line), file) || strcmp(line, mark) == 0;
	(void)fclose(file);
	return ours ? 0
		    : refuse_file(RW_EINVAL, ret_message,
			      "%s is not a lab's and would be overwritten; name another folder "
			      "with --dir",
			      path);
}

static void write_resolver(FILE *file, const char *folder, uint16_t port, uint16_t listen)
{
	fputs(mark, file);
	fprintf(file,
		"listen: [\"127.0.0.1@%u\"]\n"
		"workers: 1\n"
		"root-hints: \"%s/hints\"\n"
		"# test. is a name of the lab's internet, not one to be answered locally (RFC "
		"6761).\n"
		"special-use: false\n"
		"outgoing:\n"
		"  port: %u\n"
		"  ipv6: false\n"
		"  allow-private: [\"127.0.0.0/8\"]\n",
		listen, folder, port);
}

int folder_fill(const char *folder, const struct world *world, uint16_t port, uint16_t listen,
	char ret_message[FOLDER_MESSAGE])
{
	const struct version *root = root_of(world);
	struct output output;
	int err = find_strangers(folder, ret_message);
	if (err == 0)
		err = open_output(&output, folder, "rootwalk.yaml", ret_message);
	if (err)
		return err;
	write_resolver(output.file, folder, port, listen);
	err = close_output(&output, ret_message);
	if (err || !root)
		return err;
	err = open_output(&output, folder, "hints", ret_message);
	if (err)
		return err;
	int written = write_hints(output.file, root);
	err = close_output(&output, ret_message);
	if (err == 0 && written == 0)
		err = open_output(&output, folder, "anchors", ret_message);
	if (err || written)
		return err ? err
			   : refuse_file(written, ret_message, "hints: %s", rw_strerror(written));
	written = write_anchors(output.file, root);
	err = close_output(&output, ret_message);
	return err || !written
		       ? err
		       : refuse_file(written, ret_message, "anchors: %s", rw_strerror(written));
}

/* ---- zones ---- */

int folder_zones(const char *folder, const struct world *world, char ret_message[FOLDER_MESSAGE])
{
	for (size_t i = 0; i < world->scenario->zone_count; i++) {
		const struct lab_zone *zone = &world->zones[i];
		char name[256 + LIMIT_NAME_TEXT], apex[LIMIT_NAME_TEXT];
		struct output output;
		struct printing printing;
		(void)snprintf(name, sizeof(name), "%s.zone", zone->plan->id);
		int err = open_output(&output, folder, name, ret_message);
		if (err)
			return err;
		printing.file = output.file;
		fprintf(output.file, "$ORIGIN %s\n", name_text(zone->plan->apex, apex));
		arena_init(&printing.arena, SET_ARENA);
		int written = zone_walk(zone->newest->zone, print_set, &printing);
		arena_release(&printing.arena);
		err = close_output(&output, ret_message);
		if (err || written)
			return err ? err
				   : refuse_file(written, ret_message, "%s: %s", name,
					     rw_strerror(written));
	}
	return 0;
}
