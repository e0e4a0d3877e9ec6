/* SPDX-License-Identifier: MIT */
/* A keyed table under a lock. An entry lives as long as somebody counts in it. */
#include "resolver/engine/client_quota.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/base/keyed_table.h"
#include "resolver/base/limits.h"

#define CLIENT_V6_BYTES 8 /* of an IPv6 address, which identify a client: its /64 */

struct client_share {
	struct keyed_entry entry;
	struct addr client;
	uint32_t waiting;
};

struct client_quota {
	pthread_mutex_t lock;
	struct keyed_table shares;
};

int client_quota_new(const struct env *env, struct client_quota **ret_quota)
{
	struct client_quota *quota = calloc(1, sizeof(*quota));
	if (!quota)
		return RW_ENOMEM;
	(void)pthread_mutex_init(&quota->lock, NULL);
	env->random(env->ctx, &quota->shares.key, sizeof(quota->shares.key));
	*ret_quota = quota;
	return 0;
}

void client_quota_free(struct client_quota *quota)
{
	if (!quota)
		return;
	rw_debug(quota->shares.count == 0);
	keyed_release(&quota->shares);
	(void)pthread_mutex_destroy(&quota->lock);
	free(quota);
}

static struct addr client_of(const struct addr *address)
{
	struct addr client = *address;
	bool link_local = address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80;
	if (address->family == ADDR_V6 && !link_local)
		memset(client.ip + CLIENT_V6_BYTES, 0, sizeof(client.ip) - CLIENT_V6_BYTES);
	return client;
}

bool client_is_same(const struct addr *a, const struct addr *b)
{
	const struct addr client_a = client_of(a), client_b = client_of(b);
	return addr_ip_equal(&client_a, &client_b);
}

static uint64_t hash_client(const struct client_quota *quota, const struct addr *client)
{
	uint8_t parts[sizeof(client->ip) + sizeof(client->scope)];
	memcpy(parts, client->ip, sizeof(client->ip));
	memcpy(parts + sizeof(client->ip), &client->scope, sizeof(client->scope));
	return siphash(&quota->shares.key, parts, sizeof(parts));
}

/* With the lock held. */
static struct client_share *find_or_add(struct client_quota *quota, const struct addr *client)
{
	uint64_t hash = hash_client(quota, client);
	keyed_match(struct client_share, found, &quota->shares, hash, entry)
		if (addr_ip_equal(&found->client, client))
			return found;
	struct client_share *made = calloc(1, sizeof(*made));
	if (!made)
		return NULL;
	made->client = *client;
	keyed_add(&quota->shares, &made->entry, hash);
	return made;
}

struct client_share *client_quota_enter(struct client_quota *quota, const struct addr *address)
{
	struct addr client = client_of(address);
	(void)pthread_mutex_lock(&quota->lock);
	struct client_share *share = find_or_add(quota, &client);
	if (share && share->waiting >= LIMIT_CLIENT_WAITING)
		share = NULL;
	if (share)
		share->waiting++;
	(void)pthread_mutex_unlock(&quota->lock);
	return share;
}

void client_quota_leave(struct client_quota *quota, struct client_share *share)
{
	if (!share)
		return;
	(void)pthread_mutex_lock(&quota->lock);
	if (--share->waiting == 0) {
		keyed_remove(&quota->shares, &share->entry);
		free(share);
	}
	(void)pthread_mutex_unlock(&quota->lock);
}
