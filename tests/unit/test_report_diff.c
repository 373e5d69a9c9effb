/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/require.h>
#include <rdpwhy/status.h>

#include "unit.h"

/* What the formats of a diff say of requirements; cli.diff compares what they say of changes. */

static struct why_judgement worst[] = {
    {"nla", "require-nla", false, true, "tls accepted without Network Level Authentication"},
    {"tls>=1.2", "require-tls", true, true, "tls TLSv1.3"},
    {"name=\"<a&b>\"", "require-name", false, false, "no attempt saw ]]>\033[2J"},
};
static struct why_judgement bad[] = {
    {"nla", "require-nla", true, true, "tls was refused"},
    {"tls>=1.2", "require-tls", false, true, "tls TLSv1"},
    {"name=\"<a&b>\"", "require-name", true, true, "nla <a&b>"},
};
static struct why_judgement good[] = {
    {"nla", "require-nla", true, true, "tls was refused"},
    {"tls>=1.2", "require-tls", true, true, "tls TLSv1.2"},
    {"name=\"<a&b>\"", "require-name", true, true, "nla <a&b>"},
};
static char worst_name[] = "worst:3389", bad_name[] = "bad:3389", good_name[] = "good:3389";
static struct why_judged_host hosts[] = {
    {worst_name, worst, 3, 2}, {bad_name, bad, 3, 1}, {good_name, good, 3, 0}};
static const struct why_judged_list judged = {hosts, 3, 3, 2};
static const struct why_judged_list all_met = {&hosts[2], 1, 1, 0};

/* bad:3389 is worse too; gone:3389 is not there to be judged. */
static struct why_diff make_diff(struct why_change changes[2], struct why_diff_host changed[2])
{
    static const struct why_change_info state = {"host-state", ""}, gone = {"gone", ""};

    changes[0] = (struct why_change){
        .info = &state, .class = WHY_CHANGE_WORSE, .before = "healthy", .after = "degraded"};
    changes[1] = (struct why_change){.info = &gone, .class = WHY_CHANGE_OTHER, .before = "healthy"};
    changed[0] = (struct why_diff_host){bad_name, &changes[0], 1, {1, 0, 0}};
    changed[1] = (struct why_diff_host){"gone:3389", &changes[1], 1, {0, 0, 1}};
    return (struct why_diff){.hosts = changed, .count = 2, .compared = 3, .classes = {1, 0, 1}};
}

/* |changed|: of a diff with changes; else nothing has changed. */
static char *write_diff(const char *format, int verbosity, bool changed,
                        const struct why_judged_list *list)
{
    const struct why_diff_about about = {"before", "after", false, verbosity, list, 0};
    struct why_change changes[2];
    struct why_diff_host diff_hosts[2];
    struct why_diff diff = {.compared = 3};
    char *text = NULL, *copy;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (changed)
        diff = make_diff(changes, diff_hosts);
    if (!out || why_diff_format_find(format)->write(out, &about, &diff) != WHY_OK)
        abort();
    fclose(out);
    /* A copy: gcc takes what open_memstream has filled in for the address of the variable. */
    copy = strdup(text);
    free(text);
    return copy;
}

static bool is_text(char *text, const char *expected)
{
    bool same = strcmp(text, expected) == 0;

    if (!same)
        printf("\n--- expected\n%s--- got\n%s---\n", expected, text);
    free(text);
    return same;
}

#define UNMET                                                                                      \
    "worst:3389: 2 of 3 requirements not met\n"                                                    \
    "  REQUIREMENT   FOUND\n"                                                                      \
    "  nla           tls accepted without Network Level Authentication\n"                          \
    "  name=\"<a&b>\"  no attempt saw ]]>\\x1b[2J\n"                                               \
    "\n"                                                                                           \
    "bad:3389: 1 of 3 requirements not met\n"                                                      \
    "  REQUIREMENT  FOUND\n"                                                                       \
    "  tls>=1.2     tls TLSv1\n"                                                                   \
    "\n"
