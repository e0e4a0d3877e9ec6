/* SPDX-License-Identifier: MIT */
/*
 * Every bound of the program: its unit, its value, and the reason. A counter that one of these
 * limits is checked against belongs to the client's request and is never reset, not by a restart
 * and not by a sub-walk (CVE-2026-50045 is what happens otherwise).
 */
#ifndef RW_BASE_LIMITS_H
#define RW_BASE_LIMITS_H

/* Ground floor. */
#define LIMIT_POOL_SPARE 256 /* objects of one kind that one worker keeps for reuse */
#define LIMIT_MAIL       64  /* messages that wait for one worker */

/* Wire format. */
#define LIMIT_NAME_BYTES     255   /* bytes of a name in wire form, RFC 1035 section 3.1 */
#define LIMIT_LABEL_BYTES    63    /* bytes of a label, RFC 1035 section 3.1 */
#define LIMIT_LABELS         128   /* labels of a name, the root's included */
#define LIMIT_NAME_TEXT      1025  /* escaped presentation form, with the final NUL */
#define LIMIT_POINTER_HOPS   16    /* compression pointers followed in one name, RFC 9267 */
#define LIMIT_MESSAGE_BYTES  65535 /* bytes of a message, RFC 1035 section 4.2.2 */
#define LIMIT_MESSAGE_WORK   16384 /* labels and pointers touched in one message, RFC 9267 */
#define LIMIT_RECORDS        4096  /* records kept of one message; CVE-2023-4408 */
#define LIMIT_COMPRESS_TRIES 120   /* names searched for a pointer target, CVE-2024-8508 */
#define LIMIT_EDNS_OPTIONS   16    /* options read of one OPT record, CVE-2026-41292 */
#define LIMIT_EDE_TEXT       160   /* bytes of an extended error's text, RFC 8914 */

/* Text form. */
#define LIMIT_TEXT_LINE  (1 << 18)          /* bytes of one record; 64 KiB rdata in RFC 3597 form */
#define LIMIT_ZONE_BYTES (64 * 1024 * 1024) /* bytes of a master file, and of all it includes */
#define LIMIT_GENERATED                                                                            \
	(1 << 17)               /* records of $GENERATE in a zone; 16 bits of hosts, both ways     \
				 */
#define LIMIT_INCLUDE_DEPTH 8   /* files that include each other, one in another */
#define LIMIT_INCLUDES      256 /* files that are included in the making of one zone */

/* Cache. */
#define LIMIT_RRSET_RECORDS    100   /* records of one record set, CVE-2024-1737 */
#define LIMIT_TYPES_PER_NAME   64    /* entries of one name, CVE-2024-1737, CVE-2024-11187 */
#define LIMIT_RRSET_BYTES      65535 /* bytes of one record set as stored */
#define LIMIT_PROOF_SETS       8     /* NSEC or NSEC3 sets kept beside an answer, CVE-2023-50868 */
#define LIMIT_RRSET_SIGS       8     /* RRSIG kept beside one record set, CVE-2023-50387 */
#define LIMIT_TTL_MAX          86400 /* s; a longer TTL is cut to this, RFC 8767 section 4 */
#define LIMIT_TTL_NEGATIVE     3600  /* s; cap of negative answers, RFC 2308 section 5 */
#define LIMIT_TTL_DNS64        600   /* s; AAAA made where no SOA came, RFC 6147 section 5.1.7 */
#define LIMIT_TTL_NO_SOA       5     /* s; negative answers without SOA, RFC 2308 section 5 */
#define LIMIT_FAILURE_TTL      5     /* s; first failure, RFC 9520 section 3.2 */
#define LIMIT_FAILURE_SLACK_MS 250   /* ms a failure is forgotten before its time */
#define LIMIT_FAILURE_TTL_MAX  60    /* s; after doubling, RFC 9520 section 3.2 */
#define LIMIT_STALE_AGE        86400 /* s; expired data is kept this long, RFC 8767 section 5 */
#define LIMIT_STALE_TTL        30    /* s; TTL that stale data is given, RFC 8767 section 4 */
#define LIMIT_CACHE_MIN_BYTES  (1 << 20) /* bytes; a smaller budget is refused */

#define LIMIT_INFRA_SERVERS 16384 /* servers remembered */

