/* SPDX-License-Identifier: MIT */
/*
 * Leases of DHCP servers as names. Each format has a reader of its own, which puts leases into a
 * list (lease_put), where a later one of the same address takes the place of an earlier one. What
 * becomes of the list is the same for all: names are made fit for the DNS, the domain goes behind
 * them, and they get their addresses for as long as the lease lasts.
 *
 * DHCP servers write their files while we read them. A last line that has no end yet is left out;
 * the next change of the file brings it.
 *
 *   leases_dnsmasq.c   the lease file of dnsmasq
 *   leases_kea.c       Kea's memfile, CSV, of DHCPv4 and DHCPv6
 *   leases_isc.c       dhcpd.leases(5) of ISC, DHCPv4
 *   leases_networkd.c  what systemd-networkd keeps of its DHCP server, JSON
 */
#ifndef RW_LOCALDATA_LEASES_H
#define RW_LOCALDATA_LEASES_H

#include "resolver/base/settings.h"
#include "zones/fault.h"
#include "zones/localdata/hosts.h"

#define LEASE_HOST    (LIMIT_LABEL_BYTES + 1)
#define LEASE_FOREVER INT64_MAX

struct lease {
	struct addr addr;
	char host[LEASE_HOST]; /* a label fit for the DNS, in lower case; "": no name */
	uint64_t client;       /* a hash of what the client calls itself; 0: not known */
	int64_t until_s;       /* wall clock, s since 1970; LEASE_FOREVER */
	unsigned line;
};

struct lease_list;

/* What a reader is given. */
struct lease_reading {
	const char *path; /* in faults */
	struct fault_list *faults;
	struct lease_list *list;
	unsigned seen, good; /* lines or entries that should be leases, and those that are */
};

/* Copied; replaces what is there of the address. RW_ENOMEM. More than LIMIT_LEASES: left out with
 * one fault. */
int lease_put(struct lease_reading *reading, const struct lease *lease) RW_MUSTCHECK;

/* The host name a client gave, made fit (`size` bytes, which may be anything). Empty where nothing
 * of it is, or where it is a name that no client may take: wpad, isatap, localhost. */
void lease_name(struct lease_reading *reading, unsigned line, const char *text, size_t size,
	char ret_host[LEASE_HOST]);

/* A hash of the client's identity; never 0. */
uint64_t lease_client(const void *bytes, size_t size);

/* Decimal digits of `size` bytes, all of them, at most 18. */
bool lease_number(const char *text, size_t size, int64_t *ret_number);

/* Whether the bytes are an address of the family, or ADDR_NONE: of either. */
bool lease_addr(const char *text, size_t size, enum addr_family family, struct addr *ret_addr);

/* The next whole line: from `*at` to its newline, which `*at` is set behind. False: there is none.
 */
bool lease_line(const char **at, const char *end, const char **ret_line, size_t *ret_length,
	unsigned *line);

/* Readers. Lines that are no lease are faults (warnings). RW_ENOMEM; RW_EINVAL: the file as a whole
 * is not of this format, with a fault. */
int leases_read_dnsmasq(struct lease_reading *reading, const char *bytes, size_t size) RW_MUSTCHECK;
int leases_read_kea(struct lease_reading *reading, const char *bytes, size_t size) RW_MUSTCHECK;
int leases_read_isc(struct lease_reading *reading, const char *bytes, size_t size) RW_MUSTCHECK;
int leases_read_networkd(
	struct lease_reading *reading, const char *bytes, size_t size) RW_MUSTCHECK;

/* The two clocks at one moment. */
struct lease_clock {
	int64_t wall_s;
	uint64_t mono_ms;
};

/*
 * Reads the files, of which later ones count more and those that do not exist are passed over, and
 * adds what they say to the table. RW_EINVAL: one is not of this format or cannot be read, as a
 * fault says; RW_ENOMEM.
 */
int leases_read(enum lease_format format, const char *const files[TABLE_FILES],
	const uint8_t *domain, const struct lease_clock *clock, struct fault_list *faults,
	struct hosts *into) RW_MUSTCHECK;

/* The same from memory; `path` is its name in faults. */
int leases_parse(enum lease_format format, const char *path, const char *bytes, size_t size,
	const uint8_t *domain, const struct lease_clock *clock, struct fault_list *faults,
	struct hosts *into) RW_MUSTCHECK;

#endif
