/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "wire/redirection.h"

/* A redirection, as who follows it reads it: every field is within it, and so is the certificate
 * within what it was decoded to. */

static void require_within(const uint8_t *data, size_t size, const struct why_redirection *r)
{
    for (size_t i = 0; i < WHY_REDIRECTION_FIELD_COUNT; i++)
        REQUIRE(r->fields[i].len == 0 ||
                (r->fields[i].data >= data && r->fields[i].len <= size &&
                 (size_t)(r->fields[i].data - data) <= size - r->fields[i].len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_redirection r;
    uint8_t *buf = malloc(WHY_REDIRECTION_CERTIFICATE_MAX);
    const uint8_t *der = NULL;
    char text[64];
    size_t len;

    REQUIRE(buf != NULL);
    if (why_redirection_read(data, size, &r)) {
        require_within(data, size, &r);
        why_redirection_target(&r, text, sizeof(text));
        REQUIRE(memchr(text, '\0', sizeof(text)) != NULL);
        len = why_redirection_certificate(&r, buf, WHY_REDIRECTION_CERTIFICATE_MAX, &der);
        REQUIRE(len == 0 || (der >= buf && len <= WHY_REDIRECTION_CERTIFICATE_MAX &&
                             (size_t)(der - buf) <= WHY_REDIRECTION_CERTIFICATE_MAX - len));
    }
    free(buf);
    return 0;
}
