/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>

#include "verdict/licensing.h"

#include "page.h"
#include "words.h"

/* Licensing for those who administer it: what the server asked for, what each license mode brought,
 * what came of it, and what that means for client access licenses (CALs). */

#define LABEL_WIDTH 15
#define TEXT_MAX    1024

#define APPEND(buf, ...)                                                                           \
    do {                                                                                           \
        size_t at_ = strlen(buf);                                                                  \
        snprintf((buf) + at_, TEXT_MAX - at_, __VA_ARGS__);                                        \
    } while (0)

/* What a client came with, and what it is called once it was presented, which a server may end
 * licensing before. Somebody else's client is taken for one without a license until it shows one.
 */
static const char *what_was_brought(const struct why_result *result)
{
    const struct why_license_mode_info *mode = why_license_mode_info(result->step.license_mode);

    if (result->facts.license_unread)
        return "sent what cannot be read";
    return why_license_was_presented(result) ? mode->presented : mode->came;
}

static bool is_told(const struct why_result *result)
{
    return why_license_was_reached(result) ||
           (result->verdict.outcome == WHY_OUTCOME_SKIPPED &&
            why_license_mode_info(result->step.license_mode)->presents);
}

/* STATUS_VALID_CLIENT has several meanings, and none of them is an error. Whether a server has
 * looked at a license that it accepts is not seen, except where it had to refuse it. */
static const char *accepted(const struct why_result *result)
{
    if (!why_license_was_asked(result))
        return "accepted, and not asked for any license";
    if (!why_license_was_presented(result))
        return "accepted; no license was issued or needed";
    return why_license_mode_info(result->step.license_mode)->accepted;
}

static const char *issued(const struct why_result *result)
{
    bool instead = why_license_was_presented(result);

    if (result->facts.license_result == WHY_LICENSE_RESULT_UPGRADED)
        return instead ? "the server replaced it by an upgraded one, which may have used up a "
                         "device CAL"
                       : "an upgraded license was issued, which may have used up a device CAL";
    return instead ? "the server replaced it by a new one, which may have used up a temporary "
                     "device CAL"
                   : "a new license was issued, which may have used up a temporary device CAL";
}

static void append_failure(const struct why_verdict *verdict, char *buf)
{
    const struct why_code_row *row =
        verdict->has_code ? why_code_lookup(verdict->code.space, verdict->code.value) : NULL;
    char ending[256];

    why_words_ending(verdict, ending, sizeof(ending));
    APPEND(buf, "%s %s: %s", why_outcome_name(verdict->outcome),
           verdict->step ? verdict->step : "in licensing", ending);
    if (row && *row->meaning)
        APPEND(buf, " (%s)", row->meaning);
}

static void append_result(const struct why_result *result, char *buf)
{
    if (result->verdict.outcome == WHY_OUTCOME_SKIPPED) {
        APPEND(buf, "%s", result->verdict.reason);
        return;
    }
    APPEND(buf, "%s: ", what_was_brought(result));
    if (result->verdict.phase == WHY_PHASE_LICENSING &&
        result->verdict.outcome != WHY_OUTCOME_COMPLETED) {
        append_failure(&result->verdict, buf);
        return;
    }
    switch (result->facts.license_result) {
    case WHY_LICENSE_RESULT_VALID_CLIENT:
        APPEND(buf, "%s (STATUS_VALID_CLIENT: success)", accepted(result));
        break;
    case WHY_LICENSE_RESULT_ISSUED:
    case WHY_LICENSE_RESULT_UPGRADED:
        APPEND(buf, "%s", issued(result));
        break;
    case WHY_LICENSE_RESULT_NOT_ASKED:
        APPEND(buf, "the server sent no license message at all");
        break;
    default:
        APPEND(buf, "licensing did not come to an end");
        break;
    }
}

static void describe_request(const struct why_license_message *request, char *buf)
{
    APPEND(buf, "%s%sproduct %s, version %" PRIu32 ".%" PRIu32, request->company,
           *request->company ? ", " : "", *request->product ? request->product : "not named",
           request->version >> 16, request->version & 0xffff);
    if (*request->scope)
        APPEND(buf, ", scope %s", request->scope);
    if (request->scope_count > 1)
        APPEND(buf, " and %" PRIu32 " more", request->scope_count - 1);
    if (!request->has_certificate)
        APPEND(buf, ", without certificate");
    else
        APPEND(buf, ", %s certificate of %" PRIu32 " bytes",
               request->certificate_is_chain ? "X.509" : "proprietary", request->certificate_size);
}

