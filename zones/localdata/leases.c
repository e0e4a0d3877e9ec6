/* SPDX-License-Identifier: MIT */
/* The list of leases, by address; and the table of names that comes of it. */
#include "zones/localdata/leases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "resolver/base/limits.h"

#define SLOTS (2 * LIMIT_LEASES) /* of the index; a power of two */

struct lease_list {
	struct lease *items;
	uint32_t *index; /* slot to item + 1 */
	size_t count, room;
	bool is_full; /* and that was told */
};

/* A client that could choose colliding addresses could just as well fill the list. */
static const struct siphash_key key = {{0x6c65617365000001, 0x6c65617365000002}};

static uint32_t *slot_of(const struct lease_list *list, const struct addr *addr)
{
	size_t at = siphash(&key, addr->ip, sizeof(addr->ip)) & (SLOTS - 1);
	while (list->index[at] && !addr_ip_equal(&list->items[list->index[at] - 1].addr, addr))
		at = (at + 1) & (SLOTS - 1);
	return &list->index[at];
}

static int make_room(struct lease_list *list)
{
	if (list->count < list->room)
		return 0;
	size_t room = list->room ? 2 * list->room : 64;
	struct lease *items = realloc(list->items, room * sizeof(*items));
	if (!items)
		return RW_ENOMEM;
	list->items = items;
	list->room = room;
	return 0;
}

int lease_put(struct lease_reading *reading, const struct lease *lease)
{
	struct lease_list *list = reading->list;
	uint32_t *slot = slot_of(list, &lease->addr);
	reading->good++;
	if (*slot) {
		list->items[*slot - 1] = *lease;
		return 0;
	}
	if (list->count == LIMIT_LEASES) {
		if (!list->is_full)
			fault_warning(reading->faults, reading->path, lease->line,
				"more than %d leases: the rest is left out", LIMIT_LEASES);
		list->is_full = true;
		return 0;
	}
	if (make_room(list))
		return RW_ENOMEM;
	list->items[list->count++] = *lease;
	*slot = (uint32_t)list->count;
	return 0;
}

/* ---- for the readers ---- */

uint64_t lease_client(const void *bytes, size_t size)
{
	return siphash(&key, bytes, size) | 1;
}

bool lease_number(const char *text, size_t size, int64_t *ret_number)
{
	int64_t number = 0;
	if (size == 0 || size > 18)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*ret_number = number;
	return true;
}

bool lease_addr(const char *text, size_t size, enum addr_family family, struct addr *ret_addr)
{
	char copy[ADDR_TEXT];
	struct addr addr;
	if (size >= sizeof(copy) || memchr(text, '@', size) || memchr(text, '%', size))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	if (strlen(copy) != size || addr_parse(copy, 0, &addr))
		return false;
	if (family != ADDR_NONE && addr.family != family)
		return false;
	*ret_addr = addr;
	return true;
}

bool lease_line(
	const char **at, const char *end, const char **ret_line, size_t *ret_length, unsigned *line)
{
	const char *stop = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
	if (!stop)
		return false;
	*ret_line = *at;
	*ret_length = (size_t)(stop - *at);
	if (*ret_length > 0 && stop[-1] == '\r')
		--*ret_length;
	*at = stop + 1;
	++*line;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The name up to its first dot: a client does not choose its zone. */
static size_t first_label(const char *text, size_t size)
{
	const char *dot = memchr(text, '.', size);
	return dot ? (size_t)(dot - text) : size;
}

/*
 * By these names browsers and tunnels look for who may reroute them: a client that calls itself so
 * would be asked (CERT VU#598349). The last is the machine itself.
 */
static bool is_dangerous(const char *host)
{
	return strcmp(host, "wpad") == 0 || strcmp(host, "isatap") == 0 ||
	       strcmp(host, "localhost") == 0;
}

void lease_name(struct lease_reading *reading, unsigned line, const char *text, size_t size,
	char ret_host[LEASE_HOST])
{
	size_t used = 0;
	bool gap = false;
	size = first_label(text, size);
	for (size_t i = 0; i < size && used < LIMIT_LABEL_BYTES; i++) {
		char c = lower(text[i]);
		if (c == '\'')
			continue;
		if (!is_letter_or_digit(c)) {
			gap = used > 0;
			continue;
		}
		if (gap)
			ret_host[used++] = '-';
		gap = false;
		if (used < LIMIT_LABEL_BYTES)
			ret_host[used++] = c;
	}
	while (used > 0 && ret_host[used - 1] == '-')
		used--;
	ret_host[used] = '\0';
	if (!is_dangerous(ret_host))
		return;
	fault_warning(reading->faults, reading->path, line,
		"a client calls itself \"%s\", which would let it reroute others: it gets no name",
		ret_host);
	ret_host[0] = '\0';
}

/* ---- the table ---- */

struct building {
	const struct lease_clock *clock;
	const uint8_t *domain;
	const char *path;
	struct fault_list *faults;
	struct hosts *into;
};

/* By name, family, and then the one that lasts longest first. */
static int by_name(const void *a, const void *b)
{
	const struct lease *one = a, *other = b;
	int order = strcmp(one->host, other->host);
	if (order == 0)
		order = (one->addr.family > other->addr.family) -
			(one->addr.family < other->addr.family);
	if (order == 0)
		order = (one->until_s < other->until_s) - (one->until_s > other->until_s);
	return order ? order : (one->line < other->line) - (one->line > other->line);
}

static uint64_t until_ms(const struct lease_clock *clock, int64_t until_s)
{
	/* So far away it is as good as never, and the milliseconds would not fit. */
	if (until_s - clock->wall_s > INT64_C(1) << 40)
		return HOSTS_FOREVER;
	return clock->mono_ms + (uint64_t)(until_s - clock->wall_s) * 1000;
}

static int add(const struct building *b, const struct lease *lease)
{
	struct name name;
	size_t length = strlen(lease->host), rest = name_size(b->domain);
	if (1 + length + rest > LIMIT_NAME_BYTES)
		return 0;
	name.bytes[0] = (uint8_t)length;
	memcpy(name.bytes + 1, lease->host, length);
	memcpy(name.bytes + 1 + length, b->domain, rest);
	const struct host_entry entry = {.name = name.bytes,
		.addr = &lease->addr,
		.until_ms = until_ms(b->clock, lease->until_s),
		.ttl = LIMIT_NAMES_TTL,
		.line = lease->line,
		.leads_back = true};
	int err = hosts_add(b->into, &entry);
	/* More addresses of one client than one answer has. */
	return err == RW_ELIMIT ? 0 : err;
}

static bool is_over(const struct building *b, const struct lease *lease)
{
	return lease->host[0] == '\0' ||
	       (lease->until_s != LEASE_FOREVER && lease->until_s <= b->clock->wall_s);
}

/* Two clients with one name: the one whose lease lasts longest has it. */
static void tell_clash(
	const struct building *b, const struct lease *holder, const struct lease *other)
{
	char holds[ADDR_TEXT], lacks[ADDR_TEXT];
	fault_warning(b->faults, b->path, other->line,
		"two clients call themselves \"%s\": %s has the name, %s has none", holder->host,
		addr_ip_text(&holder->addr, holds), addr_ip_text(&other->addr, lacks));
}

static int build(const struct building *b, const struct lease_list *list)
{
	const struct lease *holder = NULL;
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), by_name);
	for (size_t i = 0; i < list->count; i++) {
		const struct lease *lease = &list->items[i];
		if (is_over(b, lease))
			continue;
		bool same = holder && holder->addr.family == lease->addr.family &&
			    strcmp(holder->host, lease->host) == 0;
		if (same && holder->client != lease->client) {
			tell_clash(b, holder, lease);
			continue;
		}
		if (!same)
			holder = lease;
		int err = add(b, lease);
		if (err)
			return err;
	}
	return 0;
}

