/* SPDX-License-Identifier: Apache-2.0 */
#include "back.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/status.h>

#include "base/rfc3339.h"
#include "base/system_error.h"
#include "facts/words.h"

#define SHORT_TEXT 64 /* longer than any text that is made up (WHY_FACT_TEXT) */

const char why_back_nomem[] = "out of memory";

static const char no_text[] = "is not a text";
static const char no_array[] = "is not an array";
static const char no_word[] = "is a word that this version does not know";
static const char no_number[] = "is not a number in range";

/* ---- short texts ------------------------------------------------------------------------------
 */

/* What TEXT |value| says, "" where it is too long to be what is meant. */
static const char *short_text(const struct why_json_value *value, char buf[SHORT_TEXT])
{
    buf[value->len < SHORT_TEXT ? why_json_unescape(value, buf) : 0] = '\0';
    return buf;
}

/* "0x40" */
static bool hex_of(const char *text, uint32_t *value)
{
    const size_t len = strlen(text);
    char *end;

    if (len < 3 || len > 10 || strncmp(text, "0x", 2) != 0 ||
        strspn(text + 2, "0123456789ABCDEFabcdef") != len - 2)
        return false;
    *value = (uint32_t)strtoul(text + 2, &end, 16);
    return true;
}

/* The value below |limit| whose name is |text|, or what "0x40" says. */
static bool named_value(const char *text, const char *(*name_of)(uint32_t value), uint32_t limit,
                        uint32_t *value)
{
    for (uint32_t i = 0; i < limit; i++) {
        const char *name = name_of(i);

        if (name != NULL && strcmp(name, text) == 0) {
            *value = i;
            return true;
        }
    }
    return hex_of(text, value);
}

static const char *read_named(const struct why_json_value *value,
                              const char *(*name_of)(uint32_t value), uint32_t *to)
{
    char buf[SHORT_TEXT];

    if (value->type != WHY_JSON_TEXT)
        return no_text;
    return named_value(short_text(value, buf), name_of, 256, to) ? NULL : no_word;
}

/* The bits of a list of names; one without a name is "0x…", and PROTOCOL_RDP is none at all. */
static const char *read_flags(const struct why_json_value *value, const struct why_flag *flags,
                              size_t count, uint32_t *bits)
{
    struct why_json_value array = *value, element;
    char buf[SHORT_TEXT];

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    while (why_json_element(&array, &element)) {
        const char *text = element.type == WHY_JSON_TEXT ? short_text(&element, buf) : "";
        uint32_t bit = 0;
        size_t i = 0;

        while (i < count && (flags[i].bit == 0 || strcmp(flags[i].name, text) != 0))
            i++;
        if (i < count)
            bit = flags[i].bit;
        else if (!hex_of(text, &bit) && strcmp(text, why_protocol_name(0)) != 0)
            return no_word;
        *bits |= bit;
    }
    return NULL;
}

/* ---- rows that take more than a place ---------------------------------------------------------
 */

static const char *read_variation(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_TEXT)
        return no_text;
    draft->head.variation = why_saved_text(draft->reader, value);
    return draft->head.variation != NULL ? NULL : why_back_nomem;
}

static const char *read_hop(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_INTEGER || value->number < 1 || value->number > WHY_HOPS_MAX)
        return "is not the number of a redirection";
    draft->head.hop = (unsigned)value->number;
    return NULL;
}

/* "host:port" or "[v6]:port" */
static const char *read_hop_target(struct saved_draft *draft, const struct why_json_value *value)
{
    char *host = draft->hop_host, *colon;

    if (value->type != WHY_JSON_TEXT)
        return no_text;
    if (why_saved_chars(value, host, sizeof(draft->hop_host)) != WHY_OK)
        return why_back_nomem;
    colon = strrchr(host, ':');
    if (colon == NULL)
        return "has no port";
    draft->head.port = (uint16_t)strtoul(colon + 1, NULL, 10);
    *colon = '\0';
    if (host[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        host++;
    }
    draft->head.host = host;
    return NULL;
}

static const char *read_file_target(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_TEXT)
        return no_text;
    draft->reader->file_target = why_saved_text(draft->reader, value);
    return draft->reader->file_target != NULL ? read_hop_target(draft, value) : why_back_nomem;
}

static const char *time_of(const struct why_json_value *value, int64_t *seconds, int32_t *micro)
{
    if (value->type != WHY_JSON_TEXT ||
        why_rfc3339_parse(value->text, value->len, seconds, micro) != WHY_OK || *seconds < 0)
        return "is not a time";
    *micro = *micro < 0 ? 0 : *micro;
    return NULL;
}

static const char *read_started(struct saved_draft *draft, const struct why_json_value *value)
{
    int64_t seconds = 0;
    int32_t micro = 0;
    const char *problem = time_of(value, &seconds, &micro);

    if (problem == NULL)
        draft->head.started_us = (uint64_t)seconds * 1000000 + (uint64_t)micro;
    return problem;
}

static const char *read_packet_time(struct saved_draft *draft, const struct why_json_value *value)
{
    int64_t seconds = 0;
    int32_t micro = 0;
    const char *problem = time_of(value, &seconds, &micro);

    if (problem == NULL)
        draft->result->verdict.packet_us = (uint64_t)seconds * 1000000 + (uint64_t)micro;
    return problem;
}

