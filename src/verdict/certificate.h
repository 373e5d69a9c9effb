/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_CERTIFICATE_H
#define RDPWHY_VERDICT_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/result.h>

struct X509_name_st;

/*
 * Reads and judges a certificate: |der| of |len| bytes, for a client that asked for |host| at
 * |at_us| (wall clock, microseconds since 1970-01-01 UTC). Parsing takes longer than all the rest
 * of a verdict: |known|, NULL or what was read for the same host before, is copied where it is the
 * same certificate. Returns WHY_OK, WHY_ERR_MALFORMED where it cannot be parsed, or WHY_ERR_NOMEM;
 * |*out| is only filled with WHY_OK.
 */
int why_certificate_parse(const uint8_t *der, size_t len, const char *host, uint64_t at_us,
                          const struct why_certificate *known, struct why_certificate *out);

/* SHA-256, in hexadecimal. */
void why_certificate_fingerprint(const uint8_t *der, size_t len, char out[65]);

/* |name| as reports show it, owned by the caller; NULL when out of memory. */
char *why_certificate_name(const struct X509_name_st *name);

void why_certificate_clear(struct why_certificate *certificate);

#endif /* !defined(RDPWHY_VERDICT_CERTIFICATE_H) */
