/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_REDIRECTED_H
#define RDPWHY_ATTEMPT_REDIRECTED_H

#include <stdbool.h>
#include <freerdp/settings.h>

#include "attempt/request.h"
#include "wire/redirection.h"

/* The redirection that led to an attempt: what its client brings along ([MS-RDPBCGR] 3.2.5.3.1). */

#define REDIRECTED_TEXT 512

struct redirected {
    bool any;
    bool rdstls; /* its password is for RDSTLS: encrypted for the target */
    struct why_redirection packet;
    struct why_credentials credentials; /* the user's, or those that it names */
    bool has_credentials;
    char user[REDIRECTED_TEXT], domain[REDIRECTED_TEXT], password[REDIRECTED_TEXT];
};

/* False: it cannot be read. None at all is not wrong. |offers_tls|: the attempt's client takes
 * something else than Standard RDP Security. */
bool why_redirected_read(struct redirected *redirected, const struct why_attempt *attempt,
                         bool offers_tls);
/* Puts what it says into the settings of the connection. */
bool why_redirected_set(const struct redirected *redirected, rdpSettings *settings);
/* The server has not chosen RDSTLS: the library would use its password elsewhere, too. */
bool why_redirected_drop(const struct redirected *redirected, rdpSettings *settings);
/* Overwrites what is secret in it. */
void why_redirected_clear(struct redirected *redirected);

/* Keeps the redirection that came, of |len| bytes, for who may follow it; and lets it go. */
void why_redirected_keep(struct why_license_data *to, const uint8_t *packet, size_t len);

#endif /* !defined(RDPWHY_ATTEMPT_REDIRECTED_H) */
