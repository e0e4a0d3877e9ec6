/* SPDX-License-Identifier: MIT */
/* Reading EDNS(0) and its options out of a checked message. */
#include "resolver/wire/edns.h"

#include "resolver/wire/rr.h"

#define OPT_FIXED   11     /* bytes: root owner, type, class, TTL, RDLENGTH */
#define OPT_FLAG_DO 0x8000 /* in the lower half of the TTL, RFC 3225 */

static const char *const ede_phrases[] = {
	"Other",
	"Unsupported DNSKEY Algorithm",
	"Unsupported DS Digest Type",
	"Stale Answer",
	"Forged Answer",
	"DNSSEC Indeterminate",
	"DNSSEC Bogus",
	"Signature Expired",
	"Signature Not Yet Valid",
	"DNSKEY Missing",
	"RRSIGs Missing",
	"No Zone Key Bit Set",
	"NSEC Missing",
	"Cached Error",
	"Not Ready",
	"Blocked",
	"Censored",
	"Filtered",
	"Prohibited",
	"Stale NXDOMAIN Answer",
	"Not Authoritative",
	"Not Supported",
	"No Reachable Authority",
	"Network Error",
	"Invalid Data",
	"Signature Expired before Valid",
	"Too Early",
	"Unsupported NSEC3 Iterations Value",
	"Unable to conform to policy",
	"Synthesized",
	"Invalid Query Type",
};

const char *ede_text(int code)
{
	return code >= 0 && code < (int)RW_COUNT(ede_phrases) ? ede_phrases[code] : "Unassigned";
}

static int read_options(const uint8_t *at, size_t left, struct edns *edns)
{
	while (left > 0) {
		if (left < 4 || rr_get16(at + 2) > left - 4)
			return RW_EMALFORMED;
		struct edns_option option = {rr_get16(at), rr_get16(at + 2), at + 4};
		at += 4 + option.size;
		left -= 4u + option.size;
		if (edns->option_count < LIMIT_EDNS_OPTIONS && !edns_find(edns, option.code))
			edns->options[edns->option_count++] = option;
	}
	return 0;
}

int edns_read(const uint8_t *wire, size_t size, size_t offset, struct edns *ret_edns)
{
	if (offset >= size || size - offset < OPT_FIXED || wire[offset] != 0)
		return RW_EMALFORMED;
	const uint8_t *at = wire + offset;
	size_t length = rr_get16(at + 9);
	if (rr_get16(at + 1) != TYPE_OPT || length > size - offset - OPT_FIXED)
		return RW_EMALFORMED;
	struct edns edns = {
		.present = true,
		.udp_size = RW_MAX(rr_get16(at + 3), 512),
		.extended_rcode = at[5],
		.version = at[6],
		.dnssec_ok = (rr_get16(at + 7) & OPT_FLAG_DO) != 0,
	};
	int err = read_options(at + OPT_FIXED, length, &edns);
	if (!err)
		*ret_edns = edns;
	return err;
}

const struct edns_option *edns_find(const struct edns *edns, uint16_t code)
{
	for (unsigned i = 0; i < edns->option_count; i++)
		if (edns->options[i].code == code)
			return &edns->options[i];
	return NULL;
}

int edns_ede(const struct edns *edns, const uint8_t **ret_text, size_t *ret_size)
{
	const struct edns_option *option = edns_find(edns, OPTION_EDE);
	if (!option || option->size < 2)
		return EDE_NONE;
	*ret_text = option->bytes + 2;
	*ret_size = option->size - 2u;
	return rr_get16(option->bytes);
}
