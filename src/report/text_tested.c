/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/result.h>

#include "base/rfc3339.h"

#include "host_words.h"
#include "page.h"

/* What a helpdesk asks first: what it cannot be, what nobody looked at, and which server it is. It
 * follows from how far the attempts came, not from the findings. */

#define LABEL_WIDTH 12
#define TEXT_MAX    512

#define APPEND(buf, ...)                                                                           \
    do {                                                                                           \
        size_t at_ = strlen(buf);                                                                  \
        snprintf((buf) + at_, TEXT_MAX - at_, __VA_ARGS__);                                        \
    } while (0)

static bool any(const struct why_host *host, bool (*is)(const struct why_result *r))
{
    for (size_t i = 0; i < host->count; i++) {
        if (is(host->results[i]))
            return true;
    }
    return false;
}

static bool has_address(const struct why_result *r)
{
    return r->facts.address != NULL;
}

static bool is_by_name(const struct why_result *r)
{
    return r->facts.address != NULL && strcmp(r->facts.address, r->target->host) != 0;
}

static bool is_unreachable(const struct why_result *r)
{
    return r->answer == WHY_ANSWER_UNREACHABLE;
}

/* It came to an end in |phase| that is not the one wanted, for whatever reason. */
static bool fails_in(const struct why_result *r, enum why_phase phase)
{
    return (r->verdict.outcome == WHY_OUTCOME_REFUSED ||
            r->verdict.outcome == WHY_OUTCOME_ABORTED) &&
           r->verdict.phase <= phase && phase <= r->verdict.phase_to;
}

static bool has_tls(const struct why_result *r)
{
    return r->facts.tls_version != NULL;
}

static bool fails_in_tls(const struct why_result *r)
{
    return fails_in(r, WHY_PHASE_TLS);
}

static bool has_certificate(const struct why_result *r)
{
    return r->facts.has_certificate;
}

static bool has_doubtful_certificate(const struct why_result *r)
{
    const struct why_certificate *c = &r->facts.certificate;

    return r->facts.has_certificate && (c->expired || c->not_yet_valid || !c->name_matches ||
                                        !c->has_trust || c->trust != WHY_TRUST_TRUSTED);
}

static bool is_account_accepted(const struct why_result *r)
{
    const struct why_session_facts *session = &r->facts.session;

    if (!r->facts.authenticated || r->facts.rejected || r->answer == WHY_ANSWER_ACCOUNT)
        return false;
    /* In Client Info it was only sent: who looks at it, if anybody, does so in the session. */
    if (session->account_sent)
        return session->logged_on || why_session_answer(session) == WHY_SESSION_FAILED;
    return r->verdict.phase > WHY_PHASE_CREDSSP;
}

static bool is_account_refused(const struct why_result *r)
{
    return r->facts.rejected || r->answer == WHY_ANSWER_ACCOUNT;
}

static bool is_licensed(const struct why_result *r)
{
    return r->facts.license_result != WHY_LICENSE_RESULT_NONE &&
           r->facts.license_result != WHY_LICENSE_RESULT_ERROR;
}

static bool is_unlicensed(const struct why_result *r)
{
    return r->facts.license_result == WHY_LICENSE_RESULT_ERROR || fails_in(r, WHY_PHASE_LICENSING);
}

/* What is ruled out where an attempt shows that it works, and none that it does not. */
static const struct {
    const char *what;
    bool (*works)(const struct why_result *r), (*fails)(const struct why_result *r);
} causes[] = {
    {"the name", is_by_name, is_unreachable},
    {"port and firewall (from here)", has_address, is_unreachable},
    {"TLS", has_tls, fails_in_tls},
    {"the certificate", has_certificate, has_doubtful_certificate},
    {"account and password", is_account_accepted, is_account_refused},
    {"licensing", is_licensed, is_unlicensed},
};

static void put_ruled_out(struct page *page, const struct why_host *host)
{
    char text[TEXT_MAX] = "";

    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        if (any(host, causes[i].works) && !any(host, causes[i].fails))
            APPEND(text, "%s%s", *text ? ", " : "", causes[i].what);
    }
    if (*text && host->state != WHY_HOST_HEALTHY)
        why_page_field(page, 0, LABEL_WIDTH, "Ruled out", text);
}

static bool is_through_gateway(const struct why_result *result)
{
    return result->facts.gateway.label != NULL;
}

static bool is_account_sent(const struct why_result *r)
{
    return r->facts.account_sent || r->facts.authenticated;
}

static void put_not_tested(struct page *page, const struct why_host *host,
                           const struct why_text_run *run)
{
    char text[TEXT_MAX] = "";

    if (!run->probed || host->state == WHY_HOST_UNREACHABLE)
        return;
    if (!any(host, is_account_sent))
        APPEND(text, "%s, ",
               run->credentials ? "the account (no attempt came to a logon)"
                                : "logging on with an account (-u)");
    APPEND(text, any(host, is_through_gateway) ? "clients in other networks"
                                               : "RD Gateway, clients in other networks");
    why_page_field(page, 0, LABEL_WIDTH, "Not tested", text);
}

static const char *trust_words(const struct why_certificate *c)
{
    if (c->self_signed)
        return ", self-signed";
    if (!c->has_trust)
        return "";
    return c->trust == WHY_TRUST_TRUSTED ? ", trusted" : ", not trusted here";
}

static void add_certificate(const struct why_host *host, char *text)
{
    for (size_t i = 0; i < host->count; i++) {
        const struct why_certificate *c = &host->results[i]->facts.certificate;
        char until[WHY_RFC3339_SIZE];

        if (!host->results[i]->facts.has_certificate || !c->subject ||
            !why_rfc3339_print(c->not_after, -1, until))
            continue;
        APPEND(text, "%scertificate %.80s until %.10s%s", *text ? "; " : "", c->subject, until,
               trust_words(c));
        return;
    }
}

static void put_server(struct page *page, const struct why_host *host)
{
    const char *tls = why_host_tls(host), *nla = why_host_nla(host);
    char text[TEXT_MAX] = "";

    if (host->kind.kind != WHY_KIND_UNKNOWN)
        APPEND(text, "%s%s", host->kind.certain ? "" : "likely ", why_kind_words(host->kind.kind));
    if (tls)
        APPEND(text, "%s%s", *text ? "; " : "", tls);
    if (nla)
        APPEND(text, "%sNLA: %s", *text ? "; " : "", nla);
    add_certificate(host, text);
    if (*text)
        why_page_field(page, 0, LABEL_WIDTH, "Server", text);
}

void why_text_tested(struct page *page, const struct why_host *host, const struct why_text_run *run)
{
    put_ruled_out(page, host);
    put_not_tested(page, host, run);
    put_server(page, host);
}
