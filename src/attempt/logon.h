/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_LOGON_H
#define RDPWHY_ATTEMPT_LOGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <freerdp/settings.h>

#include "attempt/request.h"

#include "engine.h"
#include "recorder.h"

struct why_kerberos;

/*
 * As whom an attempt logs on, and how that is proven: with a Kerberos ticket where there is one,
 * which is got here, with a deadline, and never by the library; else with NTLM.
 */

struct logon {
    const struct why_engine *engine;
    const struct why_attempt *attempt;
    struct recorder *rec;
    rdpSettings *settings;
    uint64_t deadline_us;          /* the attempt's */
    bool asked;                    /* whether real credentials may be used */
    bool may_log_on;               /* real credentials are allowed into this attempt */
    const char *no_logon;          /* why they are not; static text */
    bool has_tickets;              /* there is one for the server */
    struct why_kerberos *kerberos; /* NULL: not tried; freed by the owner of the struct */
};

/*
 * The server has chosen CredSSP, and its first message is about to be made: decides what is offered
 * in it. False: the attempt ends here, and an event says why.
 */
bool why_logon_prepare(struct logon *logon);

/* RDSTLS, with what a redirection brings: asks whether a logon may take place, as above. */
bool why_logon_by_redirection(struct logon *logon);

/*
 * Security without CredSSP has been settled: whether the account goes into Client Info, as mstsc
 * sends it, for a logon at once. Only an attempt that watches the session does so, and, |by_tls|,
 * one that a redirection with a password in the clear has led there.
 */
bool why_logon_session(struct logon *logon, bool by_tls);

/* What the library is to log on with: three strings of the caller's, replaced. */
bool why_logon_identity(const struct logon *logon, char **username, char **password, char **domain);

/* The server wants user-to-user authentication and has sent its ticket. */
void why_logon_user_to_user(struct logon *logon, const uint8_t *ticket, size_t len);

/* The account is proven to the server; what would follow is what the server is to get of it. Why
 * not to go on, static text; NULL: nothing speaks against it. */
const char *why_logon_proven(struct logon *logon);

#endif /* !defined(RDPWHY_ATTEMPT_LOGON_H) */
