/* SPDX-License-Identifier: MIT */
/*
 * Configuration files from arbitrary bytes: no crash, no leak, and always either settings or an
 * error with a place inside the file.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "resolver/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_report(const struct config_report *report, size_t size)
{
	for (size_t i = 0; i < report->count && i < LIMIT_CONFIG_ERRORS; i++) {
		rw_require(report->errors[i].message[0] != '\0');
		rw_require(report->errors[i].line <= size + 1);
		rw_require(report->errors[i].caret < CONFIG_EXCERPT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config_report report;
	struct settings settings;
	int err = config_load_bytes("fuzz.yaml", (const char *)data, size, &settings, &report);
	rw_require((err == 0) == (report.count == 0));
	check_report(&report, size);
	if (err == 0) {
		rw_require(settings.listen.count >= 1 && settings.workers >= 1);
		settings_release(&settings);
	}
	return 0;
}
