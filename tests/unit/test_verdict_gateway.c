/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "trace_builder.h"
#include "unit.h"

/* Hand-made traces through an RD Gateway: how far, by whom, and in which words. */

#define PACKET(dir_, type_, text_, hex_)                                                           \
    {                                                                                              \
        .kind = WHY_EV_GATEWAY_PACKET, .dir = (dir_), .value = (type_), .text = (text_),           \
        .hex = (hex_)                                                                              \
    }
#define SENT     WHY_DIR_SENT
#define RECEIVED WHY_DIR_RECEIVED

struct step {
    enum why_event_kind kind;
    enum why_dir dir;
    int64_t value;
    const char *text, *hex;
};

/* What most rows begin with: up to the answer named. */
static const struct step way[] = {
    {.kind = WHY_EV_GATEWAY, .text = "gw.example:443"},
    {.kind = WHY_EV_RESOLVE, .text = "gw.example"},
    {.kind = WHY_EV_RESOLVED, .value = 1, .text = "192.0.2.80:443"},
    {.kind = WHY_EV_DIAL, .text = "192.0.2.80:443"},
#define DIALLED 4
    {.kind = WHY_EV_CONNECTED, .text = "192.0.2.80:443"},
    {.kind = WHY_EV_GATEWAY_TLS_START},
#define IN_TLS 6
    {.kind = WHY_EV_GATEWAY_TLS_DONE, .text = "TLSv1.3 TLS_AES_256_GCM_SHA384"},
    {.kind = WHY_EV_GATEWAY_HTTP,
     .dir = SENT,
     .text = "RDG_OUT_DATA / HTTP/1.1; Upgrade: websocket"},
#define ASKED 8
    {.kind = WHY_EV_GATEWAY_HTTP,
     .dir = RECEIVED,
     .value = 401,
     .text = "401 Unauthorized; WWW-Authenticate: NTLM"},
#define CHALLENGED 9
    {.kind = WHY_EV_GATEWAY_LOGON, .text = "foo"},
    {.kind = WHY_EV_GATEWAY_HTTP,
     .dir = SENT,
     .text = "RDG_OUT_DATA / HTTP/1.1; Upgrade: websocket"},
#define PROVEN 11
    {.kind = WHY_EV_GATEWAY_HTTP, .dir = RECEIVED, .value = 101, .text = "101 Switching Protocols"},
    {.kind = WHY_EV_GATEWAY_OPEN, .value = 1},
#define OPEN 13
    PACKET(SENT, 1, "HANDSHAKE_REQUEST", "010000000e000000010000000000"),
    PACKET(RECEIVED, 2, "HANDSHAKE_RESPONSE", "020000001200000000000000010000000000"),
    PACKET(SENT, 4, "TUNNEL_CREATE", "04000000100000000f00000000000000"),
#define TUNNEL 16
    PACKET(RECEIVED, 5, "TUNNEL_RESPONSE", "050000001200000000000000000000000000"),
    PACKET(SENT, 6, "TUNNEL_AUTH", "06000000100000000000040070000000"),
    PACKET(RECEIVED, 7, "TUNNEL_AUTH_RESPONSE", "07000000100000000000000000000000"),
    PACKET(SENT, 8, "CHANNEL_CREATE", "080000001400000001003d0d0300040068000000"),
#define CHANNEL 20
    PACKET(RECEIVED, 9, "CHANNEL_RESPONSE", "09000000100000000000000000000000"),
#define THROUGH 21
};

