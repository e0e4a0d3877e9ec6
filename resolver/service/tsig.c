/* SPDX-License-Identifier: MIT */
/* The TSIG record of an answer to who signed with a key that is not known here. */
#include "resolver/service/tsig.h"

#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/wire/name.h"
#include "resolver/wire/rr.h"

#define ERROR_BADKEY 17
#define HEAD_BYTES   10 /* of a record, behind its owner */
#define TIME_BYTES   8  /* time signed, and fudge */

/* What a TSIG record says, as offsets into the query. */
struct tsig {
	struct name key, algorithm;
	size_t time, original_id;
};

/* The record is the last one, so that its end is the query's. */
static int read_tsig(const uint8_t *query, size_t size, size_t at, struct tsig *ret_tsig)
{
	if (name_read(query, size, at, &ret_tsig->key, &at) || size - at < HEAD_BYTES ||
		rr_get16(query + at) != TYPE_TSIG)
		return RW_ENOTFOUND;
	if (name_read(query, size, at + HEAD_BYTES, &ret_tsig->algorithm, &at) ||
		size - at < TIME_BYTES + 8)
		return RW_EMALFORMED;
	size_t mac = rr_get16(query + at + TIME_BYTES);
	if (size - at < TIME_BYTES + 8 + mac)
		return RW_EMALFORMED;
	ret_tsig->time = at;
	ret_tsig->original_id = at + TIME_BYTES + 2 + mac;
	size_t other = rr_get16(query + ret_tsig->original_id + 4);
	return ret_tsig->original_id + 6 + other == size ? 0 : RW_EMALFORMED;
}

int tsig_badkey(const uint8_t *query, size_t query_size, size_t signature,
	uint8_t out[TSIG_BADKEY_BYTES], size_t *ret_size)
{
	struct tsig tsig;
	int err = read_tsig(query, query_size, signature, &tsig);
	if (err)
		return err;
	size_t key_size = name_size(tsig.key.bytes);
	size_t algorithm_size = name_size(tsig.algorithm.bytes);
	uint8_t *end = out;
	memcpy(end, tsig.key.bytes, key_size);
	end += key_size;
	rr_put16(end, TYPE_TSIG);
	rr_put16(end + 2, CLASS_ANY);
	rr_put32(end + 4, 0);
	rr_put16(end + 8, (uint16_t)(algorithm_size + TIME_BYTES + 8));
	memcpy(end + HEAD_BYTES, tsig.algorithm.bytes, algorithm_size);
	end += HEAD_BYTES + algorithm_size;
	memcpy(end, query + tsig.time, TIME_BYTES);
	rr_put16(end + TIME_BYTES, 0); /* no MAC: there is no key to make one */
	memcpy(end + TIME_BYTES + 2, query + tsig.original_id, 2);
	rr_put16(end + TIME_BYTES + 4, ERROR_BADKEY);
	rr_put16(end + TIME_BYTES + 6, 0);
	*ret_size = (size_t)(end - out) + TIME_BYTES + 8;
	return 0;
}
