/* SPDX-License-Identifier: MIT */
/*
 * Questions of any bytes to a server of the built-in lab: the first byte chooses the server, two
 * more the switches and the transport. A reply has the question's id, is whole, and fits.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver/lab/answer.h"
#include "resolver/wire/precheck.h"

#define NOW 1795780000 /* s since 1970 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world *the_world(void)
{
	static struct world *world;
	static struct scenario *scenario;
	static struct fault_list faults;
	if (world)
		return world;
	rw_require(scenario_read(NULL, &faults, &scenario) == 0);
	rw_require(world_new(scenario, NOW, &faults, &world) == 0);
	return world;
}

static void throw_switches(struct lab_server *server, uint8_t bits)
{
	static const char *const words[] = {
		"lame", "refused", "servfail", "truncating", "wrong", "spoof", "wrong=2001:db8::1"};
	char message[WORLD_MESSAGE];
	rw_require(world_clear(server, NULL, message) == 0);
	for (unsigned i = 0; i < RW_COUNT(words); i++)
		if (bits & 1u << i)
			rw_require(world_set(server, words[i], NOW, message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t reply[LIMIT_MESSAGE_BYTES];
	struct world *world = the_world();
	struct precheck info;
	struct arena arena;
	size_t reply_size;
	if (size < 3)
		return 0;
	struct lab_server *server = &world->servers[data[0] % world->scenario->server_count];
	bool tcp = data[2] & 1;
	throw_switches(server, data[1]);
	arena_init(&arena, LAB_ANSWER_ARENA);
	int err = lab_answer(server, data + 3, size - 3, tcp, &arena, reply, &reply_size);
	rw_require(err == 0 || err == RW_ENOTFOUND);
	if (err == 0) {
		rw_require(precheck(reply, reply_size, &info) == 0);
		rw_require(memcmp(reply, data + 3, 2) == 0 && info.flags & FLAG_QR);
		rw_require(tcp || reply_size <= LIMIT_EDNS_UDP);
	}
	arena_release(&arena);
	return 0;
}