/* Delegations. */
#define LIMIT_NS_KEPT            13 /* name servers kept of one delegation, NXNSAttack */
#define LIMIT_ADDRESSES_PER_NS   4  /* addresses kept of one server and family, CVE-2026-3592 */
#define LIMIT_NS_LOOKUPS_AT_ONCE 3  /* addresses of servers looked up at once, CVE-2020-12662 */
#define LIMIT_NS_LOOKUPS_FAILED  5  /* failed look-ups of server addresses per delegation */

/* The walk. */
#define LIMIT_SENDS_PER_WALK    32    /* packets for one question */
#define LIMIT_SENDS_PER_REQUEST 100   /* packets for one request, sub-walks included; CAMP */
#define LIMIT_SENDS_PER_REFRESH 50    /* the same where nobody waits for the answer */
#define LIMIT_DEPTH             8     /* sub-walks inside sub-walks, CVE-2014-8500 */
#define LIMIT_SUBWALKS          48    /* sub-walks of one request */
#define LIMIT_REFERRALS         30    /* referrals followed for one question */
#define LIMIT_ALIASES           11    /* CNAME and DNAME followed for one question */
#define LIMIT_TRIES_PER_ADDRESS 3     /* packets to one address for one question, RFC 9520 */
#define LIMIT_TCP_TRIES         2     /* of these, how many over TCP */
#define LIMIT_MINIMISE_STEPS    10    /* questions with a shortened name, RFC 9156 section 2.3 */
#define LIMIT_MINIMISE_ONE      4     /* of these, how many add just one label */
#define LIMIT_MINIMISE_TIMEOUTS 2     /* failures, after which the full name is asked */
#define LIMIT_CUT_DOUBT_MS      60000 /* ms; a failing delegation this old is asked for anew */
#define LIMIT_REQUEST_MS        7000  /* ms; a whole request, `outgoing.timeout` */
#define LIMIT_REQUEST_ARENA     (1 << 20) /* bytes of memory of one request */
#define LIMIT_REQUEST_EVENTS    4096      /* events one request may process, the last safety net */

/* Timing of one try. */
#define LIMIT_TRY_FIRST_MS    400   /* ms; a server nothing is known of */
#define LIMIT_TRY_MIN_MS      50    /* ms */
#define LIMIT_TRY_MAX_MS      1500  /* ms */
#define LIMIT_TCP_TRY_MS      2500  /* ms; connect, send and receive */
#define LIMIT_TRY_LAST_MS     3500  /* ms; the last try, when nobody else is left to ask */
#define LIMIT_BACKOFF_MAX_MS  60000 /* ms; a dead server is tried again at the latest after this */
#define LIMIT_STALE_CLIENT_MS 1800  /* ms; then a waiting client gets stale data, RFC 8767 */

/* EDNS. */
#define LIMIT_EDNS_UDP 1232 /* bytes; no fragments, RFC 9715 */

/* Upstream. */
#define LIMIT_EXCHANGES    4096 /* exchanges open in one worker */
#define LIMIT_NEAR_MISSES  1000 /* wrong packets read for one exchange before it turns to TCP */
#define LIMIT_UPSTREAM_TCP 64   /* connections to servers kept in one worker */
#define LIMIT_UPSTREAM_TCP_MUTE_MS                                                                 \
	1000 /* ms without a reply, after which it gives way to a new one */
#define LIMIT_UPSTREAM_TCP_IDLE_MS 5000 /* ms an idle connection is kept for the next question */

