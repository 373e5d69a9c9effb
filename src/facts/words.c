/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/result.h>

#include "base/rfc3339.h"
#include "base/system_error.h"
#include "base/text.h"

const char *why_license_message_name(enum why_pdu_type type)
{
    switch (type) {
    case WHY_PDU_LICENSE_REQUEST:
        return "LICENSE_REQUEST";
    case WHY_PDU_LICENSE_PLATFORM_CHALLENGE:
        return "PLATFORM_CHALLENGE";
    case WHY_PDU_LICENSE_NEW_LICENSE:
        return "NEW_LICENSE";
    case WHY_PDU_LICENSE_UPGRADE_LICENSE:
        return "UPGRADE_LICENSE";
    case WHY_PDU_LICENSE_INFO:
        return "LICENSE_INFO";
    case WHY_PDU_LICENSE_NEW_LICENSE_REQUEST:
        return "NEW_LICENSE_REQUEST";
    case WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE:
        return "PLATFORM_CHALLENGE_RESPONSE";
    case WHY_PDU_LICENSE_ERROR_ALERT:
        return "ERROR_ALERT";
    case WHY_PDU_LICENSE_VALID_CLIENT: /* an ERROR_ALERT as well, but never to be read as one */
        return "STATUS_VALID_CLIENT";
    default:
        return "license message that cannot be read";
    }
}

static const char *name_or_hex(const char *name, uint32_t value, char *buf, size_t len)
{
    if (name)
        return name;
    snprintf(buf, len, "0x%" PRIX32, value);
    return buf;
}

const char *why_words_protocol(uint32_t selected, char *buf, size_t len)
{
    return name_or_hex(why_protocol_name(selected), selected, buf, len);
}

const char *why_words_method(uint32_t method, char *buf, size_t len)
{
    return name_or_hex(why_encryption_method_name(method), method, buf, len);
}

const char *why_words_level(uint32_t level, char *buf, size_t len)
{
    return name_or_hex(why_encryption_level_name(level), level, buf, len);
}

const char *why_words_os_version(const struct why_ntlm_challenge *ntlm, char *buf, size_t len)
{
    if (ntlm->has_version)
        snprintf(buf, len, "%u.%u.%u", ntlm->major, ntlm->minor, ntlm->build);
    else
        snprintf(buf, len, "%s", "");
    return buf;
}

/* Where the words before |at| were cut already there is nothing to append to. */
#define APPEND(buf, len, at, ...)                                                                  \
    ((size_t)(at) < (len) ? snprintf((buf) + (at), (len) - (size_t)(at), __VA_ARGS__) : 0)

void why_words_phase(const struct why_verdict *verdict, char *buf, size_t len)
{
    if (why_verdict_is_range(verdict))
        (void)snprintf(buf, len, "%s to %s", why_phase_name(verdict->phase),
                       why_phase_name(verdict->phase_to));
    else
        (void)snprintf(buf, len, "%s",
                       verdict->phase == WHY_PHASE_NONE ? "" : why_phase_name(verdict->phase));
}

const char *why_words_code_name(const struct why_code *code, char *buf)
{
    return why_system_error_space(code->space)
               ? why_system_error_write(code->space, code->value, buf)
               : code->name;
}

bool why_words_code_has_value(const struct why_code *code)
{
    return !why_system_error_space(code->space) || !why_system_error_is_elsewhere(code->value);
}

void why_words_ending(const struct why_verdict *verdict, char *buf, size_t len)
{
    const char *ending = why_ending_name(verdict->ending);
    int n = snprintf(buf, len, "%s", ending);

    if (verdict->has_code) {
        const char *space = why_code_space_name(verdict->code.space);
        char value[32], buffer[WHY_SYSTEM_ERROR_MAX];
        const char *name = why_words_code_name(&verdict->code, buffer);

        why_code_format(verdict->code.space, verdict->code.value, value, sizeof(value));
        if (strcmp(space, ending) != 0)
            n += APPEND(buf, len, n, " %s", space);
        if (why_words_code_has_value(&verdict->code))
            n += APPEND(buf, len, n, " %s", value);
        if (name)
            n += APPEND(buf, len, n, " %s", name);
    }
    if (verdict->has_transition) {
        const char *name = why_license_transition_name(verdict->transition);

        if (name)
            APPEND(buf, len, n, ", %s", name);
        else
            APPEND(buf, len, n, ", transition %" PRIu32, verdict->transition);
    }
}

