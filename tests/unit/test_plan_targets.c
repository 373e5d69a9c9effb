/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "base/grow.h"

#include "unit.h"

#define GUID     "01234567-89ab-cdef-0123-456789abcdef"
#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_253                                                                                   \
    LABEL_63 "." LABEL_63 "." LABEL_63 "."                                                         \
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* All targets of a source. */
struct list {
    struct why_target *items;
    size_t count, capacity;
    size_t duplicates;
};

static int read_source(struct list *list, const struct why_source_options *options, char *err,
                       size_t errlen)
{
    struct why_source *source = why_source_new(options);
    int status;

    CU_ASSERT_PTR_NOT_NULL_FATAL(source);
    do {
        CU_ASSERT_TRUE_FATAL(
            why_grow(&list->items, &list->capacity, list->count + 1, sizeof(*list->items)));
        status = why_source_next(source, &list->items[list->count], err, errlen);
        list->count += status == WHY_OK;
    } while (status == WHY_OK);
    list->duplicates = why_source_duplicates(source);
    why_source_free(source);
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

static int read_texts(struct list *list, const char *const *texts, size_t count, char *err,
                      size_t errlen)
{
    struct why_source_options options = {.operands = texts, .operand_count = count};

    return read_source(list, &options, err, errlen);
}

static int read_text(struct list *list, const char *text, char *err, size_t errlen)
{
    return read_texts(list, &text, 1, err, errlen);
}

static void clear_list(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].host);
        free(list->items[i].label);
    }
    free(list->items);
    *list = (struct list){NULL, 0, 0, 0};
}

static void test_single_targets(void)
{
    static const struct {
        const char *text, *host, *label;
        uint16_t port;
    } rows[] = {
        {"srv1", "srv1", "srv1:3389", 3389},
        {"srv1:3390", "srv1", "srv1:3390", 3390},
        {"Srv1.Corp.Example.", "Srv1.Corp.Example.", "Srv1.Corp.Example.:3389", 3389},
        {"192.0.2.7", "192.0.2.7", "192.0.2.7:3389", 3389},
        {"192.0.2.7:65535", "192.0.2.7", "192.0.2.7:65535", 65535},
        {"2001:db8::1", "2001:db8::1", "[2001:db8::1]:3389", 3389},
        {"[2001:DB8:0::1]", "2001:DB8:0::1", "[2001:db8::1]:3389", 3389},
        {"[2001:db8::1]:1", "2001:db8::1", "[2001:db8::1]:1", 1},
        {"fe80::1%eth0", "fe80::1%eth0", "[fe80::1%eth0]:3389", 3389},
        {"[fe80::1%eth0]:3390", "fe80::1%eth0", "[fe80::1%eth0]:3390", 3390},
        {"rdp://srv1", "srv1", "srv1:3389", 3389},
        {"RDP://srv1:3390/", "srv1", "srv1:3390", 3390},
        {"rdp://[2001:db8::1]:3390/", "2001:db8::1", "[2001:db8::1]:3390", 3390},
        {"m\xC3\xBCnchen.example", "m\xC3\xBCnchen.example", "m\xC3\xBCnchen.example:3389", 3389},
        {"hv1?vmid=" GUID, "hv1", "hv1:2179?vmid=" GUID, 2179},
        {"[2001:db8::1]:1?vmid=" GUID, "2001:db8::1", "[2001:db8::1]:1?vmid=" GUID, 1},
        {LABEL_63, LABEL_63, LABEL_63 ":3389", 3389},
        {NAME_253 ".", NAME_253 ".", NAME_253 ".:3389", 3389},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list list = {NULL, 0, 0, 0};
        char err[256] = "";

        CU_ASSERT_EQUAL_FATAL(read_text(&list, rows[i].text, err, sizeof(err)), WHY_OK);
        CU_ASSERT_EQUAL_FATAL(list.count, 1);
        CU_ASSERT_STRING_EQUAL(list.items[0].host, rows[i].host);
        CU_ASSERT_STRING_EQUAL(list.items[0].label, rows[i].label);
        CU_ASSERT_EQUAL(list.items[0].port, rows[i].port);
        clear_list(&list);
    }
}