#define NOTHING "3 hosts compared, 0 with changes: nothing has changed\n"

static void test_text(void)
{
    CU_ASSERT(is_text(write_diff("text", 0, false, &judged),
                      UNMET NOTHING "2 hosts do not meet what is required\n"));
    CU_ASSERT(is_text(write_diff("text", 0, true, &judged),
                      "bad:3389: 1 worse\n"
                      "  CLASS  WHAT        WHERE  BEFORE -> AFTER\n"
                      "  worse  host-state  host   healthy -> degraded\n"
                      "\n"
                      "gone:3389: 1 changed\n"
                      "  CLASS    WHAT  WHERE  BEFORE -> AFTER\n"
                      "  changed  gone  host   healthy -> -\n"
                      "\n" UNMET "3 hosts compared, 2 with changes: 1 worse, 1 changed\n"
                      "2 hosts do not meet what is required\n"));
    CU_ASSERT(is_text(write_diff("text", -1, false, &judged),
                      "unmet    worst:3389  2 of 3 requirements not met: nla, tls accepted without "
                      "Network Level Authentication\n"
                      "unmet    bad:3389  1 of 3 requirements not met: tls>=1.2, tls TLSv1\n"));
}

static void test_text_all_met(void)
{
    CU_ASSERT(is_text(write_diff("text", 0, false, &all_met), NOTHING));
    CU_ASSERT(is_text(write_diff("text", 0, false, NULL), NOTHING));
    CU_ASSERT(is_text(write_diff("text", -1, false, &all_met), ""));
}

/* clang-format off: a line here is a line there, or a member of it */
#define S      "{\"schema\":\"rdpwhy/1\",\"record\":"
#define HEAD   S "\"diff\",\"baseline\":\"before\",\"current\":\"after\"}\n"
#define RECORD S "\"requirements\",\"target\":"
#define NLA    "{\"requirement\":\"nla\",\"met\":"
#define TLS    "{\"requirement\":\"tls>=1.2\",\"met\":"
#define CALLED "{\"requirement\":\"name=\\\"<a&b>\\\"\",\"met\":"
#define WORST_RECORD                                                                               \
    RECORD "\"worst:3389\",\"requirements\":[" NLA                                                 \
           "false,\"fact\":\"tls accepted without Network Level Authentication\"}," TLS            \
           "true,\"fact\":\"tls TLSv1.3\"}," CALLED                                                \
           "false,\"fact\":\"no attempt saw ]]>\\u001B[2J\"}]}\n"
#define BAD_RECORD                                                                                 \
    RECORD "\"bad:3389\",\"requirements\":[" NLA "true,\"fact\":\"tls was refused\"}," TLS         \
           "false,\"fact\":\"tls TLSv1\"}," CALLED "true,\"fact\":\"nla <a&b>\"}]}\n"
#define GOOD_RECORD                                                                                \
    RECORD "\"good:3389\",\"requirements\":[" NLA "true,\"fact\":\"tls was refused\"}," TLS        \
           "true,\"fact\":\"tls TLSv1.2\"}," CALLED "true,\"fact\":\"nla <a&b>\"}]}\n"
#define END(unmet)                                                                                 \
    S "\"diff-end\",\"hosts\":3,\"hosts_with_changes\":0,\"worse\":0,\"better\":0,\"changed\":0,"  \
      "\"steps_only_in_baseline\":0,\"steps_only_in_current\":0," unmet "\"complete\":true}\n"
/* clang-format on */

static void test_jsonl(void)
{
    CU_ASSERT(is_text(write_diff("jsonl", 0, false, &judged),
                      HEAD WORST_RECORD BAD_RECORD GOOD_RECORD END("\"hosts_unmet\":2,")));
    CU_ASSERT(is_text(write_diff("jsonl", 0, false, &all_met),
                      HEAD GOOD_RECORD END("\"hosts_unmet\":0,")));
    CU_ASSERT(is_text(write_diff("jsonl", 0, false, NULL), HEAD END("")));
}

