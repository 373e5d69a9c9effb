/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "trace_builder.h"
#include "unit.h"

/* Hand-made traces to verdicts: every ending, and which of several causes counts. */

#define NO_CODE   (-1)
#define CONFIRM   "pdu> 030000130ee00000000000010008000100 0000;"
#define TLS       WHY_PROFILE_TLS
#define NLA       WHY_PROFILE_NLA
#define RDP       WHY_PROFILE_RDP
#define BY(x)     WHY_CLOSED_BY_##x
#define END(x)    WHY_END_##x
#define P(x)      WHY_PHASE_##x
#define OUT(x)    WHY_OUTCOME_##x
#define SPACE(x)  WHY_SPACE_##x
#define ERRINFO_7 "io< 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000;"
#define ULTIMATUM "pdu< 0300000902f0802180;"
#define NO_TS     "pdu< 300da003020106a4060204c000006d;"
#define LICENSE_6 "io< 80000000 ff031000 06000000 01000000 04000000;"
#define MAC       "00010203 04050607 08090a0b 0c0d0e0f;"
#define CHALLENGE "io< 80000000 02031c00 00000000 09000000" MAC
#define ISSUED    "io< 80000000 03031800 09000000" MAC
#define FAILURE_5 "pdu< 030000130ed000000000000300080005000000;"

struct row {
    const char *what;
    enum why_profile profile;
    const char *capture, *upto; /* builder_capture; NULL: no recording */
    const char *script;         /* and then */
    enum why_outcome outcome;
    enum why_phase phase;
    enum why_ending ending;
    enum why_closer closer;
    int space; /* NO_CODE: none */
    int64_t code;
    enum why_phase sent;
};