static void test_wrong_targets(void)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "target \"\": the host is empty"},
        {":3389", "target \":3389\": the host is empty"},
        {"rdp://", "target \"rdp://\": the host is empty"},
        {"rdp:///", "target \"rdp:///\": the host is empty"},
        {"[]", "target \"[]\": the host is empty"},
        {"srv1:", "target \"srv1:\": the port after the colon is missing"},
        {"srv1:x", "target \"srv1:x\": the port is not a number"},
        {"srv1:-1", "target \"srv1:-1\": the port is not a number"},
        {"srv1:+1", "target \"srv1:+1\": the port is not a number"},
        {"srv1:0", "target \"srv1:0\": the port must not be 0"},
        {"srv1:65536", "target \"srv1:65536\": the port is above 65535"},
        {"srv1:99999999999999999999",
         "target \"srv1:99999999999999999999\": the port is above 65535"},
        {"[2001:db8::1", "target \"[2001:db8::1\": the closing bracket is missing"},
        {"[srv1]:3389", "target \"[srv1]:3389\": the text in brackets is not an IPv6 address"},
        {"[192.0.2.7]", "target \"[192.0.2.7]\": the text in brackets is not an IPv6 address"},
        {"[fe80::1%]", "target \"[fe80::1%]\": the text in brackets is not an IPv6 address"},
        {"fe80::1", "target \"fe80::1\": a link-local address needs its zone, the network "
                    "interface: fe80::1%eth0"},
        {"[FE80::1]:3389", "target \"[FE80::1]:3389\": a link-local address needs its zone, the "
                           "network interface: fe80::1%eth0"},
        {"[::1]3389",
         "target \"[::1]3389\": only a colon and a port may follow the closing bracket"},
        {"srv[1", "target \"srv[1\": a bracket is in the wrong place"},
        {"a:b:c", "target \"a:b:c\": more than one colon, but not an IPv6 address; write an IPv6 "
                  "address with a port as [address]:port"},
        {"joe@srv1", "target \"joe@srv1\": a target has no user; use --user"},
        {"rdp://joe@srv1", "target \"rdp://joe@srv1\": a target has no user; use --user"},
        {"rdp://srv1/x", "target \"rdp://srv1/x\": a target has no path"},
        {"rdp://srv1?x", "target \"rdp://srv1?x\": only ?vmid=GUID may follow a target"},
        {"hv1?vmid=", "target \"hv1?vmid=\": the virtual machine is not a GUID: "
                      "?vmid=01234567-89ab-cdef-0123-456789abcdef"},
        {"?vmid=" GUID, "target \"?vmid=" GUID "\": the host is empty"},
        {"http://srv1", "target \"http://srv1\": the only known scheme is rdp://"},
        {"srv1/x", "target \"srv1/x\": a target has no path, and a range begins with an address"},
        {"a b", "target \"a b\": it contains a space"},
        {"a\tb", "target \"a?b\": it contains a control character"},
        {"\x1b[31m", "target \"?[31m\": it contains a control character"},
        {"a..b", "target \"a..b\": the host name has an empty label"},
        {".a", "target \".a\": the host name has an empty label"},
        {LABEL_63 "a",
         "target \"" LABEL_63 "a\": a label of the host name is longer than 63 characters"},
        {"10.0.0.0/0000030garbage:1",
         "target \"10.0.0.0/0000030garbage:1\": the prefix length of the range is not a number"},
        {"a\xC2\x9B\x33\x31mb c", "target \"a??31mb c\": it contains a space"},
        {"10.0.0.0/x", "target \"10.0.0.0/x\": the prefix length of the range is not a number"},
        {"10.0.0.0/", "target \"10.0.0.0/\": the prefix length of the range is not a number"},
        {"10.0.0.0/33", "target \"10.0.0.0/33\": the prefix length of the range is above 32"},
        {"10.0.0.0/15", "target \"10.0.0.0/15\": the range has more than 65536 addresses"},
        {"10.0.0.0/0", "target \"10.0.0.0/0\": the range has more than 65536 addresses"},
        {"2001:db8::/111", "target \"2001:db8::/111\": the range has more than 65536 addresses"},
        {"2001:db8::/129",
         "target \"2001:db8::/129\": the prefix length of the range is above 128"},
        {"fe80::%eth0/120", "target \"fe80::%eth0/120\": a range cannot have a zone"},
        {"/24", "target \"/24\": the host is empty"},
        {"-",
         "target \"-\": a target is a host; to read targets from standard input, use --input -"},
        {"srv1,srv2", "target \"srv1,srv2\": it contains a comma; separate targets with spaces, or "
                      "give each a line of --input"},
        {"*.example",
         "target \"*.example\": wildcards cannot be looked up; name each host, or give a "
         "range as 192.0.2.0/24"},
        {"10.0.0.1-20",
         "target \"10.0.0.1-20\": a range is written with a prefix length: 192.0.2.0/24"},
        {"10.0.0.1-10.0.0.20",
         "target \"10.0.0.1-10.0.0.20\": a range is written with a prefix length: 192.0.2.0/24"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list list = {NULL, 0, 0, 0};
        char err[512] = "";

        CU_ASSERT_EQUAL(read_text(&list, rows[i].text, err, sizeof(err)), WHY_ERR_USAGE);
        CU_ASSERT_STRING_EQUAL(err, rows[i].message);
        CU_ASSERT_EQUAL(list.count, 0);
        clear_list(&list);
    }
}

