/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_FUZZ_H
#define RDPWHY_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/pdu.h>

/* Each target defines it; libFuzzer or replay_main.c calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert, but in every build type. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static inline int is_text(const char *text)
{
    return memchr(text, '\0', WHY_TEXT_MAX) != NULL;
}

/* What holds for whatever bytes there were. */
static inline void require_sound(const struct why_pdu *pdu, size_t len)
{
    REQUIRE((unsigned)pdu->type < WHY_PDU_TYPE_COUNT);
    REQUIRE(why_pdu_info(pdu->type)->name != NULL);
    REQUIRE(!pdu->malformed || pdu->problem != NULL);
    REQUIRE(pdu->sensitive_count <= WHY_SENSITIVE_MAX);
    for (size_t i = 0; i < pdu->sensitive_count; i++) {
        REQUIRE(pdu->sensitive[i].length > 0);
        REQUIRE(pdu->sensitive[i].offset <= len);
        REQUIRE(pdu->sensitive[i].length <= len - pdu->sensitive[i].offset);
    }
    if (pdu->type == WHY_PDU_TSREQUEST_CHALLENGE) {
        REQUIRE(is_text(pdu->u.tsrequest.challenge.target));
        REQUIRE(is_text(pdu->u.tsrequest.challenge.netbios_computer));
        REQUIRE(is_text(pdu->u.tsrequest.challenge.dns_forest));
    } else if (pdu->type == WHY_PDU_LICENSE_REQUEST) {
        REQUIRE(is_text(pdu->u.license.company));
        REQUIRE(is_text(pdu->u.license.product));
        REQUIRE(is_text(pdu->u.license.scope));
    } else if (pdu->type == WHY_PDU_SERVER_REDIRECTION) {
        REQUIRE(is_text(pdu->u.redirection.target_address));
        REQUIRE(is_text(pdu->u.redirection.target_fqdn));
        REQUIRE(is_text(pdu->u.redirection.target_netbios));
    } else if (pdu->type == WHY_PDU_TLS_CLIENT_HELLO) {
        REQUIRE(is_text(pdu->u.hello.server_name));
    } else if (pdu->type == WHY_PDU_TLS_CERTIFICATE) {
        REQUIRE(pdu->u.tls_certificate.der_offset <= len);
        REQUIRE(pdu->u.tls_certificate.der_length <= len - pdu->u.tls_certificate.der_offset);
    }
}

/* A part of the input: a control byte, a 16-bit length, and as many bytes as there are, in memory
 * of exactly that size (to be freed). False at the end of the input. */
struct part {
    uint8_t control;
    uint8_t *data;
    size_t len;
};

static inline int next_part(const uint8_t **data, size_t *size, struct part *part)
{
    if (*size < 3)
        return 0;
    part->control = (*data)[0];
    part->len = (size_t)((*data)[1] << 8 | (*data)[2]);
    *data += 3;
    *size -= 3;
    if (part->len > *size)
        part->len = *size;
    part->data = malloc(part->len > 0 ? part->len : 1);
    REQUIRE(part->data != NULL);
    memcpy(part->data, *data, part->len);
    *data += part->len;
    *size -= part->len;
    return 1;
}

#endif /* !defined(RDPWHY_TESTS_FUZZ_H) */
