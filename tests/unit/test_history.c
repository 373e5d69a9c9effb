/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/history.h>
#include <rdpwhy/status.h>

#include "database.h"
#include "upgrade.h"

/* A database in memory, and its messages. */
struct fixture {
    struct why_history h;
    char err[256];
};

static void open_fixture(struct fixture *f)
{
    *f = (struct fixture){.h = {.file = "memory", .errlen = sizeof(f->err)}};
    f->h.err = f->err;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(":memory:", &f->h.db), SQLITE_OK);
}

static int64_t number(struct fixture *f, const char *sql)
{
    int64_t value = -1;

    CU_ASSERT_EQUAL(why_history_number(&f->h, sql, -1, &value), WHY_OK);
    return value;
}

static const char *const three[] = {
    "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);",
    "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;",
    "CREATE TABLE b AS SELECT x + y AS z FROM a;",
};

/* From every version to the last one, each step once. */
static void test_upgrade(void)
{
    for (size_t from = 0; from <= 3; from++) {
        struct fixture f;

        open_fixture(&f);
        if (from > 0)
            CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, from), WHY_OK);
        CU_ASSERT_EQUAL(number(&f, "PRAGMA user_version"), (int64_t)from);
        for (int again = 0; again < 2; again++) {
            CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, 3), WHY_OK);
            CU_ASSERT_EQUAL(number(&f, "PRAGMA user_version"), 3);
            CU_ASSERT_EQUAL(number(&f, "PRAGMA application_id"), WHY_HISTORY_APPLICATION);
            CU_ASSERT_EQUAL(number(&f, "SELECT z FROM b"), 3);
            CU_ASSERT_EQUAL(number(&f, "SELECT count(*) FROM a"), 1);
        }
        (void)sqlite3_close(f.h.db);
    }
}

/* A step that fails leaves the version before, whole. */
static void test_failing_step(void)
{
    static const char *const bad[] = {
        "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);",
        "ALTER TABLE a ADD COLUMN y INTEGER;",
        "UPDATE absent SET x = 1;",
    };
    struct fixture f;

    open_fixture(&f);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, bad, 1), WHY_OK);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, bad, 3), WHY_ERR_IO);
    CU_ASSERT_STRING_EQUAL(f.err, "'memory': no such table: absent");
    CU_ASSERT_EQUAL(number(&f, "PRAGMA user_version"), 1);
    CU_ASSERT_EQUAL(number(&f, "SELECT count(*) FROM pragma_table_info('a')"), 1);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, 3), WHY_OK);
    (void)sqlite3_close(f.h.db);
}

static void test_others(void)
{
    struct fixture f;

    open_fixture(&f);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, 3), WHY_OK);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, 2), WHY_ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(f.err,
                           "'memory' has version 3, which a later rdpwhy wrote: this one knows "
                           "versions up to 2");
    CU_ASSERT_EQUAL(why_history_run(&f.h, "PRAGMA application_id = 5"), WHY_OK);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, 3), WHY_ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(f.err, "'memory' is a database of another program");
    (void)sqlite3_close(f.h.db);

    open_fixture(&f);
    CU_ASSERT_EQUAL(why_history_run(&f.h, "CREATE TABLE theirs (x)"), WHY_OK);
    CU_ASSERT_EQUAL(why_history_upgrade(&f.h, three, 3), WHY_ERR_USAGE);
    CU_ASSERT_EQUAL(number(&f, "PRAGMA user_version"), 0);
    (void)sqlite3_close(f.h.db);
}

/* What cannot be added leaves no trace, and says why. */
static void test_no_run(void)
{
    static const char *const texts[] = {"",
                                        "\n",
                                        "{",
                                        "{}\n",
                                        "[1]\n",
                                        "{\"schema\":\"rdpwhy/1\"}\n",
                                        "{\"schema\":\"rdpwhy/1\",\"record\":\"host\"}\n"};
    char name[] = "/tmp/rdpwhy-history-XXXXXX", err[256] = "";
    struct why_history *history = NULL;
    int fd = mkstemp(name);

    CU_ASSERT_FATAL(fd >= 0);
    (void)close(fd);
    CU_ASSERT_EQUAL_FATAL(why_history_open(&history, name, true, err, sizeof(err)), WHY_OK);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        FILE *in = tmpfile();
        struct why_history_added added;

        CU_ASSERT_PTR_NOT_NULL_FATAL(in);
        CU_ASSERT(fputs(texts[i], in) >= 0);
        CU_ASSERT_EQUAL(why_history_add(history, in, "run", &added, err, sizeof(err)),
                        WHY_ERR_USAGE);
        CU_ASSERT(strncmp(err, "run: ", 5) == 0);
        (void)fclose(in);
    }
    {
        const struct why_history_limits limits = {200, 250000};
        struct why_history_view view;

        CU_ASSERT_EQUAL(why_history_ask(history, 0, &limits, &view, err, sizeof(err)), WHY_OK);
        CU_ASSERT_EQUAL(view.runs + view.host_count + view.certificate_count, 0);
        why_history_view_clear(&view);
    }
    why_history_close(history);
    (void)unlink(name);
}

static CU_TestInfo tests[] = {
    {"older versions are brought up", test_upgrade},
    {"a step that fails", test_failing_step},
    {"databases of others", test_others},
    {"what is no run", test_no_run},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "history", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
