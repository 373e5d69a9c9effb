/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor.h"

#include <string.h>

#include "text.h"
#include <rdpwhy/pdu.h>
#include "unit.h"

static void test_integers(void)
{
    static const uint8_t data[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                   13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
    struct why_cursor c = why_cur_init(data, sizeof(data));

    CU_ASSERT_EQUAL(why_cur_u8(&c), 0x01);
    CU_ASSERT_EQUAL(why_cur_u16le(&c), 0x0302);
    CU_ASSERT_EQUAL(why_cur_u16be(&c), 0x0405);
    CU_ASSERT_EQUAL(why_cur_u24be(&c), 0x060708);
    CU_ASSERT_EQUAL(why_cur_u32le(&c), 0x0c0b0a09u);
    CU_ASSERT_EQUAL(why_cur_u32be(&c), 0x0d0e0f10u);
    CU_ASSERT_EQUAL(why_cur_u64le(&c), 0x1817161514131211u);
    CU_ASSERT_EQUAL(why_cur_left(&c), 0);
    CU_ASSERT_FALSE(c.failed);
}

static void test_failure_sticks(void)
{
    static const uint8_t data[] = {1, 2, 3};
    struct why_cursor c = why_cur_init(data, sizeof(data));

    CU_ASSERT_EQUAL(why_cur_u32le(&c), 0);
    CU_ASSERT_TRUE(c.failed);
    CU_ASSERT_EQUAL(why_cur_left(&c), 0);
    CU_ASSERT_EQUAL(why_cur_u8(&c), 0);
    CU_ASSERT_EQUAL(why_cur_peek(&c, 0), 0);
    CU_ASSERT_EQUAL(c.pos, 0);
}

static void test_sub_cursors(void)
{
    static const uint8_t data[] = {1, 2, 3, 4, 5};
    struct why_cursor c = why_cur_init(data, sizeof(data)), sub;
    bool cut = false;

    why_cur_skip(&c, 1);
    sub = why_cur_sub(&c, 2);
    CU_ASSERT_EQUAL(sub.pos, 1);
    CU_ASSERT_EQUAL(why_cur_u16be(&sub), 0x0203);
    CU_ASSERT_EQUAL(why_cur_u8(&sub), 0);
    CU_ASSERT_TRUE(sub.failed);
    CU_ASSERT_FALSE(c.failed);
    sub = why_cur_sub_upto(&c, 9, &cut);
    CU_ASSERT_TRUE(cut);
    CU_ASSERT_EQUAL(why_cur_left(&sub), 2);
    sub = why_cur_sub(&c, SIZE_MAX);
    CU_ASSERT_TRUE(sub.failed);
    CU_ASSERT_TRUE(c.failed);
}

static void test_lengths(void)
{
    static const struct {
        uint8_t bytes[6];
        size_t ber, per; /* SIZE_MAX: fails */
    } rows[] = {
        {{0x7f}, 0x7f, 0x7f},
        {{0x81, 0x80}, 0x80, 0x180},
        {{0x82, 0x01, 0x02}, 0x102, 0x201},
        {{0x83, 0x01, 0x00, 0x00}, 0x10000, 0x301},
        {{0x84, 0xff, 0xff, 0xff, 0xff}, 0xffffffff, 0x4ff},
        {{0x80, 0x10}, SIZE_MAX, 0x10},
        {{0x85, 1, 1, 1, 1}, SIZE_MAX, 0x501},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_cursor c = why_cur_init(rows[i].bytes, sizeof(rows[i].bytes));
        size_t ber = why_cur_ber_length(&c);

        CU_ASSERT_EQUAL(c.failed ? SIZE_MAX : ber, rows[i].ber);
        c = why_cur_init(rows[i].bytes, sizeof(rows[i].bytes));
        CU_ASSERT_EQUAL(why_cur_per_length(&c), rows[i].per);
        CU_ASSERT_FALSE(c.failed);
    }
}

static void test_ber_values(void)
{
    static const struct {
        uint8_t bytes[8];
        size_t len;
        bool ok;
        uint32_t value;
    } rows[] = {
        {{2, 1, 6}, 3, true, 6},
        {{2, 4, 0xc0, 0, 0, 0x6d}, 6, true, 0xc000006d},
        {{2, 5, 0, 0xc0, 0, 0, 0x6d}, 7, true, 0xc000006d},
        {{2, 5, 1, 0xc0, 0, 0, 0x6d}, 7, false, 0},
        {{2, 0}, 2, false, 0},
        {{3, 1, 6}, 3, false, 0},
        {{2, 2, 6}, 3, false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_cursor c = why_cur_init(rows[i].bytes, rows[i].len);
        struct why_cursor content = why_cur_ber(&c, 2);

        CU_ASSERT_EQUAL(why_cur_ber_value(&content), rows[i].value);
        CU_ASSERT_EQUAL(!content.failed, rows[i].ok);
    }
}

static void test_find(void)
{
    struct why_cursor c = why_cur_init((const uint8_t *)"aab", 3);

    CU_ASSERT_TRUE(why_cur_find(&c, "ab", 2));
    CU_ASSERT_EQUAL(c.pos, 1);
    CU_ASSERT_FALSE(why_cur_find(&c, "abc", 3));
    CU_ASSERT_EQUAL(c.pos, 1);
}

static void test_utf16(void)
{
    static const struct {
        uint8_t bytes[12];
        size_t len;
        const char *text;
    } rows[] = {
        {{'A', 0, 0xe9, 0, 0xac, 0x20}, 6, "A\xc3\xa9\xe2\x82\xac"},
        {{0x3d, 0xd8, 0x00, 0xde}, 4, "\xf0\x9f\x98\x80"},
        {{0x3d, 0xd8, 'x', 0}, 4, "\xed\xa0\xbdx"},    /* high surrogate alone */
        {{0x00, 0xde, 'x', 0}, 4, "\xed\xb8\x80x"},    /* low surrogate alone */
        {{0x3d, 0xd8}, 2, "\xed\xa0\xbd"},             /* high surrogate at the end */
        {{'A', 0, 'B'}, 3, "A"},                       /* half a character */
        {{'A', 0, 0, 0, 'B', 0}, 6, "A"},              /* ends at NUL */
        {{7, 0, 0x1b, 0, 0x7f, 0}, 6, "\x07\x1b\x7f"}, /* control characters stay */
        {{0}, 0, ""},
    };
    char out[WHY_TEXT_MAX];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why_text_utf16le(why_cur_init(rows[i].bytes, rows[i].len), out, sizeof(out));
        CU_ASSERT_STRING_EQUAL(out, rows[i].text);
    }
}

static void test_text_is_cut_between_characters(void)
{
    static const uint8_t euros[] = {0xac, 0x20, 0xac, 0x20, 0xac, 0x20};
    char out[8];

    memset(out, 'x', sizeof(out));
    why_text_utf16le(why_cur_init(euros, sizeof(euros)), out, sizeof(out));
    CU_ASSERT_STRING_EQUAL(out, "\xe2\x82\xac\xe2\x82\xac");
    why_text_oem(why_cur_init((const uint8_t *)"\xe9\xe9\xe9\xe9", 4), out, 4);
    CU_ASSERT_STRING_EQUAL(out, "\xc3\xa9");
    why_text_oem(why_cur_init((const uint8_t *)"abc", 3), out, 1);
    CU_ASSERT_STRING_EQUAL(out, "");
}

static CU_TestInfo tests[] = {
    {"integers of both orders", test_integers},
    {"a failed read fails all that follow", test_failure_sticks},
    {"sub-cursors", test_sub_cursors},
    {"BER and PER lengths", test_lengths},
    {"BER values", test_ber_values},
    {"find", test_find},
    {"UTF-16 to UTF-8", test_utf16},
    {"text is cut between characters", test_text_is_cut_between_characters},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "wire cursor and text", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
