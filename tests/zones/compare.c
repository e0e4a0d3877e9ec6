/* SPDX-License-Identifier: MIT */
/*
 * Compares what zone_lookup says with what an authoritative server says of the same zone file:
 *
 *     zone_compare ADDRESS PORT APEX FILE COUNT SEED
 *
 * asks for each set by its name and type, and COUNT other questions, over TCP with DO set, and
 * compares rcode, AA and the sets of all three sections with their TTLs and signatures. What NSD
 * does by taste is taken out, and only this:
 *   - behind an answer it puts the zone's own NS set, and leaves these servers' addresses out of
 *     what else it adds;
 *   - to ANY it may choose another set than we do (RFC 8482), and goes on behind a CNAME;
 *   - a question for NSEC3 at a CNAME gets NODATA instead of the alias, and names below the owner
 * of an NSEC3 are denied as if that was a name (RFC 5155 section 7.2.8 says otherwise): not asked;
 *   - where a DNAME led on, it may leave out a part of the proof for the name behind it;
 *   - a denial for a wildcard asked by its own name comes with the closest encloser's NSEC3 too;
 *   - letter case.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/wire/build.h"
#include "resolver/wire/text.h"
#include "tests/zones/names.h"
#include "zones/authority/zone_file.h"

#define ARENA_BYTES (8 << 20)
#define LINES       1024
#define EVERY       1000 /* sets of one zone that are asked for, each by name and type */
#define SHOWN       20   /* differences shown of one zone */

/* One reply as sorted lines `SECTION OWNER TTL TYPE RDATA`. */
struct lines {
	char *items[LINES];
	size_t count;
};

struct run {
	int socket;
	const struct zone *zone;
	struct arena arena;
	const struct rrset *own_ns; /* of the reply at hand, where NSD added it */
	unsigned every;             /* sets asked for by their own names and types */
	unsigned passed, failed;
};

