/* SPDX-License-Identifier: Apache-2.0 */
#include "once.h"

#include <string.h>

#include <rdpwhy/status.h>

#include "etl/types.h"

#include "unit.h"

#define FLOWS  32768u
#define PLACES 9u /* of each: more of all than are kept */

/* Of connection |flow|, with data of its own. */
static struct packet packet_of(uint32_t flow, uint32_t seq)
{
    struct packet packet;

    memset(&packet, 0, sizeof(packet));
    packet.kind = PACKET_TCP;
    packet.tcp.from.address[0] = 10;
    packet.tcp.from.port = (uint16_t)(flow & 0xffff);
    packet.tcp.to.address[0] = 11;
    packet.tcp.to.port = 3389;
    packet.tcp.seq = seq;
    packet.tcp.wire_len = 10;
    return packet;
}

static bool take(struct once *once, uint32_t flow, uint32_t place)
{
    struct packet packet = packet_of(flow, 1);
    struct why_etl_place at = {.adapter = place};
    bool first = false;

    CU_ASSERT_EQUAL(why_once_take(once, &packet, &at, &first), WHY_OK);
    return first;
}

/* One packet at each place that it passes is one. */
static void test_places(void)
{
    struct once *once = why_once_new();

    CU_ASSERT_PTR_NOT_NULL_FATAL(once);
    for (uint32_t place = 0; place < PLACES; place++)
        CU_ASSERT_EQUAL(take(once, 1, place), place == 0);
    CU_ASSERT_EQUAL(why_once_given_up(once), 0);
    why_once_free(once);
}

/* Connections that are there and gain places are limited as new ones are: the quiet ones go. */
static void test_all_places(void)
{
    struct once *once = why_once_new();

    CU_ASSERT_PTR_NOT_NULL_FATAL(once);
    for (uint32_t place = 0; place < PLACES; place++) {
        for (uint32_t flow = 0; flow < FLOWS; flow++)
            (void)take(once, flow, place);
    }
    CU_ASSERT(why_once_given_up(once) > 0);
    CU_ASSERT_FALSE(take(once, FLOWS - 1, PLACES)); /* the last one is kept */
    why_once_free(once);
}

static CU_TestInfo tests[] = {
    {"a packet at several places", test_places},
    {"places of all connections", test_all_places},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "once", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
