/* SPDX-License-Identifier: MIT */
/*
 * Bailiwick: what a server of a zone may say anything about. Nothing outside the asked zone is
 * believed, wherever it stands in the reply and however the server was reached (CVE-2021-25220,
 * CVE-2025-40778); name servers and addresses beside an answer are never looked at
 * (CVE-2025-11411).
 */
#include "resolver/iterate/walk_state.h"

bool scrub_believes(const struct rrset *set, const uint8_t *zone)
{
	return set->class == CLASS_IN && !rr_type_is_meta(set->type) &&
	       name_is_at_or_below(set->owner, zone);
}