static void add_line(struct lines *lines, char *line)
{
	rw_require(line && lines->count < LINES);
	for (char *at = line; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at |= 0x20;
	lines->items[lines->count++] = line;
}

static void add_set(
	struct run *run, struct lines *lines, const char *section, const struct rrset *set)
{
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	(void)name_text(set->owner, name);
	(void)text_type(set->type, type);
	for (unsigned i = 0; i < set->count; i++)
		add_line(
			lines, arena_printf(&run->arena, "%s %s %u %s %s", section, name, set->ttl,
				       type, text_rdata(&run->arena, set->type, &set->records[i])));
	for (unsigned i = 0; i < set->sig_count; i++)
		add_line(lines,
			arena_printf(&run->arena, "%s %s %u RRSIG %s", section, name, set->ttl,
				text_rdata(&run->arena, TYPE_RRSIG, &set->sigs[i])));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct lines *lines)
{
	qsort(lines->items, lines->count, sizeof(lines->items[0]), by_text);
}

/* --- The server's. --- */

static bool transfer(int socket, uint8_t *bytes, size_t size, bool out)
{
	while (size > 0) {
		ssize_t done = out ? send(socket, bytes, size, MSG_NOSIGNAL)
				   : recv(socket, bytes, size, 0);
		if (done <= 0)
			return false;
		bytes += done;
		size -= (size_t)done;
	}
	return true;
}

/* The server's reply in the arena, or NULL. */
static const struct msg *ask(struct run *run, const struct question *question)
{
	static const struct build_opt opt = {.udp_size = 4096, .dnssec_ok = true, .ede = EDE_NONE};
	uint8_t out[2 + 512], length[2];
	struct builder builder;
	const struct msg *msg;
	build_begin(&builder, out + 2, sizeof(out) - 2, build_opt_size(&opt), 1, 0);
	if (build_question(&builder, question) || build_edns(&builder, &opt))
		return NULL;
	size_t size = build_finish(&builder);
	rr_put16(out, (uint16_t)size);
	if (!transfer(run->socket, out, size + 2, true) || !transfer(run->socket, length, 2, false))
		return NULL;
	size = rr_get16(length);
	uint8_t *wire = arena_alloc(&run->arena, size);
	if (!wire || !transfer(run->socket, wire, size, false))
		return NULL;
	return msg_parse(&run->arena, wire, size, &msg) ? NULL : msg;
}

static bool is_own_ns(const struct run *run, const struct rrset *set)
{
	return set->type == TYPE_NS && name_equal(set->owner, zone_apex(run->zone));
}

/* Whether the host is one of the set's. */
static bool names_host(const struct rrset *ns, const uint8_t *host)
{
	for (unsigned i = 0; ns && i < ns->count; i++)
		if (name_equal(rrset_target(ns, i), host))
			return true;
	return false;
}

/* Behind an answer NSD speaks of the zone's servers; `run` remembers that for our side. */
static void theirs(struct run *run, const struct msg *msg, struct lines *lines)
{
	static const char *const sections[] = {"an", "au", "ad"};
	char rcode[TEXT_TYPE];
	add_line(lines, arena_printf(&run->arena, "rcode %s", text_rcode(msg->rcode, rcode)));
	add_line(lines, arena_printf(&run->arena, "aa %d", (msg->flags & FLAG_AA) != 0));
	for (unsigned section = 0; section < SECTION_COUNT; section++)
		for (unsigned i = 0; i < msg->set_count[section]; i++) {
			const struct rrset *set = &msg->sets[section][i];
			if (section == SECTION_AUTHORITY && is_own_ns(run, set))
				run->own_ns = set;
			else if (section != SECTION_ADDITIONAL ||
				 !names_host(run->own_ns, set->owner))
				add_set(run, lines, sections[section], set);
		}
	sort(lines);
}

/* --- Ours. --- */

static void ours(struct run *run, const struct answer *answer, const struct zone_beside *beside,
	struct lines *lines)
{
	static const char *const rcodes[] = {
		[ANSWER_NXDOMAIN] = "NXDOMAIN", [ANSWER_TOO_LONG] = "YXDOMAIN"};
	const char *rcode = answer->outcome < RW_COUNT(rcodes) ? rcodes[answer->outcome] : NULL;
	bool refers = beside->ns && answer->set_count == 0;
	add_line(lines, arena_printf(&run->arena, "rcode %s", rcode ? rcode : "NOERROR"));
	add_line(lines, arena_printf(&run->arena, "aa %d", !refers));
	for (unsigned i = 0; i < answer->set_count; i++)
		add_set(run, lines, "an", answer->sets[i]);
	if (answer->soa)
		add_set(run, lines, "au", answer->soa);
	if (beside->ns)
		add_set(run, lines, "au", beside->ns);
	if (beside->ds)
		add_set(run, lines, "au", beside->ds);
	for (unsigned i = 0; i < beside->proof_count; i++)
		add_set(run, lines, "au", beside->proofs[i]);
	for (unsigned i = 0; i < beside->glue_count; i++)
		if (!names_host(run->own_ns, beside->glue[i]->owner))
			add_set(run, lines, "ad", beside->glue[i]);
	sort(lines);
}

/* --- Both. --- */

static void show_only(const struct lines *in, const struct lines *not_in, const char *mark)
{
	for (size_t i = 0; i < in->count; i++)
		if (!bsearch(&in->items[i], not_in->items, not_in->count, sizeof(in->items[0]),
			    by_text))
			printf("    %s %s\n", mark, in->items[i]);
}

static bool is_proof(const char *line)
{
	return strncmp(line, "au ", 3) == 0 && strstr(line, " nsec");
}

/* Whether all lines of `some` are in `all`, proofs perhaps not. */
static bool holds_all(const struct lines *all, const struct lines *some, bool proofs_aside)
{
	for (size_t i = 0; i < some->count; i++)
		if (!bsearch(&some->items[i], all->items, all->count, sizeof(all->items[0]),
			    by_text) &&
			!(proofs_aside && is_proof(some->items[i])))
			return false;
	return true;
}

/* Whether NSD is known to answer this by taste; see above. */
static bool is_taste(const struct question *question, const struct answer *answer)
{
	return question->type == TYPE_NSEC3 && answer->set_count > 0 &&
	       answer->sets[0]->type == TYPE_CNAME;
}

static bool is_alike(const struct question *question, const struct answer *answer,
	const struct lines *a, const struct lines *b)
{
	if (question->type == TYPE_ANY && answer->outcome == ANSWER_POSITIVE)
		return strcmp(b->items[0], a->items[0]) == 0; /* "aa" */
	bool has_dname = false;
	for (unsigned i = 0; i < answer->set_count; i++)
		has_dname |= answer->sets[i]->type == TYPE_DNAME;
	bool is_own_denial = answer->outcome == ANSWER_NODATA && name_is_wildcard(question->name);
	return holds_all(a, b, is_own_denial) && holds_all(b, a, has_dname);
}

static void compare(struct run *run, const struct question *question)
{
	static struct lines a, b;
	char name[LIMIT_NAME_TEXT], type[TEXT_TYPE];
	struct answer answer;
	struct zone_beside beside;
	a.count = b.count = 0;
	run->own_ns = NULL;
	arena_clear(&run->arena);
	rw_require(zone_lookup(run->zone, question, &run->arena, &answer, &beside) == 0);
	if (is_taste(question, &answer))
		return;
	const struct msg *msg = ask(run, question);
	if (msg)
		theirs(run, msg, &b);
	ours(run, &answer, &beside, &a);
	if (msg && is_alike(question, &answer, &a, &b)) {
		run->passed++;
		return;
	}
	if (run->failed++ >= SHOWN)
		return;
	printf("FAIL %s %s%s\n", name_text(question->name, name), text_type(question->type, type),
		msg ? "" : ": the server does not answer");
	show_only(&a, &b, "ours: ");
	show_only(&b, &a, "other:");
}

static int ask_for(void *ctx, const struct rrset *set)
{
	struct run *run = ctx;
	if (set->type != TYPE_NSEC3 && run->every++ < EVERY)
		compare(run, &(const struct question){set->owner, set->type, CLASS_IN});
	return 0;
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	const struct timeval patience = {.tv_sec = 60};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
		connect(fd, (const struct sockaddr *)&to, sizeof(to))) {
		perror(address);
		exit(EXIT_FAILURE);
	}
	return fd;
}

