/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <rdpwhy/pdu.h>

#include "test_wire_hex.h"
#include "unit.h"

/* Real handshakes (fixtures/pdus): names, frames, truncation, and that a scrubbed record decodes
 * like the original. */

static const char *const files[] = {
    "shadow-nla",    "shadow-nla-wrong-password",
    "xrdp-tls",      "mstsc-16299",
    "xrdp-rdp-high", "xrdp-rdp-fips",
    "tls12-records", "tls13-records",
};

struct line {
    enum why_dir dir;
    bool record;
    struct bytes pdu;
    char names[256];
};

/* The next PDU of |in|; |record| is true for all but the first two PDUs of a file of records. */
static bool next_line(FILE *in, bool records, unsigned *number, struct line *line)
{
    static char text[32768];

    while (fgets(text, sizeof(text), in) != NULL) {
        const char *names;

        if (text[0] != '>' && text[0] != '<')
            continue;
        line->dir = text[0] == '>' ? WHY_DIR_SENT : WHY_DIR_RECEIVED;
        line->record = records && ++*number > 2;
        line->pdu.len = 0;
        names = add_hex(&line->pdu, text + 1);
        CU_ASSERT_FATAL(strncmp(names, "# ", 2) == 0);
        (void)snprintf(line->names, sizeof(line->names), "%s", names + 2);
        line->names[strcspn(line->names, "\n")] = '\0';
        return true;
    }
    return false;
}

static void each_line(void (*check)(struct why_dissector *d, const struct line *line))
{
    static struct line line;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct why_dissector d;
        unsigned number = 0;
        char path[512];
        FILE *in;

        (void)snprintf(path, sizeof(path), FIXTURES "/pdus/%s.pdus", files[i]);
        in = fopen(path, "r");
        CU_ASSERT_PTR_NOT_NULL_FATAL(in);
        why_dissector_init(&d);
        while (next_line(in, strstr(files[i], "records") != NULL, &number, &line))
            check(&d, &line);
        fclose(in);
    }
}

static void next_pdu(struct why_dissector *d, const struct line *line, const uint8_t *data,
                     size_t *offset, struct why_pdu *pdu)
{
    if (line->record)
        why_dissect_record(d, line->dir, data, line->pdu.len, offset, pdu);
    else
        why_dissect_next(d, &(struct why_passed){line->dir, 0, data, line->pdu.len}, offset, pdu);
}

static void check_names(struct why_dissector *d, const struct line *line)
{
    char names[256] = "";
    size_t offset = 0;

    do {
        struct why_pdu pdu;

        if (names[0] != '\0')
            strncat(names, "; ", sizeof(names) - strlen(names) - 1);
        next_pdu(d, line, line->pdu.data, &offset, &pdu);
        strncat(names, why_pdu_info(pdu.type)->name, sizeof(names) - strlen(names) - 1);
        CU_ASSERT_FALSE(pdu.malformed);
        CU_ASSERT(sensitive_inside(&pdu, line->pdu.len));
    } while (offset < line->pdu.len);
    CU_ASSERT_STRING_EQUAL(names, line->names);
}

static void test_names(void)
{
    each_line(check_names);
}

static enum why_frame frame(const struct why_dissector *d, const struct line *line, size_t len,
                            size_t *need)
{
    if (line->record)
        return why_record_check(line->pdu.data, len, need, NULL);
    return why_frame_check(d, line->dir, line->pdu.data, len, need, NULL);
}

static void check_frames(struct why_dissector *d, const struct line *line)
{
    struct why_pdu pdu;
    size_t need = 0, offset = 0;

    for (size_t len = 0; len < line->pdu.len; len++) {
        CU_ASSERT_EQUAL(frame(d, line, len, &need), WHY_FRAME_INCOMPLETE);
        CU_ASSERT(need == 0 || need == line->pdu.len);
    }
    CU_ASSERT_EQUAL(frame(d, line, line->pdu.len, &need), WHY_FRAME_COMPLETE);
    CU_ASSERT_EQUAL(need, line->pdu.len);
    while (offset < line->pdu.len)
        next_pdu(d, line, line->pdu.data, &offset, &pdu);
}

static void test_frames(void)
{
    each_line(check_frames);
}

/* A PDU that is cut is malformed, and state that it would have changed stays. */
static void check_truncation(struct why_dissector *d, const struct line *line)
{
    struct why_pdu pdu;
    size_t offset = 0;

    for (size_t len = 0; len < line->pdu.len && !line->record; len++) {
        struct why_dissector copy = *d;

        dissect(&copy, line->dir, line->pdu.data, len, 0, &pdu);
        CU_ASSERT(pdu.malformed);
        CU_ASSERT_PTR_NOT_NULL(pdu.problem);
        CU_ASSERT(sensitive_inside(&pdu, len));
        CU_ASSERT_EQUAL(copy.confirmed, d->confirmed);
        CU_ASSERT_EQUAL(copy.selected_protocol, d->selected_protocol);
        CU_ASSERT_EQUAL(copy.credssp_over, d->credssp_over);
    }
    while (offset < line->pdu.len)
        next_pdu(d, line, line->pdu.data, &offset, &pdu);
}

static void test_truncation(void)
{
    each_line(check_truncation);
}

/* What a recorder keeps tells the same story. */
static void check_scrubbed(struct why_dissector *d, const struct line *line)
{
    struct why_dissector copy = *d;
    struct why_pdu pdu, again;
    static uint8_t data[8192];
    size_t offset = 0;

    if (line->record)
        return;
    next_pdu(d, line, line->pdu.data, &offset, &pdu);
    memcpy(data, line->pdu.data, line->pdu.len);
    for (size_t i = 0; i < pdu.sensitive_count; i++)
        memset(data + pdu.sensitive[i].offset, 0, pdu.sensitive[i].length);
    offset = 0;
    next_pdu(&copy, line, data, &offset, &again);
    /* both are cleared first, padding too
     * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    CU_ASSERT_EQUAL(memcmp(&pdu.u, &again.u, sizeof(pdu.u)), 0);
    CU_ASSERT_EQUAL(pdu.type, again.type);
    CU_ASSERT_EQUAL(pdu.sensitive_count, again.sensitive_count);
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    CU_ASSERT_EQUAL(memcmp(&copy, d, sizeof(copy)), 0);
    /* UTF-16 and ASCII of the accounts and passwords in the recordings */
    for (size_t i = 0; i + 12 < line->pdu.len; i++) {
        CU_ASSERT_NOT_EQUAL(memcmp(data + i, "n\0o\0t\0-\0s\0e\0", 12), 0);
        CU_ASSERT_NOT_EQUAL(memcmp(data + i, "b\0a\0r\0\0", 7), 0);
    }
}

static void test_scrubbed(void)
{
    each_line(check_scrubbed);
}

static CU_TestInfo tests[] = {
    {"every PDU has its name", test_names},
    {"every PDU has its bounds", test_frames},
    {"truncation is noticed at every length", test_truncation},
    {"a scrubbed record decodes alike and holds no secret", test_scrubbed},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "wire captures", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
