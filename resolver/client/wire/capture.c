/* SPDX-License-Identifier: MIT */
/* Makes packets up around messages and writes them through libpcap. */
#include "resolver/client/wire/capture.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "resolver/client/out.h"
#include "resolver/wire/rr.h"

#define OUR_PORT      49152 /* the first port of the dynamic range, RFC 6335 */
#define SNAPLEN       262144
#define SEGMENT_BYTES 60000 /* payload of one TCP segment */
#define HEADERS_BYTES 64    /* room for IPv6 and TCP */
#define NUMBER_UDP    17
#define NUMBER_TCP    6

struct capture {
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	struct addr ours; /* of the exchange being written */
	uint32_t sent[2]; /* TCP bytes of this exchange by side, ours first */
	struct timeval at;
};

static void free_capture(struct capture *c)
{
	if (c->dumper)
		pcap_dump_close(c->dumper);
	if (c->pcap)
		pcap_close(c->pcap);
	free(c);
}

int capture_open(
	const char *path, bool more, char error[CAPTURE_ERROR], struct capture **ret_capture)
{
	struct capture *c = calloc(1, sizeof(*c));
	if (!c)
		return RW_ENOMEM;
	c->pcap = pcap_open_dead(DLT_RAW, SNAPLEN);
	if (c->pcap)
		c->dumper =
			more ? pcap_dump_open_append(c->pcap, path) : pcap_dump_open(c->pcap, path);
	if (!c->dumper) {
		const char *why = c->pcap ? pcap_geterr(c->pcap) : "out of memory";
		(void)out_escape(why, strlen(why), error, CAPTURE_ERROR);
		free_capture(c);
		return RW_ESYSTEM;
	}
	*ret_capture = c;
	return 0;
}

int capture_close(struct capture *c)
{
	if (!c)
		return 0;
	int err = pcap_dump_flush(c->dumper) ? RW_ESYSTEM : 0;
	free_capture(c);
	return err;
}

/* The address the system would send from; nothing is sent. */
static struct addr our_address(const struct addr *server)
{
	struct sockaddr_storage sa;
	struct addr ours = {.family = server->family};
	socklen_t length = addr_to_sockaddr(server, &sa);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, length) == 0) {
		length = sizeof(sa);
		if (getsockname(fd, (struct sockaddr *)&sa, &length) ||
			addr_from_sockaddr((struct sockaddr *)&sa, &ours))
			ours = (struct addr){.family = server->family};
	}
	if (fd >= 0)
		(void)close(fd);
	ours.port = OUR_PORT;
	return ours;
}

/* The Internet checksum, RFC 1071. */
static uint32_t sum(const uint8_t *bytes, size_t size, uint32_t total)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		total += rr_get16(bytes + i);
	if (size % 2)
		total += (uint32_t)bytes[size - 1] << 8;
	return total;
}

static uint16_t folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

static size_t put_ip(uint8_t *at, const struct addr *from, const struct addr *to, unsigned protocol,
	size_t payload)
{
	size_t ip = addr_ip_size(from);
	if (from->family == ADDR_V6) {
		at[0] = 0x60;
		rr_put16(at + 4, (uint16_t)payload);
		at[6] = (uint8_t)protocol;
		at[7] = 64;
		memcpy(at + 8, from->ip, ip);
		memcpy(at + 24, to->ip, ip);
		return 40;
	}
	at[0] = 0x45;
	rr_put16(at + 2, (uint16_t)(payload + 20));
	at[8] = 64;
	at[9] = (uint8_t)protocol;
	memcpy(at + 12, from->ip, ip);
	memcpy(at + 16, to->ip, ip);
	rr_put16(at + 10, folded(sum(at, 20, 0)));
	return 20;
}

/* The header of UDP or TCP; its checksum covers the addresses too (RFC 768, RFC 9293). */
static size_t put_transport(struct capture *c, uint8_t *at, unsigned protocol, size_t payload,
	const struct addr *from, const struct addr *to)
{
	unsigned side = from->port != OUR_PORT;
	rr_put16(at, from->port);
	rr_put16(at + 2, to->port);
	if (protocol == NUMBER_UDP) {
		rr_put16(at + 4, (uint16_t)(payload + 8));
		return 8;
	}
	rr_put32(at + 4, 1 + c->sent[side]);
	rr_put32(at + 8, 1 + c->sent[!side]);
	at[12] = 5 << 4;
	at[13] = 0x18; /* PSH, ACK */
	rr_put16(at + 14, 65535);
	c->sent[side] += (uint32_t)payload;
	return 20;
}

static void put_checksum(uint8_t *transport, unsigned protocol, size_t size,
	const struct addr *from, const struct addr *to)
{
	uint8_t *at = transport + (protocol == NUMBER_UDP ? 6 : 16);
	uint32_t total = protocol + (uint32_t)size;
	total = sum(from->ip, addr_ip_size(from), total);
	total = sum(to->ip, addr_ip_size(to), total);
	uint16_t value = folded(sum(transport, size, total));
	rr_put16(at, value || protocol == NUMBER_TCP ? value : 0xffff);
}

static void put_packet(struct capture *c, bool tcp, const struct addr *from, const struct addr *to,
	const uint8_t *payload, size_t size)
{
	uint8_t *packet = calloc(1, HEADERS_BYTES + size);
	unsigned protocol = tcp ? NUMBER_TCP : NUMBER_UDP;
	if (!packet)
		return;
	size_t transport = protocol == NUMBER_TCP ? 20 : 8;
	size_t ip = put_ip(packet, from, to, protocol, transport + size);
	(void)put_transport(c, packet + ip, protocol, size, from, to);
	memcpy(packet + ip + transport, payload, size);
	put_checksum(packet + ip, protocol, transport + size, from, to);
	struct pcap_pkthdr header = {.ts = c->at, .caplen = (bpf_u_int32)(ip + transport + size)};
	header.len = header.caplen;
	pcap_dump((u_char *)c->dumper, &header, packet);
	free(packet);
}

static void put_message(struct capture *c, bool tcp, const struct addr *from, const struct addr *to,
	const uint8_t *wire, size_t size)
{
	uint8_t *framed;
	if (!tcp) {
		put_packet(c, tcp, from, to, wire, size);
		return;
	}
	framed = malloc(size + 2);
	if (!framed)
		return;
	rr_put16(framed, (uint16_t)size);
	memcpy(framed + 2, wire, size);
	for (size_t done = 0; done < size + 2; done += SEGMENT_BYTES)
		put_packet(c, tcp, from, to, framed + done,
			RW_MIN(size + 2 - done, (size_t)SEGMENT_BYTES));
	free(framed);
}

void capture_exchange(
	struct capture *c, const uint8_t *query, size_t query_size, const struct raw_message *reply)
{
	struct timeval now, rtt = {reply->rtt_us / 1000000, reply->rtt_us % 1000000};
	if (!c || !reply->server.family)
		return;
	c->ours = our_address(&reply->server);
	c->sent[0] = c->sent[1] = 0;
	(void)gettimeofday(&now, NULL);
	timersub(&now, &rtt, &c->at);
	put_message(c, reply->tcp, &c->ours, &reply->server, query, query_size);
	c->at = now;
	if (reply->size > 0)
		put_message(c, reply->tcp, &reply->server, &c->ours, reply->wire, reply->size);
}
