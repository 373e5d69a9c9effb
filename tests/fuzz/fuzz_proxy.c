/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "wire/proxy.h"

/*
 * The conversation with a proxy. The first byte says with which kind, and whether there is an
 * account; the second in how large pieces the rest comes. What comes in pieces must end as what
 * comes at once.
 */

static enum why_proxy_step talk_to(struct why_proxy_talk *t, const uint8_t *data, size_t len,
                                   size_t piece, size_t *left)
{
    uint8_t message[WHY_PROXY_MESSAGE_MAX];
    enum why_proxy_step step = WHY_PROXY_SEND;

    while (step == WHY_PROXY_READ || step == WHY_PROXY_SEND) {
        size_t n = len < piece ? len : piece, used = 0;

        REQUIRE(step != WHY_PROXY_SEND || why_proxy_message(t, message) > 0);
        if (n == 0)
            break;
        step = why_proxy_take(t, data, n, &used);
        REQUIRE(used <= n && (step != WHY_PROXY_READ || used == n));
        REQUIRE(memchr(t->text, '\0', sizeof(t->text)) != NULL);
        data += used;
        len -= used;
    }
    *left = len;
    return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char host[] = "proxy.example", user[] = "tess";
    struct why_proxy proxy = {.host = host, .port = 1080};
    static struct why_proxy_talk whole, pieces;
    size_t left[2];
    enum why_proxy_step steps[2];

    if (size < 2)
        return 0;
    proxy.kind = (enum why_proxy_kind)(data[0] % WHY_PROXY_KIND_COUNT);
    proxy.user = (data[0] & 0x80) != 0 ? user : NULL;
    why_proxy_begin(&whole, &proxy, "srv.example", 3389);
    why_proxy_begin(&pieces, &proxy, "srv.example", 3389);
    steps[0] = talk_to(&whole, data + 2, size - 2, SIZE_MAX, &left[0]);
    steps[1] = talk_to(&pieces, data + 2, size - 2, 1u + data[1], &left[1]);
    if (steps[0] >= WHY_PROXY_DONE && steps[0] != WHY_PROXY_FAILED)
        REQUIRE(steps[1] == steps[0] && left[0] == left[1] && whole.code == pieces.code);
    return 0;
}
