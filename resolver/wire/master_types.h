/* SPDX-License-Identifier: MIT */
/* Types of records that ldns does not know, reads wrong, or leaks memory of when they are wrong. */
#ifndef RW_WIRE_MASTER_TYPES_H
#define RW_WIRE_MASTER_TYPES_H

#include "resolver/wire/rrset.h"

/* The number of a mnemonic that ldns does not know; 0: it is none of them. */
uint16_t master_type_number(const char *mnemonic);

/* Whether data of the type is read here. */
bool master_type_has_form(uint16_t type);

/*
 * Reads the data of such a type into wire form, relative names completed by `origin`; the text is
 * written into. RW_EMALFORMED; RW_ELIMIT: it is larger than any data can be.
 */
int master_type_read(uint16_t type, char *text, const uint8_t *origin,
	uint8_t ret_rdata[UINT16_MAX], size_t *ret_size) RW_MUSTCHECK;

#endif
