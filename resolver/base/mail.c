/* SPDX-License-Identifier: MIT */
/* A ring under a lock. */
#include "resolver/base/mail.h"

void mailbox_init(struct mailbox *box)
{
	*box = (struct mailbox){.count = 0};
	(void)pthread_mutex_init(&box->lock, NULL);
	(void)pthread_cond_init(&box->has_room, NULL);
}

void mailbox_release(struct mailbox *box)
{
	rw_debug(box->count == 0);
	(void)pthread_cond_destroy(&box->has_room);
	(void)pthread_mutex_destroy(&box->lock);
}

void mailbox_post(struct mailbox *box, struct mail mail)
{
	(void)pthread_mutex_lock(&box->lock);
	while (box->count == LIMIT_MAIL)
		(void)pthread_cond_wait(&box->has_room, &box->lock);
	box->letters[(box->first + box->count++) % LIMIT_MAIL] = mail;
	(void)pthread_mutex_unlock(&box->lock);
}

bool mailbox_take(struct mailbox *box, struct mail *ret_mail)
{
	(void)pthread_mutex_lock(&box->lock);
	bool has_mail = box->count > 0;
	if (has_mail) {
		*ret_mail = box->letters[box->first];
		box->first = (box->first + 1) % LIMIT_MAIL;
		box->count--;
		(void)pthread_cond_signal(&box->has_room);
	}
	(void)pthread_mutex_unlock(&box->lock);
	return has_mail;
}
