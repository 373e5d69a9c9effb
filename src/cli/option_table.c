/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/require.h>
#include <rdpwhy/status.h>

#include "values.h"

const struct cli_command_info cli_commands[CLI_COMMAND_COUNT] = {
    [CLI_PROBE] = {"probe", "TARGET...",
                   "Open real connections to RDP servers and say where and why they end"},
    [CLI_LICENSE] = {"license", "list|clear [HOST]",
                     "Show or remove the licenses that servers have issued"},
    [CLI_DIFF] = {"diff", "BASELINE CURRENT",
                  "Say what has changed between two runs saved with -r jsonl or --save"},
    [CLI_EXPLAIN] = {"explain", "CODE[/EXT]|NAME|RULE...",
                     "Say offline what a code, its name or a diagnosis rule means"},
    [CLI_PCAP] = {"pcap", "FILE...",
                  "Say the same of captures that somebody else took, pcap or pcapng"},
    [CLI_REPLAY] = {"replay", "FILE...",
                    "Give the verdicts again from what probe --trace has written"},
    [CLI_LIST] = {"list", "LIST", "Print the words of one of the closed lists"},
    [CLI_HELP] = {"help", "[COMMAND]", "Say how a command is used"},
};

const char *const cli_categories[CLI_CATEGORY_COUNT] = {
    [CLI_CAT_WHAT] = "What is tried", [CLI_CAT_PACE] = "How long and how many at once",
    [CLI_CAT_LOGON] = "Logon",        [CLI_CAT_CHECK] = "What it is held against",
    [CLI_CAT_OUTPUT] = "Output",      [CLI_CAT_OTHER] = "Other",
};

static void add_profile(void *arg, int value)
{
    struct cli_options *options = arg;

    for (size_t i = 0; i < options->profile_count; i++) {
        if (options->profiles[i] == (enum why_profile)value)
            return;
    }
    options->profiles[options->profile_count++] = (enum why_profile)value;
}

/* The first list given takes the default's place, further ones add to it. */
static int set_profile(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (!options->profiles_given)
        options->profile_count = 0;
    options->profiles_given = true;
    return cli_value_words(WHY_VOCAB_PROFILE, "profile", "profiles", argument, add_profile, options,
                           err, errlen);
}

static void add_license_mode(void *arg, int value)
{
    struct cli_options *options = arg;

    for (size_t i = 0; i < options->license_mode_count; i++) {
        if (options->license_modes[i] == (enum why_license_mode)value)
            return;
    }
    options->license_modes[options->license_mode_count++] = (enum why_license_mode)value;
}

static int set_license(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (!options->license_modes_given)
        options->license_mode_count = 0;
    options->license_modes_given = true;
    return cli_value_words(WHY_VOCAB_LICENSE_MODE, "license mode", "licenses", argument,
                           add_license_mode, options, err, errlen);
}

static int set_until(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    int value = 0;
    int status = cli_value_word(WHY_VOCAB_PHASE, "phase", "phases", argument, strlen(argument),
                                &value, err, errlen);

    if (status == WHY_OK)
        options->until = (enum why_phase)value;
    options->until_given = true;
    return status;
}

static int set_ipv4(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->only_ipv4 = true;
    return WHY_OK;
}

static int set_ipv6(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->only_ipv6 = true;
    return WHY_OK;
}

static int set_input(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (options->input_count == CLI_INPUTS_MAX) {
        snprintf(err, errlen, "given more than %d times", CLI_INPUTS_MAX);
        return WHY_ERR_USAGE;
    }
    for (size_t i = 0; i < options->input_count; i++) {
        if (strcmp(argument, "-") == 0 && strcmp(options->inputs[i], "-") == 0) {
            snprintf(err, errlen, "standard input was given twice");
            return WHY_ERR_USAGE;
        }
    }
    options->inputs[options->input_count++] = argument;
    return WHY_OK;
}

static int set_timeout(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    options->timeout_given = true;
    return cli_value_seconds(argument, CLI_NOT_ZERO, &options->timeout_us, err, errlen);
}