/* clang-format off: the same */
#define BEGIN                                                                                      \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rdpwhy diff\">\n"              \
    "  <testsuite name=\"comparison\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "      \
    "time=\"0\">\n"                                                                                \
    "    <testcase name=\"both runs could be compared\" classname=\"comparison\" time=\"0\">\n"    \
    "      <system-out>before -&gt; after: 3 hosts</system-out>\n    </testcase>\n"                \
    "  </testsuite>\n"
#define SUITE(name, tests, failures)                                                               \
    "  <testsuite name=\"" name "\" tests=\"" tests "\" failures=\"" failures                      \
    "\" errors=\"0\" skipped=\"0\" time=\"0\">\n"
#define CASE(host, name)   "    <testcase name=\"" name "\" classname=\"" host "\" time=\"0\""
#define PASSED(host, name) CASE(host, name) "/>\n"
#define FAILED(host, name, message, type)                                                          \
    CASE(host, name)                                                                               \
    ">\n      <failure message=\"" message "\" type=\"" type "\"/>\n    </testcase>\n"
#define SAID(host, name, text)                                                                     \
    CASE(host, name) ">\n      <system-out>" text "</system-out>\n    </testcase>\n"
#define DONE      "  </testsuite>\n"
#define NLA_CASE  "require nla"
#define TLS_CASE  "require tls&gt;=1.2"
#define NAME_CASE "require name=&quot;&lt;a&amp;b&gt;&quot;"
#define WORST_SUITE                                                                                \
    SUITE("worst:3389", "3", "2")                                                                  \
    FAILED("worst:3389", NLA_CASE, "tls accepted without Network Level Authentication",            \
           "require-nla")                                                                          \
    PASSED("worst:3389", TLS_CASE)                                                                 \
    FAILED("worst:3389", NAME_CASE, "no attempt saw ]]&gt;\\x1b[2J", "require-name")               \
    DONE
#define BAD_CASES                                                                                  \
    PASSED("bad:3389", NLA_CASE)                                                                   \
    FAILED("bad:3389", TLS_CASE, "tls TLSv1", "require-tls")                                       \
    PASSED("bad:3389", NAME_CASE)                                                                  \
    DONE
#define GOOD_SUITE                                                                                 \
    SUITE("good:3389", "3", "0")                                                                   \
    PASSED("good:3389", NLA_CASE)                                                                  \
    PASSED("good:3389", TLS_CASE)                                                                  \
    PASSED("good:3389", NAME_CASE)                                                                 \
    DONE
#define LAST "</testsuites>\n"

/* A host's changes and requirements stand in one suite. */
#define CHANGES_AND_REQUIREMENTS                                                                   \
    SUITE("bad:3389", "4", "2")                                                                    \
    FAILED("bad:3389", "host-state: host", "healthy -&gt; degraded", "host-state")                 \
    BAD_CASES                                                                                      \
    SUITE("gone:3389", "1", "0")                                                                   \
    SAID("gone:3389", "gone: host", "changed: healthy -&gt; -")                                    \
    DONE
/* clang-format on */

static void test_junit(void)
{
    CU_ASSERT(is_text(write_diff("junit", 0, false, &judged),
                      BEGIN WORST_SUITE SUITE("bad:3389", "3", "1") BAD_CASES GOOD_SUITE LAST));
    CU_ASSERT(is_text(write_diff("junit", 0, true, &judged),
                      BEGIN CHANGES_AND_REQUIREMENTS WORST_SUITE GOOD_SUITE LAST));
    CU_ASSERT(is_text(write_diff("junit", 0, false, &all_met), BEGIN GOOD_SUITE LAST));
    CU_ASSERT(is_text(write_diff("junit", 0, false, NULL), BEGIN LAST));
}

int main(void)
{
    CU_TestInfo tests[] = {{"text", test_text},
                           {"text, all met", test_text_all_met},
                           {"jsonl", test_jsonl},
                           {"junit", test_junit},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"report diff", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
