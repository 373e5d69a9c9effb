/* SPDX-License-Identifier: Apache-2.0 */
#include "logon.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kerberos/kerberos.h"

#include "redirected.h"

#define NO_CREDENTIALS "no credentials were given"
#define TICKET_ONLY    "the server accepted the ticket; a session would need the password, too"
#define GUARDED                                                                                    \
    "the server accepted the ticket; for a session, rdpwhy would have to answer for the account "  \
    "from here"
#define NO_KERBEROS "the installed libfreerdp was built without Kerberos"
#define NO_PASSWORD "NTLM needs the password, and only a ticket was given"

/* What libfreerdp may offer. User-to-user is what no other client offers first; releases that do
 * not know the word take no notice of it. */
#define ONLY_NTLM     "!kerberos"
#define ONLY_KERBEROS "!ntlm,!u2u"
#define BOTH          "!u2u"

static bool offer(struct logon *logon, const char *packages)
{
    return freerdp_settings_set_string(logon->settings, FreeRDP_AuthenticationPackageList,
                                       packages);
}

/* The account that a redirection names is the broker's: it is not told. */
static const char *told(const struct logon *logon, const char *text)
{
    const struct redirected *by = logon->attempt->redirected_by;

    return text != NULL && by != NULL && by->user[0] != '\0' && strstr(text, by->user) != NULL
               ? "the account of the redirection"
               : text;
}

/* One attempt is one authentication, however often the library asks for an identity. */
static void ask_once(struct logon *logon)
{
    const struct why_attempt *a = logon->attempt;

    if (logon->asked)
        return;
    logon->asked = true;
    if (a->credentials == NULL) {
        logon->no_logon = NO_CREDENTIALS;
        return;
    }
    logon->no_logon = a->may_authenticate == NULL
                          ? NULL
                          : a->may_authenticate(a->may_authenticate_arg, a->target);
    logon->may_log_on = logon->no_logon == NULL;
    if (logon->may_log_on)
        why_recorder_event(logon->rec, WHY_EV_AUTHENTICATION, 0, told(logon, a->credentials->user));
}

static bool end_with(struct logon *logon, enum why_event_kind kind, const char *text)
{
    if (kind != WHY_EV_KIND_COUNT) /* else an event has said it already */
        why_recorder_event(logon->rec, kind, 0, text);
    return false;
}

static bool with_ntlm(struct logon *logon)
{
    if (logon->may_log_on && logon->attempt->credentials->password == NULL)
        return end_with(logon, WHY_EV_STOP, NO_PASSWORD);
    return offer(logon, ONLY_NTLM);
}

static void on_event(void *arg, enum why_event_kind kind, int64_t value, const char *text)
{
    const struct logon *logon = arg;

    why_recorder_event(logon->rec, kind, value, told(logon, text));
}

static uint64_t kdc_deadline(const struct logon *logon)
{
    uint64_t deadline = why_clock_us() + logon->attempt->connect_timeout_us;

    return deadline < logon->deadline_us ? deadline : logon->deadline_us;
}

/* With Remote Credential Guard the library asks for no identity. */
static bool name_principal(struct logon *logon)
{
    return why_attempt_offer(logon->attempt).delegation != WHY_DELEGATE_REDIRECTED ||
           (freerdp_settings_set_string(logon->settings, FreeRDP_Username,
                                        why_kerberos_principal(logon->kerberos)) &&
            freerdp_settings_set_string(logon->settings, FreeRDP_Domain, "") &&
            freerdp_settings_set_string(logon->settings, FreeRDP_Password, ""));
}

static bool with_tickets(struct logon *logon, bool pinned)
{
    return freerdp_settings_set_string(logon->settings, FreeRDP_KerberosCache,
                                       why_kerberos_cache(logon->kerberos)) &&
           name_principal(logon) &&
           offer(logon,
                 pinned || logon->attempt->credentials->password == NULL ? ONLY_KERBEROS : BOTH);
}

/* There is no ticket: as clients do, on with NTLM, unless the account was rejected. */
static bool without_tickets(struct logon *logon, enum why_kerberos_result result,
                            const char *why_not, bool pinned)
{
    bool told = result != WHY_KERBEROS_NOT_FIT;

    if (result == WHY_KERBEROS_REJECTED || pinned || logon->attempt->credentials->password == NULL)
        return end_with(logon, told ? WHY_EV_KIND_COUNT : WHY_EV_STOP, why_not);
    why_recorder_event(logon->rec, WHY_EV_KERBEROS_GIVEN_UP, 0,
                       told ? "there is no ticket for the server" : why_not);
    return with_ntlm(logon);
}