static const struct row rows[] = {
    /* before TCP is up */
    {"nothing at all", TLS, NULL, NULL, "", OUT(FAILED), P(RESOLVE), END(CLIENT_ERROR), BY(CLIENT),
     NO_CODE, 0, P(NONE)},
    {"only our close", TLS, NULL, NULL, "close", OUT(FAILED), P(RESOLVE), END(CLIENT_ERROR),
     BY(CLIENT), NO_CODE, 0, P(NONE)},
    {"cut off after the look-up", TLS, NULL, NULL, "resolve;resolved", OUT(FAILED), P(CONNECT),
     END(CLIENT_ERROR), BY(CLIENT), NO_CODE, 0, P(NONE)},
    {"no such name", TLS, NULL, NULL, "resolve;resolve-failed -2", OUT(UNREACHABLE), P(RESOLVE),
     END(NAME_NOT_FOUND), BY(NETWORK), SPACE(RESOLVER), -2, P(NONE)},
    {"the look-up takes too long", TLS, NULL, NULL, "resolve;deadline", OUT(UNREACHABLE),
     P(RESOLVE), END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(NONE)},
    {"interrupted in the look-up", TLS, NULL, NULL, "resolve;cancel", OUT(STOPPED), P(RESOLVE),
     END(STOP), BY(CLIENT), NO_CODE, 0, P(NONE)},
    {"nobody answers", TLS, NULL, NULL, "resolve;resolved;dial;deadline", OUT(UNREACHABLE),
     P(CONNECT), END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(NONE)},
    {"one address refuses, one is silent", TLS, NULL, NULL,
     "resolve;resolved;dial;dial-failed 111;dial;deadline", OUT(UNREACHABLE), P(CONNECT),
     END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(NONE)},
    {"interrupted while dialling", TLS, NULL, NULL, "resolve;resolved;dial;cancel", OUT(STOPPED),
     P(CONNECT), END(STOP), BY(CLIENT), NO_CODE, 0, P(NONE)},
    {"skipped", TLS, NULL, NULL, "skip no license", OUT(SKIPPED), P(NONE), END(STOP), BY(SERVER),
     NO_CODE, 0, P(NONE)},
    {"connected and reset at once", TLS, NULL, NULL, "resolve;resolved;dial;connected;reset 104",
     OUT(ABORTED), P(NEGOTIATION), END(RESET), BY(SERVER), NO_CODE, 0, P(NONE)},
    {"events out of order", TLS, NULL, NULL, "fin;resolved;resolve;close;deadline",
     OUT(UNREACHABLE), P(CONNECT), END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(NONE)},

    /* negotiation */
    {"silence", TLS, "xrdp-tls", ">X.224 Connection Request", "deadline;lib X;close", OUT(ABORTED),
     P(NEGOTIATION), END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(NEGOTIATION)},
    {"FIN", TLS, "xrdp-tls", ">X.224 Connection Request", "fin;lib X", OUT(ABORTED), P(NEGOTIATION),
     END(FIN), BY(SERVER), NO_CODE, 0, P(NEGOTIATION)},
    {"RST", TLS, "xrdp-tls", ">X.224 Connection Request", "reset 104;lib X", OUT(ABORTED),
     P(NEGOTIATION), END(RESET), BY(SERVER), NO_CODE, 0, P(NEGOTIATION)},
    {"RDP_NEG_FAILURE", TLS, "xrdp-tls", ">X.224 Connection Request", FAILURE_5 "lib X;close",
     OUT(REFUSED), P(NEGOTIATION), END(NEGOTIATION_FAILURE), BY(SERVER), SPACE(NEGOTIATION_FAILURE),
     5, P(NEGOTIATION)},
    {"RDP_NEG_FAILURE read after our side gave up", TLS, "xrdp-tls", ">X.224 Connection Request",
     "lib X;" FAILURE_5 "fin", OUT(REFUSED), P(NEGOTIATION), END(NEGOTIATION_FAILURE), BY(SERVER),
     SPACE(NEGOTIATION_FAILURE), 5, P(NEGOTIATION)},
    {"X.224 Disconnect Request", TLS, "xrdp-tls", ">X.224 Connection Request",
     "pdu< 0300000b06800000000000;fin", OUT(REFUSED), P(NEGOTIATION), END(X224_DISCONNECT),
     BY(SERVER), NO_CODE, 0, P(NEGOTIATION)},
    {"something else listens there", TLS, "xrdp-tls", ">X.224 Connection Request",
     "lib X;part< 485454502f312e3120343030;close", OUT(ABORTED), P(NEGOTIATION),
     END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"RDP security where TLS was asked for", TLS, "xrdp-tls", ">X.224 Connection Request",
     "pdu< 030000130ed00000123400020008000000 0000;stop other", OUT(STOPPED), P(NEGOTIATION),
     END(STOP), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"a protocol that was not offered", TLS, "xrdp-tls", ">X.224 Connection Request",
     "pdu< 030000130ed00000123400020008000800 0000;stop other", OUT(ABORTED), P(NEGOTIATION),
     END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"a write met the RST, and the read says so", TLS, "xrdp-tls", ">X.224 Connection Request",
     "write 104;lib X;reset 104", OUT(ABORTED), P(NEGOTIATION), END(RESET), BY(SERVER), NO_CODE, 0,
     P(NEGOTIATION)},
    {"a write failed, but the server had closed", TLS, "xrdp-tls", ">X.224 Connection Request",
     "write 32;lib X;fin", OUT(ABORTED), P(NEGOTIATION), END(FIN), BY(SERVER), NO_CODE, 0,
     P(NEGOTIATION)},
    {"interrupted", TLS, "xrdp-tls", ">X.224 Connection Request", "cancel;lib X", OUT(STOPPED),
     P(NEGOTIATION), END(STOP), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"our own fault", TLS, "xrdp-tls", ">X.224 Connection Request", "failed out of memory;fin",
     OUT(FAILED), P(NEGOTIATION), END(CLIENT_ERROR), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"no ending", TLS, "xrdp-tls", ">X.224 Connection Request", "close", OUT(FAILED),
     P(NEGOTIATION), END(CLIENT_ERROR), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"our side gave up for no reason that can be seen", TLS, "xrdp-tls",
     "<X.224 Connection Confirm", "lib X;close", OUT(FAILED), P(TLS), END(CLIENT_ERROR), BY(CLIENT),
     NO_CODE, 0, P(NEGOTIATION)},

    /* TLS */
    {"silence in TLS", TLS, "xrdp-tls", "<X.224 Connection Confirm", "tls-start;deadline",
     OUT(ABORTED), P(TLS), END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(TLS)},
    {"TLS alert", TLS, "xrdp-tls", "<X.224 Connection Confirm", "tls-start;alert< 2.40;fin;lib X",
     OUT(REFUSED), P(TLS), END(TLS_ALERT), BY(SERVER), SPACE(TLS_ALERT), 40, P(TLS)},
    {"TLS alert, then RST", TLS, "xrdp-tls", "<X.224 Connection Confirm",
     "tls-start;alert< 2.70;reset 104;lib X", OUT(REFUSED), P(TLS), END(TLS_ALERT), BY(SERVER),
     SPACE(TLS_ALERT), 70, P(TLS)},
    {"TLS alert that only its record tells of", TLS, "xrdp-tls", "<X.224 Connection Confirm",
     "tls-start;write 104;record< 15030300020228;reset 104", OUT(REFUSED), P(TLS), END(TLS_ALERT),
     BY(SERVER), SPACE(TLS_ALERT), 40, P(TLS)},
    {"a warning that ended nothing", TLS, "xrdp-tls", "<X.224 Connection Confirm",
     "tls-start;alert< 1.112;tls-done;fin", OUT(ABORTED), P(BASIC_SETTINGS), END(FIN), BY(SERVER),
     NO_CODE, 0, P(TLS)},
    {"a warning and nothing after it", TLS, "xrdp-tls", "<X.224 Connection Confirm",
     "tls-start;alert< 1.112;fin", OUT(REFUSED), P(TLS), END(TLS_ALERT), BY(SERVER),
     SPACE(TLS_ALERT), 112, P(TLS)},
    {"alert right behind the handshake", TLS, "xrdp-tls", ">MCS Connect Initial",
     "alert< 2.116;fin;lib X", OUT(REFUSED), P(BASIC_SETTINGS), END(TLS_ALERT), BY(SERVER),
     SPACE(TLS_ALERT), 116, P(BASIC_SETTINGS)},
    {"close_notify is no alert", TLS, "xrdp-tls", ">MCS Connect Initial", "alert< 1.0;fin",
     OUT(ABORTED), P(BASIC_SETTINGS), END(FIN), BY(SERVER), NO_CODE, 0, P(BASIC_SETTINGS)},
    {"an alert of our own is not the server's", TLS, "xrdp-tls", "<X.224 Connection Confirm",
     "tls-start;alert> 2.70;tls-error unsupported protocol;lib X", OUT(ABORTED), P(TLS),
     END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0, P(TLS)},
    {"FIN in TLS", TLS, "xrdp-tls", "<X.224 Connection Confirm", "tls-start;fin;lib X",
     OUT(ABORTED), P(TLS), END(FIN), BY(SERVER), NO_CODE, 0, P(TLS)},

    /* CredSSP */
    {"no credentials", NLA, "shadow-nla", "<TSRequest NTLM CHALLENGE",
     "stop no credentials were given;lib X;close", OUT(STOPPED), P(CREDSSP), END(STOP), BY(CLIENT),
     NO_CODE, 0, P(CREDSSP)},
    {"wrong password", NLA, "shadow-nla", ">TSRequest NTLM AUTHENTICATE", NO_TS "fin;lib X",
     OUT(REFUSED), P(CREDSSP), END(CREDSSP_ERROR), BY(SERVER), SPACE(NTSTATUS), 0xc000006d,
     P(CREDSSP)},
    {"closed instead of an answer", NLA, "shadow-nla", ">TSRequest NTLM AUTHENTICATE", "fin;lib X",
     OUT(ABORTED), P(CREDSSP), END(FIN), BY(SERVER), NO_CODE, 0, P(CREDSSP)},
    {"a pubKeyAuth that proves nothing", NLA, "shadow-nla", "<TSRequest pubKeyAuth", "lib X;close",
     OUT(ABORTED), P(CREDSSP), END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0, P(CREDSSP)},
    {"closed after the credentials", NLA, "shadow-nla", ">TSRequest authInfo", "fin;lib X",
     OUT(ABORTED), P(BASIC_SETTINGS), END(FIN), BY(SERVER), NO_CODE, 0, P(CREDSSP)},
    {"may not log on", WHY_PROFILE_NLA_EXT, NULL, NULL,
     "connected;pdu> 030000130ee00000000000010008000b000000;"
     "pdu< 030000130ed00000123400021f080008000000;tls-start;tls-done;"
     "pdu< 300ca003020106a3050403aabbcc;pdu> 300ca003020106a2050403aabbcc;pdu< 05000000;fin",
     OUT(REFUSED), P(CREDSSP), END(ACCESS_DENIED), BY(SERVER), SPACE(EARLY_USER_AUTH), 5,
     P(CREDSSP)},

    /* MCS to licensing */
    {"FIN after Client Info", TLS, "xrdp-tls", ">Client Info", "fin;lib X", OUT(ABORTED),
     P(SECURE_SETTINGS), END(FIN), BY(SERVER), NO_CODE, 0, P(SECURE_SETTINGS)},
    {"ultimatum after Client Info", RDP, "xrdp-rdp-high", NULL, "fin;lib X", OUT(REFUSED),
     P(SECURITY_COMMENCEMENT), END(DISCONNECT_ULTIMATUM), BY(SERVER), SPACE(MCS_DISCONNECT), 3,
     P(SECURE_SETTINGS)},
    {"silence after the LICENSE_REQUEST", TLS, "xrdp-tls", "<LICENSE_REQUEST", "deadline",
     OUT(ABORTED), P(LICENSING), END(TIMEOUT), BY(DEADLINE), NO_CODE, 0, P(SECURE_SETTINGS)},
    {"license error", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST", LICENSE_6 "lib X;" ULTIMATUM "fin",
     OUT(REFUSED), P(LICENSING), END(LICENSE_ERROR), BY(SERVER), SPACE(LICENSE_ERROR), 6,
     P(LICENSING)},
    {"license error before any license message", TLS, "xrdp-tls", ">Client Info", LICENSE_6 "fin",
     OUT(REFUSED), P(LICENSING), END(LICENSE_ERROR), BY(SERVER), SPACE(LICENSE_ERROR), 6,
     P(SECURE_SETTINGS)},
    {"the first of two refusals counts", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST",
     ULTIMATUM LICENSE_6 "fin", OUT(REFUSED), P(LICENSING), END(DISCONNECT_ULTIMATUM), BY(SERVER),
     SPACE(MCS_DISCONNECT), 3, P(LICENSING)},
    {"a malformed license message, then our side", TLS, "xrdp-tls", ">Client Info",
     "io< 80000000 01030800 00000000;lib X;fin", OUT(ABORTED), P(LICENSING),
     END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0, P(SECURE_SETTINGS)},
    {"a malformed license message, then FIN", TLS, "xrdp-tls", ">Client Info",
     "io< 80000000 01030800 00000000;fin;lib X", OUT(ABORTED), P(SECURE_SETTINGS), END(FIN),
     BY(SERVER), NO_CODE, 0, P(SECURE_SETTINGS)},
    {"a LICENSE_REQUEST that our side cannot answer", TLS, "xrdp-tls", "<LICENSE_REQUEST",
     "lib X;fin", OUT(ABORTED), P(LICENSING), END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0,
     P(SECURE_SETTINGS)},
    {"a challenge that our side cannot answer", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST",
     CHALLENGE "lib X;fin", OUT(ABORTED), P(LICENSING), END(PROTOCOL_VIOLATION), BY(CLIENT),
     NO_CODE, 0, P(LICENSING)},
    {"a license that our side does not take", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST",
     ISSUED "lib X;" ULTIMATUM "fin", OUT(REFUSED), P(CAPABILITIES), END(DISCONNECT_ULTIMATUM),
     BY(SERVER), SPACE(MCS_DISCONNECT), 3, P(LICENSING)},
    {"a license that our side does not take, and no word", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST",
     ISSUED "lib X;fin", OUT(ABORTED), P(LICENSING), END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE,
     0, P(LICENSING)},
    {"a license that our side takes", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST", ISSUED "fin;lib X",
     OUT(ABORTED), P(CAPABILITIES), END(FIN), BY(SERVER), NO_CODE, 0, P(LICENSING)},
    {"error info in licensing", TLS, "xrdp-tls", ">NEW_LICENSE_REQUEST", ERRINFO_7 "fin",
     OUT(REFUSED), P(LICENSING), END(ERROR_INFO), BY(SERVER), SPACE(ERROR_INFO), 7, P(LICENSING)},

    /* capabilities to the end */
    {"error info 7 after Confirm Active", TLS, "xrdp-tls", ">Confirm Active",
     ERRINFO_7 ULTIMATUM "fin;lib X", OUT(REFUSED), P(CAPABILITIES), END(ERROR_INFO), BY(SERVER),
     SPACE(ERROR_INFO), 7, P(CAPABILITIES)},
    {"error info 7 and then silence", TLS, "xrdp-tls", ">Font List", ERRINFO_7 "deadline",
     OUT(REFUSED), P(CAPABILITIES), END(ERROR_INFO), BY(SERVER), SPACE(ERROR_INFO), 7,
     P(FINALIZATION)},
    {"error info behind a regular PDU in one", TLS, "xrdp-tls", ">Font List",
     "io< 1600 1700 ea03 ea030100 00 01 0800 1f 00 0000 0100ea03"
     " 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 07000000;fin",
     OUT(REFUSED), P(FINALIZATION), END(ERROR_INFO), BY(SERVER), SPACE(ERROR_INFO), 7,
     P(FINALIZATION)},
    {"error info none refuses nothing", TLS, "xrdp-tls", ">Font List",
     "io< 1600 1700 ea03 ea030100 00 01 0800 2f 00 0000 00000000;fin", OUT(ABORTED),
     P(CAPABILITIES), END(FIN), BY(SERVER), NO_CODE, 0, P(FINALIZATION)},
    {"redirection", TLS, "xrdp-tls", "<STATUS_VALID_CLIENT",
     "io< 1600 1a00 ea03 0000 0004 0c00 07000000 00000000 0000;close", OUT(REFUSED),
     P(CAPABILITIES), END(REDIRECTED), BY(SERVER), NO_CODE, 0, P(LICENSING)},
    {"RST before the Font Map", TLS, "xrdp-tls", "<Control (Granted Control)", "reset 104",
     OUT(ABORTED), P(FINALIZATION), END(RESET), BY(SERVER), NO_CODE, 0, P(FINALIZATION)},
    {"done", TLS, "xrdp-tls", NULL, "reached;close", OUT(COMPLETED), P(ACTIVE), END(DONE),
     BY(CLIENT), NO_CODE, 0, P(FINALIZATION)},
    {"done, and closed by the server after that", TLS, "xrdp-tls", NULL, "fin;reached",
     OUT(COMPLETED), P(ACTIVE), END(DONE), BY(CLIENT), NO_CODE, 0, P(FINALIZATION)},
    {"a Demand Active that our side does not take", TLS, "xrdp-tls", "<Demand Active", "lib X;fin",
     OUT(ABORTED), P(CAPABILITIES), END(PROTOCOL_VIOLATION), BY(CLIENT), NO_CODE, 0, P(LICENSING)},
    {"our side gives up before the security", TLS, "xrdp-tls", "<X.224 Connection Confirm",
     "lib X;fin", OUT(FAILED), P(TLS), END(CLIENT_ERROR), BY(CLIENT), NO_CODE, 0, P(NEGOTIATION)},
    {"no auto-detect was seen", TLS, "xrdp-tls", "<LICENSE_REQUEST", "reached;close",
     OUT(COMPLETED), P(SECURE_SETTINGS), END(DONE), BY(CLIENT), NO_CODE, 0, P(SECURE_SETTINGS)},
    {"as far as asked for", TLS, "xrdp-tls", "<STATUS_VALID_CLIENT", "reached;close",
     OUT(COMPLETED), P(LICENSING), END(DONE), BY(CLIENT), NO_CODE, 0, P(LICENSING)},
};

