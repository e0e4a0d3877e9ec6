/* SPDX-License-Identifier: MIT */
/*
 * The table of options: every key of rootwalk.yaml, once. What the file may hold, what each key
 * means, its default and its range are said here and nowhere else; the manual page's list is
 * printed from it (and a test compares the two).
 */
#include "resolver/config/inner.h"

#include <stdlib.h>
#include <string.h>

#define AT(member)          offsetof(struct settings, member)
#define ROUTE_AT(member)    offsetof(struct route_settings, member)
#define WITHHOLD_AT(member) offsetof(struct withhold_settings, member)
#define ZONE_AT(member)     offsetof(struct zone_settings, member)
#define LEASES_AT(member)   offsetof(struct lease_settings, member)
#define VIEW_AT(member)     offsetof(struct view_settings, member)
#define RPZ_AT(member)      offsetof(struct rpz_settings, member)
#define SECONDS_A_WEEK      604800

static const struct config_choice minimisation_choices[] = {
	{"relaxed", MINIMISE_RELAXED},
	{"strict", MINIMISE_STRICT},
	{"off", MINIMISE_OFF},
	{NULL, 0},
};

static const struct config_choice lease_choices[] = {
	{"dnsmasq", LEASES_DNSMASQ},
	{"kea", LEASES_KEA},
	{"isc", LEASES_ISC},
	{"networkd", LEASES_NETWORKD},
	{NULL, 0},
};

static const struct config_choice log_choices[] = {
	{"error", LOG_ERROR},
	{"warning", LOG_WARNING},
	{"info", LOG_INFO},
	{"debug", LOG_DEBUG},
	{NULL, 0},
};

