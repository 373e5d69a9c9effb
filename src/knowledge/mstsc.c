/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

/* Disconnect reasons of IMsTscAxEvents::OnDisconnected; rows_mstsc.h has their names. */
#define DNS_LOOKUP_FAILED     0x104u
#define CONNECTION_TIMED_OUT  0x108u
#define SOCKET_CONNECT_FAILED 0x204u
#define LOGON_FAILURE         0x807u
#define LICENSING_FAILED      0x808u
#define SOCKET_CLOSED         0x904u
#define LICENSING_TIMEOUT     0x908u
#define NO_SUCH_USER          0xA07u
#define ACCOUNT_DISABLED      0xB07u
#define ACCOUNT_RESTRICTION   0xC07u
#define ACCOUNT_LOCKED_OUT    0xD07u
#define ACCOUNT_EXPIRED       0xE07u
#define PASSWORD_EXPIRED      0xF07u
#define NLA_REQUIRED          0xB09u
#define LOGON_HOURS           0x1007u
#define LOGON_COMPUTERS       0x1107u
#define PASSWORD_MUST_CHANGE  0x1207u
#define LOGON_TYPE            0x1307u
#define NO_AUTHORITY          0x1807u
#define SMARTCARD_WRONG_PIN   0x1C07u
#define CLOCKS_DIFFER         0x1D07u
#define SMARTCARD_BLOCKED     0x2207u

/* Extended reasons, ExtendedDisconnectReasonCode. */
#define SERVER_DENIED_CONNECTION 0x7u
#define INSUFFICIENT_PRIVILEGES  0x9u

enum extended { NO_EXTENDED, EXTENDED, EXTENDED_IS_CODE };

/* One row: where all conditions hold, mstsc shows this. */
struct equivalent {
    const char *rule;
    enum why_outcome outcome;
    enum why_ending ending;
    enum why_phase first_phase, last_phase;
    bool has_code; /* the verdict's code is in |space|, |first_code| to |last_code| */
    enum why_code_space space;
    int64_t first_code, last_code;
    uint32_t code;
    enum extended has_extended;
    uint32_t extended;
    bool documented;
};

#define ANY_PHASE WHY_PHASE_RESOLVE, WHY_PHASE_ACTIVE
/* Without a proxy: mstsc uses none, and what ends there has no row. */
#define UP_TO_CONNECT      WHY_PHASE_RESOLVE, WHY_PHASE_CONNECT
#define HANDSHAKE          WHY_PHASE_NEGOTIATION, WHY_PHASE_FINALIZATION
#define ANY_CODE           false, WHY_SPACE_COUNT, 0, 0
#define CODE(space, n)     true, WHY_SPACE_##space, n, n
#define CODES(space, n, m) true, WHY_SPACE_##space, n, m
#define CREDSSP(rule, status, shown)                                                               \
    {                                                                                              \
        "CredSSP: " rule, WHY_OUTCOME_REFUSED, WHY_END_CREDSSP_ERROR, ANY_PHASE,                   \
            CODE(NTSTATUS, status), shown, NO_EXTENDED, 0, false                                   \
    }