static int set_connect_timeout(struct cli_options *options, const char *argument, char *err,
                               size_t errlen)
{
    options->connect_timeout_given = true;
    return cli_value_seconds(argument, CLI_NOT_ZERO, &options->connect_timeout_us, err, errlen);
}

static int set_linger(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    return cli_value_seconds(argument, CLI_ZERO_TOO, &options->linger_us, err, errlen);
}

static int set_jobs(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    return cli_value_number(argument, 1, 10000, &options->jobs, err, errlen);
}

static int set_per_host(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    return cli_value_number(argument, 1, 1000, &options->per_host, err, errlen);
}

static int set_rate(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    return cli_value_number(argument, 1, 1000000, &options->rate, err, errlen);
}

static int set_repeat(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    options->repeat_given = true;
    return cli_value_number(argument, 1, 10000, &options->repeat, err, errlen);
}

static int set_user(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    const char *name = strchr(argument, '\\');

    name = name ? name + 1 : argument;
    if (*name == '\0') {
        snprintf(err, errlen, "the user's name is missing in '%s'", argument);
        return WHY_ERR_USAGE;
    }
    options->user = argument;
    return WHY_OK;
}

static int set_password_file(struct cli_options *options, const char *argument, char *err,
                             size_t errlen)
{
    (void)err, (void)errlen;
    options->password_file = argument;
    return WHY_OK;
}

/* Two reports into one place would overwrite each other. */
static bool is_taken(const struct cli_options *options, const char *file)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const char *other = options->reports[i].file;

        if (!other || !file ? other == file : strcmp(other, file) == 0)
            return true;
    }
    return false;
}

static int set_report(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    size_t len = strcspn(argument, "=");
    const char *file = argument[len] == '=' ? argument + len + 1 : NULL;
    const struct why_report_format *format = NULL;
    char name[32];

    if (len < sizeof(name)) {
        memcpy(name, argument, len);
        name[len] = '\0';
        format = why_report_format_find(name);
    }
    if (file && strcmp(file, "-") == 0)
        file = NULL;
    if (!format)
        snprintf(err, errlen, "unknown format '%.*s' (try: rdpwhy list formats)", (int)len,
                 argument);
    else if (file && *file == '\0')
        snprintf(err, errlen, "the file's name is missing in '%s'", argument);
    else if (is_taken(options, file))
        snprintf(err, errlen, "two reports go to %s", file ? file : "standard output");
    else if (options->report_count == CLI_REPORTS_MAX)
        snprintf(err, errlen, "given more than %d times", CLI_REPORTS_MAX);
    else {
        options->reports[options->report_count++] = (struct cli_report){format, file};
        return WHY_OK;
    }
    return WHY_ERR_USAGE;
}

static int set_trace(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (*argument == '\0' || strcmp(argument, "-") == 0) {
        snprintf(err, errlen, "needs the name of a file, not '%s'", argument);
        return WHY_ERR_USAGE;
    }
    options->trace_file = argument;
    return WHY_OK;
}

static int set_capture(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (*argument == '\0') {
        snprintf(err, errlen, "the directory has no name");
        return WHY_ERR_USAGE;
    }
    options->capture_dir = argument;
    return WHY_OK;
}

static int set_keys(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (options->key_file_count == CLI_INPUTS_MAX) {
        snprintf(err, errlen, "given more than %d times", CLI_INPUTS_MAX);
        return WHY_ERR_USAGE;
    }
    options->key_files[options->key_file_count++] = argument;
    return WHY_OK;
}

static int set_quiet(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->quiet = true;
    return WHY_OK;
}

static int set_verbose(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->verbose = true;
    return WHY_OK;
}

static int set_license_store(struct cli_options *options, const char *argument, char *err,
                             size_t errlen)
{
    if (argument[0] == '\0') {
        snprintf(err, errlen, "the directory has no name");
        return WHY_ERR_USAGE;
    }
    options->license_store = argument;
    return WHY_OK;
}

static int set_strict(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->strict = true;
    return WHY_OK;
}

