/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/vocab.h>

#include <string.h>

#include <rdpwhy/status.h>

static const struct why_word phases[] = {
    [WHY_PHASE_RESOLVE] = {"resolve", "name resolution"},
    [WHY_PHASE_CONNECT] = {"connect", "TCP connection"},
    [WHY_PHASE_NEGOTIATION] = {"negotiation", "X.224 Connection Request and Confirm"},
    [WHY_PHASE_TLS] = {"tls", "TLS handshake"},
    [WHY_PHASE_CREDSSP] = {"credssp", "CredSSP (NLA): TSRequests, Early User Authorization Result"},
    [WHY_PHASE_RDSTLS] = {"rdstls", "RDSTLS authentication"},
    [WHY_PHASE_AAD] = {"aad", "Entra ID (RDS AAD Auth) authentication"},
    [WHY_PHASE_BASIC_SETTINGS] = {"basic-settings", "MCS Connect Initial and Connect Response"},
    [WHY_PHASE_CHANNEL_CONNECTION] = {"channel-connection", "MCS attach user and channel joins"},
    [WHY_PHASE_SECURITY_COMMENCEMENT] = {"security-commencement",
                                         "Security Exchange (Standard RDP Security only)"},
    [WHY_PHASE_SECURE_SETTINGS] = {"secure-settings", "Client Info"},
    [WHY_PHASE_AUTO_DETECT] = {"auto-detect", "connect-time auto-detection (optional)"},
    [WHY_PHASE_LICENSING] = {"licensing", "license exchange"},
    [WHY_PHASE_MULTITRANSPORT] = {"multitransport", "multitransport bootstrapping (optional)"},
    [WHY_PHASE_CAPABILITIES] = {"capabilities", "Demand Active and Confirm Active"},
    [WHY_PHASE_FINALIZATION] = {"finalization", "synchronize, control, font list and font map"},
    [WHY_PHASE_ACTIVE] = {"active", "the session is up"},
};

static const struct why_word profiles[] = {
    [WHY_PROFILE_NEGOTIATE] = {"negotiate", "what mstsc offers: TLS, CredSSP, CredSSP with early "
                                            "user authorization; the server chooses"},
    [WHY_PROFILE_RDP] = {"rdp", "Standard RDP Security only"},
    [WHY_PROFILE_TLS] = {"tls", "TLS only"},
    [WHY_PROFILE_NLA] = {"nla", "CredSSP (NLA)"},
    [WHY_PROFILE_NLA_EXT] = {"nla-ext", "CredSSP with Early User Authorization Result"},
    [WHY_PROFILE_RDSTLS] = {"rdstls", "RDSTLS (as after a broker's redirection)"},
    [WHY_PROFILE_AAD] = {"aad", "Entra ID (RDS AAD Auth)"},
    [WHY_PROFILE_TLS10] = {"tls1.0", "the tls profile with TLS 1.0 only"},
    [WHY_PROFILE_TLS11] = {"tls1.1", "the tls profile with TLS 1.1 only"},
    [WHY_PROFILE_TLS12] = {"tls1.2", "the tls profile with TLS 1.2 only"},
    [WHY_PROFILE_TLS13] = {"tls1.3", "the tls profile with TLS 1.3 only"},
};

static const struct why_word license_modes[] = {
    [WHY_LICENSE_FRESH] = {"fresh", "no stored license"},
    [WHY_LICENSE_STORED] = {"stored", "the license from the license store"},
    [WHY_LICENSE_CORRUPT] = {"corrupt", "a stored license with flipped bytes"},
    [WHY_LICENSE_FOREIGN] = {"foreign", "a stored license of another hardware ID"},
    [WHY_LICENSE_ADMIN] = {"admin", "administrative session: the server needs no CAL"},
};

static const struct why_word outcomes[] = {
    [WHY_OUTCOME_COMPLETED] = {"completed", "reached the requested phase"},
    [WHY_OUTCOME_STOPPED] = {"stopped", "stopped on purpose, usually because no account was given"},
    [WHY_OUTCOME_REFUSED] = {"refused", "the server refused with a message of the protocol"},
    [WHY_OUTCOME_ABORTED] = {"aborted", "the connection ended without such a message"},
    [WHY_OUTCOME_UNREACHABLE] = {"unreachable", "no TCP connection was made"},
    [WHY_OUTCOME_SKIPPED] = {"skipped", "not tried"},
    [WHY_OUTCOME_FAILED] = {"failed", "failed on this computer, not at the server"},
};

