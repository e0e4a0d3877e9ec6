/* SPDX-License-Identifier: MIT */
/*
 * Files of hosts and of leases from arbitrary bytes. The first byte chooses the format; the rest is
 * the file, and once more its first half, as if its writer had been caught at work.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "zones/localdata/hosts_file.h"
#include "zones/localdata/leases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FORMATS 5

static void see(void *ctx, const uint8_t *name, unsigned line)
{
	const struct hosts *hosts = ctx;
	unsigned known;
	rw_require(hosts_line_of(hosts, name, &known) && known == line);
	rw_require(name_size(name) <= LIMIT_NAME_BYTES);
}

static void parse(unsigned format, const char *bytes, size_t size)
{
	static struct fault_list faults;
	static const uint8_t domain[] = "\3lan";
	const struct lease_clock clock = {1800000000, 1000000};
	struct hosts *hosts;
	faults.count = faults.errors = 0;
	rw_require(hosts_new(LIMIT_NAMES_TABLE, NULL, &hosts) == 0);
	int err = format == FORMATS - 1 ? hosts_file_parse("fuzz", bytes, size, &faults, hosts)
					: leases_parse((enum lease_format)format, "fuzz", bytes,
						  size, domain, &clock, &faults, hosts);
	rw_require(err == 0 || err == RW_EINVAL);
	rw_require((err == RW_EINVAL) == (faults.errors > 0));
	rw_require(hosts_finish(hosts) == 0);
	hosts_each(hosts, see, hosts);
	hosts_unref(hosts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	parse(data[0] % FORMATS, (const char *)data + 1, size - 1);
	parse(data[0] % FORMATS, (const char *)data + 1, (size - 1) / 2);
	return 0;
}