void why_words_mstsc(const struct why_verdict *verdict, char *buf, size_t len)
{
    int n = snprintf(buf, len, "0x%" PRIX32, verdict->mstsc.code);

    if (verdict->mstsc.has_extended)
        APPEND(buf, len, n, ", extended 0x%" PRIX32, verdict->mstsc.extended);
}

const char *why_words_gateway_transport(unsigned transport)
{
    static const char *const words[] = {NULL, "websocket", "http"};

    return transport < sizeof(words) / sizeof(words[0]) ? words[transport] : NULL;
}

void why_words_step(const struct why_step *step, char *buf, size_t len)
{
    int n = snprintf(buf, len, "%s", why_profile_name(step->profile));

    if (step->license_mode != WHY_LICENSE_MODE_FRESH)
        n += APPEND(buf, len, n, " %s", why_license_mode_name(step->license_mode));
    if (step->repeat > 0)
        APPEND(buf, len, n, " #%u", step->repeat + 1);
}

void why_words_trust(const struct why_certificate *certificate, char *buf, size_t len)
{
    static const struct {
        const char *before, *after; /* of the authority's name */
    } words[WHY_TRUST_COUNT] = {
        [WHY_TRUST_TRUSTED] = {"trusted, issued under ", "; revocation not checked"},
        [WHY_TRUST_SELF_SIGNED] = {"not trusted: self-signed", ""},
        [WHY_TRUST_UNKNOWN_ISSUER] = {"not trusted: this computer does not know ", ""},
        [WHY_TRUST_CHAIN_EXPIRED] = {"not trusted: ", " is expired or not yet valid"},
        [WHY_TRUST_CHAIN_INVALID] = {"not trusted: the chain is not valid at ", ""},
    };

    *buf = '\0';
    if (certificate->has_trust)
        snprintf(buf, len, "%s%s%s", words[certificate->trust].before,
                 certificate->authority ? certificate->authority : "",
                 words[certificate->trust].after);
}

bool why_certificate_days(const struct why_result *result, int64_t *days)
{
    uint64_t started_us = result->trace ? why_trace_head(result->trace)->started_us : 0;

    if (!result->facts.has_certificate || started_us == 0)
        return false;
    *days = why_whole_days(result->facts.certificate.not_after - (int64_t)(started_us / 1000000));
    return true;
}

const char *why_words_target(const struct why_target *target, char buf[WHY_TARGET_WORDS])
{
    if (!target->among_others || target->vantage == NULL)
        return target->label;
    (void)snprintf(buf, WHY_TARGET_WORDS, "%s from %s", target->label, target->vantage);
    return buf;
}

/* " at 2026-11-22T08:00:00.123456Z, 1.2 s into"; " of" where packets have no times. */
static void time_words(const struct why_verdict *v, char *buf, size_t len)
{
    char time[WHY_RFC3339_SIZE], into[32];

    why_duration_text(v->offset_us, into, sizeof(into));
    if (v->packet_us == 0 || !why_rfc3339_print((int64_t)(v->packet_us / 1000000),
                                                (int32_t)(v->packet_us % 1000000), time))
        (void)snprintf(buf, len, "of");
    else
        (void)snprintf(buf, len, "at %s, %s into", time, into);
}

bool why_words_capture(const struct why_result *result, char *buf, size_t len)
{
    const struct why_verdict *v = &result->verdict;
    const struct why_facts *f = &result->facts;
    char when[96], packet[32] = "";

    if (f->capture == NULL || (v->packet == 0 && v->packet_us == 0))
        return false;
    if (v->packet > 0)
        (void)snprintf(packet, sizeof(packet), "packet %" PRIu64 " ", v->packet);
    time_words(v, when, sizeof(when));
    (void)snprintf(buf, len, "%s%s %s%s%s", packet, when, f->capture,
                   f->client != NULL ? "; client " : "", f->client != NULL ? f->client : "");
    return true;
}
