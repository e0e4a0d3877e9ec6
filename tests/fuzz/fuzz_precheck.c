/* SPDX-License-Identifier: MIT */
/*
 * The guard over any bytes. What it lets pass must be readable by name_read, wherever a name
 * stands, and the offsets it reports must be those of what it says.
 */
#include "resolver/base/limits.h"
#include "resolver/wire/name.h"
#include "resolver/wire/precheck.h"
#include "resolver/wire/rr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct precheck info, header;
	if (precheck(data, size, &info))
		return 0;
	rw_require(size >= HEADER_SIZE && size <= LIMIT_MESSAGE_BYTES);
	rw_require(precheck_header(data, size, &header) == 0);
	rw_require(info.id == header.id && info.flags == header.flags);
	rw_require(info.question_end >= HEADER_SIZE && info.question_end <= size);
	rw_require(info.opt == 0 || rr_get16(data + info.opt + 1) == TYPE_OPT);
	size_t at = HEADER_SIZE;
	for (unsigned section = 0; section < 4; section++) {
		for (unsigned i = 0; i < info.counts[section]; i++) {
			struct name name;
			rw_require(name_read(data, size, at, &name, &at) == 0);
			rw_require(name_size(name.bytes) <= LIMIT_NAME_BYTES);
			at += section == 0 ? 4 : 10u + rr_get16(data + at + 8);
			rw_require(at <= size);
		}
		rw_require(section != 0 || at == info.question_end);
	}
	rw_require(at == size);
	return 0;
}