static void verdict_of(struct builder *b, struct why_facts *facts, struct why_verdict *v)
{
    CU_ASSERT_EQUAL_FATAL(why_trace_judge(b->trace, NULL, facts, v, NULL), WHY_OK);
}

/* Phases follow each other without a gap, and unless it completed they are all the time there was.
 */
static bool times_add_up(const struct why_verdict *v)
{
    uint64_t end = 0;

    for (size_t i = 0; i < v->phase_count; i++) {
        if (v->phases[i].start_us != end || (i > 0 && v->phases[i].phase <= v->phases[i - 1].phase))
            return false;
        end += v->phases[i].duration_us;
    }
    if (v->outcome == WHY_OUTCOME_SKIPPED)
        return v->phase_count == 0;
    return v->outcome == WHY_OUTCOME_COMPLETED ? end <= v->duration_us : end == v->duration_us;
}

/* A sentence: not empty, ended, without control characters and in whole UTF-8 characters. */
static bool is_sentence(const char *text)
{
    size_t n = strlen(text);

    if (n < 2 || n >= WHY_REASON_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

        if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xc0))
            return false;
        for (; more > 0; more--) {
            if (((unsigned char)text[++i] & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

static bool is_as_expected(const struct row *r, const struct why_verdict *v)
{
    return v->outcome == r->outcome && v->phase == r->phase && v->ending == r->ending &&
           v->has_closer == (r->outcome != WHY_OUTCOME_SKIPPED) &&
           (!v->has_closer || v->closed_by == r->closer) && v->sent_through == r->sent &&
           v->has_code == (r->space != NO_CODE) &&
           (!v->has_code || ((int)v->code.space == r->space && v->code.value == r->code));
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        struct why_facts facts;
        struct why_verdict v;
        struct builder b;
        bool good;

        builder_begin(&b, r->profile, WHY_PHASE_ACTIVE);
        if (r->capture != NULL)
            builder_capture(&b, r->capture, r->upto);
        builder_script(&b, r->script);
        verdict_of(&b, &facts, &v);
        good = is_as_expected(r, &v) && times_add_up(&v) && is_sentence(v.reason);
        if (!good)
            (void)fprintf(stderr,
                          "%s: %s, %s, %s by %s, code %d %jd, sent through %s, times %d: %s\n",
                          r->what, why_outcome_name(v.outcome), why_phase_name(v.phase),
                          why_ending_name(v.ending), why_closer_name(v.closed_by),
                          v.has_code ? (int)v.code.space : NO_CODE, (intmax_t)v.code.value,
                          why_phase_name(v.sent_through), times_add_up(&v), v.reason);
        CU_ASSERT_TRUE(good);
        why_facts_clear(&facts);
        builder_free(&b);
    }
}

/* Errors that the table cannot hold: their numbers are the system's own. */
static const struct {
    enum why_event_kind kind;
    int value;
    enum why_outcome outcome;
    enum why_ending ending;
    enum why_closer closer;
} errors[] = {
    {WHY_EV_DIAL_FAILED, ECONNREFUSED, OUT(UNREACHABLE), END(REFUSED), BY(SERVER)},
    {WHY_EV_DIAL_FAILED, EHOSTUNREACH, OUT(UNREACHABLE), END(NO_ROUTE), BY(NETWORK)},
    {WHY_EV_DIAL_FAILED, ENETUNREACH, OUT(UNREACHABLE), END(NO_ROUTE), BY(NETWORK)},
    {WHY_EV_DIAL_FAILED, ETIMEDOUT, OUT(UNREACHABLE), END(TIMEOUT), BY(NETWORK)},
    {WHY_EV_DIAL_FAILED, EMFILE, OUT(FAILED), END(CLIENT_ERROR), BY(CLIENT)},
    {WHY_EV_DIAL_FAILED, EACCES, OUT(FAILED), END(CLIENT_ERROR), BY(CLIENT)},
    {WHY_EV_RESOLVE_FAILED, EAI_NONAME, OUT(UNREACHABLE), END(NAME_NOT_FOUND), BY(NETWORK)},
    {WHY_EV_RESOLVE_FAILED, EAI_AGAIN, OUT(UNREACHABLE), END(NAME_NOT_FOUND), BY(NETWORK)},
    {WHY_EV_RESOLVE_FAILED, EAI_MEMORY, OUT(FAILED), END(CLIENT_ERROR), BY(CLIENT)},
    {WHY_EV_RESOLVE_FAILED, EAI_SYSTEM, OUT(FAILED), END(CLIENT_ERROR), BY(CLIENT)},
    {WHY_EV_NET_ERROR, ETIMEDOUT, OUT(ABORTED), END(TIMEOUT), BY(NETWORK)},
    {WHY_EV_NET_ERROR, EHOSTUNREACH, OUT(ABORTED), END(NO_ROUTE), BY(NETWORK)},
};

static void test_errors(void)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct why_facts facts;
        struct why_verdict v;
        struct builder b;

        builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
        builder_script(&b, errors[i].kind == WHY_EV_NET_ERROR ? "connected" : "resolve");
        /* Whatever it says, its kind tells that it was no write. */
        builder_event(&b, errors[i].kind, errors[i].value, "write");
        builder_script(&b, errors[i].kind == WHY_EV_NET_ERROR ? "fin" : "");
        verdict_of(&b, &facts, &v);
        CU_ASSERT_EQUAL(v.outcome, errors[i].outcome);
        CU_ASSERT_EQUAL(v.ending, errors[i].ending);
        CU_ASSERT_EQUAL(v.closed_by, errors[i].closer);
        CU_ASSERT_TRUE(v.has_code);
        CU_ASSERT_EQUAL(v.code.value, errors[i].value);
        why_facts_clear(&facts);
        builder_free(&b);
    }
}