static const char *read_answer(struct saved_draft *draft, const struct why_json_value *value)
{
    int word = why_json_word(value, WHY_VOCAB_ANSWER);

    if (word < 0)
        return no_word;
    draft->result->answer = (enum why_answer)word;
    draft->has_answer = true;
    return NULL;
}

/* Errors of a system are what their names say: the number may be another system's. */
static const char *read_code_name(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_code *code = &draft->result->verdict.code;
    char buf[SHORT_TEXT];

    if (value->type != WHY_JSON_TEXT)
        return no_text;
    if (why_system_error_space(code->space)) {
        code->value = why_system_error_read(code->space, short_text(value, buf));
        code->name = why_system_error_name(code->space, code->value);
        return NULL;
    }
    code->name = why_saved_text(draft->reader, value);
    return code->name != NULL ? NULL : why_back_nomem;
}

static const char *read_basis(struct saved_draft *draft, const struct why_json_value *value)
{
    draft->result->verdict.mstsc.documented = why_json_is(value, "documented");
    return NULL;
}

/* Only attempts of somebody else's client have it. */
static const char *read_outcome_basis(struct saved_draft *draft, const struct why_json_value *value)
{
    draft->head.library = NULL;
    for (int i = WHY_BASIS_SEEN; i <= WHY_BASIS_OPEN; i++) {
        if (why_json_is(value, why_basis_name((enum why_basis)i))) {
            draft->result->verdict.basis = (enum why_basis)i;
            return NULL;
        }
    }
    return no_word;
}

enum phase_slot { PHASE_PHASE, PHASE_START, PHASE_DURATION, PHASE_SLOTS };

static const char *read_phase(const struct why_json_value *value, struct why_verdict *verdict)
{
    static const struct why_json_member members[] = {
        SAVED_AT("phase", PHASE_PHASE), SAVED_AT("start_us", PHASE_START),
        SAVED_AT("duration_us", PHASE_DURATION), SAVED_END};
    struct why_json_value values[PHASE_SLOTS] = {{.type = WHY_JSON_ABSENT}};
    const char *problem = "has an element that is no object";
    int phase;

    if (value->type != WHY_JSON_OBJECT ||
        why_json_scan(value->text, value->len, members, values, &problem) != WHY_OK)
        return problem;
    phase = why_json_word(&values[PHASE_PHASE], WHY_VOCAB_PHASE);
    if (phase < 0)
        return no_word;
    if (values[PHASE_START].number < 0 || values[PHASE_DURATION].number < 0)
        return no_number;
    if (verdict->phase_count == WHY_PHASE_COUNT)
        return "has more elements than there are phases";
    verdict->phases[verdict->phase_count++] =
        (struct why_phase_time){(enum why_phase)phase, (uint64_t)values[PHASE_START].number,
                                (uint64_t)values[PHASE_DURATION].number};
    return NULL;
}

static const char *read_phases(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_json_value array = *value, element;
    const char *problem = NULL;

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    while (problem == NULL && why_json_element(&array, &element))
        problem = read_phase(&element, &draft->result->verdict);
    return problem;
}

static const char *read_requested(struct saved_draft *draft, const struct why_json_value *value)
{
    size_t count;
    const struct why_flag *flags = why_protocol_flags(&count);

    return read_flags(value, flags, count, &draft->result->facts.requested_protocols);
}

static const char *read_routing(struct saved_draft *draft, const struct why_json_value *value)
{
    draft->result->facts.has_cookie = why_json_is(value, "cookie");
    draft->result->facts.has_token = why_json_is(value, "token");
    return NULL;
}

static const char *read_selected(struct saved_draft *draft, const struct why_json_value *value)
{
    return read_named(value, why_protocol_name, &draft->result->facts.selected_protocol);
}

static const char *read_negotiation_flags(struct saved_draft *draft,
                                          const struct why_json_value *value)
{
    size_t count;
    const struct why_flag *flags = why_negotiation_flags(&count);
    uint32_t bits = 0;
    const char *problem = read_flags(value, flags, count, &bits);

    draft->result->facts.negotiation_flags = (uint8_t)bits;
    return problem;
}

static const char *read_server_multitransport(struct saved_draft *draft,
                                              const struct why_json_value *value)
{
    size_t count = 0;
    const struct why_flag *flags = why_multitransport_flags(&count);
    uint32_t bits = 0;
    const char *problem = read_flags(value, flags, count, &bits);

    draft->result->facts.server_multitransport = bits;
    return problem;
}

static const char *read_request_flags(struct saved_draft *draft, const struct why_json_value *value)
{
    size_t count;
    const struct why_flag *flags = why_request_flags(&count);
    uint32_t bits = 0;
    const char *problem = read_flags(value, flags, count, &bits);

    draft->result->facts.request_flags = (uint8_t)bits;
    return problem;
}

static const char *names_of(const struct why_json_value *value, struct why_certificate *certificate)
{
    struct why_json_value array = *value, element;

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    while (why_json_element(&array, &element) && certificate->name_count < WHY_SAN_MAX) {
        char *name = element.type == WHY_JSON_TEXT ? why_json_string(&element) : NULL;

        if (name == NULL)
            return element.type == WHY_JSON_TEXT ? why_back_nomem : no_text;
        certificate->names[certificate->name_count++] = name;
    }
    return NULL;
}