static int set_resume(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (options->resume_count == CLI_INPUTS_MAX) {
        snprintf(err, errlen, "given more than %d times", CLI_INPUTS_MAX);
        return WHY_ERR_USAGE;
    }
    options->resumes[options->resume_count++] = argument;
    return WHY_OK;
}

/* auto, always, never: in the order of enum cli_color and of enum cli_progress_when. */
static int find_when(const char *argument, int *value, char *err, size_t errlen)
{
    static const char *const words[] = {"auto", "always", "never"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(argument, words[i]) == 0) {
            *value = (int)i;
            return WHY_OK;
        }
    }
    snprintf(err, errlen, "'%s' is none of auto, always, never", argument);
    return WHY_ERR_USAGE;
}

static int set_color(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    int value = CLI_COLOR_AUTO;
    int status = find_when(argument, &value, err, errlen);

    options->color = (enum cli_color)value;
    return status;
}

static int set_progress(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    int value = CLI_PROGRESS_AUTO;
    int status = find_when(argument, &value, err, errlen);

    options->progress = (enum cli_progress_when)value;
    return status;
}

static int set_baseline(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)err, (void)errlen;
    options->baseline = argument;
    return WHY_OK;
}

static int set_save(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    if (*argument == '\0' || strcmp(argument, "-") == 0) {
        snprintf(err, errlen, "needs the name of a file, not '%s'", argument);
        return WHY_ERR_USAGE;
    }
    options->save = argument;
    return WHY_OK;
}

static int set_allow_partial(struct cli_options *options, const char *argument, char *err,
                             size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->allow_partial = true;
    return WHY_OK;
}

static int set_require(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    struct why_requirement_list list = {.count = 0};
    int status;

    if (options->require_count == CLI_REQUIRES_MAX) {
        snprintf(err, errlen, "given more than %d times", CLI_REQUIRES_MAX);
        return WHY_ERR_USAGE;
    }
    status = why_requirements_add(&list, argument, err, errlen);
    why_requirements_clear(&list);
    if (status == WHY_OK)
        options->requirements[options->require_count++] = argument;
    return status;
}

static int set_require_file(struct cli_options *options, const char *argument, char *err,
                            size_t errlen)
{
    if (options->require_file_count == CLI_INPUTS_MAX) {
        snprintf(err, errlen, "given more than %d times", CLI_INPUTS_MAX);
        return WHY_ERR_USAGE;
    }
    options->require_files[options->require_file_count++] = argument;
    return WHY_OK;
}

static int set_slower_factor(struct cli_options *options, const char *argument, char *err,
                             size_t errlen)
{
    return cli_value_factor(argument, &options->slower_percent, err, errlen);
}

static int set_slower_floor(struct cli_options *options, const char *argument, char *err,
                            size_t errlen)
{
    return cli_value_seconds(argument, CLI_NOT_ZERO, &options->slower_floor_us, err, errlen);
}

static int set_skew_limit(struct cli_options *options, const char *argument, char *err,
                          size_t errlen)
{
    return cli_value_number(argument, 0, 100000000, &options->skew_limit, err, errlen);
}

static int set_days_limit(struct cli_options *options, const char *argument, char *err,
                          size_t errlen)
{
    return cli_value_number(argument, 0, 100000, &options->days_limit, err, errlen);
}

static int set_help(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->help = true;
    return WHY_OK;
}

static int set_version(struct cli_options *options, const char *argument, char *err, size_t errlen)
{
    (void)argument, (void)err, (void)errlen;
    options->version = true;
    return WHY_OK;
}

#define PROBE   CLI_FOR(CLI_PROBE)
#define EXPLAIN CLI_FOR(CLI_EXPLAIN)
#define DIFF    CLI_FOR(CLI_DIFF)
#define STORE   (CLI_FOR(CLI_PROBE) | CLI_FOR(CLI_LICENSE))
#define PCAP    CLI_FOR(CLI_PCAP)
#define OFFLINE (CLI_FOR(CLI_PCAP) | CLI_FOR(CLI_REPLAY))
#define ALL     (2 * CLI_GLOBAL - 1) /* every command, and in place of one */

