/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Recorded traces give the verdicts they gave live: fixtures/traces/expected.tsv names each trace
 * and what must come of it. The traces are real recordings; fixtures/README.md says of what.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "unit.h"

enum column {
    COL_NAME,
    COL_OUTCOME,
    COL_PHASE,
    COL_ENDING,
    COL_CLOSED_BY,
    COL_SPACE,
    COL_CODE,
    COL_SENT_THROUGH,
    COL_MSTSC,
    COL_COUNT
};

static size_t rows_run;

/* Cuts |line| at its tabs. False when the columns are not all there. */
static int cut(char *line, char *cols[COL_COUNT])
{
    size_t n = 0;

    line[strcspn(line, "\n")] = '\0';
    for (char *p = line; p != NULL && n < COL_COUNT; n++) {
        cols[n] = p;
        p = strchr(p, '\t');
        if (p != NULL)
            *p++ = '\0';
    }
    return n == COL_COUNT;
}

static void expect(const char *name, const char *what, const char *got, const char *want)
{
    if (strcmp(got, want) == 0)
        return;
    (void)fprintf(stderr, "%s: %s is %s, expected %s\n", name, what, got, want);
    CU_FAIL("a recorded trace gives another verdict");
}

static void expect_code(const struct why_verdict *v, char *cols[COL_COUNT])
{
    char value[32] = "-";

    if (v->has_code)
        (void)snprintf(value, sizeof(value), "%lld", (long long)v->code.value);
    expect(cols[COL_NAME], "code space", v->has_code ? why_code_space_name(v->code.space) : "-",
           cols[COL_SPACE]);
    expect(cols[COL_NAME], "code", value, cols[COL_CODE]);
}

static void expect_mstsc(const struct why_verdict *v, char *cols[COL_COUNT])
{
    char text[64] = "-";

    if (v->has_mstsc && v->mstsc.has_extended)
        (void)snprintf(text, sizeof(text), "0x%x/0x%x %s", (unsigned)v->mstsc.code,
                       (unsigned)v->mstsc.extended,
                       v->mstsc.documented ? "documented" : "inferred");
    else if (v->has_mstsc)
        (void)snprintf(text, sizeof(text), "0x%x %s", (unsigned)v->mstsc.code,
                       v->mstsc.documented ? "documented" : "inferred");
    expect(cols[COL_NAME], "mstsc", text, cols[COL_MSTSC]);
}

static struct why_trace *load(const char *name)
{
    char path[512], err[256] = "";
    struct why_trace *trace = NULL;
    size_t line = 0;
    FILE *in;

    (void)snprintf(path, sizeof(path), FIXTURES "/traces/%s.jsonl", name);
    in = fopen(path, "r");
    if (in == NULL) {
        (void)fprintf(stderr, "%s: cannot be opened\n", path);
        return NULL;
    }
    if (why_trace_read(in, &trace, &line, err, sizeof(err)) != WHY_OK) {
        (void)fprintf(stderr, "%s: %s\n", path, err);
        trace = NULL;
    }
    (void)fclose(in);
    return trace;
}

static void replay(char *cols[COL_COUNT])
{
    struct why_trace *trace = load(cols[COL_NAME]);
    struct why_facts facts;
    struct why_verdict v;

    CU_ASSERT_PTR_NOT_NULL(trace);
    if (trace == NULL)
        return;
    CU_ASSERT_EQUAL(why_trace_judge(trace, NULL, &facts, &v, NULL), WHY_OK);
    expect(cols[COL_NAME], "outcome", why_outcome_name(v.outcome), cols[COL_OUTCOME]);
    expect(cols[COL_NAME], "phase", v.phase >= 0 ? why_phase_name(v.phase) : "-", cols[COL_PHASE]);
    expect(cols[COL_NAME], "ending", why_ending_name(v.ending), cols[COL_ENDING]);
    expect(cols[COL_NAME], "closed_by", v.has_closer ? why_closer_name(v.closed_by) : "-",
           cols[COL_CLOSED_BY]);
    expect(cols[COL_NAME], "sent_through",
           v.sent_through >= 0 ? why_phase_name(v.sent_through) : "-", cols[COL_SENT_THROUGH]);
    expect_code(&v, cols);
    expect_mstsc(&v, cols);
    CU_ASSERT(v.reason[0] != '\0');
    why_facts_clear(&facts);
    why_trace_free(trace);
    rows_run++;
}

static void test_expected_verdicts(void)
{
    FILE *in = fopen(FIXTURES "/traces/expected.tsv", "r");
    char line[1024];

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    while (fgets(line, sizeof(line), in) != NULL) {
        char *cols[COL_COUNT];

        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (!cut(line, cols)) {
            CU_FAIL("a row of expected.tsv lacks columns");
            continue;
        }
        replay(cols);
    }
    (void)fclose(in);
    CU_ASSERT(rows_run > 0);
}

static CU_TestInfo tests[] = {
    {"recorded traces give their verdicts", test_expected_verdicts},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "replay", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
