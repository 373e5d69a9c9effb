/* SPDX-License-Identifier: Apache-2.0 */
#include "json_facts.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/result.h>

#include "json_text.h"
#include "words.h"

/* The names of the bits set in |value|; bits without a name as one "0x…". */
static json_t *flag_names(struct why_json_builder *b, uint32_t value, const struct why_flag *flags,
                          size_t count)
{
    json_t *names = why_json_build_array(b);

    for (size_t i = 0; i < count; i++) {
        if (flags[i].bit && (value & flags[i].bit) == flags[i].bit) {
            why_json_add_text(b, names, flags[i].name);
            value &= ~flags[i].bit;
        }
    }
    if (value) {
        char rest[16];

        snprintf(rest, sizeof(rest), "0x%" PRIX32, value);
        why_json_add_text(b, names, rest);
    }
    return names;
}

static json_t *negotiation(struct why_json_builder *b, const struct why_facts *facts)
{
    json_t *object = why_json_build_object(b);
    const struct why_flag *flags;
    size_t count = 0;
    char buf[16];

    if (facts->has_request) {
        json_t *requested;

        flags = why_protocol_flags(&count);
        requested = flag_names(b, facts->requested_protocols, flags, count);
        /* PROTOCOL_RDP is the absence of all bits. */
        if (facts->requested_protocols == 0)
            why_json_add_text(b, requested, why_words_protocol(0, buf, sizeof(buf)));
        why_json_put(b, object, "requested", requested);
    }
    if (facts->has_confirm) {
        why_json_put_text(b, object, "selected",
                          why_words_protocol(facts->selected_protocol, buf, sizeof(buf)));
        if (facts->has_negotiation_data) {
            flags = why_negotiation_flags(&count);
            why_json_put(b, object, "flags", flag_names(b, facts->negotiation_flags, flags, count));
        }
    }
    return object;
}

static void put_time(struct why_json_builder *b, json_t *object, const char *key,
                     struct why_time time)
{
    char text[WHY_TIME_TEXT];

    if (why_time_text(time, text))
        why_json_put_text(b, object, key, text);
}

static json_t *certificate(struct why_json_builder *b, const struct why_certificate *cert)
{
    json_t *object = why_json_build_object(b);
    json_t *names = why_json_build_array(b);

    why_json_put_text(b, object, "subject", cert->subject);
    why_json_put_text(b, object, "issuer", cert->issuer);
    why_json_put_text(b, object, "serial", cert->serial);
    why_json_put_text(b, object, "sha256", cert->sha256);
    put_time(b, object, "not_before", why_time_of_seconds(cert->not_before));
    put_time(b, object, "not_after", why_time_of_seconds(cert->not_after));
    why_json_put_bool(b, object, "self_signed", cert->self_signed);
    why_json_put_bool(b, object, "expired", cert->expired);
    why_json_put_bool(b, object, "not_yet_valid", cert->not_yet_valid);
    why_json_put_bool(b, object, "name_matches", cert->name_matches);
    for (size_t i = 0; i < cert->name_count; i++)
        why_json_add_text(b, names, cert->names[i]);
    why_json_put_filled(b, object, "names", names);
    why_json_put_text(b, object, "key", cert->key);
    why_json_put_text(b, object, "signature", cert->signature);
    if (cert->chain_length > 0)
        why_json_put_int(b, object, "chain_length", (int64_t)cert->chain_length);
    return object;
}

static json_t *tls(struct why_json_builder *b, const struct why_facts *facts)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "version", facts->tls_version);
    why_json_put_text(b, object, "cipher", facts->tls_cipher);
    if (facts->has_certificate)
        why_json_put(b, object, "certificate", certificate(b, &facts->certificate));
    return object;
}

static json_t *ntlm(struct why_json_builder *b, const struct why_facts *facts)
{
    const struct why_ntlm_challenge *ntlm = &facts->ntlm;
    json_t *object = why_json_build_object(b);
    char buf[32];

    why_json_put_text(b, object, "target", ntlm->target);
    why_json_put_text(b, object, "netbios_computer", ntlm->netbios_computer);
    why_json_put_text(b, object, "netbios_domain", ntlm->netbios_domain);
    why_json_put_text(b, object, "dns_computer", ntlm->dns_computer);
    why_json_put_text(b, object, "dns_domain", ntlm->dns_domain);
    why_json_put_text(b, object, "dns_forest", ntlm->dns_forest);
    why_json_put_text(b, object, "os_version", why_words_os_version(ntlm, buf, sizeof(buf)));
    if (ntlm->has_timestamp)
        put_time(b, object, "server_time", why_time_of_filetime(ntlm->timestamp));
    if (facts->has_clock_skew)
        why_json_put_int(b, object, "clock_skew_s", facts->clock_skew_s);
    return object;
}

