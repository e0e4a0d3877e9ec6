/* SPDX-License-Identifier: MIT */
/*
 * Zones out of master files (RFC 1035 section 5). All that is wrong is found in one reading, each
 * fault with its line and what to do.
 */
#ifndef RW_AUTHORITY_ZONE_FILE_H
#define RW_AUTHORITY_ZONE_FILE_H

#include "zones/fault.h"
#include "zones/table.h"
#include "zones/authority/zone.h"

/*
 * Reads the file as the zone `apex`, and what it draws in with $INCLUDE from below its folder;
 * those files are in `included` (may be NULL), on failure too. RW_EINVAL with at least one fault,
 * RW_ENOMEM.
 */
int zone_file_read(const char *path, const uint8_t *apex, struct table_included *included,
	struct fault_list *faults, struct zone **ret_zone) RW_MUSTCHECK;

/* The same from memory, where nothing is drawn in; `path` is its name in faults. */
int zone_file_parse(const char *path, const char *bytes, size_t size, const uint8_t *apex,
	struct fault_list *faults, struct zone **ret_zone) RW_MUSTCHECK;

#endif
