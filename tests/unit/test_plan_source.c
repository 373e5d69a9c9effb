/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <rdpwhy/status.h>

#include "hash_set.h"
#include "unit.h"

struct told {
    char text[512]; /* bad lines, each ended by ';' */
};

static void on_bad_line(void *arg, const char *message)
{
    struct told *told = arg;
    size_t n = strlen(told->text);

    snprintf(told->text + n, sizeof(told->text) - n, "%s;", message);
}

static FILE *file_of(const char *text)
{
    FILE *file = tmpfile();

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    rewind(file);
    return file;
}

/* All labels that come out, each ended by a space; returns what ended them. */
static int all_labels(struct why_source *source, char *buf, size_t len, char *err, size_t errlen)
{
    struct why_target target;
    int status;

    buf[0] = '\0';
    while ((status = why_source_next(source, &target, err, errlen)) == WHY_OK) {
        size_t n = strlen(buf);

        snprintf(buf + n, len - n, "%s ", target.label);
        free(target.host);
        free(target.label);
    }
    return status;
}

static void test_order(void)
{
    char one[] = "a", two[] = "192.0.2.0/30:1";
    const char *operands[] = {one, two};
    struct why_source_input inputs[] = {
        {file_of("\xEF\xBB\xBF# first\nB:2 # no duplicate\nA\n\n"), "one", false},
        {file_of("[2001:DB8::1]:5\n192.0.2.2:1\n192.0.2.3:1"), "two", false},
    };
    struct why_source_options options = {.operands = operands,
                                         .operand_count = 2,
                                         .inputs = inputs,
                                         .input_count = 2,
                                         .strict = true,
                                         .family = AF_UNSPEC,
                                         .bad_line = on_bad_line};
    struct why_source *source = why_source_new(&options);
    char labels[512], err[256] = "";
    size_t count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(source);
    CU_ASSERT_EQUAL(why_source_count(source, &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 6);
    CU_ASSERT_EQUAL(why_source_duplicates(source), 0);
    CU_ASSERT_EQUAL(all_labels(source, labels, sizeof(labels), err, sizeof(err)), WHY_ERR_NOTFOUND);
    CU_ASSERT_STRING_EQUAL(labels,
                           "a:3389 192.0.2.1:1 192.0.2.2:1 B:2 [2001:db8::1]:5 192.0.2.3:1 ");
    CU_ASSERT_EQUAL(why_source_duplicates(source), 2);
    why_source_free(source);
    why_source_free(NULL);
    fclose(inputs[0].in);
    fclose(inputs[1].in);
}

static void test_bad_lines(void)
{
    struct why_source_input input = {file_of("a\nb:0\n\nc d\ne\n"), "list", false};
    struct told told = {""};
    struct why_source_options options = {.inputs = &input,
                                         .input_count = 1,
                                         .strict = false,
                                         .family = AF_UNSPEC,
                                         .bad_line = on_bad_line,
                                         .arg = &told};
    struct why_source *source = why_source_new(&options);
    char labels[512], err[256] = "";
    size_t count = 0;

    CU_ASSERT_EQUAL(why_source_count(source, &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_STRING_EQUAL(told.text, ""); /* counting tells nothing */
    CU_ASSERT_EQUAL(all_labels(source, labels, sizeof(labels), err, sizeof(err)), WHY_ERR_NOTFOUND);
    CU_ASSERT_STRING_EQUAL(labels, "a:3389 e:3389 ");
    CU_ASSERT_EQUAL(why_source_bad_lines(source), 2);
    CU_ASSERT_STRING_EQUAL(told.text, "list:2: target \"b:0\": the port must not be 0;"
                                      "list:4: target \"c d\": it contains a space;");
    why_source_free(source);

    options.strict = true;
    rewind(input.in);
    source = why_source_new(&options);
    CU_ASSERT_EQUAL(why_source_count(source, &count, err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_STRING_EQUAL(err, "list:2: target \"b:0\": the port must not be 0");
    why_source_free(source);
    fclose(input.in);
}

/* A line that is too long, or not text, does not take the next one with it. */
static void test_unreadable_lines(void)
{
    FILE *file = tmpfile();
    struct why_source_input input = {file, "list", false};
    struct told told = {""};
    struct why_source_options options = {.inputs = &input,
                                         .input_count = 1,
                                         .strict = false,
                                         .family = AF_UNSPEC,
                                         .bad_line = on_bad_line,
                                         .arg = &told};
    struct why_source *source = why_source_new(&options);
    char labels[64], err[256] = "";

    for (size_t i = 0; i < 5000; i++)
        fputc('x', file);
    fputs("\ngood\nba", file);
    fputc('\0', file);
    fputs("d\nbetter", file);
    rewind(file);
    CU_ASSERT_EQUAL(all_labels(source, labels, sizeof(labels), err, sizeof(err)), WHY_ERR_NOTFOUND);
    CU_ASSERT_STRING_EQUAL(labels, "good:3389 better:3389 ");
    CU_ASSERT_EQUAL(why_source_bad_lines(source), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "list:1: the line is longer"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told.text, "list:3: it contains a NUL"));
    why_source_free(source);
    fclose(file);
}

/* An address of the other family is known not to be reached before anything is sent; a name is not.
 */
static void test_family(void)
{
    static const struct {
        int family;
        const char *target, *problem; /* NULL: it is good */
    } rows[] = {
        {AF_INET6, "127.0.0.1",
         "target \"127.0.0.1\": an IPv4 address, but --ipv6 allows only IPv6"},
        {AF_INET6, "rdp://192.0.2.1:3390",
         "target \"rdp://192.0.2.1:3390\": an IPv4 address, but --ipv6 allows only IPv6"},
        {AF_INET6, "192.0.2.0/31",
         "target \"192.0.2.0/31\": an IPv4 address, but --ipv6 allows only IPv6"},
        {AF_INET, "::1", "target \"::1\": an IPv6 address, but --ipv4 allows only IPv4"},
        {AF_INET, "[fe80::1%eth0]:3389",
         "target \"[fe80::1%eth0]:3389\": an IPv6 address, but --ipv4 allows only IPv4"},
        {AF_INET, "127.0.0.1", NULL},
        {AF_INET6, "[::1]:1", NULL},
        {AF_INET6, "srv1", NULL},
        {AF_INET, "srv1", NULL},
        {AF_UNSPEC, "::1", NULL},
        {AF_UNSPEC, "127.0.0.1", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *operand = rows[i].target;
        struct why_source_options options = {
            .operands = &operand, .operand_count = 1, .family = rows[i].family};
        struct why_source *source = why_source_new(&options);
        char err[256] = "";
        size_t count = 0;
        int status = why_source_count(source, &count, err, sizeof(err));

        CU_ASSERT_EQUAL(status, rows[i].problem != NULL ? WHY_ERR_USAGE : WHY_OK);
        CU_ASSERT_STRING_EQUAL(err, rows[i].problem != NULL ? rows[i].problem : "");
        why_source_free(source);
    }
}

static void test_family_in_a_list(void)
{
    struct why_source_input input = {file_of("a\n127.0.0.1\n::1\n"), "list", false};
    struct told told = {""};
    struct why_source_options options = {.inputs = &input,
                                         .input_count = 1,
                                         .strict = false,
                                         .family = AF_INET6,
                                         .bad_line = on_bad_line,
                                         .arg = &told};
    struct why_source *source = why_source_new(&options);
    char labels[64], err[256] = "";
    size_t count = 0;

    CU_ASSERT_EQUAL(all_labels(source, labels, sizeof(labels), err, sizeof(err)), WHY_ERR_NOTFOUND);
    CU_ASSERT_STRING_EQUAL(labels, "a:3389 [::1]:3389 ");
    CU_ASSERT_STRING_EQUAL(
        told.text, "list:2: target \"127.0.0.1\": an IPv4 address, but --ipv6 allows only IPv6;");
    why_source_free(source);

    options.strict = true;
    rewind(input.in);
    source = why_source_new(&options);
    CU_ASSERT_EQUAL(why_source_count(source, &count, err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "list:2: "));
    why_source_free(source);
    fclose(input.in);
}

static void test_skip(void)
{
    char one[] = "192.0.2.0/29", two[] = "Other";
    const char *operands[] = {one, two};
    struct why_source_options options = {.operands = operands,
                                         .operand_count = 2,
                                         .strict = false,
                                         .family = AF_UNSPEC,
                                         .bad_line = on_bad_line};
    struct why_source *source = why_source_new(&options);
    char labels[512], err[256] = "";

    CU_ASSERT_EQUAL(why_source_skip(source, "192.0.2.3:3389"), WHY_OK);
    CU_ASSERT_EQUAL(why_source_skip(source, "other:3389"), WHY_OK);
    CU_ASSERT_EQUAL(why_source_skip(source, "not.there:1"), WHY_OK);
    CU_ASSERT_EQUAL(all_labels(source, labels, sizeof(labels), err, sizeof(err)), WHY_ERR_NOTFOUND);
    CU_ASSERT_STRING_EQUAL(
        labels, "192.0.2.1:3389 192.0.2.2:3389 192.0.2.4:3389 192.0.2.5:3389 192.0.2.6:3389 ");
    CU_ASSERT_EQUAL(why_source_skipped(source), 2);
    CU_ASSERT_EQUAL(why_source_duplicates(source), 0);
    why_source_free(source);
}

static void test_hash_set(void)
{
    struct why_hash_set set = {NULL, 0, 0};
    char label[32];

    CU_ASSERT_FALSE(why_hash_set_has(&set, 7));
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(label, sizeof(label), "HOST%u:3389", i);
        CU_ASSERT_EQUAL(why_hash_set_add(&set, why_hash_label(label)), 0);
    }
    for (unsigned i = 0; i < 100000; i += 7) {
        snprintf(label, sizeof(label), "host%u:3389", i);
        CU_ASSERT_EQUAL(why_hash_set_add(&set, why_hash_label(label)), 1);
    }
    CU_ASSERT_FALSE(why_hash_set_has(&set, why_hash_label("host100000:3389")));
    CU_ASSERT_EQUAL(set.used, 100000);
    CU_ASSERT_TRUE(set.size * sizeof(uint64_t) <= 16u * 100000u * 2);
    why_hash_set_clear(&set);
}

/* Every target is in just one part, whatever else is in the list and in whatever order. */
static void test_shards(void)
{
    char range[] = "198.51.100.0/24";
    const char *operands[] = {range};
    size_t sizes[3] = {0};

    for (unsigned part = 1; part <= 3; part++) {
        struct why_source_options options = {
            .operands = operands, .operand_count = 1, .shard = {.index = part, .count = 3}};
        struct why_source *source = why_source_new(&options);
        size_t count = 0;
        char err[256];

        CU_ASSERT_EQUAL(why_source_count(source, &count, err, sizeof(err)), WHY_OK);
        sizes[part - 1] = count;
        why_source_free(source);
    }
    CU_ASSERT_EQUAL(sizes[0] + sizes[1] + sizes[2], 254);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT(sizes[i] > 60 && sizes[i] < 110);
}

/* What other versions and machines have to agree on. */
static void test_shard_is_constant(void)
{
    char first[] = "SRV1.example", second[] = "[2001:db8::1]:3390", third[] = "192.0.2.7";
    const char *operands[] = {first, second, third};
    const char *const expected[4] = {"", "192.0.2.7:3389 ", "[2001:db8::1]:3390 ",
                                     "SRV1.example:3389 "};

    for (unsigned part = 1; part <= 4; part++) {
        struct why_source_options options = {.operands = operands,
                                             .operand_count = 3,
                                             .vantage = "fra",
                                             .shard = {.index = part, .count = 4}};
        struct why_source *source = why_source_new(&options);
        char labels[256], err[256];

        CU_ASSERT_EQUAL(all_labels(source, labels, sizeof(labels), err, sizeof(err)),
                        WHY_ERR_NOTFOUND);
        CU_ASSERT_STRING_EQUAL(labels, expected[part - 1]);
        CU_ASSERT_EQUAL(why_source_elsewhere(source), part == 1 ? 3 : 2);
        why_source_free(source);
    }
}

static CU_TestInfo tests[] = {
    {"order, ranges and duplicates", test_order},
    {"bad lines", test_bad_lines},
    {"lines that cannot be read", test_unreadable_lines},
    {"addresses of the other family", test_family},
    {"addresses of the other family in a list", test_family_in_a_list},
    {"targets that are skipped", test_skip},
    {"the set of hashes", test_hash_set},
    {"shards are disjoint and whole", test_shards},
    {"shards are the same everywhere", test_shard_is_constant},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "source", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