static bool with_kerberos(struct logon *logon, bool pinned)
{
    const struct why_kerberos_request request = {
        .credentials = logon->attempt->credentials,
        .trust = logon->attempt->trust,
        .host = logon->attempt->target->host,
        .pinned = pinned,
        .deadline_us = kdc_deadline(logon),
        .cancelled = logon->attempt->cancelled,
        .event = on_event,
        .arg = logon,
    };
    const char *why_not;
    enum why_kerberos_result result =
        why_kerberos_get(logon->engine->kerberos, &request, &logon->kerberos, &why_not);

    logon->has_tickets = result == WHY_KERBEROS_READY;
    return logon->has_tickets ? with_tickets(logon, pinned)
                              : without_tickets(logon, result, why_not, pinned);
}

/* As mstsc does, before the account is named: a server that does not offer the mode that was asked
 * for would get what it is not to have. NULL: it offers it, or none was asked for. */
static const char *lacks_mode(const struct logon *logon)
{
    static const char *const texts[] = {
        [WHY_DELEGATE_PASSWORD] = NULL,
        [WHY_DELEGATE_NOTHING] = "the server does not offer Restricted Admin mode",
        [WHY_DELEGATE_REDIRECTED] = "the server does not offer Remote Credential Guard",
    };
    enum why_delegation delegation = why_attempt_offer(logon->attempt).delegation;
    UINT32 flags = freerdp_settings_get_uint32(logon->settings, FreeRDP_NegotiationFlags);

    return (flags & why_delegation_info(delegation)->offered) == 0 ? texts[delegation] : NULL;
}

bool why_logon_prepare(struct logon *logon)
{
    enum why_package package = why_attempt_offer(logon->attempt).package;
    bool pinned = package == WHY_PACKAGE_KERBEROS;
    const char *lacks = lacks_mode(logon);

    if (lacks != NULL)
        return end_with(logon, WHY_EV_STOP, lacks);
    ask_once(logon);
    /* NTLM's first messages name nobody; a ticket does. */
    if (!logon->may_log_on && pinned)
        return end_with(logon, WHY_EV_STOP, logon->no_logon);
    if (pinned && logon->engine->kerberos == NULL)
        return end_with(logon, WHY_EV_STOP, NO_KERBEROS);
    if (!logon->may_log_on || package == WHY_PACKAGE_NTLM || logon->engine->kerberos == NULL)
        return with_ntlm(logon);
    return with_kerberos(logon, pinned);
}

bool why_logon_by_redirection(struct logon *logon)
{
    ask_once(logon);
    return logon->may_log_on || end_with(logon, WHY_EV_STOP, logon->no_logon);
}

/* [MS-RDPBCGR] 3.2.5.3.1: what a redirection brings in the clear goes into Client Info. */
static bool brings_password(const struct logon *logon, bool by_tls)
{
    return by_tls && logon->attempt->redirected_by != NULL &&
           logon->attempt->redirected_by->password[0] != '\0';
}

bool why_logon_session(struct logon *logon, bool by_tls)
{
    if ((logon->attempt->until != WHY_PHASE_SESSION && !brings_password(logon, by_tls)) ||
        logon->attempt->credentials == NULL || logon->attempt->credentials->password == NULL)
        return false;
    ask_once(logon);
    return logon->may_log_on &&
           freerdp_settings_set_bool(logon->settings, FreeRDP_AutoLogonEnabled, TRUE);
}

/* Replaces one of the three identity strings, which libfreerdp owns. */
static bool put(char **where, const char *text)
{
    char *fresh = strdup(text != NULL ? text : "");

    if (fresh == NULL)
        return false;
    free(*where);
    *where = fresh;
    return true;
}

bool why_logon_identity(const struct logon *logon, char **username, char **password, char **domain)
{
    const struct why_credentials *c = logon->attempt->credentials;

    if (!logon->may_log_on)
        return put(username, "rdpwhy") && put(password, "-") && put(domain, "");
    /* The cache is found by the principal's full name. */
    if (logon->has_tickets)
        return put(username, why_kerberos_principal(logon->kerberos)) &&
               put(password, c->password) && put(domain, "");
    return put(username, c->user) && put(password, c->password) && put(domain, c->domain);
}

void why_logon_user_to_user(struct logon *logon, const uint8_t *ticket, size_t len)
{
    /* Without a ticket of that kind the library gives up by itself. */
    if (logon->has_tickets)
        (void)why_kerberos_user_to_user(logon->kerberos, ticket, len, kdc_deadline(logon));
}

const char *why_logon_proven(struct logon *logon)
{
    switch (why_attempt_offer(logon->attempt).delegation) {
    case WHY_DELEGATE_REDIRECTED:
        return logon->may_log_on ? GUARDED : NULL;
    case WHY_DELEGATE_NOTHING:
        /* It was needed for the proof, and is not to go into Client Info. */
        (void)freerdp_settings_set_string(logon->settings, FreeRDP_Password, "");
        return NULL;
    default:
        return logon->may_log_on && logon->attempt->credentials->password == NULL ? TICKET_ONLY
                                                                                  : NULL;
    }
}
