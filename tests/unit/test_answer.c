/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "unit.h"

static char host[] = "srv1", tls12[] = "TLSv1.2", tls13[] = "TLSv1.3";

#define V(o, p, e)                                                                                 \
    .outcome = WHY_OUTCOME_##o, .phase = WHY_PHASE_##p, .phase_to = WHY_PHASE_##p,                 \
    .ending = WHY_END_##e, .has_closer = true
#define CODE(s, v)    .has_code = true, .code = {.space = WHY_SPACE_##s, .value = (v)}
#define BY(c)         .closed_by = WHY_CLOSED_BY_##c
#define LOGON_FAILURE 0xC000006D /* STATUS_LOGON_FAILURE */
#define NTLM_BLOCKED  0xC0000418 /* STATUS_NTLM_BLOCKED */

static const struct {
    enum why_answer answer;
    enum why_profile profile;
    struct why_verdict verdict;
    char *tls;
    bool captured, credentials, account_sent;
} rows[] = {
    {WHY_ANSWER_SKIPPED, WHY_PROFILE_TLS, {V(SKIPPED, NONE, STOP)}, NULL, 0, 0, 0},
    {WHY_ANSWER_FAILED, WHY_PROFILE_TLS, {V(FAILED, TLS, CLIENT_ERROR)}, NULL, 0, 0, 0},
    {WHY_ANSWER_UNREACHABLE, WHY_PROFILE_TLS, {V(UNREACHABLE, CONNECT, REFUSED)}, NULL, 0, 0, 0},
    {WHY_ANSWER_THROUGH, WHY_PROFILE_TLS, {V(COMPLETED, ACTIVE, DONE)}, NULL, 0, 0, 0},
    {WHY_ANSWER_THROUGH, WHY_PROFILE_TLS, {V(REFUSED, CAPABILITIES, REDIRECTED)}, NULL, 0, 0, 0},
    {WHY_ANSWER_THROUGH, WHY_PROFILE_NLA, {V(STOPPED, CREDSSP, STOP)}, NULL, 0, 0, 0},
    {WHY_ANSWER_WITHHELD, WHY_PROFILE_NLA, {V(STOPPED, CREDSSP, STOP)}, NULL, 0, 1, 0},
    {WHY_ANSWER_POLICY, WHY_PROFILE_NLA, {V(STOPPED, NEGOTIATION, STOP)}, NULL, 0, 1, 0},
    {WHY_ANSWER_UNKNOWN, WHY_PROFILE_NLA, {V(STOPPED, TLS, STOP)}, NULL, 0, 0, 0},
    {WHY_ANSWER_POLICY,
     WHY_PROFILE_RDP,
     {V(REFUSED, NEGOTIATION, NEGOTIATION_FAILURE), CODE(NEGOTIATION_FAILURE, 1)},
     NULL,
     0,
     0,
     0},
    {WHY_ANSWER_FAULT,
     WHY_PROFILE_RDP,
     {V(REFUSED, NEGOTIATION, NEGOTIATION_FAILURE), CODE(NEGOTIATION_FAILURE, 3)},
     NULL,
     0,
     0,
     0},
    {WHY_ANSWER_FAULT, WHY_PROFILE_TLS, {V(ABORTED, TLS, RESET)}, NULL, 0, 0, 0},
    {WHY_ANSWER_TLS_VERSION, WHY_PROFILE_TLS10, {V(ABORTED, TLS, RESET)}, NULL, 0, 0, 0},
    {WHY_ANSWER_TLS_VERSION, WHY_PROFILE_TLS12, {V(ABORTED, TLS, TIMEOUT)}, NULL, 0, 0, 0},
    {WHY_ANSWER_TLS_VERSION,
     WHY_PROFILE_TLS13,
     {V(REFUSED, BASIC_SETTINGS, TLS_ALERT), CODE(TLS_ALERT, 40)},
     tls13,
     0,
     0,
     0},
    {WHY_ANSWER_FAULT,
     WHY_PROFILE_TLS12,
     {V(REFUSED, BASIC_SETTINGS, TLS_ALERT), CODE(TLS_ALERT, 40)},
     tls12,
     0,
     0,
     0},
    {WHY_ANSWER_ACCOUNT,
     WHY_PROFILE_NLA,
     {V(REFUSED, CREDSSP, CREDSSP_ERROR), CODE(NTSTATUS, LOGON_FAILURE)},
     NULL,
     0,
     1,
     1},
    {WHY_ANSWER_FAULT,
     WHY_PROFILE_NLA,
     {V(REFUSED, CREDSSP, CREDSSP_ERROR), CODE(NTSTATUS, LOGON_FAILURE)},
     NULL,
     0,
     0,
     0},
    {WHY_ANSWER_NTLM,
     WHY_PROFILE_NLA,
     {V(REFUSED, CREDSSP, CREDSSP_ERROR), CODE(NTSTATUS, NTLM_BLOCKED)},
     NULL,
     0,
     1,
     1},
    /* captures: the client went away by itself, or what came last cannot be read */
    {WHY_ANSWER_UNKNOWN, WHY_PROFILE_TLS, {V(ABORTED, TLS, FIN), BY(CLIENT)}, NULL, 1, 0, 0},
    {WHY_ANSWER_FAULT, WHY_PROFILE_TLS, {V(ABORTED, TLS, FIN), BY(SERVER)}, NULL, 1, 0, 0},
    {WHY_ANSWER_FAULT, WHY_PROFILE_TLS, {V(ABORTED, TLS, TIMEOUT), BY(CLIENT)}, NULL, 1, 0, 0},
};

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_trace_head head = {.host = host,
                                      .profile = rows[i].profile,
                                      .library = rows[i].captured ? NULL : host,
                                      .credentials = rows[i].credentials};
        struct why_result r = {.step.profile = rows[i].profile, .verdict = rows[i].verdict};

        r.facts.tls_version = rows[i].tls;
        r.facts.selected_protocol = WHY_PROTOCOL_SSL;
        r.facts.account_sent = rows[i].account_sent;
        r.trace = why_trace_new(&head);
        CU_ASSERT_PTR_NOT_NULL_FATAL(r.trace);
        if (why_answer_of(&r) != rows[i].answer)
            printf("\nrow %zu is %s\n", i, why_answer_name(why_answer_of(&r)));
        CU_ASSERT_EQUAL(why_answer_of(&r), rows[i].answer);
        why_trace_free(r.trace);
    }
}