/* The first row that fits wins. What no source supports has no row: its basis is unknown. */
static const struct equivalent equivalents[] = {
    /* ExtendedDisconnectReasonCode shares its numbers with [MS-RDPBCGR] 2.2.5.1.1. */
    {"the server sent this code itself (Set Error Info); mstsc shows it as the extended code",
     WHY_OUTCOME_REFUSED, WHY_END_ERROR_INFO, ANY_PHASE, CODES(ERROR_INFO, 0x1, 0x10B),
     SOCKET_CLOSED, EXTENDED_IS_CODE, 0, true},
    {"the server sent this protocol error itself (Set Error Info); mstsc shows it as the extended "
     "code",
     WHY_OUTCOME_REFUSED, WHY_END_ERROR_INFO, ANY_PHASE, CODES(ERROR_INFO, 0x1000, 0x7FFF),
     SOCKET_CLOSED, EXTENDED_IS_CODE, 0, true},

    {"the name could not be resolved", WHY_OUTCOME_UNREACHABLE, WHY_END_NAME_NOT_FOUND,
     UP_TO_CONNECT, ANY_CODE, DNS_LOOKUP_FAILED, NO_EXTENDED, 0, false},
    {"name resolution timed out", WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, WHY_PHASE_RESOLVE,
     WHY_PHASE_RESOLVE, ANY_CODE, DNS_LOOKUP_FAILED, NO_EXTENDED, 0, false},
    {"the TCP connection was refused", WHY_OUTCOME_UNREACHABLE, WHY_END_REFUSED, UP_TO_CONNECT,
     ANY_CODE, SOCKET_CONNECT_FAILED, NO_EXTENDED, 0, false},
    {"there was no route to the host", WHY_OUTCOME_UNREACHABLE, WHY_END_NO_ROUTE, UP_TO_CONNECT,
     ANY_CODE, SOCKET_CONNECT_FAILED, NO_EXTENDED, 0, false},
    {"the TCP connection timed out", WHY_OUTCOME_UNREACHABLE, WHY_END_TIMEOUT, WHY_PHASE_CONNECT,
     WHY_PHASE_CONNECT, ANY_CODE, SOCKET_CONNECT_FAILED, NO_EXTENDED, 0, false},

    {"the server stopped responding during licensing", WHY_OUTCOME_ABORTED, WHY_END_TIMEOUT,
     WHY_PHASE_LICENSING, WHY_PHASE_LICENSING, ANY_CODE, LICENSING_TIMEOUT, NO_EXTENDED, 0, false},
    {"the server stopped responding during the handshake", WHY_OUTCOME_ABORTED, WHY_END_TIMEOUT,
     HANDSHAKE, ANY_CODE, CONNECTION_TIMED_OUT, NO_EXTENDED, 0, false},

    /* rows_mstsc.h: the client's own text; github.com/mRemoteNG/mRemoteNG/issues/875 is such a
     * case, the client's CredSSP off, the server demanding it. */
    {"the server requires Network Level Authentication, which this offer lacks",
     WHY_OUTCOME_REFUSED, WHY_END_NEGOTIATION_FAILURE, ANY_PHASE, CODE(NEGOTIATION_FAILURE, 5),
     NLA_REQUIRED, NO_EXTENDED, 0, false},

    CREDSSP("the server rejected account or password", 0xC000006D, LOGON_FAILURE),
    CREDSSP("the server rejected the password", 0xC000006A, LOGON_FAILURE),
    CREDSSP("the server denied the logon (SSPI)", 0x8009030C, LOGON_FAILURE),
    CREDSSP("the server does not know the account", 0xC0000064, NO_SUCH_USER),
    CREDSSP("the account is disabled", 0xC0000072, ACCOUNT_DISABLED),
    CREDSSP("the account is restricted", 0xC000006E, ACCOUNT_RESTRICTION),
    CREDSSP("the account is locked out", 0xC0000234, ACCOUNT_LOCKED_OUT),
    CREDSSP("the account has expired", 0xC0000193, ACCOUNT_EXPIRED),
    CREDSSP("the password has expired", 0xC0000071, PASSWORD_EXPIRED),
    CREDSSP("the password must be changed first", 0xC0000224, PASSWORD_MUST_CHANGE),
    CREDSSP("the account may not log on at this time", 0xC000006F, LOGON_HOURS),
    CREDSSP("the account may not log on from this computer", 0xC0000070, LOGON_COMPUTERS),
    CREDSSP("the account may not log on in this way", 0xC000015B, LOGON_TYPE),
    CREDSSP("the clocks differ too much", 0xC0000133, CLOCKS_DIFFER),
    CREDSSP("the clocks differ too much (SSPI)", 0x80090324, CLOCKS_DIFFER),
    CREDSSP("no domain controller could be reached", 0xC000005E, NO_AUTHORITY),
    CREDSSP("no authority could be contacted (SSPI)", 0x80090311, NO_AUTHORITY),
    CREDSSP("wrong smart card PIN", 0xC0000380, SMARTCARD_WRONG_PIN),
    CREDSSP("the smart card is blocked", 0xC0000381, SMARTCARD_BLOCKED),

    {"the account may not log on remotely (Early User Authorization Result)", WHY_OUTCOME_REFUSED,
     WHY_END_ACCESS_DENIED, ANY_PHASE, CODE(EARLY_USER_AUTH, 5), SOCKET_CLOSED, EXTENDED,
     INSUFFICIENT_PRIVILEGES, false},
    {"the server ended licensing with an error", WHY_OUTCOME_REFUSED, WHY_END_LICENSE_ERROR,
     ANY_PHASE, ANY_CODE, LICENSING_FAILED, NO_EXTENDED, 0, false},
    {"a TLS alert ended the connection before the session was up", WHY_OUTCOME_REFUSED,
     WHY_END_TLS_ALERT, ANY_PHASE, ANY_CODE, SOCKET_CLOSED, EXTENDED, SERVER_DENIED_CONNECTION,
     false},

    {"connection closed before the session was up", WHY_OUTCOME_ABORTED, WHY_END_FIN, HANDSHAKE,
     ANY_CODE, SOCKET_CLOSED, EXTENDED, SERVER_DENIED_CONNECTION, false},
    {"connection reset before the session was up", WHY_OUTCOME_ABORTED, WHY_END_RESET, HANDSHAKE,
     ANY_CODE, SOCKET_CLOSED, EXTENDED, SERVER_DENIED_CONNECTION, false},
};