static int read_format(
	enum lease_format format, struct lease_reading *reading, const char *bytes, size_t size)
{
	switch (format) {
	case LEASES_DNSMASQ:
		return leases_read_dnsmasq(reading, bytes, size);
	case LEASES_KEA:
		return leases_read_kea(reading, bytes, size);
	case LEASES_ISC:
		return leases_read_isc(reading, bytes, size);
	case LEASES_NETWORKD:
		return leases_read_networkd(reading, bytes, size);
	}
	return RW_EINVAL;
}

/* A file with much in it and no lease is of another format. */
static int read_bytes(
	enum lease_format format, struct lease_reading *reading, const char *bytes, size_t size)
{
	int err = read_format(format, reading, bytes, size);
	if (err || reading->seen == 0 || reading->good > 0)
		return err;
	fault_error(reading->faults, reading->path, 0,
		"nothing in it is a lease: is `format` the one of this file?");
	return RW_EINVAL;
}

static int list_init(struct lease_list *list)
{
	*list = (struct lease_list){.index = calloc(SLOTS, sizeof(uint32_t))};
	return list->index ? 0 : RW_ENOMEM;
}

static void list_release(struct lease_list *list)
{
	free(list->items);
	free(list->index);
}

int leases_parse(enum lease_format format, const char *path, const char *bytes, size_t size,
	const uint8_t *domain, const struct lease_clock *clock, struct fault_list *faults,
	struct hosts *into)
{
	struct lease_list list;
	struct lease_reading reading = {.path = path, .faults = faults, .list = &list};
	const struct building b = {clock, domain, path, faults, into};
	int err = list_init(&list);
	if (!err)
		err = read_bytes(format, &reading, bytes, size);
	if (!err)
		err = build(&b, &list);
	list_release(&list);
	return err;
}

static int read_file(enum lease_format format, const char *path, struct fault_list *faults,
	struct lease_list *list)
{
	struct lease_reading reading = {.path = path, .faults = faults, .list = list};
	struct stat status;
	char *bytes;
	size_t size;
	if (stat(path, &status) && errno == ENOENT)
		return 0;
	int err = fault_read_file(path, LIMIT_NAMES_BYTES, faults, &bytes, &size);
	if (err)
		return err;
	err = read_bytes(format, &reading, bytes, size);
	free(bytes);
	return err;
}

int leases_read(enum lease_format format, const char *const files[TABLE_FILES],
	const uint8_t *domain, const struct lease_clock *clock, struct fault_list *faults,
	struct hosts *into)
{
	struct lease_list list;
	const struct building b = {clock, domain, files[0], faults, into};
	int err = list_init(&list);
	/* The first is the one that is written now; what was moved away before it is older. */
	for (size_t i = TABLE_FILES; i-- > 0 && !err;)
		if (files[i])
			err = read_file(format, files[i], faults, &list);
	if (!err)
		err = build(&b, &list);
	list_release(&list);
	return err;
}
