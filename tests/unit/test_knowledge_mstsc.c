/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <rdpwhy/knowledge.h>

#include "unit.h"

#define NO_CODE WHY_SPACE_COUNT
#define NONE    UINT32_MAX

struct row {
    enum why_outcome outcome;
    enum why_ending ending;
    enum why_phase phase;
    enum why_code_space space;
    int64_t value;
    uint32_t code, extended;
};

/* What mstsc shows where the server ended it as |row| says. */
static bool shows(const struct row *row, struct why_mstsc *mstsc)
{
    const struct why_code code = {.space = row->space, .value = row->value};
    const struct why_mstsc_case seen = {
        .outcome = row->outcome,
        .ending = row->ending,
        .phase = row->phase,
        .code = row->space != NO_CODE ? &code : NULL,
    };

    return why_mstsc_equivalent(&seen, mstsc);
}

static void test_documented(void)
{
    static const uint32_t codes[] = {1, 7, 9, 0x100, 0x102, 0x10B, 0x10C9, 0x112F, 0x7FFF};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        const struct row row = {WHY_OUTCOME_REFUSED,
                                WHY_END_ERROR_INFO,
                                WHY_PHASE_CAPABILITIES,
                                WHY_SPACE_ERROR_INFO,
                                codes[i],
                                0,
                                0};
        struct why_mstsc mstsc;

        CU_ASSERT_FATAL(shows(&row, &mstsc));
        CU_ASSERT_EQUAL(mstsc.code, 0x904);
        CU_ASSERT(mstsc.has_extended);
        CU_ASSERT_EQUAL(mstsc.extended, codes[i]);
        CU_ASSERT(mstsc.documented);
    }
}

static void test_inferred(void)
{
#define UNREACHABLE(ending, phase)                                                                 \
    WHY_OUTCOME_UNREACHABLE, WHY_END_##ending, WHY_PHASE_##phase, NO_CODE, 0
#define ABORTED(ending, phase) WHY_OUTCOME_ABORTED, WHY_END_##ending, WHY_PHASE_##phase, NO_CODE, 0
#define CREDSSP(status)                                                                            \
    WHY_OUTCOME_REFUSED, WHY_END_CREDSSP_ERROR, WHY_PHASE_CREDSSP, WHY_SPACE_NTSTATUS, status
    static const struct row rows[] = {
        {UNREACHABLE(NAME_NOT_FOUND, RESOLVE), 0x104, NONE},
        {UNREACHABLE(TIMEOUT, RESOLVE), 0x104, NONE},
        {UNREACHABLE(REFUSED, CONNECT), 0x204, NONE},
        {UNREACHABLE(NO_ROUTE, CONNECT), 0x204, NONE},
        {UNREACHABLE(TIMEOUT, CONNECT), 0x204, NONE},
        {ABORTED(TIMEOUT, LICENSING), 0x908, NONE},
        {ABORTED(TIMEOUT, NEGOTIATION), 0x108, NONE},
        {ABORTED(TIMEOUT, FINALIZATION), 0x108, NONE},
        {CREDSSP(0xC000006D), 0x807, NONE},
        {CREDSSP(0xC000006A), 0x807, NONE},
        {CREDSSP(0x8009030C), 0x807, NONE},
        {CREDSSP(0xC0000064), 0xA07, NONE},
        {CREDSSP(0xC0000072), 0xB07, NONE},
        {CREDSSP(0xC000006E), 0xC07, NONE},
        {CREDSSP(0xC0000234), 0xD07, NONE},
        {CREDSSP(0xC0000193), 0xE07, NONE},
        {CREDSSP(0xC0000071), 0xF07, NONE},
        {CREDSSP(0xC0000224), 0x1207, NONE},
        {WHY_OUTCOME_REFUSED, WHY_END_NEGOTIATION_FAILURE, WHY_PHASE_NEGOTIATION,
         WHY_SPACE_NEGOTIATION_FAILURE, 5, 0xB09, NONE},
        {CREDSSP(0xC000006F), 0x1007, NONE},
        {CREDSSP(0xC0000070), 0x1107, NONE},
        {CREDSSP(0xC000015B), 0x1307, NONE},
        {CREDSSP(0xC0000133), 0x1D07, NONE},
        {CREDSSP(0x80090324), 0x1D07, NONE},
        {CREDSSP(0xC000005E), 0x1807, NONE},
        {CREDSSP(0x80090311), 0x1807, NONE},
        {CREDSSP(0xC0000380), 0x1C07, NONE},
        {CREDSSP(0xC0000381), 0x2207, NONE},
        {WHY_OUTCOME_REFUSED, WHY_END_ACCESS_DENIED, WHY_PHASE_CREDSSP, WHY_SPACE_EARLY_USER_AUTH,
         5, 0x904, 9},
        {WHY_OUTCOME_REFUSED, WHY_END_LICENSE_ERROR, WHY_PHASE_LICENSING, WHY_SPACE_LICENSE_ERROR,
         8, 0x808, NONE},
        {WHY_OUTCOME_REFUSED, WHY_END_TLS_ALERT, WHY_PHASE_TLS, WHY_SPACE_TLS_ALERT, 40, 0x904, 7},
        {ABORTED(FIN, NEGOTIATION), 0x904, 7},
        {ABORTED(FIN, FINALIZATION), 0x904, 7},
        {ABORTED(RESET, TLS), 0x904, 7},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_mstsc mstsc = {0};

        CU_ASSERT_FATAL(shows(&rows[i], &mstsc));
        CU_ASSERT_EQUAL(mstsc.code, rows[i].code);
        CU_ASSERT_EQUAL(mstsc.has_extended, rows[i].extended != NONE);
        if (mstsc.has_extended)
            CU_ASSERT_EQUAL(mstsc.extended, rows[i].extended);
        CU_ASSERT(!mstsc.documented);
        CU_ASSERT(strlen(mstsc.rule) > 0);
        CU_ASSERT_PTR_NOT_NULL(why_code_row_find(why_code_table_find("mstsc"), mstsc.code));
    }
}

