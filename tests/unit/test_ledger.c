/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "unit.h"

#define LONG_US   (20u * 1000000u) /* longer than any test here waits when all is well */
#define SECOND_NS 1000000000L

static double now_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / (double)SECOND_NS;
}

static void test_one_per_host(void)
{
    struct ledger *l = ledger_new(2);
    const char *why_not;

    CU_ASSERT_PTR_NOT_NULL_FATAL(l);
    CU_ASSERT_PTR_NULL(ledger_claim(l, 0, LONG_US));
    ledger_settle(l, true);
    why_not = ledger_claim(l, 0, LONG_US);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why_not);
    CU_ASSERT_STRING_EQUAL(why_not, "the account has been used once on this host in this run");
    CU_ASSERT_PTR_NULL(ledger_claim(l, 1, LONG_US));
    ledger_settle(l, true);
    CU_ASSERT_PTR_NOT_NULL(ledger_claim(l, 2, LONG_US)); /* no such host */
    CU_ASSERT_FALSE(ledger_is_rejected(l));
    ledger_free(l);
    ledger_free(NULL);
}

static void test_none_after_a_rejection(void)
{
    struct ledger *l = ledger_new(3);
    const char *why_not;

    CU_ASSERT_PTR_NULL(ledger_claim(l, 0, LONG_US));
    ledger_settle(l, false);
    CU_ASSERT_TRUE(ledger_is_rejected(l));
    why_not = ledger_claim(l, 1, LONG_US);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why_not);
    CU_ASSERT_PTR_NOT_NULL(strstr(why_not, "was not accepted"));
    /* also when another claim, granted before, comes out well afterwards */
    ledger_settle(l, true);
    CU_ASSERT_PTR_NOT_NULL(ledger_claim(l, 2, LONG_US));
    ledger_free(l);
}

static void test_release(void)
{
    struct ledger *l = ledger_new(1);

    CU_ASSERT_PTR_NULL(ledger_claim(l, 0, LONG_US));
    ledger_release(l, 0);
    ledger_release(l, 7); /* no such host: nothing */
    CU_ASSERT_PTR_NULL(ledger_claim(l, 0, LONG_US));
    ledger_settle(l, true);
    CU_ASSERT_PTR_NOT_NULL(ledger_claim(l, 0, LONG_US));
    ledger_free(l);
}

/* While the first use is under way the others wait, but not for ever. */
static void test_waiting_has_an_end(void)
{
    struct ledger *l = ledger_new(2);
    double start = now_s();
    const char *why_not;

    CU_ASSERT_PTR_NULL(ledger_claim(l, 0, LONG_US));
    why_not = ledger_claim(l, 1, 50000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why_not);
    CU_ASSERT_PTR_NOT_NULL(strstr(why_not, "has not come to an end"));
    CU_ASSERT(now_s() - start < 10);
    ledger_settle(l, true);
    CU_ASSERT_PTR_NULL(ledger_claim(l, 1, 0)); /* the wait has taken nothing */
    ledger_free(l);
}

struct waiter {
    struct ledger *ledger;
    size_t host;
    atomic_int *started;
    const char *why_not;
};

static void *wait_for_it(void *arg)
{
    struct waiter *w = arg;

    atomic_fetch_add(w->started, 1);
    w->why_not = ledger_claim(w->ledger, w->host, LONG_US);
    return NULL;
}

/* Several threads claim while the first use is under way; |end| ends it. Returns the claims that
 * were granted. */
static size_t several(void (*end)(struct ledger *))
{
    enum { THREADS = 6 };
    struct ledger *l = ledger_new(THREADS + 1);
    struct waiter waiters[THREADS];
    pthread_t threads[THREADS];
    atomic_int started;
    size_t granted = 0;
    double start = now_s();

    atomic_init(&started, 0);
    CU_ASSERT_PTR_NULL(ledger_claim(l, THREADS, LONG_US));
    for (size_t i = 0; i < THREADS; i++) {
        waiters[i] = (struct waiter){l, i, &started, NULL};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, wait_for_it, &waiters[i]), 0);
    }
    while (atomic_load(&started) < THREADS)
        continue;
    end(l);
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
        granted += waiters[i].why_not == NULL;
    }
    CU_ASSERT(now_s() - start < 15); /* nobody waited for the end of the time */
    ledger_free(l);
    return granted;
}

static void accept(struct ledger *l)
{
    ledger_settle(l, true);
}

static void reject(struct ledger *l)
{
    ledger_settle(l, false);
}

static void test_accepted_lets_all_in(void)
{
    CU_ASSERT_EQUAL(several(accept), 6);
}

static void test_rejected_lets_none_in(void)
{
    CU_ASSERT_EQUAL(several(reject), 0);
}

/* Each of them uses it once at most, and never two at a time before one was accepted. */
static atomic_int using, most, uses;

static void *use(void *arg)
{
    struct waiter *w = arg;

    for (int i = 0; i < 200; i++) {
        if (ledger_claim(w->ledger, w->host, LONG_US) != NULL)
            continue;
        if (atomic_fetch_add(&using, 1) > 0)
            atomic_store(&most, 2);
        atomic_fetch_add(&uses, 1);
        atomic_fetch_sub(&using, 1);
        ledger_release(w->ledger, w->host);
    }
    return NULL;
}

static void test_one_at_a_time(void)
{
    enum { THREADS = 4 };
    struct ledger *l = ledger_new(THREADS);
    struct waiter waiters[THREADS];
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        waiters[i] = (struct waiter){.ledger = l, .host = i};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, use, &waiters[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
    CU_ASSERT_EQUAL(atomic_load(&most), 0);
    CU_ASSERT_EQUAL(atomic_load(&uses), THREADS * 200);
    ledger_free(l);
}

static CU_TestInfo tests[] = {
    {"one authentication per host", test_one_per_host},
    {"none after a rejection", test_none_after_a_rejection},
    {"a claim that was not used", test_release},
    {"waiting has an end", test_waiting_has_an_end},
    {"an accepted first use lets all in", test_accepted_lets_all_in},
    {"a rejected first use lets none in", test_rejected_lets_none_in},
    {"one at a time until it was accepted", test_one_at_a_time},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "ledger", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
