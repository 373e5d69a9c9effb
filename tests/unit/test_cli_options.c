/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "../../src/cli/options.h"
#include "../../src/cli/values.h"
#include "unit.h"

#define ARGS_MAX 16

/* Parses the words of |line|, which stays in |copy|. */
static int parse(struct cli_options *options, enum cli_command command, const char *line,
                 char copy[256], char err[CLI_ERROR_MAX])
{
    char *argv[ARGS_MAX] = {NULL};
    int argc = 0;

    *err = '\0';
    snprintf(copy, 256, "probe %s", line);
    for (char *word = strtok(copy, " "); word && argc + 1 < ARGS_MAX; word = strtok(NULL, " "))
        argv[argc++] = word;
    return cli_options_parse(options, command, argc, argv, err, CLI_ERROR_MAX);
}

static void test_defaults(void)
{
    struct cli_options options;
    char copy[256], err[CLI_ERROR_MAX];

    CU_ASSERT_EQUAL(parse(&options, CLI_PROBE, "srv1", copy, err), WHY_OK);
    CU_ASSERT_EQUAL(options.profile_count, 5);
    CU_ASSERT_EQUAL(options.profiles[0], WHY_PROFILE_NEGOTIATE);
    CU_ASSERT_EQUAL(options.license_mode_count, 1);
    CU_ASSERT_EQUAL(options.license_modes[0], WHY_LICENSE_MODE_FRESH);
    CU_ASSERT_EQUAL(options.until, WHY_PHASE_ACTIVE);
    CU_ASSERT_EQUAL(options.timeout_us, 15000000);
    CU_ASSERT_EQUAL(options.connect_timeout_us, 5000000);
    CU_ASSERT_EQUAL(options.jobs, 0);
    CU_ASSERT_EQUAL(options.per_host, 1);
    CU_ASSERT_EQUAL(options.rate, 0);
    CU_ASSERT_EQUAL(options.repeat, 1);
    CU_ASSERT_EQUAL(options.color, CLI_COLOR_AUTO);
    CU_ASSERT_EQUAL(options.report_count, 0);
    CU_ASSERT_EQUAL(options.operand_count, 1);
}

static void test_values(void)
{
    struct cli_options options;
    char copy[256], err[CLI_ERROR_MAX];

    CU_ASSERT_EQUAL(parse(&options, CLI_PROBE,
                          "-p tls,rdp -p tls --license admin srv1 --until tls -t 0.25 srv2", copy,
                          err),
                    WHY_OK);
    CU_ASSERT_EQUAL(options.profile_count, 2);
    CU_ASSERT_EQUAL(options.profiles[0], WHY_PROFILE_TLS);
    CU_ASSERT_EQUAL(options.profiles[1], WHY_PROFILE_RDP);
    CU_ASSERT_EQUAL(options.license_modes[0], WHY_LICENSE_MODE_ADMIN);
    CU_ASSERT_EQUAL(options.until, WHY_PHASE_TLS);
    CU_ASSERT_EQUAL(options.timeout_us, 250000);
    CU_ASSERT_EQUAL(options.operand_count, 2);
    CU_ASSERT_EQUAL(parse(&options, CLI_PROBE, "-p all", copy, err), WHY_OK);
    CU_ASSERT_EQUAL(options.profile_count, WHY_PROFILE_COUNT - 1); /* but `file` */
}

