/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>

#include "facts/words.h"
#include "verdict/licensing.h"

#include "text_alike.h"

/* Licensing for those who administer it: what the server asked for, what each license mode brought,
 * what came of it, and what that means for client access licenses (CALs). */

#define LABEL_WIDTH 15

/* What a client came with, and what it is called once it was presented, which a server may end
 * licensing before. Somebody else's client is taken for one without a license until it shows one.
 */
static const char *what_was_brought(const struct why_result *result)
{
    const struct why_license_mode_info *mode = why_license_mode_info(result->step.license_mode);

    if (result->facts.license_unread)
        return "sent messages that cannot be read";
    return why_license_was_presented(result) ? mode->presented : mode->came;
}

static bool shows_licensing(const struct why_result *result)
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
        return "accepted without being asked for a license";
    if (!why_license_was_presented(result))
        return "accepted; no license was issued or needed";
    return why_license_mode_info(result->step.license_mode)->accepted;
}

static const char *issued(const struct why_result *result)
{
    bool instead = why_license_was_presented(result);

    if (result->facts.license_result == WHY_LICENSE_RESULT_UPGRADED)
        return instead ? "the server replaced it with an upgraded one, which may have used up a "
                         "device CAL"
                       : "an upgraded license was issued, which may have used up a device CAL";
    return instead ? "the server replaced it with a new one, which may have used up a temporary "
                     "device CAL"
                   : "a new license was issued, which may have used up a temporary device CAL";
}

static void append_failure(const struct why_verdict *verdict, char *buf)
{
    const struct why_code_row *row =
        verdict->has_code ? why_code_lookup(verdict->code.space, verdict->code.value) : NULL;
    char ending[256];

    why_words_ending(verdict, ending, sizeof(ending));
    WHY_ALIKE_APPEND(buf, "%s %s: %s", why_outcome_name(verdict->outcome),
                     verdict->step ? verdict->step : "in licensing", ending);
    if (row && *row->meaning)
        WHY_ALIKE_APPEND(buf, " (%s)", row->meaning);
}

static void append_result(const struct why_result *result, char *buf)
{
    if (result->verdict.outcome == WHY_OUTCOME_SKIPPED) {
        WHY_ALIKE_APPEND(buf, "%s", result->verdict.reason);
        return;
    }
    WHY_ALIKE_APPEND(buf, "%s: ", what_was_brought(result));
    if (result->verdict.phase == WHY_PHASE_LICENSING &&
        result->verdict.outcome != WHY_OUTCOME_COMPLETED) {
        append_failure(&result->verdict, buf);
        return;
    }
    switch (result->facts.license_result) {
    case WHY_LICENSE_RESULT_VALID_CLIENT:
        WHY_ALIKE_APPEND(buf, "%s (STATUS_VALID_CLIENT: success)", accepted(result));
        break;
    case WHY_LICENSE_RESULT_ISSUED:
    case WHY_LICENSE_RESULT_UPGRADED:
        WHY_ALIKE_APPEND(buf, "%s", issued(result));
        break;
    case WHY_LICENSE_RESULT_NOT_ASKED:
        WHY_ALIKE_APPEND(buf, "the server sent no license message at all");
        break;
    default:
        WHY_ALIKE_APPEND(buf, "licensing did not finish");
        break;
    }
}

static void append_request(const struct why_license_message *request, char *buf)
{
    WHY_ALIKE_APPEND(buf, "%s%sproduct %s, version %" PRIu32 ".%" PRIu32, request->company,
                     *request->company ? ", " : "",
                     *request->product ? request->product : "not named", request->version >> 16,
                     request->version & 0xffff);
    if (*request->scope)
        WHY_ALIKE_APPEND(buf, ", scope %s", request->scope);
    if (request->scope_count > 1)
        WHY_ALIKE_APPEND(buf, " and %" PRIu32 " more", request->scope_count - 1);
    if (!request->has_certificate)
        WHY_ALIKE_APPEND(buf, ", without certificate");
    else
        WHY_ALIKE_APPEND(buf, ", %s certificate of %" PRIu32 " bytes",
                         request->certificate_is_chain ? "X.509" : "proprietary",
                         request->certificate_size);
}

static void describe_request(const struct why_result *result, const void *arg, char *buf)
{
    (void)arg;
    if (result->facts.has_license_request)
        append_request(&result->facts.license_request, buf);
}

static void describe_mode(const struct why_result *result, const void *arg, char *buf)
{
    const enum why_license_mode *mode = arg;

    if (result->step.license_mode == *mode && shows_licensing(result))
        append_result(result, buf);
}

static void name_profile(const struct why_result *result, char *buf, size_t len)
{
    snprintf(buf, len, "%s", why_profile_name(result->step.profile));
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
    char text[WHY_ALIKE_TEXT] = "";

    if (most == 0)
        WHY_ALIKE_APPEND(text, "none used: no license was issued");
    else if (most == unknown)
        WHY_ALIKE_APPEND(text, "unknown: this run does not show whether a license was issued");
    else
        WHY_ALIKE_APPEND(text, "up to %zu used; a temporary one is released when it expires", most);
    if (unknown > 0 && most > unknown)
        WHY_ALIKE_APPEND(text, "; for %zu, this run does not show whether a license was issued",
                         unknown);
    why_page_field(page, 2, LABEL_WIDTH, "CALs", text);
}

void why_text_licensing(struct page *page, const struct why_host *host)
{
    const struct why_alike_field request = {.label = "requested",
                                            .label_once = true,
                                            .describe = describe_request,
                                            .name = name_profile};
    const char *heading = NULL;
    bool any = false;

    for (size_t i = 0; i < host->count; i++)
        any = any || shows_licensing(host->results[i]);
    if (!any)
        return;
    why_page_heading(page, "Licensing");
    why_alike_put(page, host, &request, &heading);
    for (int i = 0; i < WHY_LICENSE_MODE_COUNT; i++) {
        const enum why_license_mode mode = (enum why_license_mode)i;
        const struct why_alike_field field = {.label = why_license_mode_name(mode),
                                              .label_once = true,
                                              .describe = describe_mode,
                                              .arg = &mode,
                                              .name = name_profile};

        why_alike_put(page, host, &field, &heading);
    }
    put_facts(page, host);
    put_cals(page, host);
}
