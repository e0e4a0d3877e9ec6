/* SPDX-License-Identifier: MIT */
/* The words in which all renderings speak of notes. */
#include "resolver/machine/note.h"

#include "resolver/wire/exchange_end.h"

const char *note_reply_text(enum reply_kind kind)
{
	switch (kind) {
	case REPLY_ANSWER:
		return "ANSWER";
	case REPLY_ALIAS:
		return "ALIAS";
	case REPLY_REFERRAL:
		return "REFERRAL";
	case REPLY_NODATA:
		return "NODATA";
	case REPLY_NXDOMAIN:
		return "NXDOMAIN";
	case REPLY_YXDOMAIN:
		return "YXDOMAIN";
	case REPLY_TRUNCATED:
		return "TRUNCATED";
	case REPLY_NO_EDNS:
		return "NO EDNS";
	case REPLY_BADCOOKIE:
		return "BADCOOKIE";
	case REPLY_CHILD_DS:
		return "CHILD DS";
	case REPLY_REFUSED:
		return "REFUSED";
	case REPLY_SERVFAIL:
		return "SERVFAIL";
	case REPLY_BAD_RCODE:
		return "ERROR";
	case REPLY_LAME:
		return "LAME";
	case REPLY_NOBODY:
		return "NO SERVER NAMED";
	case REPLY_EMPTY:
		return "EMPTY";
	case REPLY_MALFORMED:
		return "MALFORMED";
	case REPLY_MISMATCH:
		return "MISMATCH";
	}
	return "?";
}

const char *note_noreply_text(int noreply)
{
	switch ((enum exchange_end)noreply) {
	case EXCHANGE_REPLY:
		break;
	case EXCHANGE_TIMEOUT:
		return "timed out";
	case EXCHANGE_UNREACHABLE:
		return "unreachable";
	case EXCHANGE_REFUSED:
		return "port closed";
	case EXCHANGE_CLOSED:
		return "connection closed";
	case EXCHANGE_SUSPECT:
		return "forged replies";
	case EXCHANGE_CASE:
		return "letters changed";
	case EXCHANGE_LOOP:
		return "asks us back";
	case EXCHANGE_RESOURCE:
		return "no socket";
	}
	return "?";
}

const char *note_skip_text(int skip)
{
	switch ((enum skip_reason)skip) {
	case SKIP_LAME:
		return "known to be lame";
	case SKIP_FORBIDDEN:
		return "forbidden address";
	case SKIP_FAMILY:
		return "address family off";
	}
	return "?";
}

const char *note_address_source_text(int source)
{
	switch ((enum address_source)source) {
	case ADDRESS_HINTS:
		return "hints";
	case ADDRESS_GLUE:
		return "glue";
	case ADDRESS_LOOKUP:
		return "own lookup";
	case ADDRESS_CONFIG:
		return "configuration";
	}
	return "?";
}

const char *note_transport_text(int transport)
{
	switch ((enum transport)transport) {
	case TRANSPORT_NONE:
		return "none";
	case TRANSPORT_UDP:
		return "udp";
	case TRANSPORT_TCP:
		return "tcp";
	case TRANSPORT_TLS:
		return "tls";
	}
	return "?";
}
