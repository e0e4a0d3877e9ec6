/* SPDX-License-Identifier: MIT */
/* One verb per EDNS option known by name; others as bytes. */
#include "resolver/client/dig/print_edns.h"

#include <string.h>

#include "resolver/client/dig/option_set.h"
#include "resolver/client/out.h"
#include "resolver/wire/rr.h"

static void put_hex(FILE *file, const struct edns_option *option, const char *between)
{
	for (unsigned i = 0; i < option->size; i++)
		fprintf(file, "%s%02x", i ? between : "", option->bytes[i]);
}

/* " 6e 73 64 ("nsd")". */
static void print_option_bytes(FILE *file, const struct edns_option *option)
{
	char text[1024];
	if (option->size == 0)
		return;
	fputs(": ", file);
	put_hex(file, option, " ");
	fprintf(file, " (\"%s\")", out_escape(option->bytes, option->size, text, sizeof(text)));
}

static void put_cookie(FILE *file, const struct edns_option *option,
	const struct query_options *options, bool sent)
{
	fputs("; COOKIE: ", file);
	put_hex(file, option, "");
	if (!sent && option->size >= 8) {
		bool ours = options->cookie && options->cookie_size >= 8 &&
			    memcmp(option->bytes, options->cookie_bytes, 8) == 0;
		fputs(!ours ? " (bad)" : option->size == 8 ? " (echoed)" : " (good)", file);
	}
}

static void put_ede(FILE *file, const struct edns_option *option)
{
	char text[4 * LIMIT_EDE_TEXT + 8];
	if (option->size < 2) {
		fputs("; EDE", file);
		print_option_bytes(file, option);
		return;
	}
	unsigned code = rr_get16(option->bytes);
	fprintf(file, "; EDE: %u (%s)", code, ede_text((int)code));
	if (option->size > 2)
		fprintf(file, ": (%s)",
			out_escape(option->bytes + 2, option->size - 2u, text, sizeof(text)));
}

static void put_subnet(FILE *file, const struct edns_option *option)
{
	struct addr addr = {0};
	char text[ADDR_TEXT];
	unsigned family = option->size >= 4 ? rr_get16(option->bytes) : 3;
	size_t size = option->size >= 4 ? option->size - 4u : 0;
	if (family > 2 || size > (family == 2 ? 16u : 4u)) {
		fputs("; CLIENT-SUBNET", file);
		print_option_bytes(file, option);
		return;
	}
	addr.family = family == 2 ? ADDR_V6 : ADDR_V4;
	memcpy(addr.ip, option->bytes + 4, size);
	fprintf(file, "; CLIENT-SUBNET: %s/%u/%u", family ? addr_ip_text(&addr, text) : "0",
		option->bytes[2], option->bytes[3]);
}

/* RFC 9660 section 2.1: labels of the zone's name, type 0 for the serial of its SOA. */
static void put_zone_version(FILE *file, const struct edns_option *option)
{
	fputs("; ZONEVERSION", file);
	if (option->size == 6 && option->bytes[1] == 0)
		fprintf(file, ": SOA serial %u of the zone of %u labels",
			rr_get32(option->bytes + 2), option->bytes[0]);
	else
		print_option_bytes(file, option);
}

static void put_option(FILE *file, const struct edns_option *option,
	const struct query_options *options, bool sent)
{
	switch (option->code) {
	case OPTION_NSID:
		fputs("; NSID", file);
		print_option_bytes(file, option);
		break;
	case OPTION_SUBNET:
		put_subnet(file, option);
		break;
	case OPTION_COOKIE:
		put_cookie(file, option, options, sent);
		break;
	case OPTION_EDE:
		put_ede(file, option);
		break;
	case OPTION_PADDING:
		fprintf(file, "; PAD (%u bytes)", option->size);
		break;
	case OPTION_KEEPALIVE:
		fputs("; TCP-KEEPALIVE", file);
		if (option->size == 2)
			fprintf(file, ": %.1f secs", rr_get16(option->bytes) / 10.0);
		break;
	case OPTION_EXPIRE:
		fputs("; EXPIRE", file);
		if (option->size == 4)
			fprintf(file, ": %u", rr_get32(option->bytes));
		break;
	case OPTION_ZONEVERSION:
		put_zone_version(file, option);
		break;
	default:
		fprintf(file, "; OPT=%u", option->code);
		print_option_bytes(file, option);
	}
	fputc('\n', file);
}

void print_edns(FILE *file, const struct edns *edns, uint16_t flags,
	const struct query_options *options, bool sent)
{
	unsigned other = flags & ~(EDNS_DO | EDNS_CO);
	fputs(";; OPT PSEUDOSECTION:\n", file);
	fprintf(file, "; EDNS: version: %u, flags:%s%s;", edns->version,
		flags & EDNS_DO ? " do" : "", flags & EDNS_CO ? " co" : "");
	if (other)
		fprintf(file, " MBZ: 0x%04x,", other);
	fprintf(file, " udp: %u\n", edns->udp_size);
	for (unsigned i = 0; i < edns->option_count; i++)
		put_option(file, &edns->options[i], options, sent);
}
