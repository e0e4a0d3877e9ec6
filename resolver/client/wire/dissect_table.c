/* SPDX-License-Identifier: MIT */
/* The layouts: one line for each record type, EDNS option and service parameter that is known. */
#include "resolver/client/wire/dissect.h"
#include "resolver/wire/edns.h"
#include "resolver/wire/rr.h"

static const struct dissect_layout rdata[] = {
	{TYPE_A, "A", {{dissect_ipv4, "address"}}},
	{TYPE_NS, "NS", {{dissect_name, "server"}}},
	{TYPE_CNAME, "CNAME", {{dissect_name, "target"}}},
	{TYPE_SOA, "SOA",
		{{dissect_name, "primary"}, {dissect_name, "mailbox"}, {dissect_u32, "serial"},
			{dissect_ttl, "refresh"}, {dissect_ttl, "retry"}, {dissect_ttl, "expire"},
			{dissect_ttl, "minimum"}}},
	{TYPE_PTR, "PTR", {{dissect_name, "target"}}},
	{TYPE_HINFO, "HINFO", {{dissect_string, "cpu"}, {dissect_string, "os"}}},
	{TYPE_MX, "MX", {{dissect_u16, "preference"}, {dissect_name, "exchange"}}},
	{TYPE_TXT, "TXT", {{dissect_strings, "string"}}},
	{TYPE_RP, "RP", {{dissect_name, "mailbox"}, {dissect_name, "text at"}}},
	{TYPE_AAAA, "AAAA", {{dissect_ipv6, "address"}}},
	{TYPE_SRV, "SRV",
		{{dissect_u16, "priority"}, {dissect_u16, "weight"}, {dissect_u16, "port"},
			{dissect_name, "target"}}},
	{TYPE_NAPTR, "NAPTR",
		{{dissect_u16, "order"}, {dissect_u16, "preference"}, {dissect_string, "flags"},
			{dissect_string, "services"}, {dissect_string, "regexp"},
			{dissect_name, "replacement"}}},
	{TYPE_DNAME, "DNAME", {{dissect_name, "target"}}},
	{TYPE_DS, "DS",
		{{dissect_u16, "key tag"}, {dissect_algorithm, "algorithm"},
			{dissect_digest, "digest type"}, {dissect_bytes, "digest"}}},
	{44, "SSHFP",
		{{dissect_u8, "algorithm"}, {dissect_u8, "hash"}, {dissect_bytes, "fingerprint"}}},
	{TYPE_RRSIG, "RRSIG",
		{{dissect_type, "covers"}, {dissect_algorithm, "algorithm"}, {dissect_u8, "labels"},
			{dissect_ttl, "original ttl"}, {dissect_time, "expires"},
			{dissect_time, "from"}, {dissect_u16, "key tag"}, {dissect_name, "signer"},
			{dissect_bytes, "signature"}}},
	{TYPE_NSEC, "NSEC", {{dissect_name, "next"}, {dissect_bitmap, "types"}}},
	{TYPE_DNSKEY, "DNSKEY",
		{{dissect_key_flags, "flags"}, {dissect_u8, "protocol"},
			{dissect_algorithm, "algorithm"}, {dissect_bytes, "public key"}}},
	{TYPE_NSEC3, "NSEC3",
		{{dissect_u8, "hash"}, {dissect_u8, "flags"}, {dissect_u16, "iterations"},
			{dissect_salt, "salt"}, {dissect_hash, "next hash"},
			{dissect_bitmap, "types"}}},
	{TYPE_NSEC3PARAM, "NSEC3PARAM",
		{{dissect_u8, "hash"}, {dissect_u8, "flags"}, {dissect_u16, "iterations"},
			{dissect_salt, "salt"}}},
	{52, "TLSA",
		{{dissect_u8, "usage"}, {dissect_u8, "selector"}, {dissect_u8, "matching"},
			{dissect_bytes, "association"}}},
	{59, "CDS",
		{{dissect_u16, "key tag"}, {dissect_algorithm, "algorithm"},
			{dissect_digest, "digest type"}, {dissect_bytes, "digest"}}},
	{60, "CDNSKEY",
		{{dissect_key_flags, "flags"}, {dissect_u8, "protocol"},
			{dissect_algorithm, "algorithm"}, {dissect_bytes, "public key"}}},
	{TYPE_SVCB, "SVCB",
		{{dissect_u16, "priority"}, {dissect_name, "target"}, {dissect_params, "param"}}},
	{TYPE_HTTPS, "HTTPS",
		{{dissect_u16, "priority"}, {dissect_name, "target"}, {dissect_params, "param"}}},
	{TYPE_CAA, "CAA",
		{{dissect_u8, "flags"}, {dissect_string, "tag"}, {dissect_text, "value"}}},
};

static const struct dissect_layout options[] = {
	{OPTION_NSID, "NSID", {{dissect_text, "server id"}}},
	{OPTION_SUBNET, "CLIENT-SUBNET", {{dissect_prefix, "address"}}},
	{OPTION_EXPIRE, "EXPIRE", {{dissect_ttl, "expire"}}},
	{OPTION_COOKIE, "COOKIE", {{dissect_client_cookie, "client"}, {dissect_bytes, "server"}}},
	{OPTION_KEEPALIVE, "TCP-KEEPALIVE", {{dissect_tenths, "timeout"}}},
	{OPTION_PADDING, "PADDING", {{dissect_bytes, "padding"}}},
	{OPTION_EDE, "EXTENDED-ERROR", {{dissect_error, "code"}, {dissect_text, "text"}}},
	{OPTION_ZONEVERSION, "ZONEVERSION",
		{{dissect_u8, "labels"}, {dissect_u8, "version type"}, {dissect_u32, "serial"}}},
};

static const struct dissect_layout params[] = {
	{0, "mandatory", {{dissect_keys, "key"}}},
	{1, "alpn", {{dissect_strings, "protocol"}}},
	{2, "no-default-alpn", {{NULL, NULL}}},
	{3, "port", {{dissect_u16, "port"}}},
	{4, "ipv4hint", {{dissect_ipv4, "address"}}},
	{5, "ech", {{dissect_bytes, "config"}}},
	{6, "ipv6hint", {{dissect_ipv6, "address"}}},
	{7, "dohpath", {{dissect_text, "path"}}},
};

static const struct dissect_layout *find_layout(
	const struct dissect_layout *table, size_t count, uint16_t number)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}

const struct dissect_layout *dissect_rdata_layout(uint16_t type)
{
	return find_layout(rdata, RW_COUNT(rdata), type);
}

const struct dissect_layout *dissect_option_layout(uint16_t code)
{
	return find_layout(options, RW_COUNT(options), code);
}

const struct dissect_layout *dissect_param_layout(uint16_t key)
{
	return find_layout(params, RW_COUNT(params), key);
}