/* Of several addresses the one where something answered says most. */
static void test_several_addresses(void)
{
    struct why_facts facts;
    struct why_verdict v;
    struct builder b;

    builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
    builder_script(&b, "resolve;resolved;dial");
    builder_event(&b, WHY_EV_DIAL_FAILED, EHOSTUNREACH, "[2001:db8::7]:3389");
    builder_event(&b, WHY_EV_DIAL_FAILED, ECONNREFUSED, "192.0.2.7:3389");
    builder_event(&b, WHY_EV_DIAL_FAILED, EHOSTUNREACH, "192.0.2.8:3389");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_EQUAL(v.ending, WHY_END_REFUSED);
    CU_ASSERT_EQUAL(v.code.value, ECONNREFUSED);
    why_facts_clear(&facts);
    builder_free(&b);
}

static const struct {
    const char *upto, *script, *step;
} steps[] = {
    {">Client Info", LICENSE_6, "waiting for the license request"},
    {"<LICENSE_REQUEST", "fin", "after LICENSE_REQUEST"},
    {">NEW_LICENSE_REQUEST", "fin", "after NEW_LICENSE_REQUEST"},
    {">NEW_LICENSE_REQUEST", LICENSE_6, "after NEW_LICENSE_REQUEST"},
    {">NEW_LICENSE_REQUEST", CHALLENGE "deadline", "after PLATFORM_CHALLENGE"},
    {">NEW_LICENSE_REQUEST", CHALLENGE "io> 80000000 15030800 00000000;" LICENSE_6,
     "after PLATFORM_CHALLENGE_RESPONSE"},
    {">NEW_LICENSE_REQUEST", ISSUED "lib X;fin", "after NEW_LICENSE"},
    {"<LICENSE_REQUEST", "io> 80000000 12030800 00000000;fin", "after LICENSE_INFO"},
};