static void test_long_names(void)
{
    struct list list = {NULL, 0, 0, 0};
    char text[5000];
    char err[256];

    CU_ASSERT_EQUAL(read_text(&list, NAME_253 "a", err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "longer than 253"));
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CU_ASSERT_EQUAL(read_text(&list, text, err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "...\": the host name is longer than 253"));
    /* 63 characters of two bytes each are a label that fits. */
    for (size_t i = 0; i < 63; i++)
        memcpy(text + 2 * i, "\xC3\xA4", 2);
    text[126] = '\0';
    CU_ASSERT_EQUAL(read_text(&list, text, err, sizeof(err)), WHY_OK);
    /* A message that does not fit is cut off; none at all is allowed too. */
    CU_ASSERT_EQUAL(read_text(&list, "a b", err, 8), WHY_ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(err, "target ");
    CU_ASSERT_EQUAL(read_text(&list, "a b", NULL, 0), WHY_ERR_USAGE);
    clear_list(&list);
}

static void test_ranges(void)
{
    static const struct {
        const char *text;
        size_t count;
        const char *first, *last; /* labels */
    } rows[] = {
        {"192.0.2.0/24", 254, "192.0.2.1:3389", "192.0.2.254:3389"},
        {"192.0.2.77/24", 254, "192.0.2.1:3389", "192.0.2.254:3389"},
        {"192.0.2.4/30:3390", 2, "192.0.2.5:3390", "192.0.2.6:3390"},
        {"192.0.2.4/31", 2, "192.0.2.4:3389", "192.0.2.5:3389"},
        {"192.0.2.4/32", 1, "192.0.2.4:3389", "192.0.2.4:3389"},
        {"10.1.0.0/16", 65534, "10.1.0.1:3389", "10.1.255.254:3389"},
        {"255.255.255.255/24", 254, "255.255.255.1:3389", "255.255.255.254:3389"},
        {"2001:db8::/112", 65536, "[2001:db8::]:3389", "[2001:db8::ffff]:3389"},
        {"2001:db8::1:2:ff/126", 4, "[2001:db8::1:2:fc]:3389", "[2001:db8::1:2:ff]:3389"},
        {"2001:db8::1/128", 1, "[2001:db8::1]:3389", "[2001:db8::1]:3389"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list list = {NULL, 0, 0, 0};
        char err[256];

        CU_ASSERT_EQUAL_FATAL(read_text(&list, rows[i].text, err, sizeof(err)), WHY_OK);
        CU_ASSERT_EQUAL_FATAL(list.count, rows[i].count);
        CU_ASSERT_STRING_EQUAL(list.items[0].label, rows[i].first);
        CU_ASSERT_STRING_EQUAL(list.items[list.count - 1].label, rows[i].last);
        CU_ASSERT_EQUAL(list.duplicates, 0);
        clear_list(&list);
    }
}

static void test_duplicates(void)
{
    static const char *const texts[] = {
        "srv1",         "SRV1",        "srv1:3389",       "rdp://Srv1/",
        "srv1:3390",    "2001:db8::1", "[2001:DB8:0::1]", "192.0.2.1",
        "192.0.2.0/30", "fe80::1%a",   "fe80::1%b",
    };
    struct list list = {NULL, 0, 0, 0};
    char err[256];

    CU_ASSERT_EQUAL(read_texts(&list, texts, sizeof(texts) / sizeof(texts[0]), err, sizeof(err)),
                    WHY_OK);
    CU_ASSERT_EQUAL(list.count, 7);
    CU_ASSERT_EQUAL(list.duplicates, 5);
    CU_ASSERT_STRING_EQUAL(list.items[0].label, "srv1:3389");
    CU_ASSERT_STRING_EQUAL(list.items[1].label, "srv1:3390");
    clear_list(&list);
}

static void test_many_targets(void)
{
    static char names[200000][24];
    static const char *texts[200000];
    struct list list = {NULL, 0, 0, 0};
    char err[256];

    for (unsigned i = 0; i < 200000; i++) {
        snprintf(names[i], sizeof(names[i]), "%s%u.example", i < 100000 ? "host" : "HOST",
                 i % 100000);
        texts[i] = names[i];
    }
    CU_ASSERT_EQUAL_FATAL(read_texts(&list, texts, 200000, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(list.count, 100000);
    CU_ASSERT_EQUAL(list.duplicates, 100000);
    clear_list(&list);
}

/* Reads |len| bytes as a file of targets. */
static int read_targets(struct list *list, const char *bytes, size_t len, char *err, size_t errlen)
{
    FILE *in = tmpfile();
    struct why_source_input input = {.in = in, .name = "hosts"};
    struct why_source_options options = {.inputs = &input, .input_count = 1, .strict = true};
    int status;

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, len, in), len);
    rewind(in);
    status = read_source(list, &options, err, errlen);
    fclose(in);
    return status;
}

static void test_file(void)
{
    static const char text[] = "\xEF\xBB\xBFsrv1\r\n"
                               "\n"
                               "# a comment\n"
                               "  srv2:3390\t# another\r\n"
                               "   \n"
                               "srv1:3389\n"
                               "srv#3\n"
                               "192.0.2.0/30";
    static const char *const labels[] = {"srv1:3389", "srv2:3390", "srv#3:3389", "192.0.2.1:3389",
                                         "192.0.2.2:3389"};
    struct list list = {NULL, 0, 0, 0};
    char err[256] = "";

    CU_ASSERT_EQUAL(read_targets(&list, text, sizeof(text) - 1, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(list.count, 5);
    for (size_t i = 0; i < list.count; i++)
        CU_ASSERT_STRING_EQUAL(list.items[i].label, labels[i]);
    CU_ASSERT_EQUAL(list.duplicates, 1);
    clear_list(&list);

    CU_ASSERT_EQUAL(read_targets(&list, "", 0, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(list.count, 0);
    clear_list(&list);
}

static void test_wrong_files(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *message;
    } rows[] = {
        {"srv1\n\nsrv2:0\n", 13, "hosts:3: target \"srv2:0\": the port must not be 0"},
        {"srv1 srv2\n", 10, "hosts:1: target \"srv1 srv2\": it contains a space"},
        {"\xFF\xFEs\0r\0v\0", 8,
         "hosts:1: it contains a NUL byte (is the file UTF-16? It must be UTF-8)"},
    };
    struct list list = {NULL, 0, 0, 0};
    char err[256];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(read_targets(&list, rows[i].bytes, rows[i].len, err, sizeof(err)),
                        WHY_ERR_USAGE);
        CU_ASSERT_STRING_EQUAL(err, rows[i].message);
        clear_list(&list);
    }
}

static void test_long_lines(void)
{
    struct list list = {NULL, 0, 0, 0};
    char line[4100];
    char err[256];

    memset(line, ' ', sizeof(line));
    memcpy(line, "srv1", 4);
    line[4096] = '\n';
    CU_ASSERT_EQUAL(read_targets(&list, line, 4097, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(list.count, 1);
    line[4096] = ' ';
    line[4097] = '\n';
    CU_ASSERT_EQUAL(read_targets(&list, line, 4098, err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(err, "hosts:1: the line is longer than 4096 bytes");
    clear_list(&list);
}

static CU_TestInfo tests[] = {
    {"single targets", test_single_targets},
    {"wrong targets", test_wrong_targets},
    {"long names", test_long_names},
    {"address ranges", test_ranges},
    {"duplicates are kept once", test_duplicates},
    {"many targets", test_many_targets},
    {"a file of targets", test_file},
    {"wrong files", test_wrong_files},
    {"long lines", test_long_lines},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "plan: targets", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
