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

/* What the file decides, and no message of a handshake shows. */
static const struct {
    const char *name, *why;
} without_effect[] = {
    {"prompt for credentials:i:", "whether the client asks for a password that it has saved"},
    {"prompt for credentials on client:i:", "where the client asks for the password"},
    {"promptcredentialonce:i:", "whether one password is for gateway and server"},
    {"use redirection server name:i:",
     "what a client calls a server that it was redirected to; rdpwhy goes where the redirection "
     "says"},
    {"targetisaadjoined:i:",
     "how the account is proven to a computer joined to Entra ID; the protocols offered are the "
     "same"},
};
#define WITHOUT_EFFECT_COUNT (sizeof(without_effect) / sizeof(without_effect[0]))

/* Why |setting| changes nothing; NULL: it is not one of those. */
static const char *changes_nothing(const char *setting)
{
    for (size_t i = 0; i < WITHOUT_EFFECT_COUNT; i++) {
        if (why_file_value(setting, without_effect[i].name) != NULL)
            return without_effect[i].why;
    }
    return NULL;
}

static bool is_of_use(const struct why_event *event, enum why_file_use use)
{
    return event->kind == WHY_EV_FILE && event->text != NULL && event->value == (int64_t)use;
}

static bool is_unused(const struct why_event *event)
{
    return is_of_use(event, WHY_FILE_UNUSED) && changes_nothing(event->text) == NULL;
}

static bool is_used(const struct why_event *event)
{
    return is_of_use(event, WHY_FILE_USED);
}

static bool is_overruled(const struct why_event *event)
{
    return is_of_use(event, WHY_FILE_OVERRULED);
}

typedef bool event_test(const struct why_event *event);