static struct zone *load(const char *apex_text, const char *path)
{
	static struct fault_list faults;
	struct zone *zone = NULL;
	struct name apex;
	if (name_from_text(apex_text, &apex) ||
		zone_file_read(path, apex.bytes, NULL, &faults, &zone)) {
		for (size_t i = 0; i < RW_MIN(faults.count, (size_t)LIMIT_FILE_FAULTS); i++)
			printf("FAIL %s:%u: %s\n", path, faults.items[i].line,
				faults.items[i].message);
		printf("0 passed, 1 failed\n");
		exit(EXIT_FAILURE);
	}
	return zone;
}

int main(int argc, char **argv)
{
	struct run run = {0};
	struct names names;
	if (argc != 7) {
		fprintf(stderr, "usage: %s ADDRESS PORT APEX FILE COUNT SEED\n", argv[0]);
		return 2;
	}
	struct zone *zone = load(argv[3], argv[4]);
	run.zone = zone;
	run.socket = connect_to(argv[1], argv[2]);
	arena_init(&run.arena, ARENA_BYTES);
	rw_require(zone_walk(zone, ask_for, &run) == 0);
	names_init(&names, zone, strtoull(argv[6], NULL, 10));
	for (unsigned long left = strtoul(argv[5], NULL, 10); left > 0; left--) {
		struct name name;
		struct question question;
		names_next(&names, &name, &question);
		compare(&run, &question);
	}
	names_release(&names);
	arena_release(&run.arena);
	zone_free(zone);
	(void)close(run.socket);
	printf("%u passed, %u failed\n", run.passed, run.failed);
	return run.failed || !run.passed ? EXIT_FAILURE : EXIT_SUCCESS;
}
