/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_GATEWAY_LOGON_H
#define RDPWHY_ATTEMPT_GATEWAY_LOGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include <rdpwhy/plan.h>

#include "wire/http.h"

#include "engine.h"

/*
 * The logon of HTTP at a gateway: NTLM ([MS-NTHT]), raw under the scheme that is offered, or Basic
 * (RFC 7617). Kerberos is not tried. The proof of NTLM is bound to the gateway's certificate
 * (tls-server-end-point, RFC 5929 4.1), as http.sys may require it.
 */

enum gateway_scheme { GATEWAY_NO_SCHEME, GATEWAY_NTLM, GATEWAY_NEGOTIATE, GATEWAY_BASIC };

/* The strongest that the response's challenges offer and that is known here. */
enum gateway_scheme why_gateway_scheme_of(const struct why_http_head *response);

struct gateway_logon;

/* NULL: out of memory, or the library has no NTLM. */
struct gateway_logon *why_gateway_logon_new(struct why_engine *engine, enum gateway_scheme scheme,
                                            const struct why_credentials *credentials,
                                            const SSL *ssl);
void why_gateway_logon_free(struct gateway_logon *logon);

/*
 * The value of the next Authorization field: a string to be freed with its bytes cleansed
 * (why_gateway_value_free). |response|: what came last, NULL at first. NULL: there is no next one.
 */
char *why_gateway_logon_next(struct gateway_logon *logon, const struct why_http_head *response);
void why_gateway_value_free(char *value);

/* Each request has to have it (RFC 7617); NTLM is a logon of the connection. */
bool why_gateway_logon_is_basic(const struct gateway_logon *logon);

/* What why_gateway_logon_next gives next proves the password. */
bool why_gateway_logon_proves(const struct gateway_logon *logon);

#endif /* !defined(RDPWHY_ATTEMPT_GATEWAY_LOGON_H) */
