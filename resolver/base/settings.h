/* SPDX-License-Identifier: MIT */
/*
 * The settings of a running resolver, as plain typed values: what resolver/config reads from the
 * configuration file and every floor takes its parameters from. Immutable once built; replaced
 * whole on reload. Lists belong to the settings. Times are in the unit the name ends with.
 */
#ifndef RW_BASE_SETTINGS_H
#define RW_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/base/addr.h"

struct addr_list {
	struct addr *items;
	size_t count;
};

struct prefix_list {
	struct prefix *items;
	size_t count;
};

struct text_list {
	char **items;
	size_t count;
};

struct name_list {
	uint8_t **items; /* wire form */
	size_t count;
};

/* One name of the network's own (`hosts`). */
struct host_settings {
	uint8_t *name; /* wire form */
	struct addr_list addresses;
};

struct host_list {
	struct host_settings *items;
	size_t count;
};

/* A zone of our own (`zones`). */
struct zone_settings {
	uint8_t *name; /* wire form */
	char *file;
};

struct zone_settings_list {
	struct zone_settings *items;
	size_t count;
};

enum lease_format {
	LEASES_DNSMASQ,
	LEASES_KEA,
	LEASES_ISC,
	LEASES_NETWORKD,
};

/* A file of leases (`leases`). */
struct lease_settings {
	enum lease_format format;
	char *file;
	uint8_t *domain; /* wire form; goes behind the clients' names */
};

struct lease_settings_list {
	struct lease_settings *items;
	size_t count;
};

/* AAAA records made of A records (RFC 6147). */
struct dns64_settings {
	struct prefix prefix;       /* of no family: off */
	struct prefix_list exclude; /* AAAA records that count as if they were not there */
};

/* What is answered here. In a view, what is not given is as for everybody. */
struct names_settings {
	struct zone_settings_list zones;
	struct host_list hosts;
	struct text_list hosts_files;
	struct lease_settings_list leases;
	struct name_list transparent; /* at and below these, what is not here is asked of others */
	struct dns64_settings dns64;
	bool zones_given, hosts_given, hosts_files_given, leases_given, transparent_given,
		dns64_given;
};

/* What a blocked name is answered (`block.answer`). */
enum block_answer {
	BLOCK_NXDOMAIN,
	BLOCK_NODATA,
	BLOCK_ZERO, /* 0.0.0.0 and :: */
	BLOCK_ADDRESS,
};

struct block_reply {
	enum block_answer kind;
	struct addr address; /* BLOCK_ADDRESS */
};

struct block_settings {
	struct text_list lists; /* files */
	struct name_list allow;
	struct block_reply answer;
	uint64_t max_bytes; /* of one list, and of the table of all */
};

/* A response policy zone. */
struct rpz_settings {
	uint8_t *name; /* wire form */
	char *file;
};

struct rpz_list {
	struct rpz_settings *items;
	size_t count;
};

/* What some clients see (`views`). */
struct view_settings {
	struct prefix_list clients;
	struct names_settings names;
	struct block_settings block; /* whole, but for `max_bytes`; so is `rpz` */
	struct rpz_list rpz;
	bool block_given, rpz_given;
};

struct view_list {
	struct view_settings *items;
	size_t count;
};

struct type_list {
	uint16_t *items;
	size_t count;
};

/* A zone in which records of some types are not given out (`withhold`). */
struct withhold_settings {
	uint8_t *zone; /* wire form */
	struct type_list types;
};

struct withhold_list {
	struct withhold_settings *items;
	size_t count;
};

enum minimisation {
	MINIMISE_RELAXED, /* RFC 9156, giving up where a server cannot bear it */
	MINIMISE_STRICT,  /* RFC 9156, believing every answer to a shortened name */
	MINIMISE_OFF,
};

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

/* A zone whose questions go to given servers: `forward` (RD=1) or `stub` (RD=0). */
struct route_settings {
	uint8_t *zone; /* wire form */
	struct addr_list to;
	bool first; /* forward only: iterate when all of them fail */
};

struct route_list {
	struct route_settings *items;
	size_t count;
};

struct outgoing_settings {
	bool ipv4, ipv6;
	uint16_t port;                    /* where authoritative servers listen */
	struct addr_list addresses;       /* source addresses; empty: the system chooses */
	struct prefix_list allow_private; /* otherwise refused addresses that may be asked */
	bool case_randomisation;
	bool cookies;              /* RFC 7873 */
	uint32_t timeout_ms;       /* whole budget of one client request */
	uint16_t edns_buffer_size; /* bytes announced to servers */
};

struct cache_settings {
	uint64_t size_bytes;
	uint32_t max_ttl_s, min_ttl_s, max_negative_ttl_s, min_negative_ttl_s;
	bool serve_stale, prefetch;
	uint32_t stale_max_age_s;         /* how long expired data is kept */
	uint32_t stale_ttl_s;             /* TTL that stale data is given */
	uint32_t stale_client_timeout_ms; /* how long a client waits for fresh data */
};

struct dnssec_settings {
	bool validate;
	struct text_list trust_anchors; /* file names */
};

struct settings {
	struct addr_list listen;
	struct prefix_list access;      /* who may ask */
	struct prefix_list allow_snoop; /* who may ask with RD=0 */
	bool allow_snoop_given;         /* if not set, every client that may ask */
	uint32_t workers;
	char *root_hints; /* file; NULL: the compiled-in copy */
	struct outgoing_settings outgoing;
	enum minimisation minimisation;
	bool minimal_responses;
	bool special_use;            /* answer special-use and locally served names here */
	uint16_t max_udp_size;       /* bytes of an answer over UDP */
	uint32_t discard_timeout_ms; /* a reply over UDP that took longer is not sent; 0: all are */
	struct cache_settings cache;
	struct dnssec_settings dnssec;
	struct route_list forward, stub;
	struct prefix_list private_addresses; /* taken out of answers for public names */
	struct name_list private_domains;     /* whose names may have them */
	struct withhold_list withhold;
	struct names_settings names;
	struct view_list views; /* the first that a client belongs to counts */
	struct block_settings block;
	struct rpz_list rpz; /* the first that has a rule decides */
	enum log_level log_level;
};

/* The defaults: everything that is not a list. Lists are empty; config.c fills their defaults. */
void settings_default(struct settings *ret_settings);

/* Frees what the settings own. NULL is fine inside. */
void settings_release(struct settings *settings);

#endif