static json_t *security(struct why_json_builder *b, const struct why_facts *facts)
{
    json_t *object = why_json_build_object(b);
    char buf[16];

    why_json_put_text(b, object, "method",
                      why_words_method(facts->encryption_method, buf, sizeof(buf)));
    why_json_put_text(b, object, "level",
                      why_words_level(facts->encryption_level, buf, sizeof(buf)));
    return object;
}

static json_t *license_request(struct why_json_builder *b,
                               const struct why_license_message *request)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "company", request->company);
    why_json_put_text(b, object, "product", request->product);
    why_json_put_hex(b, object, "version", request->version);
    if (request->has_certificate) {
        json_t *cert = why_json_build_object(b);

        why_json_put_text(b, cert, "kind",
                          request->certificate_is_chain ? "x509-chain" : "proprietary");
        why_json_put_int(b, cert, "size", request->certificate_size);
        if (request->certificate_count > 0)
            why_json_put_int(b, cert, "count", request->certificate_count);
        why_json_put(b, object, "certificate", cert);
    }
    why_json_put_text(b, object, "scope", request->scope);
    if (request->scope_count > 0)
        why_json_put_int(b, object, "scope_count", request->scope_count);
    return object;
}

/* The server's last ERROR_ALERT, which may be STATUS_VALID_CLIENT as well. */
static json_t *license_status(struct why_json_builder *b, const struct why_facts *facts)
{
    const struct why_code_row *row =
        why_code_lookup(WHY_SPACE_LICENSE_ERROR, facts->license_status);
    json_t *object = why_json_build_object(b);

    why_json_put_int(b, object, "value", facts->license_status);
    why_json_put_text(b, object, "name", row ? row->name : NULL);
    why_json_put_int(b, object, "transition", facts->license_transition);
    why_json_put_text(b, object, "transition_name",
                      why_license_transition_name(facts->license_transition));
    return object;
}

/* The licensing preamble's flags, [MS-RDPBCGR] 2.2.1.12.1.1. */
static json_t *license_preamble(struct why_json_builder *b, uint8_t flags)
{
    json_t *object = why_json_build_object(b);

    why_json_put_int(b, object, "version", flags & 0x0f);
    why_json_put_bool(b, object, "extended_error", (flags & 0x80) != 0);
    return object;
}

static json_t *license(struct why_json_builder *b, const struct why_facts *facts)
{
    json_t *object = why_json_build_object(b);
    json_t *messages = why_json_build_array(b);
    json_t *times = why_json_build_array(b);
    json_t *sizes = why_json_build_array(b);

    if (facts->has_license_request)
        why_json_put(b, object, "request", license_request(b, &facts->license_request));
    for (size_t i = 0; i < facts->license_message_count; i++) {
        why_json_add_text(b, messages, why_license_message_name(facts->license_messages[i]));
        why_json_add(b, times, json_integer((json_int_t)facts->license_times_us[i]));
        why_json_add(b, sizes, json_integer((json_int_t)facts->license_sizes[i]));
    }
    why_json_put_filled(b, object, "messages", messages);
    why_json_put_filled(b, object, "times_us", times);
    why_json_put_filled(b, object, "sizes", sizes);
    if (facts->has_license_preamble)
        why_json_put(b, object, "preamble", license_preamble(b, facts->license_preamble));
    if (facts->has_license_status)
        why_json_put(b, object, "status", license_status(b, facts));
    if (facts->license_result != WHY_LICENSE_RESULT_NONE)
        why_json_put_text(b, object, "result", why_license_result_name(facts->license_result));
    return object;
}

static json_t *server(struct why_json_builder *b, const struct why_facts *facts)
{
    json_t *object = why_json_build_object(b);

    if (facts->has_server_core)
        why_json_put_hex(b, object, "version", facts->server_version);
    if (facts->has_desktop) {
        char size[16];

        snprintf(size, sizeof(size), "%ux%u", facts->desktop_width, facts->desktop_height);
        why_json_put_text(b, object, "desktop", size);
    }
    why_json_put_text(b, object, "not_rdp", facts->foreign);
    return object;
}

void why_json_put_facts(struct why_json_builder *b, json_t *record, const struct why_facts *facts)
{
    why_json_put_filled(b, record, "negotiation", negotiation(b, facts));
    why_json_put_filled(b, record, "tls", tls(b, facts));
    if (facts->has_ntlm)
        why_json_put_filled(b, record, "ntlm", ntlm(b, facts));
    if (facts->credssp_version > 0) {
        json_t *credssp = why_json_build_object(b);

        why_json_put_int(b, credssp, "version", facts->credssp_version);
        why_json_put(b, record, "credssp", credssp);
    }
    if (facts->has_server_security)
        why_json_put(b, record, "security", security(b, facts));
    why_json_put_filled(b, record, "license", license(b, facts));
    why_json_put_filled(b, record, "server", server(b, facts));
    if (facts->has_redirection) {
        json_t *redirection = why_json_build_object(b);

        why_json_put_text(b, redirection, "target", facts->redirection_target);
        why_json_put_filled(b, record, "redirection", redirection);
    }
}
