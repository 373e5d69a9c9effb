/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "base/text.h"

#include "test_report.h"
#include "unit.h"

/* Texts of servers through every format: nothing harmful gets out as it came in, nothing is lost.
 */

struct range {
    uint32_t first, last;
};

/* What has to be escaped, listed once more. */
static const struct range harmful[] = {
    {0x01, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C},
    {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069},
};
#define RANGES (sizeof(harmful) / sizeof(harmful[0]))

static void put_utf8(uint32_t c, char buf[5])
{
    if (c < 0x80)
        snprintf(buf, 5, "%c", (int)c);
    else if (c < 0x800)
        snprintf(buf, 5, "%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 0x3F)));
    else
        snprintf(buf, 5, "%c%c%c", (int)(0xE0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3F)),
                 (int)(0x80 | (c & 0x3F)));
}

/* "a", |before| and two digits for each byte, "z" */
static void put_bytes(const char *bytes, const char *before, char *buf, size_t len)
{
    size_t n = (size_t)snprintf(buf, len, "a");

    for (; *bytes != '\0'; bytes++)
        n += (size_t)snprintf(buf + n, len - n, "%s%02x", before, (unsigned char)*bytes);
    snprintf(buf + n, len - n, "z");
}

static bool has(const char *text, const char *part)
{
    size_t len = strlen(part);

    for (; *text != '\0'; text++) {
        if (strncasecmp(text, part, len) == 0)
            return true;
    }
    return false;
}

/* How |format| shows |bytes|, the character |c| where they are UTF-8 (else 0), between two letters.
 */
static bool is_shown(const char *format, const char *text, const char *bytes, uint32_t c)
{
    bool json = strcmp(format, "jsonl") == 0 || strcmp(format, "html") == 0;
    char shown[64];

    if (json && c != 0 && (c < 0x20 || c > 0x9F)) {
        static const char letters[] = "btnfr", meant[] = "\b\t\n\f\r";
        const char *letter = c < 0x20 ? strchr(meant, (int)c) : NULL;

        if (letter != NULL)
            snprintf(shown, sizeof(shown), "a\\%cz", letters[letter - meant]);
        else
            snprintf(shown, sizeof(shown), "a\\u%04xz", (unsigned)c);
    } else {
        put_bytes(bytes, json || strcmp(format, "prometheus") == 0 ? "\\\\x" : "\\x", shown,
                  sizeof(shown));
    }
    return has(text, shown);
}

/* Without our own line ends, tabs and bytes that the format's own text has (colors are off). */
static bool is_clean(const char *text)
{
    while (*text != '\0') {
        uint32_t c = 0;
        size_t n = why_utf8_decode(text, &c);

        if (n == 0 || (why_text_is_harmful(c) && c != '\n' && c != '\t'))
            return false;
        text += n;
    }
    return true;
}

static char *report_of(const char *format, const char *bytes)
{
    static char subject[64];
    char label[64], name[64];
    struct why_target target = {.host = name, .port = 3389, .label = label};
    struct sample s;
    char *text;

    snprintf(name, sizeof(name), "a%sz", bytes);
    snprintf(label, sizeof(label), "a%sz:3389", bytes);
    snprintf(subject, sizeof(subject), "CN=a%sz", bytes);
    sample_hostile(&s);
    s.host.target = s.results[0].target = &target;
    snprintf(s.finding.because[0], sizeof(s.finding.because[0]), "%s", s.finding.summary);
    s.finding.because_count = 1;
    s.host.findings = &s.finding;
    s.host.finding_count = 1;
    s.finding.rule = "denied";
    s.results[0].facts.certificate.subject = s.results[0].facts.certificate.issuer = subject;
    snprintf(s.results[0].facts.ntlm.netbios_computer, WHY_TEXT_MAX, "a%sz", bytes);
    snprintf(s.results[0].verdict.reason, WHY_REASON_MAX, "%s.", subject);
    snprintf(s.finding.summary, WHY_FINDING_TEXT, "it is a%sz", bytes);
    text = write_report(format, 2, false, 1, &s.host, true);
    sample_end(&s);
    return text;
}

static void try(const char *bytes, uint32_t c)
{
    size_t count = 0;
    const struct why_report_format *const *formats = why_report_formats(&count);

    for (size_t i = 0; i < count; i++) {
        char *text = report_of(formats[i]->name, bytes);
        bool clean = is_clean(text), shown = is_shown(formats[i]->name, text, bytes, c);

        if (!clean || !shown)
            printf("\n%s, U+%04X: %s\n", formats[i]->name, (unsigned)c,
                   clean ? "is not shown" : "gets through");
        CU_ASSERT(clean);
        CU_ASSERT(shown);
        free(text);
    }
}

static void test_every_character(void)
{
    for (size_t i = 0; i < RANGES; i++) {
        for (uint32_t c = harmful[i].first; c <= harmful[i].last; c++) {
            char bytes[5] = "";

            CU_ASSERT(why_text_is_harmful(c));
            put_utf8(c, bytes);
            try(bytes, c);
        }
    }
}

/* Bytes that are no UTF-8; of them half of a surrogate pair, as src/wire and json_scan keep it. */
static void test_no_utf8(void)
{
    static const char *const texts[] = {"\xed\xa0\xbd", "\xff\xfe", "\xc0\x80", "\xe2\x80"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        try(texts[i], 0);
}

static void test_others_are_not_harmful(void)
{
    static const uint32_t others[] = {' ',    'a',    0xA0,   0x061B, 0x061D, 0x200D, 0x2010,
                                      0x2027, 0x202F, 0x2065, 0x206A, 0x65E5, 0xFFFD, 0x1F600};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CU_ASSERT(!why_text_is_harmful(others[i]));
}

/* A cell of a spreadsheet is no formula, whatever it begins with; a negative number is one. */
static void test_formulas(void)
{
    static const char *const starts[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        struct sample s;
        char cell[64], *shown = why_text_shown(starts[i]), *text;

        sample_hostile(&s);
        snprintf(s.results[0].facts.ntlm.netbios_computer, WHY_TEXT_MAX, "%s", starts[i]);
        s.results[0].facts.has_clock_skew = true;
        s.results[0].facts.clock_skew_s = -3;
        text = write_report("csv", 0, false, 1, &s.host, true);
        snprintf(cell, sizeof(cell), ",\"%s%s\",", strchr("=+-@", *starts[i]) ? "'" : "", shown);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, cell));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, ",-3,"));
        free(shown);
        free(text);
        sample_end(&s);
    }
}

static CU_TestInfo tests[] = {
    {"every harmful character in every format", test_every_character},
    {"bytes that are not UTF-8", test_no_utf8},
    {"what is not harmful", test_others_are_not_harmful},
    {"formulas in cells", test_formulas},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "report_harmless", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
