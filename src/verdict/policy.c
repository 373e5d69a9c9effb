/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/policy.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* [MS-RDPBCGR] 2.2.1.2.2 */
#define SSL_REQUIRED_BY_SERVER    1
#define SSL_NOT_ALLOWED_BY_SERVER 2
#define HYBRID_REQUIRED_BY_SERVER 5

/* RFC 8446, 6.2: what servers answer a version with that they do not speak */
#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_PROTOCOL_VERSION  70

struct why_answer why_answer_of(enum why_profile profile, const struct why_verdict *verdict)
{
    return (struct why_answer){profile,         verdict->outcome,  verdict->phase,
                               verdict->ending, verdict->has_code, verdict->code.value};
}

bool why_answer_through(const struct why_answer *a)
{
    if (a->outcome == WHY_OUTCOME_COMPLETED || a->ending == WHY_END_REDIRECTED)
        return true;
    return a->outcome == WHY_OUTCOME_STOPPED && a->phase >= WHY_PHASE_CREDSSP;
}

static bool is_pinned(enum why_profile profile)
{
    return profile >= WHY_PROFILE_TLS10 && profile <= WHY_PROFILE_TLS13;
}

/* The version that was pinned is off. */
static bool is_version_off(const struct why_answer *a)
{
    if (!is_pinned(a->profile) || a->phase != WHY_PHASE_TLS)
        return false;
    if (a->ending == WHY_END_TLS_ALERT)
        return a->has_code &&
               (a->code == ALERT_PROTOCOL_VERSION || a->code == ALERT_HANDSHAKE_FAILURE);
    return a->profile <= WHY_PROFILE_TLS11 &&
           (a->ending == WHY_END_FIN || a->ending == WHY_END_RESET);
}

bool why_answer_policy(const struct why_answer *a)
{
    if (a->outcome == WHY_OUTCOME_STOPPED && a->phase == WHY_PHASE_NEGOTIATION)
        return true;
    if (a->ending == WHY_END_NEGOTIATION_FAILURE)
        return a->has_code &&
               (a->code == SSL_REQUIRED_BY_SERVER || a->code == SSL_NOT_ALLOWED_BY_SERVER ||
                a->code == HYBRID_REQUIRED_BY_SERVER);
    return is_version_off(a);
}

bool why_answer_nla_required(const struct why_answer *a)
{
    return a->ending == WHY_END_NEGOTIATION_FAILURE && a->has_code &&
           a->code == HYBRID_REQUIRED_BY_SERVER;
}

/* The phase behind which the security of a profile is agreed on; CredSSP and its like have begun
 * where the server let the client begin with them. */
static enum why_phase security_phase(enum why_profile profile)
{
    switch (profile) {
    case WHY_PROFILE_RDP:
        return WHY_PHASE_BASIC_SETTINGS;
    case WHY_PROFILE_NEGOTIATE:
    case WHY_PROFILE_NLA:
    case WHY_PROFILE_NLA_EXT:
        return WHY_PHASE_CREDSSP;
    case WHY_PROFILE_RDSTLS:
        return WHY_PHASE_RDSTLS;
    case WHY_PROFILE_AAD:
        return WHY_PHASE_AAD;
    default:
        return WHY_PHASE_CREDSSP; /* any phase behind tls */
    }
}

bool why_answer_accepted(const struct why_answer *a)
{
    if (a->outcome == WHY_OUTCOME_SKIPPED || a->outcome == WHY_OUTCOME_FAILED)
        return false;
    return a->outcome == WHY_OUTCOME_COMPLETED || a->phase >= security_phase(a->profile);
}

int why_key_strength(const char *key)
{
    static const struct {
        const char *name;
        int bits;
    } curves[] = {{"prime192v1", 1024}, {"secp224r1", 2048}, {"prime256v1", 3072},
                  {"secp256k1", 3072},  {"P-256", 3072},     {"ED25519", 3072},
                  {"secp384r1", 7680},  {"P-384", 7680},     {"ED448", 7680},
                  {"secp521r1", 15360}, {"P-521", 15360}};

    if (strncmp(key, "RSA ", 4) == 0 && key[4] >= '1' && key[4] <= '9' && strlen(key) < 12)
        return atoi(key + 4);
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (strstr(key, curves[i].name))
            return curves[i].bits;
    }
    return -1;
}

int why_tls_version_number(const char *version)
{
    static const struct {
        const char *name;
        int number;
    } versions[] = {{"SSLv2", 2},    {"SSLv3", 3},    {"TLSv1", 10},  {"TLSv1.0", 10},
                    {"TLSv1.1", 11}, {"TLSv1.2", 12}, {"TLSv1.3", 13}};

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (strcmp(versions[i].name, version) == 0)
            return versions[i].number;
    }
    return -1;
}
