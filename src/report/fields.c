/* SPDX-License-Identifier: Apache-2.0 */
#include "fields.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/result.h>

#include "json_text.h"
#include "words.h"

static const char *put_number(int64_t number, char *buf)
{
    snprintf(buf, FIELD_TEXT, "%" PRId64, number);
    return buf;
}

static const char *put_hex(uint32_t number, char *buf)
{
    snprintf(buf, FIELD_TEXT, "0x%" PRIX32, number);
    return buf;
}

static const char *put_time(struct why_time time, char *buf)
{
    return why_time_text(time, buf) ? buf : NULL;
}

static const char *filled(const char *text)
{
    return text && *text ? text : NULL;
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

#define FIELD(name) static const char *get_##name(const struct why_result *r, char *buf)
/* The value of an expression that needs no buffer. */
#define SIMPLE(name, value)                                                                        \
    FIELD(name)                                                                                    \
    {                                                                                              \
        (void)buf;                                                                                 \
        return value;                                                                              \
    }
/* A number, where the condition holds. */
#define NUMBER(name, condition, value)                                                             \
    FIELD(name)                                                                                    \
    {                                                                                              \
        return (condition) ? put_number((int64_t)(value), buf) : NULL;                             \
    }

SIMPLE(target, r->target->label)
SIMPLE(address, r->facts.address)
NUMBER(port, r->facts.address, r->facts.port)
NUMBER(ordinal, true, r->ordinal)
SIMPLE(profile, why_profile_name(r->step.profile))
SIMPLE(license_mode, why_license_mode_name(r->step.license_mode))
NUMBER(repeat, r->step.repeat > 0, r->step.repeat)
SIMPLE(variation, r->trace ? why_trace_head(r->trace)->variation : NULL)
FIELD(started)
{
    uint64_t us = r->trace ? why_trace_head(r->trace)->started_us : 0;

    return us > 0 ? put_time(why_time_of_us(us), buf) : NULL;
}
NUMBER(duration_us, r->verdict.outcome != WHY_OUTCOME_SKIPPED, r->verdict.duration_us)
SIMPLE(outcome, why_outcome_name(r->verdict.outcome))
SIMPLE(phase, r->verdict.phase == WHY_PHASE_NONE ? NULL : why_phase_name(r->verdict.phase))
SIMPLE(phase_range_to,
       why_verdict_is_range(&r->verdict) ? why_phase_name(r->verdict.phase_to) : NULL)
SIMPLE(ending, why_ending_name(r->verdict.ending))
SIMPLE(closed_by, r->verdict.has_closer ? why_closer_name(r->verdict.closed_by) : NULL)
SIMPLE(sent_through,
       r->verdict.sent_through == WHY_PHASE_NONE ? NULL : why_phase_name(r->verdict.sent_through))
SIMPLE(code_space, r->verdict.has_code ? why_code_space_name(r->verdict.code.space) : NULL)
NUMBER(code, r->verdict.has_code &&why_words_code_has_value(&r->verdict.code),
       r->verdict.code.value)
FIELD(code_name)
{
    return r->verdict.has_code ? why_words_code_name(&r->verdict.code, buf) : NULL;
}
FIELD(mstsc_code)
{
    return r->verdict.has_mstsc ? put_hex(r->verdict.mstsc.code, buf) : NULL;
}
FIELD(mstsc_extended)
{
    const struct why_mstsc *mstsc = &r->verdict.mstsc;

    return r->verdict.has_mstsc && mstsc->has_extended ? put_hex(mstsc->extended, buf) : NULL;
}
SIMPLE(mstsc_basis, why_mstsc_basis(&r->verdict))
SIMPLE(reason, filled(r->verdict.reason))
SIMPLE(last_sent, r->facts.last_sent)
SIMPLE(last_received, r->facts.last_received)
NUMBER(bytes_sent, r->facts.address, r->facts.bytes_sent)
NUMBER(bytes_received, r->facts.address, r->facts.bytes_received)
FIELD(selected)
{
    return r->facts.has_confirm ? why_words_protocol(r->facts.selected_protocol, buf, FIELD_TEXT)
                                : NULL;
}
SIMPLE(tls_version, r->facts.tls_version)
SIMPLE(tls_cipher, r->facts.tls_cipher)

/* NULL where there is no certificate. */
static const struct why_certificate *certificate(const struct why_result *r)
{
    return r->facts.has_certificate ? &r->facts.certificate : NULL;
}

SIMPLE(certificate_subject, certificate(r) ? filled(certificate(r)->subject) : NULL)
SIMPLE(certificate_issuer, certificate(r) ? filled(certificate(r)->issuer) : NULL)
SIMPLE(certificate_serial, certificate(r) ? filled(certificate(r)->serial) : NULL)
SIMPLE(certificate_sha256, certificate(r) ? filled(certificate(r)->sha256) : NULL)
FIELD(certificate_not_before)
{
    return certificate(r) ? put_time(why_time_of_seconds(certificate(r)->not_before), buf) : NULL;
}
FIELD(certificate_not_after)
{
    return certificate(r) ? put_time(why_time_of_seconds(certificate(r)->not_after), buf) : NULL;
}
SIMPLE(certificate_self_signed, certificate(r) ? truth(certificate(r)->self_signed) : NULL)
SIMPLE(certificate_expired, certificate(r) ? truth(certificate(r)->expired) : NULL)
SIMPLE(certificate_name_matches, certificate(r) ? truth(certificate(r)->name_matches) : NULL)
SIMPLE(certificate_key, certificate(r) ? filled(certificate(r)->key) : NULL)

#define NTLM(member) (r->facts.has_ntlm ? filled(r->facts.ntlm.member) : NULL)
SIMPLE(netbios_computer, NTLM(netbios_computer))
SIMPLE(netbios_domain, NTLM(netbios_domain))
SIMPLE(dns_computer, NTLM(dns_computer))
SIMPLE(dns_domain, NTLM(dns_domain))
FIELD(os_version)
{
    return r->facts.has_ntlm ? filled(why_words_os_version(&r->facts.ntlm, buf, FIELD_TEXT)) : NULL;
}
NUMBER(clock_skew_s, r->facts.has_ntlm && r->facts.has_clock_skew, r->facts.clock_skew_s)
NUMBER(credssp_version, r->facts.credssp_version > 0, r->facts.credssp_version)
FIELD(security_method)
{
    return r->facts.has_server_security
               ? why_words_method(r->facts.encryption_method, buf, FIELD_TEXT)
               : NULL;
}
FIELD(security_level)
{
    return r->facts.has_server_security
               ? why_words_level(r->facts.encryption_level, buf, FIELD_TEXT)
               : NULL;
}
SIMPLE(license_result, r->facts.license_result == WHY_LICENSE_RESULT_NONE
                           ? NULL
                           : why_license_result_name(r->facts.license_result))
FIELD(server_version)
{
    return r->facts.has_server_core ? put_hex(r->facts.server_version, buf) : NULL;
}

#define ROW(name, path)                                                                            \
    {                                                                                              \
#name, path, false, get_##name                                                             \
    }
#define TEXT(name, path)                                                                           \
    {                                                                                              \
#name, path, true, get_##name                                                              \
    }

/* clang-format off */
const struct report_field why_report_fields[] = {
    TEXT(target, "target"),
    ROW(address, "address"),
    ROW(port, "port"),
    ROW(ordinal, "ordinal"),
    ROW(profile, "profile"),
    ROW(license_mode, "license_mode"),
    ROW(repeat, "repeat"),
    ROW(variation, "variation"),
    ROW(started, "started"),
    ROW(duration_us, "duration_us"),
    ROW(outcome, "outcome"),
    ROW(phase, "phase"),
    ROW(ending, "ending"),
    ROW(closed_by, "closed_by"),
    ROW(sent_through, "sent_through"),
    ROW(code_space, "code.space"),
    ROW(code, "code.value"),
    ROW(code_name, "code.name"),
    ROW(mstsc_code, "mstsc.code"),
    ROW(mstsc_extended, "mstsc.extended"),
    ROW(mstsc_basis, "mstsc.basis"),
    TEXT(reason, "reason"),
    ROW(last_sent, "last_sent"),
    ROW(last_received, "last_received"),
    ROW(bytes_sent, "bytes_sent"),
    ROW(bytes_received, "bytes_received"),
    ROW(selected, "negotiation.selected"),
    ROW(tls_version, "tls.version"),
    ROW(tls_cipher, "tls.cipher"),
    TEXT(certificate_subject, "tls.certificate.subject"),
    TEXT(certificate_issuer, "tls.certificate.issuer"),
    ROW(certificate_serial, "tls.certificate.serial"),
    ROW(certificate_sha256, "tls.certificate.sha256"),
    ROW(certificate_not_before, "tls.certificate.not_before"),
    ROW(certificate_not_after, "tls.certificate.not_after"),
    ROW(certificate_self_signed, "tls.certificate.self_signed"),
    ROW(certificate_expired, "tls.certificate.expired"),
    ROW(certificate_name_matches, "tls.certificate.name_matches"),
    ROW(certificate_key, "tls.certificate.key"),
    TEXT(netbios_computer, "ntlm.netbios_computer"),
    TEXT(netbios_domain, "ntlm.netbios_domain"),
    TEXT(dns_computer, "ntlm.dns_computer"),
    TEXT(dns_domain, "ntlm.dns_domain"),
    ROW(os_version, "ntlm.os_version"),
    ROW(clock_skew_s, "ntlm.clock_skew_s"),
    ROW(credssp_version, "credssp.version"),
    ROW(security_method, "security.method"),
    ROW(security_level, "security.level"),
    ROW(license_result, "license.result"),
    ROW(server_version, "server.version"),
    ROW(phase_range_to, "phase_range.to"),
};
/* clang-format on */
const size_t why_report_field_count = sizeof(why_report_fields) / sizeof(why_report_fields[0]);

bool why_report_is_repeated(const struct why_host *host, size_t index)
{
    const struct why_step *step = &host->results[index]->step;

    for (size_t i = index + 1; i < host->count; i++) {
        if (host->results[i]->step.profile == step->profile &&
            host->results[i]->step.license_mode == step->license_mode)
            return true;
    }
    return false;
}