static const struct why_word answers[] = {
    [WHY_ANSWER_THROUGH] = {"through", "the attempt got as far as it should"},
    [WHY_ANSWER_WITHHELD] = {"withheld",
                             "stopped before the logon: rdpwhy uses an account only once per host"},
    [WHY_ANSWER_POLICY] = {"policy", "the server is configured to refuse this offer"},
    [WHY_ANSWER_TLS_VERSION] =
        {"tls-version",
         "the one TLS version offered failed: policy if a current version works, else a fault"},
    [WHY_ANSWER_ACCOUNT] = {"account", "the server works, the account or its session does not"},
    [WHY_ANSWER_NTLM] = {"ntlm", "the server does not accept NTLM but may accept Kerberos"},
    [WHY_ANSWER_FAULT] = {"fault", "something is wrong with the server or the network path"},
    [WHY_ANSWER_UNREACHABLE] = {"unreachable", "no TCP connection could be made"},
    [WHY_ANSWER_UNKNOWN] = {"unknown", "the capture does not show it"},
    [WHY_ANSWER_SKIPPED] = {"skipped", "not tried"},
    [WHY_ANSWER_FAILED] = {"failed", "failed on this computer, not at the server"},
};

static const struct why_word endings[] = {
    [WHY_END_DONE] = {"done", "the requested phase was reached"},
    [WHY_END_STOP] = {"stop", "rdpwhy stopped on purpose"},
    [WHY_END_NAME_NOT_FOUND] = {"name-not-found", "the name could not be resolved"},
    [WHY_END_REFUSED] = {"refused", "TCP connection refused"},
    [WHY_END_NO_ROUTE] = {"no-route", "host or network unreachable"},
    [WHY_END_TIMEOUT] = {"timeout", "no answer before the timeout"},
    [WHY_END_FIN] = {"fin", "the connection was closed (FIN)"},
    [WHY_END_RESET] = {"reset", "the connection was reset (RST)"},
    [WHY_END_NEGOTIATION_FAILURE] = {"negotiation-failure", "RDP_NEG_FAILURE"},
    [WHY_END_TLS_ALERT] = {"tls-alert", "TLS alert"},
    [WHY_END_CREDSSP_ERROR] = {"credssp-error", "TSRequest with an errorCode, or SPNEGO refused"},
    [WHY_END_ACCESS_DENIED] = {"access-denied", "authorization denied after authentication"},
    [WHY_END_LICENSE_ERROR] = {"license-error", "license ERROR_ALERT"},
    [WHY_END_ERROR_INFO] = {"error-info", "Set Error Info PDU"},
    [WHY_END_DISCONNECT_ULTIMATUM] = {"disconnect-ultimatum", "MCS Disconnect Provider Ultimatum"},
    [WHY_END_REDIRECTED] = {"redirected", "server redirection"},
    [WHY_END_MCS_ERROR] = {"mcs-error", "MCS result other than rt-successful"},
    [WHY_END_X224_DISCONNECT] = {"x224-disconnect", "X.224 Disconnect Request or Error"},
    [WHY_END_PROTOCOL_VIOLATION] = {"protocol-violation",
                                    "the server sent something that RDP does not allow"},
    [WHY_END_CLIENT_ERROR] = {"client-error", "the attempt failed on this computer"},
    [WHY_END_CRASHED] = {"crashed", "a worker process of rdpwhy died"},
};

static const struct why_word closers[] = {
    [WHY_CLOSED_BY_SERVER] = {"server", "the server ended it"},
    [WHY_CLOSED_BY_CLIENT] = {"client", "rdpwhy ended it"},
    [WHY_CLOSED_BY_NETWORK] = {"network", "the network ended it"},
    [WHY_CLOSED_BY_DEADLINE] = {"deadline", "the timeout ended it"},
};

static const struct why_word host_states[] = {
    [WHY_HOST_HEALTHY] = {"healthy", "clients can connect"},
    [WHY_HOST_DEGRADED] = {"degraded", "works, but something needs attention"},
    [WHY_HOST_BROKEN] = {"broken", "clients cannot connect"},
    [WHY_HOST_UNREACHABLE] = {"unreachable", "no TCP connection could be made"},
};