static void test_licensing_steps(void)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct why_facts facts;
        struct why_verdict v;
        struct builder b;

        builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
        builder_capture(&b, "xrdp-tls", steps[i].upto);
        builder_script(&b, steps[i].script);
        verdict_of(&b, &facts, &v);
        CU_ASSERT_EQUAL(v.phase, WHY_PHASE_LICENSING);
        CU_ASSERT_PTR_NOT_NULL_FATAL(v.step);
        CU_ASSERT_STRING_EQUAL(v.step, steps[i].step);
        if (v.ending == WHY_END_LICENSE_ERROR) {
            CU_ASSERT_TRUE(v.has_transition);
            CU_ASSERT_EQUAL(v.transition, 1);
        }
        why_facts_clear(&facts);
        builder_free(&b);
    }
}

/* The code that the server itself sent is documented; one that a rule derives says so. */
static void test_mstsc(void)
{
    struct why_facts facts;
    struct why_verdict v;
    struct builder b;

    builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-tls", ">Confirm Active");
    builder_script(&b, ERRINFO_7 "fin");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_TRUE(v.has_mstsc);
    CU_ASSERT_EQUAL(v.mstsc.code, 0x904);
    CU_ASSERT_EQUAL(v.mstsc.extended, 7);
    CU_ASSERT_TRUE(v.mstsc.documented);
    why_facts_clear(&facts);
    builder_free(&b);

    builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-tls", NULL);
    builder_script(&b, "reached");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_FALSE(v.has_mstsc);
    why_facts_clear(&facts);
    builder_free(&b);
}

