/* SPDX-License-Identifier: MIT */
/*
 * Files in the format of /etc/hosts (hosts(5)): an address, its canonical name, other names, and
 * what follows a #. Names are taken as they stand. The canonical name is the one that the address
 * leads back to. What is no such line is told and left out, the rest is used; where no line at all
 * begins with an address, something else has come in the file's place, and all of it is refused.
 *
 * Names of the machine itself (localhost and its kind at loopback addresses) are left out without a
 * word: they are answered as special-use names.
 */
#ifndef RW_LOCALDATA_HOSTS_FILE_H
#define RW_LOCALDATA_HOSTS_FILE_H

#include "zones/fault.h"
#include "zones/localdata/hosts.h"

/* Adds what the file says to the table. `path` is its name in faults. RW_EINVAL: it is no such
 * file, as a fault says; RW_ENOMEM. */
int hosts_file_parse(const char *path, const char *bytes, size_t size, struct fault_list *faults,
	struct hosts *into) RW_MUSTCHECK;

/* Reads the file. RW_EINVAL: it cannot be read, as a fault says; RW_ENOMEM. */
int hosts_file_read(const char *path, struct fault_list *faults, struct hosts *into) RW_MUSTCHECK;

#endif
