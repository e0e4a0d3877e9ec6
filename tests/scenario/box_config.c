/* SPDX-License-Identifier: MIT */
/* The settings of a text as the daemon's configuration file. */
#include "tests/scenario/box.h"

#include <stdio.h>

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

static void put_prefixes(FILE *file, const char *key, const struct prefix_list *list)
{
	char text[ADDR_TEXT];
	fprintf(file, "%s: [", key);
	for (size_t i = 0; i < list->count; i++)
		fprintf(file, "%s\"%s/%u\"", i ? ", " : "",
			addr_ip_text(&list->items[i].base, text), list->items[i].bits);
	fputs("]\n", file);
}

static void put_names(FILE *file, const char *key, const struct name_list *list)
{
	char text[LIMIT_NAME_TEXT];
	fprintf(file, "%s: [", key);
	for (size_t i = 0; i < list->count; i++)
		fprintf(file, "%s'%s'", i ? ", " : "", name_text(list->items[i], text));
	fputs("]\n", file);
}

static void put_routes(FILE *file, const char *key, const struct route_list *list)
{
	char name[LIMIT_NAME_TEXT], text[ADDR_TEXT];
	if (list->count > 0)
		fprintf(file, "%s:\n", key);
	for (size_t i = 0; i < list->count; i++) {
		const struct route_settings *route = &list->items[i];
		fprintf(file, "  - zone: '%s'\n    to: [", name_text(route->zone, name));
		for (size_t k = 0; k < route->to.count; k++)
			fprintf(file, "%s\"%s\"", k ? ", " : "",
				addr_text(&route->to.items[k], text));
		fputs("]\n", file);
		if (route->first)
			fputs("    first: true\n", file);
	}
}

static void put_hosts(FILE *file, const struct host_list *list)
{
	char name[LIMIT_NAME_TEXT], text[ADDR_TEXT];
	if (list->count > 0)
		fputs("hosts:\n", file);
	for (size_t i = 0; i < list->count; i++) {
		const struct addr_list *addresses = &list->items[i].addresses;
		fprintf(file, "  '%s': [", name_text(list->items[i].name, name));
		for (size_t k = 0; k < addresses->count; k++)
			fprintf(file, "%s\"%s\"", k ? ", " : "",
				addr_ip_text(&addresses->items[k], text));
		fputs("]\n", file);
	}
}

static void put_zones(FILE *file, const char *indent, const struct zone_settings_list *list)
{
	char name[LIMIT_NAME_TEXT];
	fprintf(file, "%szones:%s\n", indent, list->count ? "" : " []");
	for (size_t i = 0; i < list->count; i++)
		fprintf(file, "%s  - {name: '%s', file: %s}\n", indent,
			name_text(list->items[i].name, name), list->items[i].file);
}

static void put_leases(FILE *file, const char *indent, const struct lease_settings_list *list)
{
	static const char *const formats[] = {"dnsmasq", "kea", "isc", "networkd"};
	char name[LIMIT_NAME_TEXT];
	fprintf(file, "%sleases:%s\n", indent, list->count ? "" : " []");
	for (size_t i = 0; i < list->count; i++)
		fprintf(file, "%s  - {format: %s, file: %s, domain: '%s'}\n", indent,
			formats[list->items[i].format], list->items[i].file,
			name_text(list->items[i].domain, name));
}

static void put_own(FILE *file, const char *indent, const struct names_settings *names)
{
	if (names->zones_given)
		put_zones(file, indent, &names->zones);
	if (names->leases_given)
		put_leases(file, indent, &names->leases);
	if (names->hosts_files_given)
		fprintf(file, "%shosts-files: [%s]\n", indent, names->hosts_files.items[0]);
	if (names->transparent_given) {
		fputs(indent, file);
		put_names(file, "transparent", &names->transparent);
	}
}

static void put_views(FILE *file, const struct view_list *list)
{
	if (list->count > 0)
		fputs("views:\n", file);
	for (size_t i = 0; i < list->count; i++) {
		fputs("  -\n", file);
		fputs("    ", file);
		put_prefixes(file, "clients", &list->items[i].clients);
		put_own(file, "    ", &list->items[i].names);
	}
}

static void put_withhold(FILE *file, const struct withhold_list *list)
{
	char name[LIMIT_NAME_TEXT];
	if (list->count > 0)
		fputs("withhold:\n", file);
	for (size_t i = 0; i < list->count; i++) {
		const struct type_list *types = &list->items[i].types;
		fprintf(file, "  - zone: '%s'\n    types: [", name_text(list->items[i].zone, name));
		for (size_t k = 0; k < types->count; k++)
			fprintf(file, "%sTYPE%u", k ? ", " : "", types->items[k]);
		fputs("]\n", file);
	}
}

static void put_block(FILE *file, const struct block_settings *block)
{
	static const char *const words[] = {
		[BLOCK_NXDOMAIN] = "nxdomain", [BLOCK_NODATA] = "nodata", [BLOCK_ZERO] = "zero"};
	char text[ADDR_TEXT];
	fprintf(file, "block:\n  answer: \"%s\"\n  lists: [",
		block->answer.kind == BLOCK_ADDRESS ? addr_ip_text(&block->answer.address, text)
						    : words[block->answer.kind]);
	for (size_t i = 0; i < block->lists.count; i++)
		fprintf(file, "%s\"%s\"", i ? ", " : "", block->lists.items[i]);
	fputs("]\n", file);
	put_names(file, "  allow", &block->allow);
}