/* What phases took, to the microsecond: events are BUILDER_STEP_US apart. */
static void test_times(void)
{
    struct why_facts facts;
    struct why_verdict v;
    struct builder b;

    builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
    builder_script(&b, "resolve;resolved;dial;connected");
    b.now_us = 5000;
    builder_script(&b, CONFIRM "deadline");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_EQUAL_FATAL(v.phase_count, 3);
    CU_ASSERT_EQUAL(v.phases[0].phase, WHY_PHASE_RESOLVE);
    CU_ASSERT_EQUAL(v.phases[0].duration_us, 100);
    CU_ASSERT_EQUAL(v.phases[1].start_us, 100);
    CU_ASSERT_EQUAL(v.phases[1].duration_us, 200);
    CU_ASSERT_EQUAL(v.phases[2].start_us, 300);
    CU_ASSERT_EQUAL(v.phases[2].duration_us, 4800);
    CU_ASSERT_EQUAL(v.duration_us, 5100);
    why_facts_clear(&facts);
    builder_free(&b);
}

/* The wait for the server belongs to the phase the client has come to. */
static void test_times_beyond_the_phase_that_is_due(void)
{
    struct why_facts facts;
    struct why_verdict v;
    struct builder b;

    builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
    builder_capture(&b, "xrdp-tls", ">Font List");
    b.now_us += 1000000;
    builder_script(&b, "deadline");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_EQUAL(v.phase, WHY_PHASE_CAPABILITIES);
    CU_ASSERT_EQUAL(v.phases[v.phase_count - 1].phase, WHY_PHASE_FINALIZATION);
    CU_ASSERT(v.phases[v.phase_count - 1].duration_us >= 1000000);
    CU_ASSERT_EQUAL(v.phases[v.phase_count - 2].phase, WHY_PHASE_CAPABILITIES);
    CU_ASSERT(v.phases[v.phase_count - 2].duration_us < 1000000);
    why_facts_clear(&facts);
    builder_free(&b);
}