static const char *trust_of(const struct why_json_value *value, struct why_certificate *certificate)
{
    for (int i = 0; i < WHY_TRUST_COUNT; i++) {
        if (why_json_is(value, why_trust_name((enum why_trust)i))) {
            certificate->trust = (enum why_trust)i;
            return NULL;
        }
    }
    return no_word;
}

static const char *read_names(struct saved_draft *draft, const struct why_json_value *value)
{
    return names_of(value, &draft->result->facts.certificate);
}

static const char *read_trust(struct saved_draft *draft, const struct why_json_value *value)
{
    return trust_of(value, &draft->result->facts.certificate);
}

static const char *read_gateway_names(struct saved_draft *draft, const struct why_json_value *value)
{
    return names_of(value, &draft->result->facts.gateway.certificate);
}

static const char *read_gateway_trust(struct saved_draft *draft, const struct why_json_value *value)
{
    return trust_of(value, &draft->result->facts.gateway.certificate);
}

static const char *read_gateway_transport(struct saved_draft *draft,
                                          const struct why_json_value *value)
{
    for (unsigned i = 1; why_words_gateway_transport(i) != NULL; i++) {
        if (why_json_is(value, why_words_gateway_transport(i))) {
            draft->result->facts.gateway.transport = i;
            return NULL;
        }
    }
    return no_word;
}

/* |text| as |count| numbers with |separator| between them, each at most |max|. */
static bool take_numbers(const char *text, char separator, unsigned long max, unsigned *numbers,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *end;
        unsigned long number;

        if (*text < '0' || *text > '9')
            return false;
        number = strtoul(text, &end, 10);
        if (number > max || *end != (i + 1 < count ? separator : '\0'))
            return false;
        numbers[i] = (unsigned)number;
        text = end + 1;
    }
    return true;
}

static const char *read_os_version(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_ntlm_challenge *ntlm = &draft->result->facts.ntlm;
    unsigned numbers[3];
    char buf[SHORT_TEXT];

    if (value->type != WHY_JSON_TEXT ||
        !take_numbers(short_text(value, buf), '.', UINT16_MAX, numbers, 3) ||
        numbers[0] > UINT8_MAX || numbers[1] > UINT8_MAX)
        return "is not a version";
    ntlm->has_version = true;
    ntlm->major = (uint8_t)numbers[0];
    ntlm->minor = (uint8_t)numbers[1];
    ntlm->build = (uint16_t)numbers[2];
    return NULL;
}

static const char *read_server_time(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_ntlm_challenge *ntlm = &draft->result->facts.ntlm;
    int64_t seconds = 0;
    int32_t micro = 0;

    if (value->type != WHY_JSON_TEXT ||
        why_rfc3339_parse(value->text, value->len, &seconds, &micro) != WHY_OK ||
        seconds < INT64_C(-11644473600))
        return "is not a time";
    ntlm->has_timestamp = true;
    ntlm->timestamp = (uint64_t)(seconds + INT64_C(11644473600)) * 10000000 +
                      (uint64_t)(micro < 0 ? 0 : micro) * 10;
    return NULL;
}

static const char *read_method(struct saved_draft *draft, const struct why_json_value *value)
{
    return read_named(value, why_encryption_method_name, &draft->result->facts.encryption_method);
}

static const char *read_level(struct saved_draft *draft, const struct why_json_value *value)
{
    return read_named(value, why_encryption_level_name, &draft->result->facts.encryption_level);
}

static const char *read_certificate_kind(struct saved_draft *draft,
                                         const struct why_json_value *value)
{
    draft->result->facts.license_request.certificate_is_chain = why_json_is(value, "x509-chain");
    return NULL;
}

/* Those that are malformed have no name. */
static enum why_pdu_type message_of(const char *name)
{
    for (int type = WHY_PDU_LICENSE_REQUEST; type < WHY_PDU_LICENSE_UNKNOWN; type++) {
        if (strcmp(why_license_message_name((enum why_pdu_type)type), name) == 0)
            return (enum why_pdu_type)type;
    }
    return WHY_PDU_LICENSE_UNKNOWN;
}

static const char *read_messages(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_facts *facts = &draft->result->facts;
    struct why_json_value array = *value, element;
    char buf[SHORT_TEXT];

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    while (why_json_element(&array, &element) &&
           facts->license_message_count < WHY_LICENSE_MESSAGES_MAX) {
        if (element.type != WHY_JSON_TEXT)
            return no_text;
        facts->license_messages[facts->license_message_count++] =
            message_of(short_text(&element, buf));
    }
    return NULL;
}

/* One of the lists beside the messages: element |*i| of it. */
static const char *next_number(struct why_json_value *array, const struct why_facts *facts,
                               size_t i, int64_t *number)
{
    struct why_json_value element;

    *number = -1;
    if (array->type != WHY_JSON_ARRAY)
        return no_array;
    if (i >= facts->license_message_count || !why_json_element(array, &element))
        return NULL;
    *number = element.type == WHY_JSON_INTEGER ? element.number : -1;
    return *number < 0 ? no_number : NULL;
}

