/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "kerb_error.h"
#include "kkdcp.h"

/* What a KDC proxy sends, and the e-data of a KRB-ERROR: the parts lie within the whole, and what
 * is wrapped comes out again. */

static void check_http(const uint8_t *data, size_t size)
{
    struct kkdcp_http http;
    const uint8_t *reply;
    size_t len;

    why_kkdcp_http(data, size, &http);
    REQUIRE(http.body <= size && http.status < 1000);
    REQUIRE(strlen(http.reason) < sizeof(http.reason));
    if (http.body > 0 && why_kkdcp_unwrap(data + http.body, size - http.body, &reply, &len))
        REQUIRE(len > 0 && reply >= data + http.body && len <= (size_t)(data + size - reply));
}

static void check_wrapped(const uint8_t *data, size_t size)
{
    size_t len = 0, inside = 0;
    const uint8_t *reply = NULL;
    uint8_t *message = why_kkdcp_wrap(data, size, "CORP.EXAMPLE", &len);

    REQUIRE(message == NULL || size == 0 ||
            (why_kkdcp_unwrap(message, len, &reply, &inside) && inside == size &&
             memcmp(reply, data, size) == 0));
    free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *reply;
    size_t len;
    uint32_t status = 0;

    check_http(data, size);
    if (why_kkdcp_unwrap(data, size, &reply, &len))
        REQUIRE(len > 0 && len < size);
    REQUIRE(!why_kerb_error_status(data, size, &status) || status >= 0xC0000000u);
    check_wrapped(data, size < 4096 ? size : 4096);
    return 0;
}