/* The settings of one kind, as many as a fact holds; where it goes on: at |*from|. */
static size_t list(const struct why_trace *trace, event_test *wanted, size_t *from, char *buf,
                   size_t len)
{
    size_t at = 0, count = 0;

    for (; *from < why_trace_count(trace); ++*from) {
        const struct why_event *event = why_trace_at(trace, *from);
        size_t size = event->text != NULL ? strlen(event->text) : 0;

        if (!wanted(event) || size == 0)
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

static void add_settings(struct finding_builder *b, const struct why_trace *trace,
                         event_test *wanted, const char *what)
{
    char buf[WHY_FINDING_TEXT - 64];
    size_t from = 0;

    for (int i = 0; i < LINES_MAX && list(trace, wanted, &from, buf, sizeof(buf)) > 0; i++)
        add_fact(b, "%s: %s", what, buf);
}

/* Setting by setting, with the reason. */
static void add_without_effect(struct finding_builder *b, const struct why_trace *trace)
{
    char buf[WHY_FINDING_TEXT - 64];
    size_t at = 0;

    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);
        const char *why = is_of_use(event, WHY_FILE_UNUSED) ? changes_nothing(event->text) : NULL;

        if (why == NULL || at + strlen(event->text) + strlen(why) + 6 > sizeof(buf))
            continue;
        at += (size_t)snprintf(buf + at, sizeof(buf) - at, "%s%s (%s)", at > 0 ? "; " : "",
                               event->text, why);
    }
    if (at > 0)
        add_fact(b, "changes nothing in a handshake: %s", buf);
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

/* mstsc has them on its command line alone. */
#define MODES_OF_MSTSC                                                                             \
    "no client is known that reads Restricted Admin or Remote Credential Guard from this setting " \
    "(RestrictedLogon and RedirectedAuthentication are used; --restricted-admin, --remote-guard)"

/* What is in the file, counts, and is not done. */
static void add_remarks(struct finding_builder *b, const struct why_result *r)
{
    const struct why_trace *trace = r->trace;
    bool through = r->facts.gateway.label != NULL;
    static const struct {
        const char *name, *value, *remark;
        enum { ALWAYS, DIRECT, THROUGH } when; /* with a gateway or without */
    } rows[] = {
        {"gatewayhostname:s:", NULL,
         "the file names a gateway, which is not used (gatewayusagemethod other than 1 and 2, or "
         "several targets): --gateway",
         DIRECT},
        {"gatewayprofileusagemethod:i:", "0",
         "the gateway is to be used as the user's profile or a policy says, which is not known "
         "here; rdpwhy goes by the file",
         THROUGH},
        {"gatewaycredentialssource:i:", "1",
         "the gateway is to be logged on to with a smart card; rdpwhy has a password for it",
         THROUGH},
        {"gatewaycredentialssource:i:", "5",
         "the gateway is to be logged on to with a cookie; rdpwhy has a password for it", THROUGH},
        {"signature:s:", NULL, "the file is signed; the signature is not checked", ALWAYS},
        {"rdgiskdcproxy:i:", "1",
         "the gateway is to be the KDC proxy as well, which is not used (--kdc-proxy)", ALWAYS},
        {"vmid:s:", NULL, "vmid is no setting of mstsc's, which reads the GUID from pcb", ALWAYS},
        {"restrictedadmin:i:", "1", MODES_OF_MSTSC, ALWAYS},
        {"restricted admin:i:", "1", MODES_OF_MSTSC, ALWAYS},
        {"restricted admin mode:i:", "1", MODES_OF_MSTSC, ALWAYS},
        {"remoteguard:i:", "1", MODES_OF_MSTSC, ALWAYS},
        {"remote credential guard:i:", "1", MODES_OF_MSTSC, ALWAYS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (has_setting(trace, rows[i].name, rows[i].value) &&
            (rows[i].when == ALWAYS || (rows[i].when == THROUGH) == through))
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

static void add_negotiation(struct finding_builder *b, const struct why_file_offer *offer)
{
    if (why_file_is_direct(offer))
        add_fact(b, "the file begins with TLS and CredSSP at once%s%s",
                 offer->unnegotiated ? ": negotiate security layer:i:0" : "",
                 why_file_is_console(offer) ? ", as to the console of a virtual machine" : "");
    else if (offer->unnegotiated)
        add_fact(b, "the file switches the negotiation off, and CredSSP as well: no reference says "
                    "what is sent then; rdpwhy negotiates");
}

/* The names of what is not used: "; not used: audiomode, smart sizing". */
static void list_unused(const struct why_trace *trace, char *buf, size_t len)
{
    size_t at = 0;

    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);
        size_t size = event->text != NULL ? strcspn(event->text, ":") : 0;

        if (!is_unused(event) || size == 0)
            continue;
        if (at + size + 16 > len) {
            (void)snprintf(buf + at, len - at, ", ...");
            return;
        }
        at += (size_t)snprintf(buf + at, len - at, "%s%.*s",
                               at > 0 ? ", " : "; not used: ", (int)size, event->text);
    }
}

/* "SSL, HYBRID, HYBRID_EX, administrative session" */
static void put_offer(const struct why_file_offer *offer, char *buf, size_t len)
{
    size_t count, at = 0;
    const struct why_flag *flags = why_protocol_flags(&count);

    buf[0] = '\0';
    for (size_t i = 0; i < count && !why_file_is_direct(offer); i++) {
        if ((offer->requested & flags[i].bit) != 0 && at < len)
            at += (size_t)snprintf(buf + at, len - at, "%s%s", at > 0 ? ", " : "", flags[i].name);
    }
    if (at < len)
        (void)snprintf(buf + at, len - at, "%s%s%s%s",
                       why_file_is_direct(offer) ? "CredSSP at once" : "",
                       offer->nla && offer->delegation != WHY_DELEGATE_PASSWORD ? ", " : "",
                       offer->nla && offer->delegation != WHY_DELEGATE_PASSWORD
                           ? why_delegation_info(offer->delegation)->name
                           : "",
                       offer->console ? ", administrative session" : "");
}

bool why_match_file_asks(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_attempts(h, b, is_of_file);
    struct why_file_offer offer;
    char offered[128], unused[200] = "";

    if (r == NULL || r->trace == NULL)
        return false;
    offer = why_file_offer_of(r->trace);
    put_offer(&offer, offered, sizeof(offered));
    add_remarks(b, r);
    add_level(b, r, &offer);
    add_negotiation(b, &offer);
    add_settings(b, r->trace, is_overruled, "the command line says otherwise");
    add_settings(b, r->trace, is_used, "used");
    add_without_effect(b, r->trace);
    add_settings(b, r->trace, is_unused, "not used");
    list_unused(r->trace, unused, sizeof(unused));
    summarize(b, "As this file asks: %.120s:%u, offering %s%s", h->target->host,
              (unsigned)h->target->port, offered, unused);
    return true;
}
