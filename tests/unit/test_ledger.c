/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stddef.h>
#include <string.h>

#include "unit.h"

static void test_one_per_host(void)
{
    struct ledger l = {.pending = false};
    bool first = false, second = false;
    const char *why_not;

    CU_ASSERT_EQUAL(why_ledger_claim(&l, &first, &why_not), LEDGER_YES);
    why_ledger_settle(&l, true);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &first, &why_not), LEDGER_NO);
    CU_ASSERT_STRING_EQUAL(why_not, "the account was already used once on this host in this run");
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &second, &why_not), LEDGER_YES);
    why_ledger_settle(&l, true);
    CU_ASSERT_FALSE(l.rejected);
}

static void test_none_after_a_rejection(void)
{
    struct ledger l = {.pending = false};
    bool used[3] = {false, false, false};
    const char *why_not;

    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_YES);
    why_ledger_settle(&l, false);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_NO);
    CU_ASSERT_PTR_NOT_NULL(strstr(why_not, "was already rejected"));
    /* also when another claim, granted before, comes out well afterwards */
    why_ledger_settle(&l, true);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[2], &why_not), LEDGER_NO);
}

static void test_release(void)
{
    struct ledger l = {.pending = false};
    bool used = false;
    const char *why_not;

    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used, &why_not), LEDGER_YES);
    why_ledger_release(&l, &used);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used, &why_not), LEDGER_YES);
    why_ledger_settle(&l, true);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used, &why_not), LEDGER_NO);
}

/* While the first use is under way the others wait; once it is accepted none has to. */
static void test_first_use(void)
{
    struct ledger l = {.pending = false};
    bool used[4] = {false, false, false, false};
    const char *why_not;

    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_YES);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_WAIT);
    CU_ASSERT_FALSE(used[1]); /* the wait has taken nothing */
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_NO);
    why_ledger_settle(&l, true);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_YES);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[2], &why_not), LEDGER_YES);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[3], &why_not), LEDGER_YES);
}

/* Nobody knows what came of it: it may have been a rejection, unless the account is known good. */
static void test_lost(void)
{
    struct ledger l = {.pending = false};
    bool used[3] = {false, false, false};
    const char *why_not;

    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_YES);
    why_ledger_settle(&l, true);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_YES);
    why_ledger_lose(&l);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_NO);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[2], &why_not), LEDGER_YES);

    l = (struct ledger){.pending = false};
    used[0] = used[1] = false;
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_YES);
    why_ledger_lose(&l);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_NO);
}

/* Nobody looked at it: the host has had its one use, the other ones may try, one at a time. */
static void test_open(void)
{
    struct ledger l = {.pending = false};
    bool used[3] = {false, false, false};
    const char *why_not;

    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_YES);
    why_ledger_leave(&l);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[0], &why_not), LEDGER_NO);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[1], &why_not), LEDGER_YES);
    CU_ASSERT_EQUAL(why_ledger_claim(&l, &used[2], &why_not), LEDGER_WAIT);
}

static CU_TestInfo tests[] = {
    {"one logon per host", test_one_per_host},
    {"none after a rejection", test_none_after_a_rejection},
    {"a claim given back", test_release},
    {"the first use", test_first_use},
    {"a claim whose attempt is lost", test_lost},
    {"a claim that nobody looked at", test_open},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "ledger", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
