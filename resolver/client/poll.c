/* SPDX-License-Identifier: MIT */
/* What the reply to a poll says, in words. */
#include "resolver/client/poll.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/wire/text.h"

#define SOA_NUMBERS 20 /* bytes behind the two names of an SOA */
#define SORTED_MAX  64 /* records of an answer that are compared */

bool poll_is_authoritative(const struct poll *poll)
{
	return poll->msg && (poll->msg->flags & FLAG_AA) &&
	       (poll->msg->rcode == RCODE_NOERROR || poll->msg->rcode == RCODE_NXDOMAIN);
}

static const struct rrset *find_soa(const struct poll *poll, enum msg_section section)
{
	for (unsigned i = 0; i < poll->msg->set_count[section]; i++) {
		const struct rrset *set = &poll->msg->sets[section][i];
		if (set->type == TYPE_SOA && set->records[0].size > SOA_NUMBERS)
			return set;
	}
	return NULL;
}

const struct rrset *poll_soa(const struct poll *poll)
{
	if (!poll->msg)
		return NULL;
	const struct rrset *soa = find_soa(poll, SECTION_ANSWER);
	return soa ? soa : find_soa(poll, SECTION_AUTHORITY);
}

uint32_t poll_soa_field(const struct rrset *soa, unsigned field)
{
	const struct rdata *rdata = &soa->records[0];
	return rr_get32(rdata->bytes + rdata->size - SOA_NUMBERS + 4 * (size_t)field);
}

bool poll_serial(const struct poll *poll, uint32_t *ret_serial)
{
	const struct rrset *soa =
		poll_is_authoritative(poll) ? find_soa(poll, SECTION_ANSWER) : NULL;
	if (soa)
		*ret_serial = poll_soa_field(soa, 0);
	return soa != NULL;
}

bool poll_serial_newer(uint32_t a, uint32_t b)
{
	return a != b && a - b < UINT32_C(0x80000000);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One after the other, made in one piece: a reply may be as large as a message can be. */
static const char *joined(struct arena *arena, const char *const *texts, unsigned count)
{
	size_t size = 1;
	for (unsigned i = 0; i < count; i++)
		size += strlen(texts[i]) + 2;
	char *all = arena_alloc_raw(arena, size), *at = all;
	for (unsigned i = 0; all && i < count; i++)
		at = stpcpy(stpcpy(at, i ? ", " : ""), texts[i]);
	return all && count ? all : "?";
}

/* Records as sorted texts; names in lower case. */
static const char *set_text(struct arena *arena, const struct rrset *set)
{
	const char *texts[SORTED_MAX] = {0};
	unsigned count = RW_MIN(set->count, (uint16_t)SORTED_MAX);
	uint16_t first;
	bool lower = rr_rdata_names(set->type, &first) > 0;
	for (unsigned i = 0; i < count; i++) {
		const char *text = text_rdata(arena, set->type, &set->records[i]);
		char *copy = text && lower ? arena_dup(arena, text, strlen(text) + 1) : NULL;
		for (char *at = copy; at && *at; at++)
			*at = (char)tolower((unsigned char)*at);
		texts[i] = copy ? copy : text ? text : "?";
	}
	qsort(texts, count, sizeof(texts[0]), compare_texts);
	return joined(arena, texts, count);
}

/* The set that was asked for, else an alias of the name. */
static const struct rrset *data_of(const struct question *question, const struct msg *msg)
{
	const struct rrset *alias = NULL;
	for (unsigned i = 0; i < msg->set_count[SECTION_ANSWER]; i++) {
		const struct rrset *set = &msg->sets[SECTION_ANSWER][i];
		if (!name_equal(set->owner, question->name))
			continue; /* further down a chain of aliases */
		if (set->type == question->type)
			return set;
		if (set->type == TYPE_CNAME && !alias)
			alias = set;
	}
	return alias;
}

const char *poll_answer(struct arena *arena, const struct question *question,
	const struct poll *poll, uint32_t *ret_ttl)
{
	char rcode[TEXT_TYPE];
	const struct msg *msg = poll->msg;
	uint32_t ttl = 0;
	const char *text;
	const struct rrset *set = msg ? data_of(question, msg) : NULL;
	if (!msg) {
		text = poll->end == EXCHANGE_REPLY ? "malformed" : net_end_text(poll->end);
	} else if (set) {
		text = arena_printf(arena, "%s%s", set->type == question->type ? "" : "CNAME ",
			set_text(arena, set));
		ttl = set->ttl;
	} else {
		const struct rrset *soa = poll_soa(poll);
		if (msg->rcode == RCODE_NOERROR)
			text = soa ? "NODATA" : "no answer";
		else
			text = arena_printf(arena, "%s", text_rcode(msg->rcode, rcode));
		ttl = soa ? rrset_soa_negative_ttl(soa) : 0;
	}
	if (ret_ttl)
		*ret_ttl = ttl;
	return text ? text : "?";
}
