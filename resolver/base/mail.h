/* SPDX-License-Identifier: MIT */
/*
 * Mail from any thread to the one thread that owns the box, taken in the order it was posted. A box
 * holds LIMIT_MAIL letters; a thread that posts to a full box waits until the owner has taken some.
 * So a thread that owns a box itself must not post to others: two could wait for each other. How
 * the owner learns that there is mail is its own affair: the poster wakes it after posting.
 */
#ifndef RW_BASE_MAIL_H
#define RW_BASE_MAIL_H

#include <pthread.h>
#include <stdbool.h>

#include "resolver/base/limits.h"
#include "resolver/base/rw.h"

struct mail {
	int kind;   /* an enum of the owner's */
	void *body; /* what that kind says; it belongs to the owner once the mail is posted */
	size_t count;
};

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	unsigned first, count; /* of `letters`, which is a ring */
	struct mail letters[LIMIT_MAIL];
};

void mailbox_init(struct mailbox *box);

/* Whatever is in it must have been taken, for bodies are not freed. */
void mailbox_release(struct mailbox *box);

/* Waits while the box is full. */
void mailbox_post(struct mailbox *box, struct mail mail);

/* The oldest mail, for the owner; false: there is none. */
bool mailbox_take(struct mailbox *box, struct mail *ret_mail);

#endif
