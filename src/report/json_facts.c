/* SPDX-License-Identifier: Apache-2.0 */
#include "json_facts.h"

#include <inttypes.h>
#include <stdio.h>

#include <rdpwhy/facts.h>
#include <rdpwhy/knowledge.h>

#include "json_text.h"
#include "words.h"

/* The names of the bits set in |value|; bits without a name as one "0x…". */
static json_t *flag_names(struct json_builder *b, uint32_t value, const struct why_flag *flags,
                          size_t count)
{
    json_t *names = json_build_array(b);

    for (size_t i = 0; i < count; i++) {
        if (flags[i].bit && (value & flags[i].bit) == flags[i].bit) {
            json_add_text(b, names, flags[i].name);
            value &= ~flags[i].bit;
        }
    }
    if (value) {
        char rest[16];

        snprintf(rest, sizeof(rest), "0x%" PRIX32, value);
        json_add_text(b, names, rest);
    }
    return names;
}

static json_t *negotiation(struct json_builder *b, const struct why_facts *facts)
{
    json_t *object = json_build_object(b);
    const struct why_flag *flags;
    size_t count = 0;
    char buf[16];

    if (facts->has_request) {
        json_t *requested;

        flags = why_protocol_flags(&count);
        requested = flag_names(b, facts->requested_protocols, flags, count);
        /* PROTOCOL_RDP is the absence of all bits. */
        if (facts->requested_protocols == 0)
            json_add_text(b, requested, why_words_protocol(0, buf, sizeof(buf)));
        json_put(b, object, "requested", requested);
    }
    if (facts->has_confirm) {
        json_put_text(b, object, "selected",
                      why_words_protocol(facts->selected_protocol, buf, sizeof(buf)));
        if (facts->has_negotiation_data) {
            flags = why_negotiation_flags(&count);
            json_put(b, object, "flags", flag_names(b, facts->negotiation_flags, flags, count));
        }
    }
    return object;
}

static void put_time(struct json_builder *b, json_t *object, const char *key, struct why_time time)
{
    char text[WHY_TIME_TEXT];

    if (why_time_text(time, text))
        json_put_text(b, object, key, text);
}

static json_t *certificate(struct json_builder *b, const struct why_certificate *cert)
{
    json_t *object = json_build_object(b);
    json_t *names = json_build_array(b);

    json_put_text(b, object, "subject", cert->subject);
    json_put_text(b, object, "issuer", cert->issuer);
    json_put_text(b, object, "serial", cert->serial);
    json_put_text(b, object, "sha256", cert->sha256);
    put_time(b, object, "not_before", why_time_of_seconds(cert->not_before));
    put_time(b, object, "not_after", why_time_of_seconds(cert->not_after));
    json_put_bool(b, object, "self_signed", cert->self_signed);
    json_put_bool(b, object, "expired", cert->expired);
    json_put_bool(b, object, "not_yet_valid", cert->not_yet_valid);
    json_put_bool(b, object, "name_matches", cert->name_matches);
    for (size_t i = 0; i < cert->name_count; i++)
        json_add_text(b, names, cert->names[i]);
    json_put_filled(b, object, "names", names);
    json_put_text(b, object, "key", cert->key);
    json_put_text(b, object, "signature", cert->signature);
    if (cert->chain_length > 0)
        json_put_int(b, object, "chain_length", (int64_t)cert->chain_length);
    return object;
}

static json_t *tls(struct json_builder *b, const struct why_facts *facts)
{
    json_t *object = json_build_object(b);

    json_put_text(b, object, "version", facts->tls_version);
    json_put_text(b, object, "cipher", facts->tls_cipher);
    if (facts->has_certificate)
        json_put(b, object, "certificate", certificate(b, &facts->certificate));
    return object;
}