static void put_rpz(FILE *file, const struct rpz_list *list)
{
	char name[LIMIT_NAME_TEXT];
	if (list->count > 0)
		fputs("rpz:\n", file);
	for (size_t i = 0; i < list->count; i++)
		fprintf(file, "  - {name: '%s', file: \"%s\"}\n",
			name_text(list->items[i].name, name), list->items[i].file);
}

static void put_outgoing(FILE *file, const struct outgoing_settings *outgoing)
{
	fprintf(file,
		"outgoing:\n  ipv4: %s\n  ipv6: %s\n  case-randomisation: %s\n"
		"  timeout: %ums\n  edns-buffer-size: %u\n",
		truth(outgoing->ipv4), truth(outgoing->ipv6), truth(outgoing->case_randomisation),
		outgoing->timeout_ms, outgoing->edns_buffer_size);
	put_prefixes(file, "  allow-private", &outgoing->allow_private);
}

static void put_cache(FILE *file, const struct cache_settings *cache)
{
	fprintf(file,
		"cache:\n  size: %uMiB\n  max-ttl: %us\n  min-ttl: %us\n  max-negative-ttl: %us\n"
		"  min-negative-ttl: %us\n"
		"  serve-stale: %s\n  stale-max-age: %us\n  stale-ttl: %us\n"
		"  stale-client-timeout: %ums\n  prefetch: %s\n",
		(unsigned)(cache->size_bytes >> 20), cache->max_ttl_s, cache->min_ttl_s,
		cache->max_negative_ttl_s, cache->min_negative_ttl_s, truth(cache->serve_stale),
		cache->stale_max_age_s, cache->stale_ttl_s, cache->stale_client_timeout_ms,
		truth(cache->prefetch));
}

static void put_settings(FILE *file, const struct settings *settings, bool verbose)
{
	static const char *const minimisation[] = {[MINIMISE_RELAXED] = "relaxed",
		[MINIMISE_STRICT] = "strict",
		[MINIMISE_OFF] = "off"};
	fprintf(file, "listen: [\"%s@%d\"]\nworkers: 1\nroot-hints: root.hints\n", BOX_DAEMON,
		BOX_PORT);
	put_prefixes(file, "access", &settings->access);
	put_prefixes(file, "allow-snoop", &settings->access);
	fprintf(file,
		"special-use: %s\nqname-minimisation: %s\nminimal-responses: %s\nmax-udp-size: "
		"%u\n",
		truth(settings->special_use), minimisation[settings->minimisation],
		truth(settings->minimal_responses), settings->max_udp_size);
	fprintf(file, "discard-timeout: %ums\n", settings->discard_timeout_ms);
	put_outgoing(file, &settings->outgoing);
	put_cache(file, &settings->cache);
	put_routes(file, "forward", &settings->forward);
	put_routes(file, "stub", &settings->stub);
	put_prefixes(file, "private-addresses", &settings->private_addresses);
	put_names(file, "private-domains", &settings->private_domains);
	put_hosts(file, &settings->names.hosts);
	put_own(file, "", &settings->names);
	put_views(file, &settings->views);
	put_withhold(file, &settings->withhold);
	put_block(file, &settings->block);
	put_rpz(file, &settings->rpz);
	char text[ADDR_TEXT];
	if (settings->names.dns64.prefix.base.family == ADDR_V6)
		fprintf(file, "dns64: {prefix: \"%s/%u\"}\n",
			addr_ip_text(&settings->names.dns64.prefix.base, text),
			settings->names.dns64.prefix.bits);
	fprintf(file, "log: {level: %s}\n", verbose ? "debug" : "info");
}

/* A text that forwards everything has no root; the daemon's hints then name what nobody has. */
static void put_hints(FILE *file, const struct delegation *hints)
{
	char name[LIMIT_NAME_TEXT] = "k.root-servers.net.", text[ADDR_TEXT];
	unsigned count = 0;
	if (hints->ns_count > 0) {
		name_text(hints->ns[0].name, name);
		count = hints->ns[0].address_count;
	}
	fprintf(file, ". 3600000 IN NS %s\n", name);
	for (unsigned i = 0; i < count; i++) {
		const struct addr *addr = &hints->ns[0].addresses[i];
		fprintf(file, "%s 3600000 IN %s %s\n", name, addr->family == ADDR_V6 ? "AAAA" : "A",
			addr_ip_text(addr, text));
	}
	if (count == 0)
		fprintf(file, "%s 3600000 IN A 192.0.2.254\n", name);
}

static FILE *create(const struct box *box, const char *name)
{
	char path[BOX_FOLDER + 32];
	snprintf(path, sizeof(path), "%s/%s", box->folder, name);
	return fopen(path, "we");
}

bool box_write_config(const struct box *box, const struct setup *setup, bool verbose)
{
	FILE *config = create(box, "rootwalk.yaml"), *hints = create(box, "root.hints");
	bool good = config && hints;
	if (config) {
		put_settings(config, &setup->settings, verbose);
		good = fclose(config) == 0 && good;
	}
	if (hints) {
		put_hints(hints, &setup->hints);
		good = fclose(hints) == 0 && good;
	}
	return good;
}
