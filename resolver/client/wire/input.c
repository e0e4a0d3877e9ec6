/* SPDX-License-Identifier: MIT */
/* From packets and files to messages; nothing in them is trusted. */
#include "resolver/client/wire/input.h"

#include <ctype.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/limits.h"
#include "resolver/client/out.h"
#include "resolver/wire/rr.h"

#define DNS_PORT   53
#define HEX_BYTES  (4 * LIMIT_MESSAGE_BYTES) /* characters of a file of hex digits */
#define IPV4_SIZE  20                        /* bytes without options */
#define IPV6_SIZE  40
#define UDP_SIZE   8
#define TCP_SIZE   20 /* bytes without options */
#define NUMBER_UDP 17
#define NUMBER_TCP 6

/* What lies between the start of a captured packet and its IP header, by link type. */
static const struct {
	int link;
	unsigned size;
} links[] = {{DLT_RAW, 0}, {DLT_IPV4, 0}, {DLT_IPV6, 0}, {DLT_EN10MB, 14}, {DLT_NULL, 4},
	{DLT_LOOP, 4}, {DLT_LINUX_SLL, 16}, {DLT_LINUX_SLL2, 20}};

struct packet {
	const uint8_t *at;
	size_t size;
	unsigned protocol;
	struct input_message message;
	uint16_t port;
	input_take take;
	void *ctx;
	unsigned count;
};

static void skip_bytes(struct packet *p, size_t size)
{
	size = RW_MIN(size, p->size);
	p->at += size;
	p->size -= size;
}

/* False for fragments, for other protocols than IP and for what is cut short. */
static bool read_ip(struct packet *p)
{
	unsigned version = p->size ? p->at[0] >> 4 : 0;
	size_t header, total;
	if (version == 4 && p->size >= IPV4_SIZE) {
		header = 4u * (p->at[0] & 15u);
		total = rr_get16(p->at + 2);
		p->protocol = p->at[9];
		if (rr_get16(p->at + 6) & 0x3fff)
			return false;
		p->message.from = addr_from_bytes(p->at + 12, 4, 0);
		p->message.to = addr_from_bytes(p->at + 16, 4, 0);
	} else if (version == 6 && p->size >= IPV6_SIZE) {
		header = IPV6_SIZE;
		total = IPV6_SIZE + (size_t)rr_get16(p->at + 4);
		p->protocol = p->at[6];
		p->message.from = addr_from_bytes(p->at + 8, 16, 0);
		p->message.to = addr_from_bytes(p->at + 24, 16, 0);
	} else {
		return false;
	}
	if (header < IPV4_SIZE || total < header || total > p->size)
		return false;
	p->size = total; /* Ethernet pads short packets */
	skip_bytes(p, header);
	return true;
}

static void give(struct packet *p, const uint8_t *wire, size_t size)
{
	p->message.wire = wire;
	p->message.size = size;
	p->take(p->ctx, &p->message);
	p->count++;
}

static void read_udp(struct packet *p)
{
	size_t total = rr_get16(p->at + 4);
	if (total < UDP_SIZE || total > p->size)
		return;
	give(p, p->at + UDP_SIZE, total - UDP_SIZE);
}

/* Whole messages only, each behind its length (RFC 1035 section 4.2.2). */
static void read_tcp(struct packet *p)
{
	p->message.tcp = true;
	skip_bytes(p, p->size >= TCP_SIZE ? 4u * (p->at[12] >> 4) : p->size);
	while (p->size >= 2 + HEADER_SIZE) {
		size_t size = rr_get16(p->at);
		if (size < HEADER_SIZE || size + 2 > p->size)
			return;
		give(p, p->at + 2, size);
		skip_bytes(p, size + 2);
	}
}

static bool is_dns(const struct packet *p)
{
	uint16_t a = p->message.from.port, b = p->message.to.port;
	return a == DNS_PORT || b == DNS_PORT || a == p->port || b == p->port;
}