static const char *read_times(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_facts *facts = &draft->result->facts;
    struct why_json_value array = *value;
    int64_t number;

    for (size_t i = 0;; i++) {
        const char *problem = next_number(&array, facts, i, &number);

        if (problem != NULL || number < 0)
            return problem;
        facts->license_times_us[i] = (uint64_t)number;
    }
}

static const char *read_sizes(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_facts *facts = &draft->result->facts;
    struct why_json_value array = *value;
    int64_t number;

    for (size_t i = 0;; i++) {
        const char *problem = next_number(&array, facts, i, &number);

        if (problem != NULL || number < 0)
            return problem;
        facts->license_sizes[i] = (size_t)number;
    }
}

static const char *read_preamble(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_INTEGER || value->number < 0 || value->number > 0x0f)
        return no_number;
    draft->result->facts.license_preamble |= (uint8_t)value->number;
    return NULL;
}

static const char *read_extended_error(struct saved_draft *draft,
                                       const struct why_json_value *value)
{
    draft->result->facts.license_preamble |= value->number != 0 ? 0x80 : 0;
    return NULL;
}

static const char *read_license_result(struct saved_draft *draft,
                                       const struct why_json_value *value)
{
    for (int i = 0; i <= WHY_LICENSE_RESULT_NOT_ASKED; i++) {
        if (why_json_is(value, why_license_result_name((enum why_license_result)i))) {
            draft->result->facts.license_result = (enum why_license_result)i;
            return NULL;
        }
    }
    return no_word;
}

static const char *read_desktop(struct saved_draft *draft, const struct why_json_value *value)
{
    unsigned numbers[2];
    char buf[SHORT_TEXT];

    if (value->type != WHY_JSON_TEXT ||
        !take_numbers(short_text(value, buf), 'x', UINT16_MAX, numbers, 2))
        return "is not a size";
    draft->result->facts.desktop_width = (uint16_t)numbers[0];
    draft->result->facts.desktop_height = (uint16_t)numbers[1];
    return NULL;
}

static const char *read_package(struct saved_draft *draft, const struct why_json_value *value)
{
    for (int i = 0; i < WHY_PACKAGE_COUNT; i++) {
        const char *name = why_package_name((enum why_package)i);

        if (name != NULL && why_json_is(value, name)) {
            draft->result->facts.package = (enum why_package)i;
            return NULL;
        }
    }
    return no_word;
}

static const char *read_kerberos_steps(struct saved_draft *draft,
                                       const struct why_json_value *value)
{
    struct why_kerberos_facts *kerberos = &draft->result->facts.kerberos;
    struct why_json_value array = *value, element;

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    while (kerberos->step_count < WHY_KERBEROS_STEPS_MAX && why_json_element(&array, &element)) {
        const char *name =
            element.type == WHY_JSON_TEXT ? why_saved_text(draft->reader, &element) : NULL;

        if (name == NULL)
            return element.type == WHY_JSON_TEXT ? why_back_nomem : no_text;
        kerberos->steps[kerberos->step_count++] = name;
    }
    return NULL;
}

static const char *read_kerberos_times(struct saved_draft *draft,
                                       const struct why_json_value *value)
{
    struct why_kerberos_facts *kerberos = &draft->result->facts.kerberos;
    struct why_json_value array = *value, element;

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    for (size_t i = 0; i < kerberos->step_count && why_json_element(&array, &element); i++) {
        if (element.type != WHY_JSON_INTEGER || element.number < 0)
            return no_number;
        kerberos->step_us[i] = (uint64_t)element.number;
    }
    return NULL;
}

/* What it is follows from the members behind it. */
static const char *read_session_state(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_TEXT)
        return no_text;
    draft->result->facts.session.watched = true;
    return NULL;
}

/* Where no result follows, none is known. */
static const char *read_udp_version(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_INTEGER || value->number < 0 || value->number > UINT16_MAX)
        return no_number;
    draft->result->facts.udp_version = (unsigned)value->number;
    draft->result->facts.udp = WHY_UDP_TRIED;
    return NULL;
}

static const char *read_udp_wait(struct saved_draft *draft, const struct why_json_value *value)
{
    if (value->type != WHY_JSON_INTEGER || value->number < 0)
        return no_number;
    draft->result->facts.udp_last_us = (uint64_t)value->number;
    return NULL;
}

static const char *read_udp(struct saved_draft *draft, const struct why_json_value *value)
{
    for (int i = WHY_UDP_NOT_TRIED; i <= WHY_UDP_ANSWERED; i++) {
        const char *name = why_udp_name((enum why_udp)i);

        if (name != NULL && why_json_is(value, name)) {
            draft->result->facts.udp = (enum why_udp)i;
            return NULL;
        }
    }
    return no_word;
}

/* ---- what captures tell -----------------------------------------------------------------------
 */

/* NULL: out of memory. */
static struct why_captured *captured_of(struct saved_draft *draft)
{
    if (draft->result->captured == NULL)
        draft->result->captured = why_captured_new();
    return draft->result->captured;
}

