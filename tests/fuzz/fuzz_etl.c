/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <rdpwhy/status.h>

#include "etl/etl.h"

/* A Windows event trace: any bytes are a message or packets, the same ones when read again. */

static int on_event(void *arg, const struct why_etl_event *event)
{
    uint64_t *events = arg;

    REQUIRE(event->provider != NULL && event->what != NULL);
    REQUIRE(strlen(event->values) < sizeof(event->values));
    REQUIRE(strlen(event->local) < sizeof(event->local));
    REQUIRE(strlen(event->remote) < sizeof(event->remote));
    *events += event->id + strlen(event->values);
    return WHY_OK;
}

static uint64_t read_through(struct why_etl *etl)
{
    struct why_etl_packet packet;
    uint64_t sum = 0, events = 0;
    const struct why_etl_watch watch = {on_event, &events};
    int status;

    why_etl_watch(etl, &watch);
    while ((status = why_etl_next(etl, &packet)) == WHY_OK) {
        REQUIRE(packet.wire_len >= packet.len);
        for (size_t i = 0; i < packet.len; i++)
            sum += packet.data[i];
        sum = sum * 31 + packet.t_us + packet.place.adapter;
    }
    REQUIRE(status == WHY_ERR_NOTFOUND);
    why_etl_watch(etl, NULL);
    return sum * 31 + events;
}

/* What is read of |in|, as a sum. |*broken|: how much of it could not be. */
static uint64_t read_file(FILE *in, uint64_t *broken)
{
    struct why_etl *etl = NULL;
    char err[256] = "";
    int status = why_etl_open(&etl, in, "fuzz", err, sizeof(err));
    uint64_t sum = 0;

    REQUIRE(status == WHY_OK || status == WHY_ERR_MALFORMED);
    REQUIRE((status == WHY_OK) == (err[0] == '\0'));
    *broken = 0;
    if (status == WHY_OK) {
        sum = read_through(etl);
        *broken = why_etl_summary(etl)->broken_buffers;
    }
    why_etl_close(etl);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    FILE *in;

    REQUIRE(copy != NULL);
    memcpy(copy, data, size);
    (void)why_etl_recognize(copy, size);
    in = size > 0 ? fmemopen(copy, size, "rb") : NULL;
    if (in != NULL) {
        uint64_t broken, again;
        uint64_t sum = read_file(in, &broken);

        REQUIRE(read_file(in, &again) == sum && again == broken);
        (void)fclose(in);
    }
    free(copy);
    return 0;
}
