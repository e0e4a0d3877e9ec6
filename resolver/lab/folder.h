/* SPDX-License-Identifier: MIT */
/*
 * The run folder of a lab: `control` (commands), `hints` (what a resolver needs to find the lab's
 * root), `anchors` (the root's key, where it is signed), `rootwalk.yaml` (a resolver that lives in
 * the lab). And zones as master files, for other servers to read.
 */
#ifndef RW_LAB_FOLDER_H
#define RW_LAB_FOLDER_H

#include "resolver/lab/world.h"

#define FOLDER_PATH    4096
#define FOLDER_MESSAGE 512

/* Where a lab runs when nobody says where: in XDG_RUNTIME_DIR, or in /tmp. Returns `buf`. */
const char *folder_default(char buf[FOLDER_PATH]);

/* "folder/name". Returns `buf`; RW_ELIMIT as "" where it does not fit. */
const char *folder_file(const char *folder, const char *name, char buf[FOLDER_PATH]);

/*
 * Makes the folder, for its owner only; one that belongs to somebody else is refused. RW_ESYSTEM,
 * RW_EINVAL with a sentence.
 */
int folder_make(const char *folder, char ret_message[FOLDER_MESSAGE]) RW_MUSTCHECK;

/*
 * Writes hints, anchors and rootwalk.yaml. `listen` is the port of the resolver. RW_EINVAL where
 * the rootwalk.yaml that is there was not written by a lab; RW_ESYSTEM.
 */
int folder_fill(const char *folder, const struct world *world, uint16_t port, uint16_t listen,
	char ret_message[FOLDER_MESSAGE]) RW_MUSTCHECK;

/* Writes every zone as `ID.zone`, signatures included. */
int folder_zones(const char *folder, const struct world *world,
	char ret_message[FOLDER_MESSAGE]) RW_MUSTCHECK;

#endif