static bool fits(const struct equivalent *row, const struct why_mstsc_case *seen)
{
    if (seen->outcome != row->outcome || seen->ending != row->ending)
        return false;
    /* What a capture's client closed of its own accord, or may have, was not denied by a server. */
    if ((row->ending == WHY_END_FIN || row->ending == WHY_END_RESET) && seen->by_client)
        return false;
    if (seen->phase < row->first_phase || seen->phase > row->last_phase)
        return false;
    if (!row->has_code)
        return true;
    return seen->code != NULL && seen->code->space == row->space &&
           seen->code->value >= row->first_code && seen->code->value <= row->last_code;
}

bool why_mstsc_equivalent(const struct why_mstsc_case *seen, struct why_mstsc *mstsc)
{
    for (size_t i = 0; i < sizeof(equivalents) / sizeof(equivalents[0]); i++) {
        const struct equivalent *row = &equivalents[i];

        if (!fits(row, seen))
            continue;
        *mstsc = (struct why_mstsc){
            .code = row->code,
            .has_extended = row->has_extended != NO_EXTENDED,
            .extended =
                row->has_extended == EXTENDED_IS_CODE ? (uint32_t)seen->code->value : row->extended,
            .documented = row->documented,
            .rule = row->rule,
        };
        return true;
    }
    return false;
}

static bool shows(const struct equivalent *row, uint32_t code, uint32_t extended)
{
    if (row->code != code)
        return false;
    if (extended == WHY_EXTENDED_ANY)
        return true;
    switch (row->has_extended) {
    case NO_EXTENDED:
        return extended == WHY_EXTENDED_NONE || extended == 0;
    case EXTENDED_IS_CODE:
        return extended >= row->first_code && extended <= row->last_code;
    default:
        return extended == row->extended;
    }
}

bool why_mstsc_source(uint32_t code, uint32_t extended, size_t index,
                      struct why_mstsc_source *source)
{
    for (size_t i = 0; i < sizeof(equivalents) / sizeof(equivalents[0]); i++) {
        const struct equivalent *row = &equivalents[i];

        if (!shows(row, code, extended) || index-- > 0)
            continue;
        *source = (struct why_mstsc_source){
            .rule = row->rule,
            .first_phase = row->first_phase,
            .last_phase = row->last_phase,
            .documented = row->documented,
            .has_extended = row->has_extended != NO_EXTENDED,
            .first_extended =
                row->has_extended == EXTENDED_IS_CODE ? (uint32_t)row->first_code : row->extended,
            .last_extended =
                row->has_extended == EXTENDED_IS_CODE ? (uint32_t)row->last_code : row->extended,
        };
        return true;
    }
    return false;
}
