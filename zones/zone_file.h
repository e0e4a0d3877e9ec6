/* SPDX-License-Identifier: MIT */
/*
 * Zones out of master files (RFC 1035 section 5). All that is wrong is found in one reading, each
 * fault with its line and what to do.
 */
#ifndef RW_ZONES_ZONE_FILE_H
#define RW_ZONES_ZONE_FILE_H

#include "zones/fault.h"
#include "zones/zone.h"

/* Reads the file as the zone `apex`. RW_EINVAL with at least one fault, RW_ENOMEM. */
int zone_file_read(const char *path, const uint8_t *apex, struct fault_list *faults,
	struct zone **ret_zone) RW_MUSTCHECK;

/* The same from memory; `path` is its name in faults. */
int zone_file_parse(const char *path, const char *bytes, size_t size, const uint8_t *apex,
	struct fault_list *faults, struct zone **ret_zone) RW_MUSTCHECK;

#endif
