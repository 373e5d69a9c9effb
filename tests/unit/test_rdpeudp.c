/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/rdpeudp.h"

#include <string.h>

#include "unit.h"

/* [MS-RDPEUDP] 4.1.2: the server's SYN and ACK, without its padding. */
static const uint8_t syn_ack[] = {0x00, 0x00, 0x00, 0x42, 0x04, 0x00, 0x00, 0x05,
                                  0x00, 0x00, 0x00, 0x42, 0x04, 0xD0, 0x04, 0xD0};

static void test_answer(void)
{
    uint8_t data[WHY_RDPEUDP_SYN_LEN] = {0};
    struct why_rdpeudp read;

    memcpy(data, syn_ack, sizeof(syn_ack));
    read = why_rdpeudp_read(data, sizeof(data));
    CU_ASSERT_EQUAL(read.kind, WHY_RDPEUDP_SYN_ACK);
    CU_ASSERT_EQUAL(read.version, 1);
    CU_ASSERT_EQUAL(read.sequence, 0x42);
    CU_ASSERT_EQUAL(read.acknowledged, 0x42);
    CU_ASSERT_FALSE(read.lossy);
}

/* What is written, byte by byte as in section 2.2.2, and what is read back. */
static void test_syn(void)
{
    static const struct {
        unsigned version;
        uint8_t head[20];
    } rows[] = {
        {1, {0xff, 0xff, 0xff, 0xff, 0, 64, 0x00, 0x01, 0x12, 0x34, 0x56, 0x78, 4, 0xd0, 4, 0xd0}},
        {2, {0xff, 0xff, 0xff, 0xff, 0, 64,   0x10, 0x01, 0x12, 0x34,
             0x56, 0x78, 4,    0xd0, 4, 0xd0, 0,    1,    0,    2}},
    };
    static const uint8_t padding[WHY_RDPEUDP_SYN_LEN] = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t out[WHY_RDPEUDP_SYN_LEN];
        struct why_rdpeudp read;

        memset(out, 0xaa, sizeof(out));
        why_rdpeudp_write_syn(rows[i].version, 0x12345678, out);
        CU_ASSERT_EQUAL(memcmp(out, rows[i].head, sizeof(rows[i].head)), 0);
        CU_ASSERT_EQUAL(memcmp(out + 20, padding, sizeof(out) - 20), 0);
        read = why_rdpeudp_read(out, sizeof(out));
        CU_ASSERT_EQUAL(read.kind, WHY_RDPEUDP_SYN);
        CU_ASSERT_EQUAL(read.version, rows[i].version);
        CU_ASSERT_EQUAL(read.sequence, 0x12345678);
    }
}

static void test_cut(void)
{
    for (size_t len = 0; len < sizeof(syn_ack); len++)
        CU_ASSERT_EQUAL(why_rdpeudp_read(syn_ack, len).kind, WHY_RDPEUDP_NONE);
}

static CU_TestInfo tests[] = {
    {"the specification's answer", test_answer},
    {"our SYN", test_syn},
    {"cut", test_cut},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "RDP over UDP", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