static void test_range(void)
{
    struct why_result r = {.verdict = {V(ABORTED, TLS, FIN)}};

    r.verdict.phase_to = WHY_PHASE_ACTIVE;
    CU_ASSERT_EQUAL(why_answer_of(&r), WHY_ANSWER_UNKNOWN);
}

/* One TLS version that fails is off where another attempt has TLS that current clients have; one
 * that died late is none. The order does not matter, and a second time changes nothing. */
static void test_settled(void)
{
    static const struct {
        enum why_profile other;
        struct why_verdict verdict;
        char *tls;
        enum why_answer answer;
    } others[] = {
        {WHY_PROFILE_TLS12, {V(COMPLETED, ACTIVE, DONE)}, tls12, WHY_ANSWER_POLICY},
        {WHY_PROFILE_NEGOTIATE, {V(ABORTED, LICENSING, FIN)}, tls13, WHY_ANSWER_POLICY},
        {WHY_PROFILE_TLS11, {V(COMPLETED, ACTIVE, DONE)}, tls12, WHY_ANSWER_FAULT},
        {WHY_PROFILE_RDP, {V(COMPLETED, ACTIVE, DONE)}, NULL, WHY_ANSWER_FAULT},
        {WHY_PROFILE_TLS13, {V(REFUSED, BASIC_SETTINGS, TLS_ALERT)}, tls13, WHY_ANSWER_FAULT},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct why_result pinned = {.step.profile = WHY_PROFILE_TLS10,
                                    .verdict = {V(ABORTED, TLS, RESET)}};
        struct why_result other = {.step.profile = others[i].other, .verdict = others[i].verdict};
        struct why_result *results[] = {&pinned, &other}, *turned[] = {&other, &pinned};

        other.facts.tls_version = others[i].tls;
        other.facts.selected_protocol = WHY_PROTOCOL_SSL;
        CU_ASSERT_EQUAL(why_answers_settle(results, 2), others[i].answer);
        CU_ASSERT_EQUAL(pinned.answer, others[i].answer);
        CU_ASSERT_EQUAL(why_answers_settle(turned, 2), others[i].answer);
        CU_ASSERT_EQUAL(pinned.answer, others[i].answer);
        pinned.step.profile = WHY_PROFILE_TLS;
        CU_ASSERT_EQUAL(why_answers_settle(results, 1), WHY_ANSWER_TLS_VERSION);
        CU_ASSERT_EQUAL(pinned.answer, WHY_ANSWER_FAULT);
    }
}

static CU_TestInfo tests[] = {
    {"the first row that fits", test_rows},
    {"what a capture does not show", test_range},
    {"TLS versions among the host's attempts", test_settled},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "answer", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
