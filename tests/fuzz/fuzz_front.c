/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "wire/rdpeudp.h"

#include "front.h"

/* First bytes of a client, its length (two bytes) before it, then those of a server: what is in
 * front of RDP lies within them, and fewer bytes never say more. The same bytes as a datagram. */

static void check_shorter(const uint8_t *data, size_t len)
{
    for (size_t shorter = 0; shorter < len; shorter += 1 + len / 64) {
        struct front front;

        if (why_front_client(data, shorter, &front) == LIKE_SO)
            REQUIRE(front.len <= shorter);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len = size >= 2 ? data[0] | (size_t)data[1] << 8 : 0;
    const uint8_t *client = size >= 2 ? data + 2 : data;
    struct front front, answer;
    struct why_rdpeudp first;

    size -= size >= 2 ? 2 : 0;
    if (len > size)
        len = size;
    if (why_front_client(client, len, &front) != LIKE_NOTHING) {
        REQUIRE(front.len <= len);
        if (why_front_server(&front, client + len, size - len, &answer) == LIKE_SO)
            REQUIRE(answer.len <= size - len);
    }
    check_shorter(client, len);
    first = why_rdpeudp_read(client, len);
    REQUIRE(first.kind == WHY_RDPEUDP_NONE || (first.version >= 1 && first.version <= 3));
    return 0;
}