static json_t *ntlm(struct json_builder *b, const struct why_facts *facts)
{
    const struct why_ntlm_challenge *ntlm = &facts->ntlm;
    json_t *object = json_build_object(b);
    char buf[32];

    json_put_text(b, object, "target", ntlm->target);
    json_put_text(b, object, "netbios_computer", ntlm->netbios_computer);
    json_put_text(b, object, "netbios_domain", ntlm->netbios_domain);
    json_put_text(b, object, "dns_computer", ntlm->dns_computer);
    json_put_text(b, object, "dns_domain", ntlm->dns_domain);
    json_put_text(b, object, "dns_forest", ntlm->dns_forest);
    json_put_text(b, object, "os_version", why_words_os_version(ntlm, buf, sizeof(buf)));
    if (ntlm->has_timestamp)
        put_time(b, object, "server_time", why_time_of_filetime(ntlm->timestamp));
    if (facts->has_clock_skew)
        json_put_int(b, object, "clock_skew_s", facts->clock_skew_s);
    return object;
}

static json_t *security(struct json_builder *b, const struct why_facts *facts)
{
    json_t *object = json_build_object(b);
    char buf[16];

    json_put_text(b, object, "method",
                  why_words_method(facts->encryption_method, buf, sizeof(buf)));
    json_put_text(b, object, "level", why_words_level(facts->encryption_level, buf, sizeof(buf)));
    return object;
}

static json_t *license_request(struct json_builder *b, const struct why_license_message *request)
{
    json_t *object = json_build_object(b);

    json_put_text(b, object, "company", request->company);
    json_put_text(b, object, "product", request->product);
    json_put_hex(b, object, "version", request->version);
    if (request->has_certificate) {
        json_t *cert = json_build_object(b);

        json_put_text(b, cert, "kind",
                      request->certificate_is_chain ? "x509-chain" : "proprietary");
        json_put_int(b, cert, "size", request->certificate_size);
        json_put(b, object, "certificate", cert);
    }
    json_put_text(b, object, "scope", request->scope);
    if (request->scope_count > 0)
        json_put_int(b, object, "scope_count", request->scope_count);
    return object;
}

static json_t *license(struct json_builder *b, const struct why_facts *facts)
{
    json_t *object = json_build_object(b);
    json_t *messages = json_build_array(b);

    if (facts->has_license_request)
        json_put(b, object, "request", license_request(b, &facts->license_request));
    for (size_t i = 0; i < facts->license_message_count; i++)
        json_add_text(b, messages, why_license_message_name(facts->license_messages[i]));
    json_put_filled(b, object, "messages", messages);
    if (facts->license_result != WHY_LICENSE_RESULT_NONE)
        json_put_text(b, object, "result", why_license_result_name(facts->license_result));
    return object;
}

static json_t *server(struct json_builder *b, const struct why_facts *facts)
{
    json_t *object = json_build_object(b);

    if (facts->has_server_core)
        json_put_hex(b, object, "version", facts->server_version);
    if (facts->has_desktop) {
        char size[16];

        snprintf(size, sizeof(size), "%ux%u", facts->desktop_width, facts->desktop_height);
        json_put_text(b, object, "desktop", size);
    }
    json_put_text(b, object, "not_rdp", facts->foreign);
    return object;
}

void json_put_facts(struct json_builder *b, json_t *record, const struct why_facts *facts)
{
    json_put_filled(b, record, "negotiation", negotiation(b, facts));
    json_put_filled(b, record, "tls", tls(b, facts));
    if (facts->has_ntlm)
        json_put_filled(b, record, "ntlm", ntlm(b, facts));
    if (facts->credssp_version > 0) {
        json_t *credssp = json_build_object(b);

        json_put_int(b, credssp, "version", facts->credssp_version);
        json_put(b, record, "credssp", credssp);
    }
    if (facts->has_server_security)
        json_put(b, record, "security", security(b, facts));
    json_put_filled(b, record, "license", license(b, facts));
    json_put_filled(b, record, "server", server(b, facts));
    if (facts->has_redirection) {
        json_t *redirection = json_build_object(b);

        json_put_text(b, redirection, "target", facts->redirection_target);
        json_put_filled(b, record, "redirection", redirection);
    }
}