/* clang-format off */
const struct config_option config_table[] = {
	{"listen", TYPE_SERVER, .list = true, AT(listen), .min = 1,
	 .fallback = "[\"127.0.0.1@53\", \"::1@53\"]",
	 .meaning = "Addresses and ports to answer on, UDP and TCP on each."},
	{"access", TYPE_PREFIX, .list = true, AT(access),
	 .fallback = "[\"127.0.0.0/8\", \"::1/128\", \"10.0.0.0/8\", \"172.16.0.0/12\", "
	             "\"192.168.0.0/16\", \"100.64.0.0/10\", \"169.254.0.0/16\", \"fc00::/7\", "
	             "\"fe80::/10\"]",
	 .meaning = "Networks whose clients may ask; all others are refused."},
	{"allow-snoop", TYPE_PREFIX, .list = true, AT(allow_snoop),
	 .given = AT(allow_snoop_given), .fallback = "(whoever may ask at all)",
	 .meaning = "Networks whose clients may ask without recursion (RD=0), which reads the cache."},
	{"workers", TYPE_WORKERS, false, AT(workers), .min = 1, .max = LIMIT_WORKERS,
	 .fallback = "cores",
	 .meaning = "Threads that answer; the word cores stands for one to each processor core."},
	{"root-hints", TYPE_FILE, false, AT(root_hints), .fallback = "(a compiled-in copy)",
	 .meaning = "File with the names and addresses of the root servers."},
	{"special-use", TYPE_BOOLEAN, false, AT(special_use), .fallback = "true",
	 .meaning = "Whether special-use names and private reverse zones are answered here and not "
	            "asked of the Internet."},
	{"qname-minimisation", TYPE_CHOICE, false, AT(minimisation),
	 .choices = minimisation_choices, .fallback = "relaxed",
	 .meaning = "How much of a name each server sees: relaxed gives up where a server cannot bear "
	            "it, strict never does, off sends the full name to all."},
	{"minimal-responses", TYPE_BOOLEAN, false, AT(minimal_responses), .fallback = "true",
	 .meaning = "Whether answers leave out the sections nobody asked for."},
	{"max-udp-size", TYPE_COUNT16, false, AT(max_udp_size), .min = 512, .max = 4096,
	 .fallback = "1232",
	 .meaning = "Bytes of the largest answer over UDP; a longer one is truncated."},
	{"discard-timeout", TYPE_MILLISECONDS, false, AT(discard_timeout_ms), .min = 0,
	 .max = 30000, .fallback = "5s",
	 .meaning = "Time after which the reply to a question over UDP is not sent any more; shortly "
	            "before it, the client is told the failure so far. 0s sends all."},
	{"outgoing.ipv4", TYPE_BOOLEAN, false, AT(outgoing.ipv4), .fallback = "true",
	 .meaning = "Whether servers are asked over IPv4."},
	{"outgoing.ipv6", TYPE_BOOLEAN, false, AT(outgoing.ipv6), .fallback = "true",
	 .meaning = "Whether servers are asked over IPv6."},
	{"outgoing.port", TYPE_COUNT16, false, AT(outgoing.port), .min = 1, .max = 65535,
	 .fallback = "53",
	 .meaning = "Port on which authoritative servers listen; only a lab needs another."},
	{"outgoing.addresses", TYPE_ADDRESS, .list = true, AT(outgoing.addresses),
	 .fallback = "(the system chooses)",
	 .meaning = "Source addresses of questions to servers."},
	{"outgoing.allow-private", TYPE_PREFIX, .list = true, AT(outgoing.allow_private),
	 .fallback = "(none)",
	 .meaning = "Networks of loopback or private addresses where servers may be asked all the "
	            "same."},
	{"outgoing.case-randomisation", TYPE_BOOLEAN, false, AT(outgoing.case_randomisation),
	 .fallback = "true",
	 .meaning = "Whether the letter case of names is varied at random, which makes answers harder "
	            "to forge."},
	{"outgoing.cookies", TYPE_BOOLEAN, false, AT(outgoing.cookies), .fallback = "true",
	 .meaning = "DNS cookies in questions to servers (RFC 7873), against forged replies; a server "
	            "that cannot bear them is asked without."},
	{"outgoing.timeout", TYPE_MILLISECONDS, false, AT(outgoing.timeout_ms), .min = 500,
	 .max = 30000, .fallback = "7s",
	 .meaning = "Time that one client request may take in all."},
	{"outgoing.edns-buffer-size", TYPE_COUNT16, false, AT(outgoing.edns_buffer_size),
	 .min = 512, .max = 4096, .fallback = "1232",
	 .meaning = "Bytes of the largest UDP answer that servers are told to send."},
	{"cache.size", TYPE_SIZE, false, AT(cache.size_bytes), .min = LIMIT_CACHE_MIN_BYTES,
	 .max = UINT64_C(1) << 40, .fallback = "64MiB",
	 .meaning = "Memory of the cache."},
	{"cache.max-ttl", TYPE_SECONDS, false, AT(cache.max_ttl_s), .min = 1,
	 .max = SECONDS_A_WEEK, .fallback = "1d",
	 .meaning = "Longest time that a record is kept, whatever its TTL says."},
	{"cache.min-ttl", TYPE_SECONDS, false, AT(cache.min_ttl_s), .min = 0, .max = 3600,
	 .fallback = "0s",
	 .meaning = "Shortest time that a record is kept; above 0s, changes of others are seen late."},
	{"cache.max-negative-ttl", TYPE_SECONDS, false, AT(cache.max_negative_ttl_s), .min = 0,
	 .max = 86400, .fallback = "1h",
	 .meaning = "Longest time that the absence of a name or record is remembered."},
	{"cache.min-negative-ttl", TYPE_SECONDS, false, AT(cache.min_negative_ttl_s), .min = 0,
	 .max = 3600, .fallback = "0s",
	 .meaning = "Shortest time that the absence of a name or record is remembered."},
	{"cache.serve-stale", TYPE_BOOLEAN, false, AT(cache.serve_stale), .fallback = "true",
	 .meaning = "Whether expired records are answered when no server replies."},
	{"cache.stale-max-age", TYPE_SECONDS, false, AT(cache.stale_max_age_s), .min = 0,
	 .max = SECONDS_A_WEEK, .fallback = "1d",
	 .meaning = "Time that an expired record is kept for that."},
	{"cache.stale-ttl", TYPE_SECONDS, false, AT(cache.stale_ttl_s), .min = 0, .max = 3600,
	 .fallback = "30s",
	 .meaning = "TTL given to expired records in answers."},
	{"cache.stale-client-timeout", TYPE_MILLISECONDS, false, AT(cache.stale_client_timeout_ms),
	 .min = 0, .max = 30000, .fallback = "1800ms",
	 .meaning = "Time that a client waits for fresh records before it gets expired ones."},
	{"cache.prefetch", TYPE_BOOLEAN, false, AT(cache.prefetch), .fallback = "true",
	 .meaning = "Whether records and delegations in demand are renewed shortly before they expire."},
	{"dnssec.validate", TYPE_BOOLEAN, false, AT(dnssec.validate), .fallback = "false",
	 .refused = "true",
	 .refusal = "this version cannot validate yet: write false, or leave the key away",
	 .meaning = "Whether signatures are checked; true is refused until this version can."},
	{"dnssec.trust-anchors", TYPE_FILE, .list = true, AT(dnssec.trust_anchors),
	 .fallback = "(none)",
	 .meaning = "Files with the keys that validation starts from."},
	{"forward", TYPE_ROUTE, .list = true, AT(forward), .fallback = "(none)",
	 .meaning = "Zones whose questions go to recursive servers, one entry for each zone."},
	{"forward[].zone", TYPE_NAME, false, ROUTE_AT(zone), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone; \".\" is every name."},
	{"forward[].to", TYPE_SERVER, .list = true, ROUTE_AT(to), .min = 1,
	 .fallback = CONFIG_REQUIRED,
	 .meaning = "The servers, asked with RD=1."},
	{"forward[].first", TYPE_BOOLEAN, false, ROUTE_AT(first), .fallback = "false",
	 .meaning = "Whether the name is resolved from the root when all these servers fail."},
	{"stub", TYPE_ROUTE, .list = true, AT(stub), .fallback = "(none)",
	 .meaning = "Zones whose authoritative servers are given here, one entry for each zone."},
	{"stub[].zone", TYPE_NAME, false, ROUTE_AT(zone), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone."},
	{"stub[].to", TYPE_SERVER, .list = true, ROUTE_AT(to), .min = 1,
	 .fallback = CONFIG_REQUIRED,
	 .meaning = "Its servers, asked with RD=0."},
	{"private-addresses", TYPE_PREFIX, .list = true, AT(private_addresses),
	 .fallback = "(none)",
	 .meaning = "Networks whose addresses are taken out of answers for public names, against DNS "
	            "rebinding."},
	{"private-domains", TYPE_NAME, .list = true, AT(private_domains), .fallback = "(none)",
	 .meaning = "Zones whose names may have such addresses, unless a name elsewhere is an alias "
	            "for one; zones of forward and stub may anyway."},
	{"zones", TYPE_ZONE, .list = true, AT(names.zones), .fallback = "(none)",
	 .meaning = "Zones of the network's own, answered here with authority out of master files "
	            "(RFC 1035), one entry for each zone."},
	{"zones[].name", TYPE_NAME, false, ZONE_AT(name), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone, as home.arpa."},
	{"zones[].file", TYPE_PATH, false, ZONE_AT(file), .fallback = CONFIG_REQUIRED,
	 .meaning = "Its master file, watched for changes."},
	{"hosts", TYPE_HOST, false, AT(names.hosts), .fallback = "(none)",
	 .meaning = "Names of the network's own and their addresses, answered here, with PTR records "
	            "made by themselves; such a name has no other records."},
	{"hosts-files", TYPE_PATH, .list = true, AT(names.hosts_files), .fallback = "(none)",
	 .meaning = "Files of such names in the format of hosts(5), watched for changes; the first name "
	            "of a line is the one its address leads back to."},
	{"leases", TYPE_LEASES, .list = true, AT(names.leases), .fallback = "(none)",
	 .meaning = "Files in which DHCP servers keep their leases, whose clients get names here; "
	            "watched for changes; names of hosts, hosts-files and zones come first."},
	{"leases[].format", TYPE_CHOICE, false, LEASES_AT(format), .choices = lease_choices,
	 .fallback = CONFIG_REQUIRED,
	 .meaning = "The server: dnsmasq, kea (memfile, DHCPv4 or DHCPv6), isc (dhcpd.leases, DHCPv4), "
	            "or networkd (the file of one interface)."},
	{"leases[].file", TYPE_PATH, false, LEASES_AT(file), .fallback = CONFIG_REQUIRED,
	 .meaning = "Its file; it may come to be later."},
	{"leases[].domain", TYPE_NAME, false, LEASES_AT(domain), .fallback = CONFIG_REQUIRED,
	 .meaning = "What goes behind the clients' names, as home.arpa."},
	{"transparent", TYPE_NAME, .list = true, AT(names.transparent), .fallback = "(none)",
	 .meaning = "Names at and below which what is not here (a name that zones do not have, a type "
	            "that a name does not have) is asked of the public DNS; elsewhere a name or zone that "
	            "is here hides all of its public twin."},
	{"views", TYPE_VIEW, .list = true, AT(views), .fallback = "(none)",
	 .meaning = "Other answers for some clients; the first entry that has the client counts; a key "
	            "in an entry takes the place of the same key outside, a key left out is as outside, and "
	            "an empty list is nothing."},
	{"views[].clients", TYPE_PREFIX, .list = true, VIEW_AT(clients), .min = 1,
	 .fallback = CONFIG_REQUIRED,
	 .meaning = "Networks of these clients."},
	{"views[].zones", TYPE_ZONE, .list = true, VIEW_AT(names.zones),
	 .given = VIEW_AT(names.zones_given), .fallback = "(as outside)",
	 .meaning = "As zones, for these clients."},
	{"views[].zones[].name", TYPE_NAME, false, ZONE_AT(name), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone."},
	{"views[].zones[].file", TYPE_PATH, false, ZONE_AT(file), .fallback = CONFIG_REQUIRED,
	 .meaning = "Its master file."},
	{"views[].hosts", TYPE_HOST, false, VIEW_AT(names.hosts),
	 .given = VIEW_AT(names.hosts_given), .fallback = "(as outside)",
	 .meaning = "As hosts, for these clients."},
	{"views[].hosts-files", TYPE_PATH, .list = true, VIEW_AT(names.hosts_files),
	 .given = VIEW_AT(names.hosts_files_given), .fallback = "(as outside)",
	 .meaning = "As hosts-files, for these clients."},
	{"views[].leases", TYPE_LEASES, .list = true, VIEW_AT(names.leases),
	 .given = VIEW_AT(names.leases_given), .fallback = "(as outside)",
	 .meaning = "As leases, for these clients."},
	{"views[].leases[].format", TYPE_CHOICE, false, LEASES_AT(format),
	 .choices = lease_choices, .fallback = CONFIG_REQUIRED,
	 .meaning = "The server."},
	{"views[].leases[].file", TYPE_PATH, false, LEASES_AT(file), .fallback = CONFIG_REQUIRED,
	 .meaning = "Its file."},
	{"views[].leases[].domain", TYPE_NAME, false, LEASES_AT(domain),
	 .fallback = CONFIG_REQUIRED,
	 .meaning = "What goes behind the clients' names."},
	{"views[].transparent", TYPE_NAME, .list = true, VIEW_AT(names.transparent),
	 .given = VIEW_AT(names.transparent_given), .fallback = "(as outside)",
	 .meaning = "As transparent, for these clients."},
	{"views[].dns64.prefix", TYPE_DNS64, false, VIEW_AT(names.dns64.prefix),
	 .given = VIEW_AT(names.dns64_given), .fallback = "(as outside)",
	 .meaning = "As dns64.prefix, for these clients; one key of dns64 here takes the place of all "
	            "of dns64 outside."},
	{"views[].dns64.exclude", TYPE_PREFIX, .list = true, VIEW_AT(names.dns64.exclude),
	 .given = VIEW_AT(names.dns64_given), .fallback = "[\"::ffff:0:0/96\"]",
	 .meaning = "As dns64.exclude, for these clients."},
	{"views[].block.lists", TYPE_PATH, .list = true, VIEW_AT(block.lists),
	 .given = VIEW_AT(block_given), .fallback = "(as outside)",
	 .meaning = "As block.lists, for these clients; one key of block here takes the place of all "
	            "of block outside, but for max-bytes."},
	{"views[].block.allow", TYPE_NAME, .list = true, VIEW_AT(block.allow),
	 .given = VIEW_AT(block_given), .fallback = "(as outside)",
	 .meaning = "As block.allow, for these clients."},
	{"views[].block.answer", TYPE_BLOCK_REPLY, false, VIEW_AT(block.answer),
	 .given = VIEW_AT(block_given), .fallback = "(as outside, or nxdomain)",
	 .meaning = "As block.answer, for these clients."},
	{"views[].rpz", TYPE_RPZ, .list = true, VIEW_AT(rpz), .given = VIEW_AT(rpz_given),
	 .fallback = "(as outside)",
	 .meaning = "As rpz, for these clients."},
	{"views[].rpz[].name", TYPE_NAME, false, RPZ_AT(name), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone's name."},
	{"views[].rpz[].file", TYPE_PATH, false, RPZ_AT(file), .fallback = CONFIG_REQUIRED,
	 .meaning = "Its master file."},
	{"withhold", TYPE_WITHHOLD, .list = true, AT(withhold), .fallback = "(none)",
	 .meaning = "Zones in which questions of some types are answered as if there were no such "
	            "records; names of hosts come first."},
	{"withhold[].zone", TYPE_NAME, false, WITHHOLD_AT(zone), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone; \".\" is every name."},
	{"withhold[].types", TYPE_RECORDS, .list = true, WITHHOLD_AT(types), .min = 1,
	 .fallback = CONFIG_REQUIRED,
	 .meaning = "The types, such as AAAA or HTTPS."},
	{"block.lists", TYPE_PATH, .list = true, AT(block.lists), .fallback = "(none)",
	 .meaning = "Files of names that are not answered: hosts files, lists of names, wildcards, "
	            "adblock rules, lines of dnsmasq."},
	{"block.allow", TYPE_NAME, .list = true, AT(block.allow), .fallback = "(none)",
	 .meaning = "Names that are answered all the same, with all below them, whatever lists and "
	            "policy zones say."},
	{"block.answer", TYPE_BLOCK_REPLY, false, AT(block.answer), .fallback = "nxdomain",
	 .meaning = "What a blocked name is answered: that there is no such name, no such records, "
	            "0.0.0.0 and ::, or this address."},
	{"block.max-bytes", TYPE_SIZE, false, AT(block.max_bytes), .min = 1 << 20,
	 .max = 1 << 30, .fallback = "128MiB",
	 .meaning = "The largest file of names or rules that is read, and the memory that the names "
	            "of all lists, and each policy zone, may take."},
	{"rpz", TYPE_RPZ, .list = true, AT(rpz), .fallback = "(none)",
	 .meaning = "Response policy zones; the first that has a rule for a question or its answer "
	            "decides."},
	{"rpz[].name", TYPE_NAME, false, RPZ_AT(name), .fallback = CONFIG_REQUIRED,
	 .meaning = "The zone's name, which its triggers end with."},
	{"rpz[].file", TYPE_PATH, false, RPZ_AT(file), .fallback = CONFIG_REQUIRED,
	 .meaning = "Its master file."},
	{"dns64.prefix", TYPE_DNS64, false, AT(names.dns64.prefix), .fallback = "(none)",
	 .meaning = "Prefix of a NAT64: names with A records only are given AAAA records made with "
	            "it, and such an address has the name of the one inside it; 64:ff9b::/96 is "
	            "the well-known one, with which no private IPv4 addresses are mapped."},
	{"dns64.exclude", TYPE_PREFIX, .list = true, AT(names.dns64.exclude),
	 .fallback = "[\"::ffff:0:0/96\"]",
	 .meaning = "Networks whose AAAA records are left out of answers, because clients without "
	            "IPv4 cannot use them; a name that has no others is given records made with the "
	            "prefix."},
	{"log.level", TYPE_CHOICE, false, AT(log_level), .choices = log_choices,
	 .fallback = "info",
	 .meaning = "The least important kind of line that is written to standard error."},
};
/* clang-format on */

const size_t config_table_size = RW_COUNT(config_table);
_Static_assert(RW_COUNT(config_table) <= CONFIG_TABLE_MAX, "raise CONFIG_TABLE_MAX");

const struct config_option *config_option_find(const char *path)
{
	for (size_t i = 0; i < config_table_size; i++)
		if (strcmp(config_table[i].path, path) == 0)
			return &config_table[i];
	return NULL;
}

bool config_is_section(const char *path)
{
	size_t length = strlen(path);
	for (size_t i = 0; i < config_table_size; i++)
		if (strncmp(config_table[i].path, path, length) == 0 &&
			config_table[i].path[length] == '.')
			return true;
	return false;
}

static void print_plain(const struct config_option *option, FILE *out)
{
	char type[CONFIG_MESSAGE];
	fprintf(out, "%s\n    %s\n    Type: %s.\n    Default: %s\n", option->path, option->meaning,
		config_type_text(option, type), option->fallback);
}

static void print_mdoc(const struct config_option *option, FILE *out)
{
	char type[CONFIG_MESSAGE];
	fprintf(out, ".It Ic %s\n%s\nType: %s.\nDefault: %s\n", option->path, option->meaning,
		config_type_text(option, type), option->fallback);
}

void config_options(enum config_form form, FILE *out)
{
	for (size_t i = 0; i < config_table_size; i++)
		(form == CONFIG_MDOC ? print_mdoc : print_plain)(&config_table[i], out);
}