static const struct row {
    const char *what;
    size_t steps; /* of |way| */
    struct step then[3];
    enum why_outcome outcome;
    enum why_phase phase;
    enum why_ending ending;
    enum why_closer closer;
    enum why_answer answer;
    const char *reason;
} rows[] = {
    {"no such name",
     2,
     {{.kind = WHY_EV_RESOLVE_FAILED, .value = EAI_NONAME, .text = "unknown"}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_RESOLVE,
     WHY_END_NAME_NOT_FOUND,
     WHY_CLOSED_BY_NETWORK,
     WHY_ANSWER_UNREACHABLE,
     "The name of the RD Gateway could not be resolved: unknown."},
    {"TCP is refused",
     DIALLED,
     {{.kind = WHY_EV_DIAL_FAILED, .value = ECONNREFUSED}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_CONNECT,
     WHY_END_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway refused the TCP connection: nothing listens, or a firewall refuses it."},
    {"TCP gets no answer",
     DIALLED,
     {{.kind = WHY_EV_DEADLINE}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_CONNECT,
     WHY_END_TIMEOUT,
     WHY_CLOSED_BY_DEADLINE,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway did not answer before the timeout (expected: TCP connection)."},
    {"an alert",
     IN_TLS,
     {{.kind = WHY_EV_GATEWAY_TLS_ALERT, .dir = RECEIVED, .value = 2 << 8 | 40}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_TLS,
     WHY_END_TLS_ALERT,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway sent the TLS alert handshake_failure 40 ("},
    {"no TLS",
     IN_TLS,
     {{.kind = WHY_EV_GATEWAY_TLS_ERROR, .text = "wrong version number"}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_TLS,
     WHY_END_PROTOCOL_VIOLATION,
     WHY_CLOSED_BY_CLIENT,
     WHY_ANSWER_UNREACHABLE,
     "The TLS handshake with the RD Gateway failed: wrong version number."},
    {"closed in TLS",
     IN_TLS,
     {{.kind = WHY_EV_FIN}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_TLS,
     WHY_END_FIN,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway closed the connection instead of completing the TLS handshake."},
    {"another web server",
     ASKED,
     {{.kind = WHY_EV_GATEWAY_HTTP, .dir = RECEIVED, .value = 404, .text = "404 Not Found"}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_HTTP,
     WHY_END_GATEWAY_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway answered with the HTTP status Not Found 404 ("},
    {"no account was given",
     CHALLENGED,
     {{.kind = WHY_EV_STOP, .text = WHY_STOP_GATEWAY_NO_LOGON "and no account was given for it"},
      {.kind = WHY_EV_CLOSE}},
     WHY_OUTCOME_STOPPED,
     WHY_PHASE_GATEWAY_HTTP,
     WHY_END_STOP,
     WHY_CLOSED_BY_CLIENT,
     WHY_ANSWER_UNREACHABLE,
     "Stopped on purpose: the gateway asks for a logon, and no account was given for it."},
    {"a wrong account",
     PROVEN,
     {{.kind = WHY_EV_GATEWAY_HTTP, .dir = RECEIVED, .value = 401, .text = "401 Unauthorized"}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_HTTP,
     WHY_END_GATEWAY_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway rejected the account: HTTP status Unauthorized 401."},
    {"no packet",
     OPEN,
     {{.kind = WHY_EV_GATEWAY_FAILED, .text = "what came is no packet of an RD Gateway"}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_HANDSHAKE,
     WHY_END_PROTOCOL_VIOLATION,
     WHY_CLOSED_BY_CLIENT,
     WHY_ANSWER_UNREACHABLE,
     "What came is not what an RD Gateway sends: what came is no packet of an RD Gateway."},
    {"the CAP says no",
     TUNNEL,
     {PACKET(RECEIVED, 5, "TUNNEL_RESPONSE", "050000000e0000000000db590780")},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_TUNNEL,
     WHY_END_GATEWAY_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway refused: E_PROXY_NAP_ACCESSDENIED 0x800759DB ("},
    {"reset in the tunnel",
     TUNNEL,
     {{.kind = WHY_EV_RESET, .value = ECONNRESET}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_TUNNEL,
     WHY_END_RESET,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway reset the connection (expected: TUNNEL_RESPONSE)."},
    {"a lower half",
     CHANNEL,
     {PACKET(RECEIVED, 9, "CHANNEL_RESPONSE", "090000000c000000dd590000")},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_CHANNEL,
     WHY_END_GATEWAY_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway refused: E_PROXY_TS_CONNECTFAILED 0x800759DD ("},
    {"a Close frame",
     CHANNEL,
     {{.kind = WHY_EV_GATEWAY_GOODBYE, .dir = RECEIVED, .value = 1011}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_CHANNEL,
     WHY_END_GATEWAY_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway closed the WebSocket connection: internal error 1011 ("},
    {"silence",
     CHANNEL,
     {{.kind = WHY_EV_DEADLINE}},
     WHY_OUTCOME_UNREACHABLE,
     WHY_PHASE_GATEWAY_CHANNEL,
     WHY_END_TIMEOUT,
     WHY_CLOSED_BY_DEADLINE,
     WHY_ANSWER_UNREACHABLE,
     "The RD Gateway did not answer before the timeout (expected: CHANNEL_RESPONSE)."},
    {"the server closes behind it",
     THROUGH,
     {PACKET(RECEIVED, 16, "CLOSE_CHANNEL", "100000000c000000a0000000"),
      {.kind = WHY_EV_FIN, .text = WHY_GATEWAY_CLOSED}},
     WHY_OUTCOME_ABORTED,
     WHY_PHASE_NEGOTIATION,
     WHY_END_FIN,
     WHY_CLOSED_BY_SERVER,
     WHY_ANSWER_FAULT,
     "The server closed the connection instead of sending the X.224 Connection Confirm."},
    {"it ends the connection later",
     THROUGH,
     {PACKET(RECEIVED, 16, "CLOSE_CHANNEL", "100000000c000000f6590780"),
      {.kind = WHY_EV_FIN, .text = WHY_GATEWAY_CLOSED}},
     WHY_OUTCOME_ABORTED,
     WHY_PHASE_NEGOTIATION,
     WHY_END_GATEWAY_REFUSED,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_FAULT,
     "The RD Gateway ended the connection to the server: E_PROXY_SESSIONTIMEOUT 0x800759F6 ("},
    {"it closes later without a word",
     THROUGH,
     {{.kind = WHY_EV_FIN}},
     WHY_OUTCOME_ABORTED,
     WHY_PHASE_NEGOTIATION,
     WHY_END_FIN,
     WHY_CLOSED_BY_GATEWAY,
     WHY_ANSWER_FAULT,
     "The RD Gateway closed the connection (expected from the server: X.224 Connection Confirm)."},
};

static void add(struct builder *b, const struct step *step)
{
    uint8_t bytes[64];
    size_t len = step->hex != NULL ? strlen(step->hex) / 2 : 0;

    CU_ASSERT_FATAL(len <= sizeof(bytes));
    for (size_t i = 0; i < len; i++) {
        unsigned value = 0;

        CU_ASSERT_EQUAL_FATAL(sscanf(step->hex + 2 * i, "%2x", &value), 1);
        bytes[i] = (uint8_t)value;
    }
    b->now_us += BUILDER_STEP_US;
    CU_ASSERT_EQUAL_FATAL(
        why_trace_append(b->trace, &(struct why_event){.t_us = b->now_us,
                                                       .kind = step->kind,
                                                       .dir = step->dir,
                                                       .value = step->value,
                                                       .text = step->text,
                                                       .bytes = len > 0 ? bytes : NULL,
                                                       .len = len,
                                                       .wire_len = len}),
        WHY_OK);
}

/* |expected| is the reason, or its beginning where it ends with a parenthesis. */
static bool is_reason(const char *reason, const char *expected)
{
    size_t n = strlen(expected);

    return expected[n - 1] == '(' ? strncmp(reason, expected, n) == 0
                                  : strcmp(reason, expected) == 0;
}

static void check(struct builder *b, const struct row *row)
{
    const struct why_target target = {
        .host = (char[]){"srv1"}, .port = 3389, .label = (char[]){"srv1:3389"}};
    const struct why_step step = {WHY_PROFILE_TLS, WHY_LICENSE_MODE_FRESH, 0};
    struct why_result *r = why_result_new(&target, &step, 1, b->trace, NULL);
    const struct why_verdict *v;

    b->trace = NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    if (r == NULL)
        return;
    v = &r->verdict;
    if (v->phase != row->phase || v->outcome != row->outcome || !is_reason(v->reason, row->reason))
        printf("\n%s: %s in %s: %s\n", row->what, why_outcome_name(v->outcome),
               why_phase_name(v->phase), v->reason);
    CU_ASSERT_EQUAL(v->outcome, row->outcome);
    CU_ASSERT_EQUAL(v->phase, row->phase);
    CU_ASSERT_EQUAL(v->ending, row->ending);
    CU_ASSERT_TRUE(v->has_closer);
    CU_ASSERT_EQUAL(v->closed_by, row->closer);
    CU_ASSERT_EQUAL(r->answer, row->answer);
    CU_ASSERT_TRUE(is_reason(v->reason, row->reason));
    /* what mstsc shows for a gateway no source tells */
    CU_ASSERT(v->closed_by == WHY_CLOSED_BY_SERVER || !v->has_mstsc);
    why_result_free(r);
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct builder b;

        builder_begin(&b, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
        for (size_t k = 0; k < rows[i].steps; k++)
            add(&b, &way[k]);
        for (size_t k = 0; k < 3 && rows[i].then[k].kind != 0; k++)
            add(&b, &rows[i].then[k]);
        check(&b, &rows[i]);
        builder_free(&b);
    }
}

/* A proxy in front of the gateway: what that refuses is its own. */
static void test_proxied(void)
{
    static const struct step steps[] = {
        {.kind = WHY_EV_GATEWAY, .text = "gw.example:443"},
        {.kind = WHY_EV_PROXY, .text = "http://proxy.example:3128"},
        {.kind = WHY_EV_DIAL, .text = "192.0.2.90:3128"},
        {.kind = WHY_EV_CONNECTED, .text = "192.0.2.90:3128"},
        {.kind = WHY_EV_PROXY_REQUEST, .text = "gw.example:443"},
        {.kind = WHY_EV_PROXY_HTTP, .value = 403, .text = "Forbidden"},
    };
    static const struct row row = {.what = "a proxy's refusal",
                                   .outcome = WHY_OUTCOME_UNREACHABLE,
                                   .phase = WHY_PHASE_PROXY,
                                   .ending = WHY_END_PROXY_REFUSED,
                                   .closer = WHY_CLOSED_BY_PROXY,
                                   .answer = WHY_ANSWER_UNREACHABLE,
                                   .reason =
                                       "The proxy did not connect to the server: Forbidden 403 ("};
    struct builder b;

    builder_begin(&b, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        add(&b, &steps[i]);
    check(&b, &row);
    builder_free(&b);
}

static CU_TestInfo tests[] = {
    {"what an RD Gateway's ends mean", test_rows},
    {"behind a proxy", test_proxied},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "verdict: RD Gateway", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
