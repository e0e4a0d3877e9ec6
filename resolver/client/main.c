/* SPDX-License-Identifier: MIT */
/* rootwalk, the command. */
#include "resolver/client/client.h"

int main(int argc, char **argv)
{
	return client_run(argc, argv);
}
