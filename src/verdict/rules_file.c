/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

#include "progress/file_offer.h"

/* Matchers: what the .rdp file asks for, and what becomes of it. */

static bool is_of_file(const struct why_result *r)
{
    return why_profile_info(r->step.profile)->of_file;
}

static bool is_refused(const struct why_result *r)
{
    return is_of_file(r) && (why_is_failure(r) || r->answer == WHY_ANSWER_POLICY);
}

static bool is_other_through(const struct why_result *r)
{
    return !is_of_file(r) && r->answer == WHY_ANSWER_THROUGH &&
           r->step.license_mode == WHY_LICENSE_MODE_FRESH;
}

bool why_match_file_refused(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *other = why_results_first(h, is_other_through);

    if (other == NULL || why_finding_add_verdicts(h, b, is_refused) == NULL)
        return false;
    add_fact(b, "the offer %s works here", why_profile_name(other->step.profile));
    summarize(b, "The connection that the .rdp file asks for fails; another offer works");
    return true;
}

/* ---- what it asks for ------------------------------------------------------------------------
 */

/* The settings of one kind, as many as a fact holds; where it goes on: at |*from|. */
static size_t list(const struct why_trace *trace, bool used, size_t *from, char *buf, size_t len)
{
    size_t at = 0, count = 0;

    for (; *from < why_trace_count(trace); ++*from) {
        const struct why_event *event = why_trace_at(trace, *from);
        size_t size = event->text != NULL ? strlen(event->text) : 0;

        if (event->kind != WHY_EV_FILE || (event->value != 0) != used || size == 0)
            continue;
        if (at + size + 3 > len && count > 0)
            break;
        at += (size_t)snprintf(buf + at, len - at, "%s%s", count > 0 ? "; " : "", event->text);
        at = at < len ? at : len - 1;
        count++;
    }
    return count;
}

#define LINES_MAX 3 /* of a kind: more is in the trace */

static void add_settings(struct finding_builder *b, const struct why_trace *trace, bool used)
{
    char buf[WHY_FINDING_TEXT - 32];
    size_t from = 0;

    for (int i = 0; i < LINES_MAX && list(trace, used, &from, buf, sizeof(buf)) > 0; i++)
        add_fact(b, "%s: %s", used ? "used" : "not used", buf);
}

/* |wanted|: the value; NULL: any but an empty one. */
static bool has_setting(const struct why_trace *trace, const char *name, const char *wanted)
{
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);
        const char *value = event->kind == WHY_EV_FILE && event->text != NULL
                                ? why_file_value(event->text, name)
                                : NULL;

        if (value != NULL && (wanted != NULL ? strcmp(value, wanted) == 0 : *value != '\0'))
            return true;
    }
    return false;
}

/* What is in the file, counts, and is not done. */
static void add_remarks(struct finding_builder *b, const struct why_trace *trace)
{
    static const struct {
        const char *name, *value, *remark;
    } rows[] = {
        {"gatewayhostname:s:", NULL,
         "the file names a gateway, which is not used: rdpwhy connects to the server directly"},
        {"signature:s:", NULL, "the file is signed; the signature is not checked"},
        {"negotiate security layer:i:", "0",
         "the file switches the negotiation off; rdpwhy negotiates"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (has_setting(trace, rows[i].name, rows[i].value))
            add_fact(b, "%s", rows[i].remark);
    }
}

/* authentication level:i:1: whoever cannot verify the server does not connect. */
static void add_level(struct finding_builder *b, const struct why_result *r,
                      const struct why_file_offer *offer)
{
    const struct why_certificate *c = &r->facts.certificate;
    bool bad = r->facts.has_certificate &&
               ((c->has_trust && c->trust != WHY_TRUST_TRUSTED) || !c->name_matches || c->expired);

    if (offer->authentication_level != 1 || !bad)
        return;
    b->finding->severity = WHY_SEVERITY_WARNING;
    add_fact(b, "authentication level:i:1: mstsc does not connect, because this computer does not "
                "trust the certificate, or it does not fit the name");
}

/* The names of what is not used: "; not used: audiomode, smart sizing". */
static void list_unused(const struct why_trace *trace, char *buf, size_t len)
{
    size_t at = 0;

    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);
        size_t size = event->text != NULL ? strcspn(event->text, ":") : 0;

        if (event->kind != WHY_EV_FILE || event->value != 0 || size == 0)
            continue;
        if (at + size + 16 > len) {
            (void)snprintf(buf + at, len - at, ", ...");
            return;
        }
        at += (size_t)snprintf(buf + at, len - at, "%s%.*s",
                               at > 0 ? ", " : "; not used: ", (int)size, event->text);
    }
}

bool why_match_file_asks(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_attempts(h, b, is_of_file);
    struct why_file_offer offer;
    char protocols[64] = "", unused[200] = "";
    size_t count, at = 0;
    const struct why_flag *flags = why_protocol_flags(&count);

    if (r == NULL || r->trace == NULL)
        return false;
    offer = why_file_offer_of(r->trace);
    for (size_t i = 0; i < count; i++) {
        if ((offer.requested & flags[i].bit) != 0 && at < sizeof(protocols))
            at += (size_t)snprintf(protocols + at, sizeof(protocols) - at, "%s%s",
                                   at > 0 ? ", " : "", flags[i].name);
    }
    add_remarks(b, r->trace);
    add_level(b, r, &offer);
    add_settings(b, r->trace, true);
    add_settings(b, r->trace, false);
    list_unused(r->trace, unused, sizeof(unused));
    summarize(b, "As this file asks: %.120s:%u, offering %s%s%s", h->target->host,
              (unsigned)h->target->port, protocols, offer.console ? ", administrative session" : "",
              unused);
    return true;
}