/* The names of the profiles that are tried by default, a comma before each. */
static const char default_profiles[] = ""
#define IN_DEFAULT_true(name)                  "," name
#define IN_DEFAULT_false(name)                 ""
#define WHY_PROFILE(id, name, is_default, ...) IN_DEFAULT_##is_default(name)
#include <rdpwhy/vocab.def>
    ;

/* clang-format off */
const struct cli_option cli_option_table[] = {
    {"profile", 'p', PROBE, CLI_CAT_WHAT, CLI_ARG_PROFILES, "NAME[,NAME]",
     "Security profiles to offer, each in a connection of its own; `all` for every profile",
     default_profiles + 1, NULL, set_profile},
    {"license", 'l', PROBE, CLI_CAT_WHAT, CLI_ARG_LICENSES, "MODE[,MODE]",
     "License states to bring; `all` for every mode", "fresh", NULL, set_license},
    {"license-store", '\0', STORE, CLI_CAT_WHAT, CLI_ARG_FOLDER, "DIR",
     "Keep what servers issue in DIR, and take the licenses of the modes stored, corrupt and "
     "foreign from there; FreeRDP's own folder may be named, too",
     NULL, "rdpwhy/licenses below XDG_STATE_HOME", set_license_store},
    {"until", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_PHASE, "PHASE",
     "Stop on purpose once this phase is confirmed", "active", NULL, set_until},
    {"input", 'i', PROBE, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Read targets from FILE, one a line, with # comments; - is standard input; repeatable. A line "
     "that is no target is reported with its number and passed over",
     NULL, NULL, set_input},
    {"strict", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "End, before anything is sent, where a line of an --input is no target",
     NULL, NULL, set_strict},
    {"resume", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Leave out the hosts that have their record in FILE, the jsonl report of a run that was cut off "
     "and had the same profiles, license modes and last phase; repeatable, for a run that was cut off "
     "more than once",
     NULL, NULL, set_resume},
    {"ipv4", '4', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL, "Use IPv4 addresses only",
     NULL, NULL, set_ipv4},
    {"ipv6", '6', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL, "Use IPv6 addresses only",
     NULL, NULL, set_ipv6},

    {"timeout", 't', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "Time for one attempt, all of it", "15", NULL, set_timeout},
    {"connect-timeout", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "Time until the TCP connection is up", "5", NULL, set_connect_timeout},
    {"linger", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "How long to listen after the Font Map for a server that ends the session at once; 0 to take "
     "only what has come by then", "0.2", NULL, set_linger},
    {"jobs", 'j', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "Attempts at once over all hosts; connections that are only being dialled are not counted",
     NULL, "1 for one host, else 32 a core and at most 256, less where memory or open files are few",
     set_jobs},
    {"per-host", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "Attempts at once on one host", "1", NULL, set_per_host},
    {"rate", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "New connections a second over all hosts", NULL, "no limit", set_rate},
    {"repeat", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "Carry every step out N times", "1", NULL, set_repeat},

    {"user", 'u', PROBE, CLI_CAT_LOGON, CLI_ARG_USER, "[DOMAIN\\]USER",
     "Log on as this user where a profile needs it, at most once a host. The password comes from "
     "RDPWHY_PASSWORD, --password-file or a prompt, never from the command line",
     NULL, NULL, set_user},
    {"password-file", '\0', PROBE, CLI_CAT_LOGON, CLI_ARG_FILE, "FILE",
     "The password is the first line of FILE", NULL, NULL, set_password_file},

    {"baseline", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Probe the targets and steps of the run saved in FILE again and say what has changed. The "
     "formats text, jsonl and junit then show the changes and the rules that are not met, and the "
     "exit code is that of diff",
     NULL, NULL, set_baseline},
    {"save", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Save the run for diff and --baseline: JSON Lines, which take FILE's place once the run is "
     "complete", NULL, NULL, set_save},
    {"require", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_REQUIREMENT, "RULE",
     "A host that does not meet RULE (nla, tls>=1.2, cert-days>=30 ...) has an error finding, and "
     "the exit code is 1; repeatable (see: rdpwhy list requirements)", NULL, NULL, set_require},
    {"require-file", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Read rules from FILE, one a line, with # comments; - is standard input; repeatable",
     NULL, NULL, set_require_file},
    {"allow-partial", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_NO_ARGUMENT, NULL,
     "Take the part of a saved run that is there where it was cut off or not finished",
     NULL, NULL, set_allow_partial},
    {"slower-factor", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_ARG_NUMBER, "FACTOR",
     "A phase is slower when its median over the repeats (--repeat in both runs) is more than "
     "FACTOR times what it was", "2", NULL, set_slower_factor},
    {"slower-floor", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_ARG_SECONDS, "SECONDS",
     "and at least SECONDS more", "0.25", NULL, set_slower_floor},
    {"skew-limit", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_ARG_NUMBER, "SECONDS",
     "A server's clock that comes to be off by more than SECONDS is worse", "300", NULL,
     set_skew_limit},
    {"days-limit", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_ARG_NUMBER, "DAYS",
     "A certificate that comes to have fewer than DAYS left is worse", "14", NULL,
     set_days_limit},

    {"report", 'r', PROBE | DIFF | EXPLAIN | OFFLINE, CLI_CAT_OUTPUT, CLI_ARG_REPORT, "FORMAT[=FILE]",
     "Write a report in this format, to standard output or to FILE; repeatable",
     NULL, "text on standard output", set_report},
    {"trace", '\0', PROBE | PCAP, CLI_CAT_OUTPUT, CLI_ARG_FILE, "FILE",
     "Write the timeline of every attempt, secrets blanked out, to FILE", NULL, NULL, set_trace},
    {"capture", '\0', PROBE, CLI_CAT_OUTPUT, CLI_ARG_FOLDER, "DIR",
     "Write the packets of every attempt with the TLS secrets that open them to a pcapng file in "
     "DIR, which is made where it is not there; needs no privileges",
     NULL, NULL, set_capture},
    {"keys", '\0', PCAP, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "TLS secrets as SSLKEYLOGFILE has them, beside those that a capture carries; repeatable",
     NULL, NULL, set_keys},
    {"quiet", 'q', PROBE | DIFF | OFFLINE, CLI_CAT_OUTPUT, CLI_NO_ARGUMENT, NULL,
     "One line a host, no remarks", NULL, NULL, set_quiet},
    {"verbose", 'v', PROBE | DIFF | OFFLINE, CLI_CAT_OUTPUT, CLI_NO_ARGUMENT, NULL,
     "Details of every host and what passed in every attempt", NULL, NULL, set_verbose},
    {"progress", '\0', PROBE, CLI_CAT_OUTPUT, CLI_ARG_COLOR, "WHEN",
     "Show on standard error how far the run is: auto (on a terminal, unless it is one host), "
     "always, never; one line on SIGUSR1 in any case",
     "auto", NULL, set_progress},
    {"color", '\0', PROBE | DIFF | EXPLAIN | OFFLINE, CLI_CAT_OUTPUT, CLI_ARG_COLOR, "WHEN",
     "Color the text report: auto (on a terminal, unless NO_COLOR is set), always, never",
     "auto", NULL, set_color},

    {"help", 'h', ALL, CLI_CAT_OTHER, CLI_NO_ARGUMENT, NULL, "Print this text",
     NULL, NULL, set_help},
    {"version", 'V', CLI_GLOBAL, CLI_CAT_OTHER, CLI_NO_ARGUMENT, NULL,
     "Print the versions of the tool and its libraries", NULL, NULL, set_version},
};
/* clang-format on */
const size_t cli_option_count = sizeof(cli_option_table) / sizeof(cli_option_table[0]);

_Static_assert(sizeof(cli_option_table) / sizeof(cli_option_table[0]) <= CLI_OPTIONS_MAX,
               "the parser has no room for them");