/* A reason longer than its room is cut between characters, wherever the cut falls. */
static void test_long_reasons(void)
{
    static const char *const characters[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x92\xa1"};

    for (size_t c = 0; c < 4; c++) {
        for (size_t shift = 0; shift < 8; shift++) {
            char text[1024] = "";
            struct why_facts facts;
            struct why_verdict v;
            struct builder b;

            for (size_t i = 0; i < shift; i++)
                strncat(text, "-", sizeof(text) - strlen(text) - 1);
            while (strlen(text) + 5 < 600)
                strncat(text, characters[c], sizeof(text) - strlen(text) - 1);
            builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
            builder_script(&b, "connected");
            builder_event(&b, WHY_EV_STOP, 0, text);
            verdict_of(&b, &facts, &v);
            CU_ASSERT_TRUE(is_sentence(v.reason));
            CU_ASSERT(strlen(v.reason) > WHY_REASON_MAX - 8);
            why_facts_clear(&facts);
            builder_free(&b);
        }
    }
}

/* What the server wrote on the screen, up to an address, and not to any digit. */
static void test_screen_text(void)
{
    static const char *const lines[][2] = {
        {"login failed for user tester2", "login failed for user tester2."},
        {"login failed for user 7a:b on display 10", "login failed for user 7a:b on display 10."},
        {"Error connecting to sesman on 127.0.0.1:3350", "Error connecting to sesman on"},
        {"Error connecting to sesman on [::1] port 3350", "Error connecting to sesman on ["},
        {"Error connecting to sesman ip 2001:db8::1 port 1", "Error connecting to sesman ip"},
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct why_facts facts;
        struct why_verdict v;
        struct builder b;
        const char *line;

        builder_begin(&b, TLS, WHY_PHASE_SESSION);
        builder_capture(&b, "xrdp-tls", NULL);
        builder_event(&b, WHY_EV_SCREEN_TEXT, 0, lines[i][0]);
        builder_event(&b, WHY_EV_PICTURE, 5, "1024x768");
        builder_event(&b, WHY_EV_REACHED, WHY_PHASE_SESSION, NULL);
        verdict_of(&b, &facts, &v);
        line = strstr(v.reason, "on the screen: ");
        CU_ASSERT_PTR_NOT_NULL_FATAL(line);
        line += strlen("on the screen: ");
        CU_ASSERT_EQUAL(strncmp(line, lines[i][1], strlen(lines[i][1])), 0);
        CU_ASSERT_PTR_NULL(strstr(line, "127.0"));
        CU_ASSERT_PTR_NULL(strstr(line, "::1"));
        why_facts_clear(&facts);
        builder_free(&b);
    }
}

static void test_hostile_text(void)
{
    struct why_facts facts;
    struct why_verdict v;
    struct builder b;
    char line[400], tiny[8];

    builder_begin(&b, TLS, WHY_PHASE_ACTIVE);
    builder_script(&b, "connected");
    builder_event(&b, WHY_EV_STOP, 0, "a\x1b[31mb\r\nc\x7f %s%n");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_TRUE(is_sentence(v.reason));
    CU_ASSERT_PTR_NOT_NULL(strstr(v.reason, "%s%n"));
    why_verdict_line(&v, line, sizeof(line));
    CU_ASSERT_STRING_EQUAL(line, "stopped in negotiation: stop");
    why_verdict_line(&v, tiny, sizeof(tiny));
    CU_ASSERT_STRING_EQUAL(tiny, "stopped");
    why_facts_clear(&facts);
    builder_free(&b);
}

/* In a capture the client's close is an ending; what the server sends after it changes nothing. */
static void test_capture_closed_by_its_client(void)
{
    char host[] = "srv1";
    struct why_trace_head head = {.host = host, .port = 3389, .profile = TLS};
    struct builder b = {.trace = why_trace_new(&head)};
    struct why_facts facts;
    struct why_verdict v;

    CU_ASSERT_PTR_NOT_NULL_FATAL(b.trace);
    builder_capture(&b, "xrdp-tls", ">Client Info");
    builder_script(&b, "close");
    b.now_us += 60000000;
    builder_recorded_pdu(&b, "xrdp-tls", "<LICENSE_REQUEST");
    verdict_of(&b, &facts, &v);
    CU_ASSERT_EQUAL(v.outcome, WHY_OUTCOME_ABORTED);
    CU_ASSERT_EQUAL(v.ending, WHY_END_FIN);
    CU_ASSERT_EQUAL(v.closed_by, WHY_CLOSED_BY_CLIENT);
    why_facts_clear(&facts);
    builder_free(&b);
}

/* How a capture ends is told by flags, whatever numbers and texts the events have. */
static void test_ends_of_captures(void)
{
    static const struct {
        const char *script;
        enum why_outcome outcome;
        enum why_ending ending;
        bool has_closer;
    } ends[] = {
        {"close", WHY_OUTCOME_ABORTED, WHY_END_FIN, true},
        {"close-reset", WHY_OUTCOME_ABORTED, WHY_END_RESET, true},
        {"close-doubt", WHY_OUTCOME_ABORTED, WHY_END_FIN, false},
        {"close-doubt-reset", WHY_OUTCOME_ABORTED, WHY_END_RESET, false},
        {"stop the capture ends here", WHY_OUTCOME_STOPPED, WHY_END_STOP, true},
        {"cut-off the capture ends here", WHY_OUTCOME_STOPPED, WHY_END_STOP, false},
    };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char host[] = "srv1";
        struct why_trace_head head = {.host = host, .port = 3389, .profile = TLS};
        struct builder b = {.trace = why_trace_new(&head)};
        struct why_facts facts;
        struct why_verdict v;

        CU_ASSERT_PTR_NOT_NULL_FATAL(b.trace);
        builder_capture(&b, "xrdp-tls", ">Client Info");
        builder_script(&b, ends[i].script);
        verdict_of(&b, &facts, &v);
        CU_ASSERT_EQUAL(v.outcome, ends[i].outcome);
        CU_ASSERT_EQUAL(v.ending, ends[i].ending);
        CU_ASSERT_EQUAL(v.has_closer, ends[i].has_closer);
        why_facts_clear(&facts);
        builder_free(&b);
    }
}