/* Service. */
#define LIMIT_JOBS            4096        /* requests in flight in one worker */
#define LIMIT_JOBS_BYTES      (256 << 20) /* bytes of memory of all of them */
#define LIMIT_JOSTLE_MS       200 /* ms that a request is left alone when all places are taken */
#define LIMIT_ZONE_JOBS       200 /* asking the servers of one zone, in all workers; water torture */
#define LIMIT_ZONE_JOBS_LEAST 10  /* of these, that each worker has at the least */
#define LIMIT_ZONE_LINE       400   /* requests that wait until they may ask a zone's servers */
#define LIMIT_WAITERS         2048  /* clients waiting for one question in one worker */
#define LIMIT_CLIENT_WAITING  200   /* questions of one client that wait, in all workers; DNSBomb */
#define LIMIT_DISCARD_MS      5000  /* ms; an older reply over UDP is not sent; DNSBomb */
#define LIMIT_TCP_CLIENTS     256   /* connections of clients in one worker */
#define LIMIT_TCP_PER_CLIENT  16    /* of these, from one address, or one /64 of IPv6 */
#define LIMIT_TCP_IN_FLIGHT   32    /* questions in work on one connection; CVE-2019-6477 */
#define LIMIT_TCP_IDLE_MS     10000 /* ms without a whole question; RFC 7766 section 6.2.3 */
#define LIMIT_TCP_WRITE_MS    5000  /* ms that a client may leave an answer unread */
#define LIMIT_UDP_BATCH       64    /* datagrams taken or sent with one system call */
#define LIMIT_UPLINK_MS       1000  /* ms from one look at a changed network to the next */
#define LIMIT_DRAIN_MS        3000  /* ms that running requests are given after TERM */

/* Configuration. */
#define LIMIT_CONFIG_BYTES   (1 << 20) /* bytes of a configuration file */
#define LIMIT_CONFIG_LIST    256       /* entries of one list or one section */
#define LIMIT_CONFIG_NODES   16384     /* values of one file, lists and sections included */
#define LIMIT_CONFIG_DEPTH   5         /* levels of nesting; the schema needs four */
#define LIMIT_CONFIG_ERRORS  64        /* errors kept of one file; the rest is counted */
#define LIMIT_WORKERS        64        /* threads, `workers` */
#define LIMIT_HINTS_BYTES    (1 << 18) /* bytes of a root hints file */
#define LIMIT_LOG_LINE       1024      /* bytes of one log line */
#define LIMIT_LOG_PER_SECOND 20        /* lines of one kind in one second */

/* Files of names: zones, hosts, leases, block lists. */
#define LIMIT_FILE_FAULTS     32   /* faults kept of one reading; the rest is counted */
#define LIMIT_TOLD            256  /* warnings of files remembered, so that each is told once */
#define LIMIT_WATCH_FOLDERS   64   /* folders watched; files elsewhere are looked at by the clock */
#define LIMIT_WATCH_POLL_MS   2000 /* ms from one look at watched files to the next */
#define LIMIT_WATCH_GATHER_MS 100  /* ms from a change to the look: writers write in pieces */

/* Block lists and policy zones. */
#define LIMIT_BLOCK_BYTES     (128 << 20) /* bytes of one list, and of the names of all */
#define LIMIT_BLOCK_TTL       60 /* s, of what is answered for a blocked name; so long it lasts */
#define LIMIT_BLOCK_BAD_LINES 4  /* lines of one list told one by one; the rest is counted */

/* Zones of our own. */
#define LIMIT_ZONE_MEMORY      (256 << 20) /* bytes of one zone in memory: about a million names */
#define LIMIT_NSEC3_ITERATIONS 150 /* rounds of the hash of one name, RFC 9276 section 3.1 */

/* What is ours. */
#define LIMIT_HOSTS_BYTES (16 << 20)  /* bytes of the table made from `hosts`; all values fit */
#define LIMIT_HOSTS_TTL   3600        /* s, of its records */
#define LIMIT_NAMES_BYTES (64 << 20)  /* bytes of a file of hosts or leases */
#define LIMIT_NAMES_TABLE (256 << 20) /* bytes of the table made from one; four of a byte */
#define LIMIT_NAMES_TTL   60          /* s, of its records: the file may change at any time */
#define LIMIT_LEASES      65536       /* leases of one file: a network of 16 bits */
#define LIMIT_LOCALDATA_CACHE_BYTES                                                                \
	(4 << 20) /* bytes for what is learnt below cuts of one own zone */

/* The lab. */
#define LIMIT_LAB_ZONE_BYTES (4 << 20) /* bytes of one version of a zone */
#define LIMIT_LAB_SLOW_MS    60000     /* ms that `slow` may hold an answer back */
#define LIMIT_LAB_LATE       4096      /* answers held back at once; more are dropped */
#define LIMIT_LAB_TCP        256       /* connections to the servers of a lab */
#define LIMIT_LAB_TCP_MS     10000     /* ms without a whole question, RFC 7766 section 6.2.3 */
#define LIMIT_LAB_COMMAND    16384     /* bytes of one order over the control socket */

#endif
