/* SPDX-License-Identifier: Apache-2.0 */
#include "prose.h"

#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* The reader of the rules' texts: what it writes, and what it says of files that do not fit. */

#define RULE                                                                                       \
    "It means\nthis\n\n## causes\n\n[closed, xrdp, none-passes] a \"cause\"\n\n## "                \
    "checks\n\nC:\\x: "                                                                            \
    "@hint; "                                                                                      \
    "@{a}\n\n## remedies\n\nnone\n"
#define HINT "look\nthere\n"

static const struct {
    const char *file, *text; /* NULL: there is no such file */
    const char *error;       /* without the folder */
} bad[] = {
    {"rule.txt", NULL, "rule.txt:1: cannot be read: No such file or directory"},
    {"rule.txt", "", "rule.txt:1: the meaning is missing"},
    {"rule.txt", "## causes\n", "rule.txt:1: the meaning is missing"},
    {"rule.txt", "It\n\nmeans\n", "rule.txt:3: a section is missing: ## causes"},
    {"rule.txt", "M\n\n## causes\n\nc @hint\n\n## remedies\n\nr\n",
     "rule.txt:7: a section is missing: ## checks"},
    {"rule.txt", "M\n\n## causes\n\nc @hint\n\n## checks\n\nc\n",
     "rule.txt:9: a section is missing: ## remedies"},
    {"rule.txt", "M\n\n## causes\n\n## checks\n\nc @hint\n\n## remedies\n\nr\n",
     "rule.txt:3: a section without item: ## causes"},
    {"rule.txt", RULE "\n## more\n\nm\n", "rule.txt:16: a section out of place: ## more"},
    {"rule.txt", "M\n\n## causes\n\nc\n\n[closde] c\n\n## checks\n\n@hint\n\n## remedies\n\nr\n",
     "rule.txt:7: no such condition: closde"},
    {"rule.txt", "M\n\n## causes\n\n[closed]\n\n## checks\n\n@hint\n\n## remedies\n\nr\n",
     "rule.txt:5: an item without text"},
    {"rule.txt", "M\n\n## causes\n\nc @hint\n\n## checks\n\nsee @hnit\n\n## remedies\n\nr\n",
     "rule.txt:9: no such shared text: @hnit"},
    {"rule.txt", "M\n\n## causes\n\nc\n\n## checks\n\nc\n\n## remedies\n\nr\n",
     "shared/hint.txt:1: no rule includes @hint"},
    {"rule.txt", "M \n\n## causes\n\nc\n\n## checks\n\n@hint\n\n## remedies\n\nr\n",
     "rule.txt:1: white space at the line's begin or end"},
    {"rule.txt",
     "M\n\n## causes\n\nc\n0123456789012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456789012345678 x\n\n## checks\n\n@hint\n\n## remedies\n\nr\n",
     "rule.txt:6: the line is too long: wrap it"},
    {"other.txt", RULE, "other.txt:1: no such rule in rules.def: other"},
    {"shared/hint.txt", "", "shared/hint.txt:1: a shared text without text"},
    {"shared/hint.txt", "one\n\ntwo\n",
     "shared/hint.txt:3: a shared text of more than one paragraph"},
    {"shared/hint.txt", "as @hint\n", "shared/hint.txt:1: a shared text includes another: @hint"},
};

static char folder[] = "/tmp/rdpwhy-prose-XXXXXX";

static void put_file(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)remove(path);
    if (text == NULL)
        return;
    file = fopen(path, "w");
    if (file == NULL)
        abort(); /* no CUnit assertion before the first test */
    (void)fputs(text, file);
    (void)fclose(file);
}

static void take(FILE *file, char *buf, size_t len)
{
    rewind(file);
    buf[fread(buf, 1, len - 1, file)] = '\0';
    (void)fclose(file);
}

/* What compiling the folder writes and says. */
static size_t compile(char *out, char *errors, size_t len)
{
    static const struct prose_rule rule = {"RULE", "rule", "ERROR"};
    struct prose_streams to = {.out = tmpfile(), .errors = tmpfile()};
    size_t wrong;

    CU_ASSERT_FATAL(to.out != NULL && to.errors != NULL);
    wrong = prose_compile(&rule, 1, folder, &to);
    take(to.out, out, len);
    take(to.errors, errors, len);
    return wrong;
}

static void test_rows(void)
{
    char out[4096], errors[4096];

    CU_ASSERT_EQUAL(compile(out, errors, sizeof(out)), 0);
    CU_ASSERT_STRING_EQUAL(errors, "");
    CU_ASSERT_STRING_EQUAL(out, "    [WHY_RULE_RULE] =\n"
                                "    {\"rule\", WHY_SEVERITY_ERROR,\n"
                                "     \"It means this\",\n"
                                "     (const struct why_rule_text[]){\n"
                                "         {WHY_IF(CLOSED) | WHY_FOR(WHY_FOR_XRDP) | "
                                "WHY_IF(NONE_PASSES), \"a \\\"cause\\\"\"},\n"
                                "         {0, NULL}},\n"
                                "     (const struct why_rule_text[]){\n"
                                "         {0, \"C:\\\\x: look there; @{a}\"},\n"
                                "         {0, NULL}},\n"
                                "     (const struct why_rule_text[]){\n"
                                "         {0, \"none\"},\n"
                                "         {0, NULL}},\n"
                                "    },\n");
}

static void test_errors(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char out[4096], errors[4096], due[512];

        put_file(bad[i].file, bad[i].text);
        CU_ASSERT(compile(out, errors, sizeof(out)) > 0);
        (void)snprintf(due, sizeof(due), "%s/%s\n", folder, bad[i].error);
        if (strstr(errors, due) == NULL)
            (void)fprintf(stderr, "due: %sgot: %s", due, errors);
        CU_ASSERT_PTR_NOT_NULL(strstr(errors, due));
        put_file("rule.txt", RULE);
        put_file("other.txt", NULL);
        put_file("shared/hint.txt", HINT);
    }
}

/* Every rule has its file and every file its rule. */
static void test_tree(void)
{
    static const struct prose_rule rules[] = {
#define WHY_RULE(id, name, severity, remark, matcher) {#id, name, #severity},
#include <rdpwhy/rules.def>
    };
    struct prose_streams to = {.out = tmpfile(), .errors = stderr};

    CU_ASSERT_PTR_NOT_NULL_FATAL(to.out);
    CU_ASSERT_EQUAL(prose_compile(rules, sizeof(rules) / sizeof(rules[0]), RULES, &to), 0);
    (void)fclose(to.out);
}

static int make_folder(void)
{
    char shared[64];

    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(shared, sizeof(shared), "%s/shared", folder);
    if (mkdir(shared, 0700) != 0)
        return 1;
    put_file("rule.txt", RULE);
    put_file("shared/hint.txt", HINT);
    return 0;
}

static int remove_folder(void)
{
    char shared[64];

    put_file("rule.txt", NULL);
    put_file("shared/hint.txt", NULL);
    (void)snprintf(shared, sizeof(shared), "%s/shared", folder);
    return rmdir(shared) != 0 || rmdir(folder) != 0;
}

static CU_TestInfo tests[] = {
    {"rows", test_rows},
    {"errors", test_errors},
    {"the tree's own", test_tree},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "prose", .pInitFunc = make_folder, .pCleanupFunc = remove_folder, .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