unsigned input_packet(const uint8_t *bytes, size_t size, uint16_t port, unsigned number,
	input_take take, void *ctx)
{
	struct packet p = {.at = bytes,
		.size = size,
		.port = port,
		.take = take,
		.ctx = ctx,
		.message.number = number};
	if (!read_ip(&p) || p.size < UDP_SIZE)
		return 0;
	p.message.from.port = rr_get16(p.at);
	p.message.to.port = rr_get16(p.at + 2);
	if (!is_dns(&p))
		return 0;
	if (p.protocol == NUMBER_UDP)
		read_udp(&p);
	else if (p.protocol == NUMBER_TCP)
		read_tcp(&p);
	return p.count;
}

static int read_capture(
	pcap_t *pcap, uint16_t port, input_take take, void *ctx, char error[INPUT_ERROR])
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int link = pcap_datalink(pcap), got = 1;
	size_t before = SIZE_MAX;
	unsigned number = 0, messages = 0;
	for (size_t i = 0; i < RW_COUNT(links); i++)
		if (links[i].link == link)
			before = links[i].size;
	if (before == SIZE_MAX) {
		(void)snprintf(error, INPUT_ERROR, "packets of link type %d are not known", link);
		return RW_EMALFORMED;
	}
	while (messages < INPUT_MESSAGES && (got = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		number++;
		if (header->caplen >= before)
			messages += input_packet(
				bytes + before, header->caplen - before, port, number, take, ctx);
	}
	if (got == PCAP_ERROR) {
		char why[PCAP_ERRBUF_SIZE];
		(void)snprintf(error, INPUT_ERROR, "damaged behind packet %u: %.200s", number,
			out_escape(pcap_geterr(pcap), strlen(pcap_geterr(pcap)), why, sizeof(why)));
		return RW_EMALFORMED;
	}
	if (messages > 0)
		return 0;
	(void)snprintf(error, INPUT_ERROR, "no DNS message in its %u packets", number);
	return RW_EMALFORMED;
}

/* Hex digits, blanks and colons alone: the bytes they stand for, in place. */
static size_t unhex(uint8_t *bytes, size_t size)
{
	size_t digits = 0;
	for (size_t i = 0; i < size; i++) {
		if (isxdigit(bytes[i]))
			digits++;
		else if (!isspace(bytes[i]) && bytes[i] != ':')
			return size;
	}
	if (digits < 2 || digits % 2)
		return size;
	size_t used = 0;
	for (size_t i = 0; i < size; i++) {
		if (!isxdigit(bytes[i]))
			continue;
		unsigned value =
			isdigit(bytes[i]) ? bytes[i] - (unsigned)'0' : (bytes[i] | 32u) - 'a' + 10u;
		uint8_t high = used % 2 ? bytes[used / 2] : 0;
		bytes[used / 2] = (uint8_t)(high << 4 | value);
		used++;
	}
	return used / 2;
}

static int read_whole_file(const char *path, input_take take, void *ctx, char error[INPUT_ERROR])
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "rb");
	uint8_t *bytes = malloc(HEX_BYTES);
	int err = 0;
	if (!file || !bytes) {
		(void)snprintf(error, INPUT_ERROR, "%s", strerror(errno));
		err = RW_ESYSTEM;
		goto out;
	}
	struct input_message message = {.wire = bytes, .size = fread(bytes, 1, HEX_BYTES, file)};
	message.size = unhex(bytes, message.size);
	if (message.size > 0 && message.size <= LIMIT_MESSAGE_BYTES) {
		take(ctx, &message);
	} else {
		(void)snprintf(error, INPUT_ERROR, "%s",
			message.size ? "longer than a message can be" : "empty, or not readable");
		err = RW_EMALFORMED;
	}
out:
	free(bytes);
	if (file && !standard)
		(void)fclose(file);
	return err;
}

int input_read(const char *path, uint16_t port, input_take take, void *ctx, char error[INPUT_ERROR])
{
	char unused[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = strcmp(path, "-") == 0 ? NULL : pcap_open_offline(path, unused);
	if (!pcap)
		return read_whole_file(path, take, ctx, error);
	int err = read_capture(pcap, port, take, ctx, error);
	pcap_close(pcap);
	return err;
}
