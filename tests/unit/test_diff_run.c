/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/status.h>

#include "unit.h"

#define S   "{\"schema\":\"rdpwhy/1\",\"record\":"
#define RUN S "\"run\"}\n"
#define STEP                                                                                       \
    S "\"attempt\",\"target\":\"srv1:3389\",\"profile\":\"tls\",\"license_mode\":\"fresh\","
#define TRY   STEP "\"outcome\":\"completed\",\"phase\":\"active\",\"ending\":\"done\"}\n"
#define HOST  S "\"host\",\"target\":\"srv1:3389\",\"state\":\"healthy\"}\n"
#define END   S "\"end\",\"complete\":true}\n"
#define WHOLE RUN TRY HOST END

static int read_text(const char *text, bool partial, struct why_run **run, char err[256])
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    int status;

    *err = '\0';
    *run = NULL;
    if (!in)
        abort();
    status = why_run_read(run, in, "run.jsonl", partial, err, 256);
    fclose(in);
    return status;
}

static void test_errors(void)
{
    static const struct {
        const char *text, *err;
    } rows[] = {
        {"\n", "line 2: the file is empty"},
        {"hello\n", "line 1: not JSON: it is not an object"},
        {"{\"a\":1}\n", "line 1: is not from a run of rdpwhy: \"schema\" is missing"},
        {"{\"schema\":\"rdpwhy/2\",\"record\":\"run\"}\n", "line 1: schema is not \"rdpwhy/1\""},
        {"{\"schema\":\"rdpwhy/1\"}\n", "line 1: record is missing"},
        {S "\"diff\"}\n", "line 1: is not the beginning of a run"},
        {TRY, "line 1: is not the beginning of a run"},
        {RUN RUN, "line 2: a second run begins here"},
        {WHOLE TRY, "line 5: comes after the end of the run"},
        {RUN TRY HOST,
         "line 4: the run was interrupted here: its end is missing (see --allow-partial)"},
        {RUN TRY "{\"schema\":\"rdp",
         "line 3: the run was interrupted here: its end is missing (see --allow-partial)"},
        {RUN TRY "{\"schema\":\"rdp\n" HOST END, "line 3: not JSON: a string does not end"},
        {RUN TRY HOST S "\"end\"}\n", "line 4: the run was not finished (see --allow-partial)"},
        {RUN S "\"attempt\"}\n", "line 2: target is missing or is not a text"},
        {RUN S "\"attempt\",\"target\":1}\n", "line 2: target is missing or is not a text"},
        {RUN STEP "\"ending\":\"done\"}\n", "line 2: outcome is missing"},
        {RUN STEP "\"outcome\":\"won\",\"ending\":\"done\"}\n",
         "line 2: outcome is a word that this version does not know"},
        {RUN STEP "\"outcome\":\"refused\",\"ending\":\"done\",\"repeat\":-1}\n",
         "line 2: repeat is not a number in range"},
        {RUN STEP "\"outcome\":\"refused\",\"ending\":\"done\",\"code\":{\"space\":\"errno\"}}\n",
         "line 2: code.value is missing or is not a number"},
        {RUN S "\"host\",\"target\":\"a\",\"state\":\"ill\"}\n",
         "line 2: state is a word that this version does not know"},
        {S "\"run\",\"options\":{\"profiles\":[\"tls\",1]}}\n",
         "line 1: profiles is a word that this version does not know"},
        {S "\"run\",\"merged\":[{},{}]}\n", "line 1: merged has a run without a vantage point"},
        {S "\"run\",\"merged\":[{\"vantage\":1}]}\n",
         "line 1: merged has a run without a vantage point"},
        {S "\"run\",\"merged\":[1]}\n", "line 1: merged has a run without a vantage point"},
        {S "\"run\",\"options\":{\"profiles\":{}}}\n", "line 1: profiles is not an array"},
        {S "\"run\",\"options\":{\"routing\":{\"kind\":\"post\"}}}\n",
         "line 1: options.routing.kind is a word that this version does not know"},
        {S "\"run\",\"options\":{\"routing\":{\"kind\":\"cookie\"}}}\n",
         "line 1: options.routing.text is empty"},
        {S "\"run\",\"options\":{\"routing\":{\"kind\":\"token\",\"text\":\"a\\r\\nb\"}}}\n",
         "line 1: options.routing.text has a character that is not printable ASCII"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_run *run;
        char err[256], expected[256];

        snprintf(expected, sizeof(expected), "run.jsonl: %s", rows[i].err);
        CU_ASSERT_EQUAL(read_text(rows[i].text, false, &run, err), WHY_ERR_USAGE);
        if (strcmp(err, expected) != 0)
            printf("\n%s\n", err);
        CU_ASSERT_STRING_EQUAL(err, expected);
        CU_ASSERT_PTR_NULL(run);
    }
}

static void test_plan(void)
{
    static const char text[] = S
        "\"run\",\"options\":{\"profiles\":[\"nla\",\"tls\",\"nla\"],\"license_modes\":[\"admin\"],"
        "\"until\":\"licensing\",\"timeout_us\":7000000,\"connect_timeout_us\":2000000,"
        "\"repeat\":3,\"credentials\":true,\"routing\":{\"kind\":\"token\",\"text\":\"tsv:\\/\\/"
        "a\"}}}"
        "\n" TRY HOST END;
    struct why_run *run;
    char err[256];
    const struct why_run_plan *plan;

    CU_ASSERT_EQUAL_FATAL(read_text(text, false, &run, err), WHY_OK);
    plan = why_run_plan(run);
    CU_ASSERT(plan->profile_count == 2 && plan->profiles[0] == WHY_PROFILE_NLA);
    CU_ASSERT(plan->license_mode_count == 1 && plan->license_modes[0] == WHY_LICENSE_MODE_ADMIN);
    CU_ASSERT_EQUAL(plan->until, WHY_PHASE_LICENSING);
    CU_ASSERT_EQUAL(plan->timeout_us, 7000000);
    CU_ASSERT_EQUAL(plan->connect_timeout_us, 2000000);
    CU_ASSERT_EQUAL(plan->repeat, 3);
    CU_ASSERT(plan->credentials && plan->complete);
    CU_ASSERT_EQUAL(plan->routing.kind, WHY_ROUTING_TOKEN);
    CU_ASSERT_STRING_EQUAL(plan->routing.text, "tsv://a");
    CU_ASSERT_EQUAL(why_run_target_count(run), 1);
    CU_ASSERT_STRING_EQUAL(why_run_target(run, 0), "srv1:3389");
    why_run_free(run);
}

static void test_partial(void)
{
    static const char *const texts[] = {RUN TRY HOST, RUN TRY "{\"schema\":\"rdp",
                                        RUN TRY HOST S "\"end\"}\n"};
    struct why_run *run;
    char err[256];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CU_ASSERT_EQUAL_FATAL(read_text(texts[i], true, &run, err), WHY_OK);
        CU_ASSERT_EQUAL(why_run_target_count(run), 1);
        CU_ASSERT(!why_run_plan(run)->complete);
        why_run_free(run);
    }
    CU_ASSERT_EQUAL(read_text(RUN "nonsense\n" END, true, &run, err), WHY_ERR_USAGE);
    CU_ASSERT_EQUAL(read_text("\n", true, &run, err), WHY_ERR_USAGE);
}

/* Later versions may write more records and members, and a last line without its newline. */
static void test_growth(void)
{
    static const char text[] =
        RUN S "\"weather\",\"is\":\"fine\"}\n" STEP "\"outcome\":\"completed\",\"ending\":\"done\","
              "\"phase\":\"active\",\"new\":{\"a\":[1,2]}}\n" S "\"end\",\"complete\":true}";
    struct why_run *run;
    char err[256];

    CU_ASSERT_EQUAL_FATAL(read_text(text, false, &run, err), WHY_OK);
    CU_ASSERT_EQUAL(why_run_target_count(run), 1);
    why_run_free(run);
}

int main(void)
{
    CU_TestInfo tests[] = {{"errors name the line", test_errors},
                           {"plan", test_plan},
                           {"partial runs", test_partial},
                           {"what is new", test_growth},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"diff run", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