/* Hands each text of an array to |take|, with its index. */
static const char *each_text(struct saved_draft *draft, const struct why_json_value *value,
                             const char *(*take)(struct why_captured *, size_t, const char *))
{
    struct why_captured *captured = captured_of(draft);
    struct why_json_value array = *value, element;
    const char *problem = captured != NULL ? NULL : why_back_nomem;

    if (array.type != WHY_JSON_ARRAY)
        return no_array;
    for (size_t i = 0; problem == NULL && why_json_element(&array, &element); i++) {
        char *text = element.type == WHY_JSON_TEXT ? why_json_string(&element) : NULL;

        if (text == NULL)
            return element.type == WHY_JSON_TEXT ? why_back_nomem : no_text;
        problem = take(captured, i, text);
        free(text);
    }
    return problem;
}

static const char *take_remark(struct why_captured *captured, size_t i, const char *text)
{
    const struct why_remark remark = {.text = (char *)(uintptr_t)text};

    (void)i;
    return why_captured_add_remark(captured, &remark) == WHY_OK ? NULL : why_back_nomem;
}

static const char *read_remarks(struct saved_draft *draft, const struct why_json_value *value)
{
    return each_text(draft, value, take_remark);
}

static const char *take_time(struct why_captured *captured, size_t i, const char *text)
{
    int64_t seconds = 0;
    int32_t micro = 0;

    if (i >= captured->remark_count || *text == '\0')
        return NULL;
    if (why_rfc3339_parse(text, strlen(text), &seconds, &micro) != WHY_OK || seconds < 0)
        return "has an element that is not a time";
    captured->remarks[i].t_us = (uint64_t)seconds * 1000000 + (uint64_t)(micro < 0 ? 0 : micro);
    return NULL;
}

static const char *read_remark_times(struct saved_draft *draft, const struct why_json_value *value)
{
    return each_text(draft, value, take_time);
}

static const char *take_tie(struct why_captured *captured, size_t i, const char *text)
{
    enum why_tie tie = WHY_TIE_CONNECTION;

    while (tie < WHY_TIE_COUNT && strcmp(why_tie_name(tie), text) != 0)
        tie++;
    if (tie == WHY_TIE_COUNT)
        return no_word;
    if (i < captured->remark_count)
        captured->remarks[i].tie = tie;
    return NULL;
}

static const char *read_remark_ties(struct saved_draft *draft, const struct why_json_value *value)
{
    return each_text(draft, value, take_tie);
}

static const char *read_count(const struct why_json_value *value, uint64_t *count)
{
    if (value->type != WHY_JSON_INTEGER || value->number < 0)
        return no_number;
    *count = (uint64_t)value->number;
    return NULL;
}

static const char *read_more_remarks(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_captured *captured = captured_of(draft);

    return captured != NULL ? read_count(value, &captured->more_remarks) : why_back_nomem;
}

static const char *read_events_lost(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_captured *captured = captured_of(draft);

    return captured != NULL ? read_count(value, &captured->events_lost) : why_back_nomem;
}

static const char *read_other_capture(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_captured *captured = captured_of(draft);

    if (value->type != WHY_JSON_TEXT)
        return no_text;
    if (captured == NULL)
        return why_back_nomem;
    free(captured->other_file);
    captured->other_file = why_json_string(value);
    return captured->other_file != NULL ? NULL : why_back_nomem;
}

static const char *read_same_by(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_captured *captured = captured_of(draft);

    if (value->type != WHY_JSON_TEXT)
        return no_text;
    if (captured == NULL)
        return why_back_nomem;
    free(captured->same_by);
    captured->same_by = why_json_string(value);
    return captured->same_by != NULL ? NULL : why_back_nomem;
}

static const char *read_altered(struct saved_draft *draft, const struct why_json_value *value)
{
    struct why_captured *captured = captured_of(draft);

    if (captured == NULL)
        return why_back_nomem;
    captured->altered = value->number != 0;
    return value->type == WHY_JSON_BOOL ? NULL : "is neither true nor false";
}

static const char *take_difference(struct why_captured *captured, size_t i, const char *text)
{
    (void)i;
    return why_captured_add_difference(captured, text) == WHY_OK ? NULL : why_back_nomem;
}

static const char *read_differences(struct saved_draft *draft, const struct why_json_value *value)
{
    return each_text(draft, value, take_difference);
}

/* ---- the rows ---------------------------------------------------------------------------------
 */

#define HAS(member_)     .has = offsetof(struct why_result, member_)
#define INTO(member_)    WHY_JSON_INTO(struct why_result, member_)
#define SIZE_OF(member_) sizeof(((struct why_result *)NULL)->member_)
#define MOST_OF(member_)                                                                           \
    (SIZE_OF(member_) == 2 ? UINT16_MAX : SIZE_OF(member_) == 4 ? UINT32_MAX : INT64_MAX)