static const struct why_word code_spaces[] = {
    [WHY_SPACE_NEGOTIATION_FAILURE] = {"negotiation-failure", "RDP_NEG_FAILURE failureCode"},
    [WHY_SPACE_TLS_ALERT] = {"tls-alert", "TLS alert description"},
    [WHY_SPACE_NTSTATUS] = {"ntstatus", "NTSTATUS in a TSRequest's errorCode"},
    [WHY_SPACE_EARLY_USER_AUTH] = {"early-user-auth", "Early User Authorization Result"},
    [WHY_SPACE_LICENSE_ERROR] = {"license-error", "license ERROR_ALERT dwErrorCode"},
    [WHY_SPACE_ERROR_INFO] = {"error-info", "Set Error Info PDU"},
    [WHY_SPACE_MCS_DISCONNECT] = {"mcs-disconnect", "Disconnect Provider Ultimatum reason"},
    [WHY_SPACE_MCS_RESULT] = {"mcs-result", "T.125 Result"},
    [WHY_SPACE_SPNEGO] = {"spnego", "SPNEGO NegTokenResp negState"},
    [WHY_SPACE_ERRNO] = {"errno", "socket error of this computer"},
    [WHY_SPACE_RESOLVER] = {"resolver", "name resolution error of this computer (EAI_)"},
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

_Static_assert(ROWS(phases) == WHY_PHASE_COUNT, "a phase without a word");
_Static_assert(ROWS(profiles) == WHY_PROFILE_COUNT, "a profile without a word");
_Static_assert(ROWS(license_modes) == WHY_LICENSE_MODE_COUNT, "a license mode without a word");
_Static_assert(ROWS(outcomes) == WHY_OUTCOME_COUNT, "an outcome without a word");
_Static_assert(ROWS(answers) == WHY_ANSWER_COUNT, "an answer without a word");
_Static_assert(ROWS(endings) == WHY_END_COUNT, "an ending without a word");
_Static_assert(ROWS(closers) == WHY_CLOSER_COUNT, "a closer without a word");
_Static_assert(ROWS(host_states) == WHY_HOST_STATE_COUNT, "a host state without a word");
_Static_assert(ROWS(code_spaces) == WHY_SPACE_COUNT, "a code space without a word");

static const struct {
    const struct why_word *rows;
    size_t count;
} lists[] = {
    [WHY_VOCAB_PHASE] = {phases, ROWS(phases)},
    [WHY_VOCAB_PROFILE] = {profiles, ROWS(profiles)},
    [WHY_VOCAB_LICENSE_MODE] = {license_modes, ROWS(license_modes)},
    [WHY_VOCAB_OUTCOME] = {outcomes, ROWS(outcomes)},
    [WHY_VOCAB_ANSWER] = {answers, ROWS(answers)},
    [WHY_VOCAB_ENDING] = {endings, ROWS(endings)},
    [WHY_VOCAB_CLOSER] = {closers, ROWS(closers)},
    [WHY_VOCAB_HOST_STATE] = {host_states, ROWS(host_states)},
    [WHY_VOCAB_CODE_SPACE] = {code_spaces, ROWS(code_spaces)},
};

const struct why_word *why_vocab(enum why_vocabulary list, size_t *count)
{
    *count = lists[list].count;
    return lists[list].rows;
}

const char *why_word_name(enum why_vocabulary list, int value)
{
    if (value < 0 || (size_t)value >= lists[list].count)
        return "?";
    return lists[list].rows[value].name;
}

int why_word_find(enum why_vocabulary list, const char *name)
{
    for (size_t i = 0; i < lists[list].count; i++) {
        if (strcmp(lists[list].rows[i].name, name) == 0)
            return (int)i;
    }
    return WHY_ERR_NOTFOUND;
}

const char *why_phase_name(enum why_phase phase)
{
    return why_word_name(WHY_VOCAB_PHASE, phase);
}

const char *why_profile_name(enum why_profile profile)
{
    return why_word_name(WHY_VOCAB_PROFILE, (int)profile);
}

const char *why_license_mode_name(enum why_license_mode mode)
{
    return why_word_name(WHY_VOCAB_LICENSE_MODE, (int)mode);
}

const char *why_outcome_name(enum why_outcome outcome)
{
    return why_word_name(WHY_VOCAB_OUTCOME, (int)outcome);
}

const char *why_answer_name(enum why_answer answer)
{
    return why_word_name(WHY_VOCAB_ANSWER, (int)answer);
}

const char *why_ending_name(enum why_ending ending)
{
    return why_word_name(WHY_VOCAB_ENDING, (int)ending);
}

const char *why_closer_name(enum why_closer closer)
{
    return why_word_name(WHY_VOCAB_CLOSER, (int)closer);
}

const char *why_host_state_name(enum why_host_state state)
{
    return why_word_name(WHY_VOCAB_HOST_STATE, (int)state);
}

const char *why_code_space_name(enum why_code_space space)
{
    return why_word_name(WHY_VOCAB_CODE_SPACE, (int)space);
}