static void test_errors(void)
{
    static const struct {
        const char *line, *err;
    } rows[] = {
        {"--profile foo", "--profile: unknown profile 'foo' (try: rdpwhy list profiles)"},
        {"-p tls,", "--profile: unknown profile '' (try: rdpwhy list profiles)"},
        {"-l TLS", "--license: unknown license mode 'TLS' (try: rdpwhy list licenses)"},
        {"--until end", "--until: unknown phase 'end' (try: rdpwhy list phases)"},
        {"-t 0", "--timeout: 0 is out of range (more than 0, at most 3600 seconds)"},
        {"-t 3600.5", "--timeout: 3600.5 is out of range (more than 0, at most 3600 seconds)"},
        {"-t 1e3", "--timeout: '1e3' is not a number of seconds"},
        {"-t -1", "--timeout: '-1' is not a number of seconds"},
        {"-t .", "--timeout: '.' is not a number of seconds"},
        {"-t nan", "--timeout: 'nan' is not a number of seconds"},
        {"-j 0", "--jobs: 0 is out of range (1 to 10000)"},
        {"-j 99999999999999999999", "--jobs: 99999999999999999999 is out of range (1 to 10000)"},
        {"-j 0x10", "--jobs: '0x10' is not a whole number"},
        {"-r xml", "--report: unknown format 'xml' (try: rdpwhy list formats)"},
        {"-r jsonl=", "--report: 'jsonl=' has no file name"},
        {"-r jsonl -r text", "--report: two reports go to standard output"},
        {"-r jsonl=a -r text=a", "--report: two reports go to a"},
        {"-i - -i -", "--input: standard input was given twice"},
        {"-u CORP\\", "--user: 'CORP\\' has no user name"},
        {"--password-file f", "--password-file needs --user"},
        {"-4 -6", "--ipv4 and --ipv6 cannot be combined"},
        {"-q -v", "--quiet and --verbose cannot be combined"},
        {"--color sometimes", "--color: 'sometimes' is not one of auto, always, never"},
        {"--trace -", "--trace: needs the name of a file, not '-'"},
        {"-t", "--timeout needs an argument, SECONDS (try: rdpwhy probe --help)"},
        {"--timeout", "--timeout needs an argument, SECONDS (try: rdpwhy probe --help)"},
        {"--quiet=yes", "--quiet takes no argument (try: rdpwhy probe --help)"},
        {"--nonsense", "unknown option '--nonsense' (try: rdpwhy probe --help)"},
        {"-qZ", "unknown option '-Z' (try: rdpwhy probe --help)"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cli_options options;
        char copy[256], err[CLI_ERROR_MAX];

        CU_ASSERT_EQUAL(parse(&options, CLI_PROBE, rows[i].line, copy, err), WHY_ERR_USAGE);
        CU_ASSERT_STRING_EQUAL(err, rows[i].err);
    }
}

/* What the contract promises is in the table, and letters and names are unique. */
static void test_table(void)
{
    static const char *const names[] = {
        "profile", "license",  "until", "timeout", "connect-timeout",
        "jobs",    "per-host", "rate",  "repeat",  "password-file",
        "input",   "report",   "quiet", "verbose", "user",
        "color",   "trace",    "ipv4",  "ipv6",    "help",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool found = false;

        for (size_t k = 0; k < cli_option_count; k++)
            found = found || (strcmp(cli_option_table[k].name, names[i]) == 0 &&
                              (cli_option_table[k].commands & CLI_FOR(CLI_PROBE)));
        CU_ASSERT(found);
    }
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *a = &cli_option_table[i];

        CU_ASSERT_EQUAL(a->argument == CLI_NO_ARGUMENT || a->argument == CLI_ARG_SECRET,
                        a->argument_name == NULL);
        CU_ASSERT_EQUAL(a->argument == CLI_ARG_SECRET, a->help == NULL);
        CU_ASSERT(!a->help || (a->help[0] && a->help[strlen(a->help) - 1] != '.'));
        for (size_t k = 0; k < i; k++) {
            CU_ASSERT(strcmp(a->name, cli_option_table[k].name) != 0);
            CU_ASSERT(!a->letter || a->letter != cli_option_table[k].letter);
        }
    }
}

static void test_in_place_of_a_command(void)
{
    struct cli_options options;
    char copy[256], err[CLI_ERROR_MAX];

    CU_ASSERT_EQUAL(parse(&options, CLI_COMMAND_COUNT, "--version", copy, err), WHY_OK);
    CU_ASSERT(options.version);
    /* A command's options are the command's. */
    CU_ASSERT_EQUAL(parse(&options, CLI_COMMAND_COUNT, "probe -t 5", copy, err), WHY_OK);
    CU_ASSERT_EQUAL(options.operand_count, 3);
}

static CU_TestInfo tests[] = {
    {"defaults", test_defaults},
    {"values", test_values},
    {"messages", test_errors},
    {"the table", test_table},
    {"in place of a command", test_in_place_of_a_command},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "cli_options", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