/* Every event of every kind alone, and before and after a connection: always a verdict. */
static void test_any_event(void)
{
    for (int kind = 0; kind < WHY_EV_KIND_COUNT; kind++) {
        for (int where = 0; where < 3; where++) {
            struct why_facts facts;
            struct why_verdict v;
            struct builder b;

            builder_begin(&b, NLA, WHY_PHASE_ACTIVE);
            if (where == 1)
                builder_script(&b, "connected");
            builder_event(&b, (enum why_event_kind)kind, -1, NULL);
            if (where == 2)
                builder_script(&b, "connected;fin");
            verdict_of(&b, &facts, &v);
            CU_ASSERT_TRUE(is_sentence(v.reason));
            if (!times_add_up(&v))
                (void)fprintf(stderr, "%s at %d: times\n",
                              why_event_kind_name((enum why_event_kind)kind), where);
            CU_ASSERT_TRUE(times_add_up(&v));
            CU_ASSERT(kind == WHY_EV_REACHED || v.outcome != WHY_OUTCOME_COMPLETED);
            why_facts_clear(&facts);
            builder_free(&b);
        }
    }
}

/* Every outcome has a word but those of which there is nothing to show. */
static void test_mstsc_basis(void)
{
    for (int outcome = 0; outcome < WHY_OUTCOME_COUNT; outcome++) {
        struct why_verdict verdict = {.outcome = (enum why_outcome)outcome};
        const char *basis = why_mstsc_basis(&verdict);

        if (outcome == WHY_OUTCOME_COMPLETED || outcome == WHY_OUTCOME_STOPPED) {
            CU_ASSERT_PTR_NULL(basis);
        } else {
            CU_ASSERT_PTR_NOT_NULL_FATAL(basis);
            CU_ASSERT_STRING_EQUAL(basis, "unknown");
            verdict.has_mstsc = true;
            CU_ASSERT_STRING_EQUAL(why_mstsc_basis(&verdict), "inferred");
            verdict.mstsc.documented = true;
            CU_ASSERT_STRING_EQUAL(why_mstsc_basis(&verdict), "documented");
        }
    }
}

static CU_TestInfo tests[] = {
    {"traces and what they mean", test_rows},
    {"errors of the system", test_errors},
    {"several addresses", test_several_addresses},
    {"steps of licensing", test_licensing_steps},
    {"mstsc", test_mstsc},
    {"times", test_times},
    {"times beyond the phase that is due", test_times_beyond_the_phase_that_is_due},
    {"reasons that are too long", test_long_reasons},
    {"what stood on the screen", test_screen_text},
    {"hostile text", test_hostile_text},
    {"a capture closed by its client", test_capture_closed_by_its_client},
    {"ends of captures", test_ends_of_captures},
    {"any event", test_any_event},
    {"basis of what mstsc shows", test_mstsc_basis},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "verdict", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
