/* SPDX-License-Identifier: MIT */
/*
 * Inside of the engine: a job is one request in flight with everybody who waits for it; a pending
 * query is one exchange of it, and becomes the event of its own end. job.c keeps the table and the
 * lists, job_state.c says what may come after what, shared_exchange.c shares exchanges, driver.c
 * lets requests run, engine.c is the door.
 */
#ifndef RW_ENGINE_JOB_H
#define RW_ENGINE_JOB_H

#include "resolver/base/keyed_table.h"
#include "resolver/base/list.h"
#include "resolver/base/pool.h"
#include "resolver/engine/admission.h"
#include "resolver/engine/client_quota.h"
#include "resolver/engine/echo.h"
#include "resolver/engine/engine.h"
#include "resolver/net/timers.h"
#include "resolver/upstream/exchange.h"
#include "resolver/views/views.h"

#define SHARED_QUERY_BYTES 400 /* of a query; one with the longest name has about 300 */

struct pending_query {
	struct list_link link; /* in the job's `pending`, or in its events */
	struct job *job;
	uint32_t xid;
	struct shared_exchange *shared; /* NULL once it has ended */
	struct list_link on_shared;     /* beside those who wait for the same exchange */
	uint8_t *wire;                  /* a copy of the reply */
	size_t size;
	enum exchange_end end;
	uint32_t rtt_us;
	uint64_t echo; /* of a question to a forwarder, as posted; 0: none */
};

/* One exchange, for all pending queries that ask one server the same thing at the same time. */
struct shared_exchange {
	struct engine *engine;
	struct keyed_entry entry;
	struct exchange *exchange;
	struct list pending;
	struct addr server;
	uint16_t size;
	bool match_case;
	uint8_t wire[SHARED_QUERY_BYTES]; /* without id, in lower case */
};

/* What a job was begun for. A client who joins it later does not change that. */
enum job_purpose {
	JOB_FOR_CLIENTS,
	JOB_FOR_REFRESH, /* of the cache, ahead of need: a courtesy that may be refused */
};

/*
 * How far a job has come. That its time is up is no state: the clock says so. Nothing leads back to
 * JOB_NEW.
 */
enum job_state {
	JOB_NEW,       /* its request is not started yet */
	JOB_RUNS,      /* its request works for those who wait */
	JOB_RENEWS,    /* everybody has been told; a delegation is learnt anew */
	JOB_GIVES_WAY, /* another job has its place now; it ends when it runs next */
	JOB_ENDS,      /* nothing is left to do; the driver frees it in the same turn */
};

enum job_event {
	JOB_ON_START,       /* it runs for the first time */
	JOB_ON_RENEWAL,     /* the request has begun to renew a delegation */
	JOB_ON_PLACE_TAKEN, /* all places are taken, and it has had the longest time */
	JOB_ON_END,         /* everybody has been told, and nothing is learnt any more */
};

#define JOB_STATES (JOB_ENDS + 1)
#define JOB_EVENTS (JOB_ON_END + 1)

struct job {
	struct engine *engine;
	enum job_purpose purpose; /* set once */
	enum job_state state;     /* set by job_go() only */
	struct keyed_entry entry;
	struct list_link link; /* of all, newest first; those that give way before them */
	struct list_link run;  /* in the run queue */
	struct name name;
	struct question question;          /* its name is `name` */
	const struct localdata *localdata; /* of the askers' view, which owns it */
	struct views *views;
	struct machine_context context;
	struct request *request;
	struct list waiters;
	uint32_t waiter_count;
	struct list pending; /* queries that wait for their end */
	struct list events;  /* those that have ended, not yet told to the request */
	struct deadline deadline, stale_deadline, client_deadline;
	struct seat seat; /* at the zone cut that is asked */
	uint64_t begun_ms;
	uint64_t stale_wait_ms; /* from joining it to stale data; 0 once somebody was told some */
	size_t bytes;           /* of its request's memory, as counted in the engine */
	uint32_t echo_xid;      /* of a question that came back to us; 0: none */
};

struct engine {
	uv_loop_t *loop;
	uv_prepare_t prepare;
	uv_check_t check;
	unsigned handles; /* not yet closed */
	bool closing;
	struct engine_shared shared;
	struct views *views;
	struct upstream *upstream;
	struct timers *timers;
	struct arena scratch;  /* for stale answers */
	struct list jobs;      /* newest first; those that give way before them */
	struct list run_queue; /* of jobs */
	struct pool pending_pool, shared_pool;
	uint32_t job_count, giving_way;
	size_t job_bytes; /* memory of all requests */
	struct admission admission;
	struct keyed_table table;     /* of jobs that may be joined */
	struct keyed_table exchanges; /* those that may be shared */
};

/* ---- job.c ---- */

struct job *job_find(
	struct engine *engine, const struct localdata *localdata, const struct question *question);

/* RW_EBUSY, RW_ENOMEM. In the table and in the run queue when it returns. */
int job_new(struct engine *engine, const struct localdata *localdata,
	const struct question *question, enum job_purpose purpose,
	struct job **ret_job) RW_MUSTCHECK;

/* Takes it out of the table, so that nobody joins any more. */
void job_leave_table(struct job *job);

/* The job has nothing left to do; the driver frees it when it has run. */
void job_end(struct job *job);

/* Abandons what is in flight and frees everything. There are no waiters any more. */
void job_free(struct job *job);

/* The job leaves its seat at a zone, and the job that gets it is woken. */
void job_leave_seat(struct job *job);

void job_add_waiter(struct job *job, struct waiter *waiter);
void job_remove_waiter(struct waiter *waiter);

/* The waiter that has waited longest, patient ones aside; or NULL. */
struct waiter *job_first_impatient(const struct job *job);

/* Tells at most as many waiters as there are now. */
void job_tell(struct job *job, const struct machine_result *result);

/* The same, for those who have waited since `until_ms` or longer and are not patient. */
void job_tell_old(struct job *job, const struct machine_result *result, uint64_t until_ms);

/* NULL when memory is used up. */
struct pending_query *pending_new(struct job *job, uint32_t xid);
struct pending_query *pending_find(struct job *job, uint32_t xid);
void pending_free(struct pending_query *pending);

/* The query has ended; its event waits for the driver. */
void pending_to_event(struct pending_query *pending);

/* Puts the job into the run queue unless it is there. */
void job_wake(struct job *job);

/* ---- job_state.c ---- */

/*
 * Brings the job into the state that the event leads to. False: the event may not happen in its
 * state. That is counted as a failed check, and the state stays what it was.
 */
bool job_go(struct job *job, enum job_event event);

/* ---- shared_exchange.c ---- */

/* Sends the query, or waits for the reply to the same one that is under way. Errors as
 * exchange_start. */
int shared_exchange_start(
	struct pending_query *pending, const struct exchange_query *query) RW_MUSTCHECK;

/* The query does not wait any more; the exchange ends with the last one that does. */
void shared_exchange_leave(struct pending_query *pending);

/* ---- driver.c ---- */

/* The query's exchange has ended. */
void pending_end(struct pending_query *pending, const struct exchange_done *done);

/* Lets every woken job run until none is left. */
void driver_run(struct engine *engine);
void driver_deadline_passed(struct deadline *deadline);
void driver_stale_deadline_passed(struct deadline *deadline);
void driver_client_deadline_passed(struct deadline *deadline);

/* Starts the timer for the waiter that will be the first to have waited too long. */
void driver_start_client_timer(struct job *job);

#endif
