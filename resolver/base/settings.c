/* SPDX-License-Identifier: MIT */
/* The defaults of every setting that is not a list, and the end of a settings object. */
#include "resolver/base/settings.h"

#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"

void settings_default(struct settings *ret_settings)
{
	*ret_settings = (struct settings){
		.workers = 1,
		.outgoing =
			{
				.ipv4 = true,
				.ipv6 = true,
				.port = 53,
				.case_randomisation = true,
				.cookies = true,
				.timeout_ms = LIMIT_REQUEST_MS,
				.edns_buffer_size = LIMIT_EDNS_UDP,
			},
		.minimisation = MINIMISE_RELAXED,
		.minimal_responses = true,
		.special_use = true,
		.max_udp_size = LIMIT_EDNS_UDP,
		.discard_timeout_ms = LIMIT_DISCARD_MS,
		.cache =
			{
				.size_bytes = 64u << 20,
				.max_ttl_s = LIMIT_TTL_MAX,
				.max_negative_ttl_s = LIMIT_TTL_NEGATIVE,
				.serve_stale = true,
				.prefetch = true,
				.stale_max_age_s = LIMIT_STALE_AGE,
				.stale_ttl_s = LIMIT_STALE_TTL,
				.stale_client_timeout_ms = LIMIT_STALE_CLIENT_MS,
			},
		.block = {.max_bytes = LIMIT_BLOCK_BYTES},
		.log_level = LOG_INFO,
	};
}

static void routes_release(struct route_list *routes)
{
	for (size_t i = 0; i < routes->count; i++) {
		free(routes->items[i].zone);
		free(routes->items[i].to.items);
	}
	free(routes->items);
}

static void hosts_release(struct host_list *hosts)
{
	for (size_t i = 0; i < hosts->count; i++) {
		free(hosts->items[i].name);
		free(hosts->items[i].addresses.items);
	}
	free(hosts->items);
}

static void texts_release(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

static void names_release(struct name_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

static void own_names_release(struct names_settings *names)
{
	for (size_t i = 0; i < names->zones.count; i++) {
		free(names->zones.items[i].name);
		free(names->zones.items[i].file);
	}
	free(names->zones.items);
	for (size_t i = 0; i < names->leases.count; i++) {
		free(names->leases.items[i].file);
		free(names->leases.items[i].domain);
	}
	free(names->leases.items);
	hosts_release(&names->hosts);
	free(names->dns64.exclude.items);
	texts_release(&names->hosts_files);
	names_release(&names->transparent);
}

static void block_release(struct block_settings *block)
{
	texts_release(&block->lists);
	names_release(&block->allow);
}

static void rpz_release(struct rpz_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].file);
	}
	free(list->items);
}

static void view_list_release(struct view_list *views)
{
	for (size_t i = 0; i < views->count; i++) {
		free(views->items[i].clients.items);
		own_names_release(&views->items[i].names);
		block_release(&views->items[i].block);
		rpz_release(&views->items[i].rpz);
	}
	free(views->items);
}

static void withhold_release(struct withhold_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].zone);
		free(list->items[i].types.items);
	}
	free(list->items);
}

void settings_release(struct settings *settings)
{
	free(settings->listen.items);
	free(settings->access.items);
	free(settings->allow_snoop.items);
	free(settings->root_hints);
	free(settings->outgoing.addresses.items);
	free(settings->outgoing.allow_private.items);
	texts_release(&settings->dnssec.trust_anchors);
	free(settings->private_addresses.items);
	names_release(&settings->private_domains);
	routes_release(&settings->forward);
	routes_release(&settings->stub);
	own_names_release(&settings->names);
	view_list_release(&settings->views);
	withhold_release(&settings->withhold);
	block_release(&settings->block);
	rpz_release(&settings->rpz);
	memset(settings, 0, sizeof(*settings));
}