#define PLAIN(kind_, member_, ...)                                                                 \
    .how = BACK_PLAIN, .to = {.kind = WHY_JSON_GET_##kind_, INTO(member_), __VA_ARGS__}
#define DERIVED              .how = BACK_DERIVED
#define WORD(member_, list_) PLAIN(WORD, member_, .list = WHY_VOCAB_##list_)
#define NUMBER(member_)      PLAIN(NUMBER, member_, .max = MOST_OF(member_))
#define INTEGER(member_)     PLAIN(INTEGER, member_, .max = 0)
#define BOOL(member_)        PLAIN(BOOL, member_, .max = 0)
#define OWNED(member_)       PLAIN(TEXT, member_, .max = 0)
/* 0, and the build stops where the member has another size than the one that is written. */
#define OF_SIZE(member_, size_)                                                                    \
    (0 * sizeof(struct {                                                                           \
         _Static_assert(SIZE_OF(member_) == (size_), "another size");                              \
         int none;                                                                                 \
     }))
#define HEX(member_)           .how = BACK_HEX, .to = {INTO(member_), .max = OF_SIZE(member_, 4)}
#define SECONDS(member_)       .how = BACK_SECONDS, .to = {INTO(member_), .max = OF_SIZE(member_, 8)}
#define CHARS(member_)         .how = BACK_CHARS, .to = {INTO(member_)}
#define KEPT(member_)          .how = BACK_KEPT, .to = {INTO(member_)}
#define READ(function_)        .how = BACK_READ, .read = read_##function_
#define OF_CERTIFICATE         HAS(facts.has_certificate)
#define OF_GATEWAY_CERTIFICATE HAS(facts.gateway.has_certificate)
#define OF_NTLM                HAS(facts.has_ntlm)
#define OF_REQUEST             HAS(facts.has_license_request)

/* clang-format off */
#define BACK_target                    DERIVED /* the host's */
#define BACK_vantage                   DERIVED /* the same */
#define BACK_address                   OWNED(facts.address)
#define BACK_proxy                     OWNED(facts.proxy)
#define BACK_proxy_address             OWNED(facts.proxy_address)
#define BACK_port                      NUMBER(facts.port)
#define BACK_ordinal                   NUMBER(ordinal)
#define BACK_profile                   WORD(step.profile, PROFILE)
#define BACK_license_mode              WORD(step.license_mode, LICENSE_MODE)
#define BACK_repeat                    NUMBER(step.repeat)
#define BACK_variation                 READ(variation)
#define BACK_hop                       READ(hop)
#define BACK_hop_target                READ(hop_target)
#define BACK_file_target               READ(file_target)
#define BACK_started                   READ(started)
#define BACK_duration_us               NUMBER(verdict.duration_us)
#define BACK_answer                    READ(answer)
#define BACK_outcome                   WORD(verdict.outcome, OUTCOME)
#define BACK_outcome_basis             READ(outcome_basis)
#define BACK_phase                     WORD(verdict.phase, PHASE)
#define BACK_phase_range_from          DERIVED /* is the phase */
#define BACK_phase_range_to            WORD(verdict.phase_to, PHASE)
#define BACK_step                      KEPT(verdict.step)
#define BACK_ending                    WORD(verdict.ending, ENDING)
#define BACK_closed_by                 WORD(verdict.closed_by, CLOSER), HAS(verdict.has_closer)
#define BACK_sent_through              WORD(verdict.sent_through, PHASE)
#define BACK_code_space                WORD(verdict.code.space, CODE_SPACE), HAS(verdict.has_code)
#define BACK_code                      INTEGER(verdict.code.value)
#define BACK_code_name                 READ(code_name)
#define BACK_code_transition           NUMBER(verdict.transition), HAS(verdict.has_transition)
#define BACK_mstsc_code                HEX(verdict.mstsc.code), HAS(verdict.has_mstsc)
#define BACK_mstsc_extended            HEX(verdict.mstsc.extended), HAS(verdict.mstsc.has_extended)
#define BACK_mstsc_basis               READ(basis)
#define BACK_mstsc_rule                KEPT(verdict.mstsc.rule)
#define BACK_reason                    CHARS(verdict.reason)
#define BACK_capture_file              OWNED(facts.capture)
#define BACK_capture_client            OWNED(facts.client)
#define BACK_capture_packet            NUMBER(verdict.packet)
#define BACK_capture_time              READ(packet_time)
#define BACK_capture_offset_us         NUMBER(verdict.offset_us)
#define BACK_last_sent                 KEPT(facts.last_sent)
#define BACK_last_received             KEPT(facts.last_received)
#define BACK_phases                    READ(phases)
#define BACK_bytes_sent                NUMBER(facts.bytes_sent)
#define BACK_bytes_received            NUMBER(facts.bytes_received)
#define BACK_account_sent              BOOL(facts.account_sent)
#define BACK_credentials_sent          BOOL(facts.authenticated)
#define BACK_credentials_rejected      BOOL(facts.rejected)
#define BACK_requested                 READ(requested), HAS(facts.has_request)
#define BACK_preconnection             CHARS(facts.preconnection), HAS(facts.has_preconnection)
#define BACK_routing                   READ(routing)
#define BACK_request_flags             READ(request_flags)
#define BACK_selected                  READ(selected), HAS(facts.has_confirm)
#define BACK_negotiation_flags         READ(negotiation_flags), HAS(facts.has_negotiation_data)
#define BACK_tls_version               OWNED(facts.tls_version)
#define BACK_tls_alpn                  OWNED(facts.tls_alpn)
#define BACK_tls_cipher                OWNED(facts.tls_cipher)
#define BACK_certificate_subject       OWNED(facts.certificate.subject), OF_CERTIFICATE
#define BACK_certificate_issuer        OWNED(facts.certificate.issuer), OF_CERTIFICATE
#define BACK_certificate_serial        OWNED(facts.certificate.serial), OF_CERTIFICATE
#define BACK_certificate_sha256        CHARS(facts.certificate.sha256), OF_CERTIFICATE
#define BACK_certificate_not_before    SECONDS(facts.certificate.not_before), OF_CERTIFICATE
#define BACK_certificate_not_after     SECONDS(facts.certificate.not_after), OF_CERTIFICATE
#define BACK_certificate_self_signed   BOOL(facts.certificate.self_signed), OF_CERTIFICATE
#define BACK_certificate_expired       BOOL(facts.certificate.expired), OF_CERTIFICATE
#define BACK_certificate_not_yet_valid BOOL(facts.certificate.not_yet_valid), OF_CERTIFICATE
#define BACK_certificate_name_matches  BOOL(facts.certificate.name_matches), OF_CERTIFICATE
#define BACK_certificate_names         READ(names), OF_CERTIFICATE
#define BACK_certificate_key           OWNED(facts.certificate.key), OF_CERTIFICATE
#define BACK_certificate_signature     OWNED(facts.certificate.signature), OF_CERTIFICATE
#define BACK_certificate_chain_length  NUMBER(facts.certificate.chain_length), OF_CERTIFICATE
#define BACK_certificate_trust         READ(trust), HAS(facts.certificate.has_trust)
#define BACK_certificate_authority     OWNED(facts.certificate.authority)
#define BACK_ntlm_target               CHARS(facts.ntlm.target), OF_NTLM
#define BACK_netbios_computer          CHARS(facts.ntlm.netbios_computer), OF_NTLM
#define BACK_netbios_domain            CHARS(facts.ntlm.netbios_domain), OF_NTLM
#define BACK_dns_computer              CHARS(facts.ntlm.dns_computer), OF_NTLM
#define BACK_dns_domain                CHARS(facts.ntlm.dns_domain), OF_NTLM
#define BACK_dns_forest                CHARS(facts.ntlm.dns_forest), OF_NTLM
#define BACK_os_version                READ(os_version), OF_NTLM
#define BACK_server_time               READ(server_time), OF_NTLM
#define BACK_clock_skew_s              INTEGER(facts.clock_skew_s), HAS(facts.has_clock_skew)
#define BACK_credssp_version           NUMBER(facts.credssp_version)
#define BACK_package                   READ(package)
#define BACK_kerberos_principal        OWNED(facts.kerberos.principal)
#define BACK_kerberos_kdc              OWNED(facts.kerberos.kdc)
#define BACK_kerberos_ticket           OWNED(facts.kerberos.ticket)
#define BACK_kerberos_given_up         OWNED(facts.kerberos.given_up)
#define BACK_kerberos_error            INTEGER(facts.kerberos.error), HAS(facts.kerberos.has_error)
#define BACK_kerberos_skew             INTEGER(facts.kerberos.clock_skew_s), HAS(facts.kerberos.has_clock_skew)
#define BACK_kerberos_as               NUMBER(facts.kerberos.as_requests)
#define BACK_kerberos_tgs              NUMBER(facts.kerberos.tgs_requests)
#define BACK_kerberos_steps            READ(kerberos_steps)
#define BACK_kerberos_times            READ(kerberos_times)
#define BACK_security_method           READ(method), HAS(facts.has_server_security)
#define BACK_security_level            READ(level), HAS(facts.has_server_security)
#define BACK_license_company           CHARS(facts.license_request.company), OF_REQUEST
#define BACK_license_product           CHARS(facts.license_request.product), OF_REQUEST
#define BACK_license_version           HEX(facts.license_request.version), OF_REQUEST
#define BACK_license_certificate       READ(certificate_kind), HAS(facts.license_request.has_certificate)
#define BACK_license_certificate_size  NUMBER(facts.license_request.certificate_size), OF_REQUEST
#define BACK_license_certificate_count NUMBER(facts.license_request.certificate_count), OF_REQUEST
#define BACK_license_scope             CHARS(facts.license_request.scope), OF_REQUEST
#define BACK_license_scope_count       NUMBER(facts.license_request.scope_count), OF_REQUEST
#define BACK_license_messages          READ(messages)
#define BACK_license_times             READ(times)
#define BACK_license_sizes             READ(sizes)
#define BACK_license_unread            BOOL(facts.license_unread)
#define BACK_license_preamble          READ(preamble), HAS(facts.has_license_preamble)
#define BACK_license_extended_error    READ(extended_error), HAS(facts.has_license_preamble)
#define BACK_license_status            NUMBER(facts.license_status), HAS(facts.has_license_status)
#define BACK_license_status_name       DERIVED
#define BACK_license_transition        NUMBER(facts.license_transition), HAS(facts.has_license_status)
#define BACK_license_transition_name   DERIVED
#define BACK_license_result            READ(license_result)
#define BACK_server_version            HEX(facts.server_version), HAS(facts.has_server_core)
#define BACK_server_multitransport     READ(server_multitransport), HAS(facts.has_multitransport)
#define BACK_desktop                   READ(desktop), HAS(facts.has_desktop)
#define BACK_not_rdp                   KEPT(facts.other_protocol)
#define BACK_session_state             READ(session_state)
#define BACK_session_logged_on         BOOL(facts.session.logged_on)
#define BACK_session_account_sent      BOOL(facts.session.account_sent)
#define BACK_session_logon_us          NUMBER(facts.session.logon_us)
#define BACK_session_update_us         NUMBER(facts.session.update_us)
#define BACK_session_picture_us        NUMBER(facts.session.picture_us)
#define BACK_session_picture           OWNED(facts.session.picture)
#define BACK_session_incomplete        BOOL(facts.session.incomplete)
#define BACK_session_colors            NUMBER(facts.session.colors)
#define BACK_session_text              OWNED(facts.session.text)
#define BACK_session_cookie            BOOL(facts.session.has_cookie)
#define BACK_session_notice            HEX(facts.session.notice_type), HAS(facts.session.has_notice)
#define BACK_session_notice_data       HEX(facts.session.notice_data), HAS(facts.session.has_notice)
#define BACK_session_status            HEX(facts.session.status), HAS(facts.session.has_status)
#define BACK_session_reactivations     NUMBER(facts.session.reactivations)
#define BACK_session_screenshot        OWNED(facts.session.screenshot)
#define BACK_udp_version               READ(udp_version)
#define BACK_udp_datagrams             NUMBER(facts.udp_datagrams)
#define BACK_udp_waited_us             READ(udp_wait)
#define BACK_udp_elapsed_us            NUMBER(facts.udp_ended_us)
#define BACK_udp                       READ(udp)
#define BACK_gateway_schemes                        OWNED(facts.gateway.schemes)
#define BACK_gateway_server                         OWNED(facts.gateway.server)
#define BACK_gateway_computer                       OWNED(facts.gateway.computer)
#define BACK_gateway_status                         NUMBER(facts.gateway.status)
#define BACK_gateway_no_websocket                   NUMBER(facts.gateway.no_websocket)
#define BACK_gateway_logged_on                      BOOL(facts.gateway.logged_on)
#define BACK_gateway_capabilities                   HEX(facts.gateway.capabilities), HAS(facts.gateway.has_capabilities)
#define BACK_gateway_redirection                    HEX(facts.gateway.redirection_flags), HAS(facts.gateway.has_redirection)
#define BACK_gateway_forbids                        DERIVED
#define BACK_gateway_idle_timeout                   NUMBER(facts.gateway.idle_timeout), HAS(facts.gateway.has_idle_timeout)
#define BACK_gateway_message                        OWNED(facts.gateway.message)
#define BACK_gateway_tls_cipher                     OWNED(facts.gateway.tls_cipher)
#define BACK_gateway_certificate_subject            OWNED(facts.gateway.certificate.subject), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_issuer             OWNED(facts.gateway.certificate.issuer), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_serial             OWNED(facts.gateway.certificate.serial), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_not_before         SECONDS(facts.gateway.certificate.not_before), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_self_signed        BOOL(facts.gateway.certificate.self_signed), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_expired            BOOL(facts.gateway.certificate.expired), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_not_yet_valid      BOOL(facts.gateway.certificate.not_yet_valid), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_names              READ(gateway_names), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_key                OWNED(facts.gateway.certificate.key), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_signature          OWNED(facts.gateway.certificate.signature), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_chain_length       NUMBER(facts.gateway.certificate.chain_length), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_authority          OWNED(facts.gateway.certificate.authority)
#define BACK_gateway                                OWNED(facts.gateway.label)
#define BACK_gateway_address                        OWNED(facts.gateway.address)
#define BACK_gateway_transport                      READ(gateway_transport)
#define BACK_gateway_tls_version                    OWNED(facts.gateway.tls_version)
#define BACK_gateway_certificate_sha256             CHARS(facts.gateway.certificate.sha256), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_not_after          SECONDS(facts.gateway.certificate.not_after), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_name_matches       BOOL(facts.gateway.certificate.name_matches), OF_GATEWAY_CERTIFICATE
#define BACK_gateway_certificate_trust              READ(gateway_trust), HAS(facts.gateway.certificate.has_trust)
#define BACK_windows_events            READ(remarks)
#define BACK_windows_times             READ(remark_times)
#define BACK_windows_ties              READ(remark_ties)
#define BACK_windows_more              READ(more_remarks)
#define BACK_windows_lost              READ(events_lost)
#define BACK_other_capture             READ(other_capture)
#define BACK_other_same_by             READ(same_by)
#define BACK_other_altered             READ(altered)
#define BACK_other_differences         READ(differences)
#define BACK_redirection_flags         HEX(facts.redirection_flags), HAS(facts.has_redirection)
#define BACK_redirection_fields        DERIVED
#define BACK_redirection_target        CHARS(facts.redirection_target), HAS(facts.has_redirection)
#define BACK_redirection_certificate   CHARS(facts.redirection_certificate)

const struct back_row why_back_rows[] = {
#define WHY_FACT(name, ...) {BACK_##name},
#include "facts/facts.def"
};
/* clang-format on */