static void test_unknown_is_left_out(void)
{
    static const struct row rows[] = {
        {WHY_OUTCOME_COMPLETED, WHY_END_DONE, WHY_PHASE_ACTIVE, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_STOPPED, WHY_END_STOP, WHY_PHASE_CREDSSP, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_SKIPPED, WHY_END_STOP, WHY_PHASE_RESOLVE, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_FAILED, WHY_END_CLIENT_ERROR, WHY_PHASE_TLS, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_FAILED, WHY_END_CRASHED, WHY_PHASE_TLS, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_ABORTED, WHY_END_PROTOCOL_VIOLATION, WHY_PHASE_TLS, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_REFUSED, WHY_END_REDIRECTED, WHY_PHASE_CAPABILITIES, NO_CODE, 0, 0, 0},
        {WHY_OUTCOME_REFUSED, WHY_END_NEGOTIATION_FAILURE, WHY_PHASE_NEGOTIATION,
         WHY_SPACE_NEGOTIATION_FAILURE, 2, 0, 0},
        {WHY_OUTCOME_REFUSED, WHY_END_DISCONNECT_ULTIMATUM, WHY_PHASE_LICENSING,
         WHY_SPACE_MCS_DISCONNECT, 3, 0, 0},
        {WHY_OUTCOME_REFUSED, WHY_END_ERROR_INFO, WHY_PHASE_LICENSING, WHY_SPACE_ERROR_INFO, 0x400,
         0, 0},
        {WHY_OUTCOME_REFUSED, WHY_END_ERROR_INFO, WHY_PHASE_LICENSING, NO_CODE, 0, 0, 0},
        /* The right number in the wrong space. */
        {WHY_OUTCOME_REFUSED, WHY_END_ERROR_INFO, WHY_PHASE_LICENSING, WHY_SPACE_LICENSE_ERROR, 7,
         0, 0},
        {WHY_OUTCOME_REFUSED, WHY_END_CREDSSP_ERROR, WHY_PHASE_CREDSSP, WHY_SPACE_NTSTATUS,
         0xC0000413, 0, 0},
        {WHY_OUTCOME_ABORTED, WHY_END_FIN, WHY_PHASE_ACTIVE, NO_CODE, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_mstsc mstsc = {.code = 0xABC};

        CU_ASSERT(!shows(&rows[i], &mstsc));
        CU_ASSERT_EQUAL(mstsc.code, 0xABC);
    }
}

/* A client that closes was not denied by the server; of a capture it may not be known which did. */
static void test_closer(void)
{
    static const enum why_ending endings[] = {WHY_END_FIN, WHY_END_RESET};

    for (size_t i = 0; i < 2; i++) {
        struct why_mstsc_case seen = {
            .outcome = WHY_OUTCOME_ABORTED, .ending = endings[i], .phase = WHY_PHASE_TLS};
        struct why_mstsc mstsc;

        CU_ASSERT(why_mstsc_equivalent(&seen, &mstsc));
        seen.by_client = true;
        CU_ASSERT(!why_mstsc_equivalent(&seen, &mstsc));
    }
}

/* It does not use the proxy that failed. */
static void test_proxy(void)
{
    static const enum why_outcome outcomes[] = {WHY_OUTCOME_UNREACHABLE, WHY_OUTCOME_ABORTED};

    for (int ending = 0; ending < WHY_END_COUNT; ending++) {
        for (size_t i = 0; i < 2; i++) {
            const struct why_mstsc_case seen = {.outcome = outcomes[i],
                                                .ending = (enum why_ending)ending,
                                                .phase = WHY_PHASE_PROXY};
            struct why_mstsc mstsc;

            CU_ASSERT(!why_mstsc_equivalent(&seen, &mstsc));
        }
    }
}

static CU_TestInfo tests[] = {
    {"documented", test_documented},
    {"inferred, a row each", test_inferred},
    {"unknown is left out", test_unknown_is_left_out},
    {"not of a client that closed", test_closer},
    {"not of a proxy", test_proxy},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "knowledge: mstsc", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
