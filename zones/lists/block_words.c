/* SPDX-License-Identifier: MIT */
/* Taking lines of block lists apart in place. */
#include "zones/lists/block_words.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

struct span span_trim(struct span text)
{
	while (text.at < text.end && span_is_blank(*text.at))
		text.at++;
	while (text.at < text.end && span_is_blank(text.end[-1]))
		text.end--;
	return text;
}

struct span span_word(struct span *text)
{
	*text = span_trim(*text);
	struct span word = {text->at, text->at};
	while (word.end < text->end && !span_is_blank(*word.end))
		word.end++;
	text->at = word.end;
	return word;
}

static size_t span_size(struct span text)
{
	return (size_t)(text.end - text.at);
}

bool span_starts(struct span text, const char *with)
{
	size_t length = strlen(with);
	return span_size(text) >= length && memcmp(text.at, with, length) == 0;
}

bool span_ends(struct span text, const char *with)
{
	size_t length = strlen(with);
	return span_size(text) >= length && memcmp(text.end - length, with, length) == 0;
}

bool span_equals(struct span text, const char *with)
{
	size_t length = strlen(with);
	return span_size(text) == length && strncasecmp(text.at, with, length) == 0;
}

bool span_has_any(struct span text, const char *bytes)
{
	for (const char *at = text.at; at < text.end; at++)
		if (strchr(bytes, *at))
			return true;
	return false;
}

bool span_cut_start(struct span *text, const char *with)
{
	bool found = span_starts(*text, with);
	if (found)
		text->at += strlen(with);
	return found;
}

bool span_cut_end(struct span *text, const char *with)
{
	bool found = span_ends(*text, with);
	if (found)
		text->end -= strlen(with);
	return found;
}

/* Bytes of names in lists, in small letters; 0: not one. Underscores are names of services. */
static uint8_t name_byte(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
		return (uint8_t)c;
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : 0;
}

bool block_name(struct span text, uint8_t ret_name[LIMIT_NAME_BYTES])
{
	unsigned label = 0, used = 1;
	if (text.end > text.at + 1 && text.end[-1] == '.')
		text.end--;
	for (const char *at = text.at; at < text.end; at++) {
		uint8_t byte = *at == '.' ? 0 : name_byte(*at);
		unsigned length = used - label - 1;
		if (used >= LIMIT_NAME_BYTES - 1 || (byte == 0 && (*at != '.' || length == 0)) ||
			(byte != 0 && length == LIMIT_LABEL_BYTES))
			return false;
		if (byte == 0) {
			ret_name[label] = (uint8_t)length;
			label = used;
		}
		ret_name[used++] = byte;
	}
	if (used == label + 1)
		return false;
	ret_name[label] = (uint8_t)(used - label - 1);
	ret_name[used] = 0;
	return true;
}

enum block_address block_address(struct span word)
{
	static const uint8_t nowhere[16], loopback[16] = {[15] = 1};
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];
	const char *zone = memchr(word.at, '%', span_size(word));
	size_t length = (size_t)((zone ? zone : word.end) - word.at);
	if (length >= sizeof(text))
		return BLOCK_NO_ADDRESS;
	memcpy(text, word.at, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, ip) == 1)
		return ip[0] == 127 || memcmp(ip, nowhere, 4) == 0 ? BLOCK_SINK
								   : BLOCK_OTHER_ADDRESS;
	if (inet_pton(AF_INET6, text, ip) == 1)
		return memcmp(ip, nowhere, 16) == 0 || memcmp(ip, loopback, 16) == 0
			       ? BLOCK_SINK
			       : BLOCK_OTHER_ADDRESS;
	return BLOCK_NO_ADDRESS;
}

bool block_is_own_name(struct span word)
{
	static const char *const names[] = {"localhost", "localhost.localdomain", "localhost4",
		"localhost4.localdomain4", "localhost6", "localhost6.localdomain6", "local",
		"broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix",
		"ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0"};
	(void)span_cut_end(&word, ".");
	for (size_t i = 0; i < RW_COUNT(names); i++)
		if (span_equals(word, names[i]))
			return true;
	return false;
}
