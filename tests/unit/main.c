/* SPDX-License-Identifier: MIT */
/*
 * The main() of every unit test program: it runs the suite of the one check_*.c that it is linked
 * with. How much is printed and which test cases run is left to the variables of Check
 * (CK_VERBOSITY, CK_RUN_CASE, CK_FORK).
 */
#include <stdlib.h>

#include "tests/unit/suite.h"

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
