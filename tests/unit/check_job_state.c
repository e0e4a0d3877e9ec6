/* SPDX-License-Identifier: MIT */
/* The states of a job: every event in every state. */
#include <check.h>

#include "resolver/engine/job.h"
#include "tests/unit/suite.h"

/* What is allowed, as a job lives; everything else is not. */
static const struct transition {
	enum job_state from;
	enum job_event event;
	enum job_state to;
} allowed[] = {
	{JOB_NEW, JOB_ON_START, JOB_RUNS},
	{JOB_RUNS, JOB_ON_RENEWAL, JOB_RENEWS},
	{JOB_NEW, JOB_ON_PLACE_TAKEN, JOB_GIVES_WAY},
	{JOB_RUNS, JOB_ON_PLACE_TAKEN, JOB_GIVES_WAY},
	{JOB_RENEWS, JOB_ON_PLACE_TAKEN, JOB_GIVES_WAY},
	{JOB_NEW, JOB_ON_END, JOB_ENDS},
	{JOB_RUNS, JOB_ON_END, JOB_ENDS},
	{JOB_RENEWS, JOB_ON_END, JOB_ENDS},
	{JOB_GIVES_WAY, JOB_ON_END, JOB_ENDS},
};

static const struct transition *find_allowed(enum job_state from, enum job_event event)
{
	for (size_t i = 0; i < RW_COUNT(allowed); i++)
		if (allowed[i].from == from && allowed[i].event == event)
			return &allowed[i];
	return NULL;
}

static unsigned long failures(void)
{
	const char *last;
	return rw_check_failures(&last);
}

/* The test case runs it once for each state. */
START_TEST(only_what_is_allowed_changes_the_state)
{
	enum job_state from = (enum job_state)_i;
	for (int event = 0; event < JOB_EVENTS; event++) {
		const struct transition *expected = find_allowed(from, (enum job_event)event);
		struct job job = {.state = from};
		unsigned long before = failures();
		ck_assert_int_eq(job_go(&job, (enum job_event)event), expected != NULL);
		ck_assert_int_eq(job.state, expected ? expected->to : from);
		ck_assert_uint_eq(failures() - before, expected ? 0 : 1);
	}
}
END_TEST

START_TEST(a_job_begins_as_new_and_ends_for_good)
{
	struct job job = {0};
	ck_assert_int_eq(job.state, JOB_NEW);
	ck_assert(job_go(&job, JOB_ON_START));
	ck_assert(job_go(&job, JOB_ON_RENEWAL));
	ck_assert(job_go(&job, JOB_ON_PLACE_TAKEN));
	ck_assert(job_go(&job, JOB_ON_END));
	ck_assert_uint_eq(failures(), 0);
	ck_assert(!job_go(&job, JOB_ON_START));
	ck_assert_int_eq(job.state, JOB_ENDS);
}
END_TEST

Suite *make_suite(void)
{
	Suite *suite = suite_create("job state");
	TCase *tcase = tcase_create("job state");
	tcase_add_loop_test(tcase, only_what_is_allowed_changes_the_state, 0, JOB_STATES);
	tcase_add_test(tcase, a_job_begins_as_new_and_ends_for_good);
	suite_add_tcase(suite, tcase);
	return suite;
}