/* The field |label| for each way that |describe| tells of it, with the profiles it is true of where
 * there are several ways. */
typedef bool describe_fn(const struct why_result *result, int mode, char *buf);

static bool tell_request(const struct why_result *result, int mode, char *buf)
{
    (void)mode;
    if (!result->facts.has_license_request)
        return false;
    describe_request(&result->facts.license_request, buf);
    return true;
}

static bool tell_mode(const struct why_result *result, int mode, char *buf)
{
    if ((int)result->step.license_mode != mode || !is_told(result))
        return false;
    append_result(result, buf);
    return true;
}

static bool told_before(const struct why_host *host, size_t index, describe_fn *describe, int mode,
                        const char *text)
{
    for (size_t i = 0; i < index; i++) {
        char earlier[TEXT_MAX] = "";

        if (describe(host->results[i], mode, earlier) && strcmp(earlier, text) == 0)
            return true;
    }
    return false;
}

static size_t count_ways(const struct why_host *host, describe_fn *describe, int mode)
{
    size_t count = 0;

    for (size_t i = 0; i < host->count; i++) {
        char text[TEXT_MAX] = "";

        if (describe(host->results[i], mode, text))
            count += !told_before(host, i, describe, mode, text);
    }
    return count;
}

static void append_profiles(const struct why_host *host, size_t first, describe_fn *describe,
                            int mode, char *text)
{
    const char *separator = " (";
    char same[TEXT_MAX];
    uint32_t named = 0;

    snprintf(same, sizeof(same), "%s", text);
    for (size_t i = first; i < host->count; i++) {
        enum why_profile profile = host->results[i]->step.profile;
        char other[TEXT_MAX] = "";

        if (!describe(host->results[i], mode, other) || strcmp(other, same) != 0 ||
            (named & (1u << profile)) != 0)
            continue;
        named |= 1u << profile;
        APPEND(text, "%s%s", separator, why_profile_name(profile));
        separator = ", ";
    }
    APPEND(text, ")");
}

static void put_ways(struct page *page, const struct why_host *host, const char *label,
                     describe_fn *describe, int mode)
{
    bool several = count_ways(host, describe, mode) > 1;

    for (size_t i = 0; i < host->count; i++) {
        char text[TEXT_MAX] = "";

        if (!describe(host->results[i], mode, text) || told_before(host, i, describe, mode, text))
            continue;
        if (several)
            append_profiles(host, i, describe, mode, text);
        why_page_field(page, 2, LABEL_WIDTH, label, text);
        label = "";
    }
}

/* What more than one mode took to find out. */
static void put_facts(struct page *page, const struct why_host *host)
{
    const char *label = "together";

    for (int fact = 0; fact < WHY_LICENSE_FACT_COUNT; fact++) {
        if (fact == WHY_LICENSE_FACT_ISSUED || fact == WHY_LICENSE_FACT_NOT_ISSUED ||
            !why_license_fact_holds((enum why_license_fact)fact, host->results, host->count))
            continue;
        why_page_field(page, 2, LABEL_WIDTH, label,
                       why_license_fact_meaning((enum why_license_fact)fact));
        label = "";
    }
}

/* What is told may be somebody else's connection: nothing here says whose doing it was. */
static void put_cals(struct page *page, const struct why_host *host)
{
    size_t unknown = host->footprint.licenses_unknown;
    size_t most = host->footprint.licenses_issued + unknown;
    char text[TEXT_MAX] = "";

    if (most == 0)
        APPEND(text, "none used up: no license was issued");
    else if (most == unknown)
        APPEND(text, "not known: whether a license was issued was not seen");
    else
        APPEND(text, "up to %zu used up; a temporary one comes back when it expires", most);
    if (unknown > 0 && most > unknown)
        APPEND(text, "; of %zu, whether a license was issued was not seen", unknown);
    why_page_field(page, 2, LABEL_WIDTH, "CALs", text);
}

void why_text_licensing(struct page *page, const struct why_host *host)
{
    bool any = false;

    for (size_t i = 0; i < host->count; i++)
        any = any || is_told(host->results[i]);
    if (!any)
        return;
    why_page_heading(page, "Licensing");
    put_ways(page, host, "asked for", tell_request, 0);
    for (int mode = 0; mode < WHY_LICENSE_MODE_COUNT; mode++)
        put_ways(page, host, why_license_mode_name((enum why_license_mode)mode), tell_mode, mode);
    put_facts(page, host);
    put_cals(page, host);
}
