/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <rdpwhy/report.h>
#include <rdpwhy/require.h>
#include <rdpwhy/status.h>

#include "near.h"
#include "values.h"

#define LONG_BASE 256 /* what getopt_long returns for row 0; above every letter */
#define OPERAND   1   /* and for an operand */

struct getopt_tables {
    char letters[3 + 2 * CLI_OPTIONS_MAX];
    struct option options[CLI_OPTIONS_MAX + 1];
};

static void make_tables(struct getopt_tables *tables, enum cli_command command)
{
    char *letter = tables->letters;
    size_t count = 0;

    /* The first operand ends the options where a command is to be found. Elsewhere operands are
     * told as they come ('-'): left to itself, getopt takes no option behind one where
     * POSIXLY_CORRECT is set. ':' reports a missing argument. */
    *letter++ = command == CLI_COMMAND_COUNT ? '+' : '-';
    *letter++ = ':';
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_option_table[i];
        bool argument = row->argument != CLI_NO_ARGUMENT;

        if (!(row->commands & CLI_FOR(command)))
            continue;
        tables->options[count++] =
            (struct option){row->name,
                            !argument                         ? no_argument
                            : row->argument == CLI_ARG_SECRET ? optional_argument
                                                              : required_argument,
                            NULL, LONG_BASE + (int)i};
        if (!row->letter)
            continue;
        *letter++ = row->letter;
        if (argument)
            *letter++ = ':';
    }
}

/* The row that getopt_long's |value| stands for, or NULL. */
static const struct cli_option *find_row(enum cli_command command, int value)
{
    if (value >= LONG_BASE && value < LONG_BASE + (int)cli_option_count)
        return &cli_option_table[value - LONG_BASE];
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_option_table[i];

        if (value && row->letter == value && (row->commands & CLI_FOR(command)))
            return row;
    }
    return NULL;
}

/* Moves the operand that getopt has just passed to the |*count| at the front; the options between
 * stay as they are, for who reads them again. */
static void move_to_front(char **argv, int *count)
{
    char *operand = argv[optind - 1];

    ++*count;
    memmove(&argv[*count + 1], &argv[*count], (size_t)(optind - 1 - *count) * sizeof(*argv));
    argv[*count] = operand;
}

static void reverse(char **items, int count)
{
    for (int i = 0; i < count / 2; i++) {
        char *item = items[i];

        items[i] = items[count - 1 - i];
        items[count - 1 - i] = item;
    }
}

/* All operands behind the options: the |count| from the front, then what getopt left. */
static void take_operands(struct cli_options *options, int argc, char **argv, int count)
{
    reverse(argv + 1, count);
    reverse(argv + 1 + count, optind - 1 - count);
    reverse(argv + 1, optind - 1);
    options->operands = argv + (optind - count);
    options->operand_count = (size_t)count + (size_t)(argc - optind);
}

/* getopt keeps its place between calls: start over. */
static void restart_getopt(void)
{
#ifdef __GLIBC__
    optind = 0;
#else
    optind = 1;
#ifdef __APPLE__
    optreset = 1;
#endif
#endif
    opterr = 0;
}

static const char *help_command(enum cli_command command, char *buf, size_t len)
{
    if (command == CLI_COMMAND_COUNT)
        snprintf(buf, len, "rdpwhy --help");
    else
        snprintf(buf, len, "rdpwhy %s --help", cli_commands[command].name);
    return buf;
}

/* The option that a mistyped long one was meant to be; NULL: none. */
static const char *near_option(enum cli_command command, const char *name)
{
    const char *near = NULL;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_option_table[i];
        size_t distance = cli_distance(name, row->name);

        if (!row->help || !(row->commands & CLI_FOR(command)) || !cli_is_near(name, row->name) ||
            distance >= best)
            continue;
        near = row->name;
        best = distance;
    }
    return near;
}

/* The options that |name| may be short for, "--profile, --progress"; how many there are. */
static size_t meant_options(enum cli_command command, const char *name, char *buf, size_t len)
{
    size_t count = 0, used = 0;

    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *row = &cli_option_table[i];

        if (!row->help || !(row->commands & CLI_FOR(command)) ||
            strncmp(row->name, name, strlen(name)) != 0)
            continue;
        if (used < len)
            used +=
                (size_t)snprintf(buf + used, len - used, "%s--%s", count ? ", " : "", row->name);
        count++;
    }
    return count;
}

/* The option for a secret that |name| is short for ("pass"), or NULL. */
static const struct cli_option *secret_option(const char *name)
{
    for (size_t i = 0; i < cli_option_count && strlen(name) >= 4; i++) {
        if (cli_option_table[i].argument == CLI_ARG_SECRET &&
            strncmp(cli_option_table[i].name, name, strlen(name)) == 0)
            return &cli_option_table[i];
    }
    return NULL;
}

/* A long option that is none, or several. What stands behind its '=' may be a secret. */
static void bad_long_option(enum cli_command command, const char *option, const char *help,
                            char *err, size_t errlen)
{
    char name[CLI_NEAR_MAX + 1], meant[256] = "";
    const struct cli_option *secret;
    const char *near;

    snprintf(name, sizeof(name), "%.*s", (int)strcspn(option, "="), option);
    near = near_option(command, name);
    secret = secret_option(name);
    if (secret)
        secret->set(NULL, secret, NULL, err, errlen);
    else if (*name && meant_options(command, name, meant, sizeof(meant)) > 0)
        snprintf(err, errlen, "ambiguous option '--%s': one of %s (try: %s)", name, meant, help);
    else if (near)
        snprintf(err, errlen, "unknown option '--%s'; did you mean '--%s'? (try: %s)", name, near,
                 help);
    else
        snprintf(err, errlen, "unknown option '--%s' (try: %s)", name, help);
}

static void bad_option(enum cli_command command, int what, char **argv, char *err, size_t errlen)
{
    const struct cli_option *row = find_row(command, optopt);
    char help[64];

    help_command(command, help, sizeof(help));
    if (what == ':' && row)
        snprintf(err, errlen, "--%s needs an argument, %s (try: %s)", row->name, row->argument_name,
                 help);
    else if (row)
        snprintf(err, errlen, "--%s takes no argument (try: %s)", row->name, help);
    else if (optopt)
        snprintf(err, errlen, "unknown option '-%c' (try: %s)", optopt, help);
    else
        bad_long_option(command, argv[optind - 1] + strspn(argv[optind - 1], "-"), help, err,
                        errlen);
}

static int set_option(struct cli_options *options, const struct cli_option *row,
                      const char *argument, char *err, size_t errlen)
{
    char problem[CLI_ERROR_MAX] = "";
    int status = row->set(options, row, argument, problem, sizeof(problem));

    if (status != WHY_OK)
        snprintf(err, errlen, "--%s: %s", row->name, problem);
    return status;
}

static int set_values(struct cli_options *options, char *err, size_t errlen)
{
    int status = WHY_OK;

    *options = (struct cli_options){.until = WHY_PHASE_ACTIVE};
    for (size_t i = 0; status == WHY_OK && i < cli_option_count; i++) {
        const struct cli_option *row = &cli_option_table[i];

        if (row->value)
            status = set_option(options, row, row->value, err, errlen);
    }
    return status;
}

/* What is not a default. */
static int set_given(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    int status = set_option(options, row, argument, err, errlen);

    if (row->given > 0)
        memcpy((char *)options + row->given, &(bool){true}, sizeof(bool));
    return status;
}

/* --baseline brings targets and steps of its own. */
static bool has_steps(const struct cli_options *options)
{
    return options->operand_count > 0 || options->inputs.count > 0 || options->profiles_given ||
           options->license_modes_given || options->until_given || options->repeat_given ||
           options->restricted_admin || options->remote_guard;
}

/* One of the options that only say how an account logs on; NULL: none was given. */
static const char *kerberos_option(const struct cli_options *options)
{
    return options->realm       ? "realm"
           : options->kdc       ? "kdc"
           : options->kdc_proxy ? "kdc-proxy"
           : options->ccache    ? "ccache"
                                : NULL;
}

/* An .rdp file may name the user. */
static bool names_file(const struct cli_options *options)
{
    return options->operand_count == 1 && why_target_file_path(options->operands[0]) != NULL;
}

/* What no single option can see. */
static int check_together(const struct cli_options *options, char *err, size_t errlen)
{
    if (options->only_ipv4 && options->only_ipv6)
        snprintf(err, errlen, "--ipv4 and --ipv6 cannot be combined");
    else if (options->quiet && options->verbose)
        snprintf(err, errlen, "--quiet and --verbose cannot be combined");
    else if (options->no_cookie + (options->cookie != NULL) + (options->load_balance_info != NULL) >
             1)
        snprintf(err, errlen, "--cookie, --no-cookie and --load-balance-info cannot be combined");
    else if (options->udp && options->no_udp)
        snprintf(err, errlen, "--udp and --no-udp cannot be combined");
    else if (options->udp && options->until < WHY_PHASE_CONNECT)
        snprintf(err, errlen, "--udp needs a connection: --until %s or later",
                 why_phase_name(WHY_PHASE_CONNECT));
    else if (options->follow && options->no_follow)
        snprintf(err, errlen, "--follow and --no-follow cannot be combined");
    else if (options->vmconnect && options->pcb)
        snprintf(err, errlen,
                 "--vmconnect and --pcb cannot be combined: --vmconnect sends a text "
                 "of its own");
    else if (options->password_file && !options->user && !names_file(options))
        snprintf(err, errlen, "--password-file needs --user");
    else if (kerberos_option(options) && !options->user)
        snprintf(err, errlen, "--%s needs --user", kerberos_option(options));
    else if (options->kdc && options->kdc_proxy)
        snprintf(err, errlen, "--kdc and --kdc-proxy cannot be combined");
    else if ((options->proxy_password_file || options->proxy_resolve) && !options->proxy_url &&
             !options->baseline)
        snprintf(err, errlen, "--%s needs --proxy",
                 options->proxy_resolve ? "proxy-resolve" : "proxy-password-file");
    else if (options->proxy_url && options->until < WHY_PHASE_PROXY)
        snprintf(err, errlen,
                 "--until: with --proxy the first phase that can be asked for is proxy");
    else if ((options->gateway_user || options->gateway_password_file ||
              options->gateway_transport_given) &&
             !options->gateway.host && !options->baseline && !names_file(options))
        snprintf(err, errlen, "--%s needs --gateway",
                 options->gateway_user            ? "gateway-user"
                 : options->gateway_password_file ? "gateway-password-file"
                                                  : "gateway-transport");
    else if (options->gateway_password_file && !options->gateway_user)
        snprintf(err, errlen, "--gateway-password-file needs --gateway-user");
    else if (options->gateway.host && options->proxy_resolve &&
             strcmp(options->proxy_resolve, "local") == 0)
        snprintf(err, errlen,
                 "--proxy-resolve local and --gateway cannot be combined: the gateway looks the "
                 "targets' names up");
    else if (options->force_logon && !options->user)
        snprintf(err, errlen, "--force-logon needs --user");
    else if (options->baseline && options->fail_on_given)
        snprintf(err, errlen, "--baseline has the exit code of diff: leave out --fail-on");
    else if (options->baseline && has_steps(options))
        snprintf(err, errlen,
                 "--baseline already names targets and attempts: leave out targets, --input, "
                 "--profile, --license, --until, --repeat, --restricted-admin and "
                 "--remote-guard");
    else
        return WHY_OK;
    return WHY_ERR_USAGE;
}

/* An offer that an option of its own asks for, beside the others. */
static void add_profile(struct cli_options *options, bool wanted, enum why_profile profile)
{
    for (size_t i = 0; i < options->profile_count; i++)
        wanted = wanted && options->profiles[i] != profile;
    if (wanted && options->profile_count < WHY_PROFILE_COUNT)
        options->profiles[options->profile_count++] = profile;
}

/* Takes what getopt came to: WHY_OK, or WHY_ERR_USAGE with the message in |err|. */
static int take_option(struct cli_options *options, enum cli_command command, int value,
                       char **argv, char *err, size_t errlen)
{
    const struct cli_option *row = value == '?' || value == ':' ? NULL : find_row(command, value);

    if (row)
        return set_given(options, row, optarg, err, errlen);
    bad_option(command, value, argv, err, errlen);
    return WHY_ERR_USAGE;
}

int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv,
                      char *err, size_t errlen)
{
    struct getopt_tables tables = {.letters = ""};
    int status = set_values(options, err, errlen);
    int value, front = 0;

    make_tables(&tables, command);
    restart_getopt();
    while (status == WHY_OK &&
           (value = getopt_long(argc, argv, tables.letters, tables.options, NULL)) != -1) {
        if (value == OPERAND)
            move_to_front(argv, &front);
        else
            status = take_option(options, command, value, argv, err, errlen);
    }
    take_operands(options, argc, argv, front);
    if (status != WHY_OK || options->help || options->version)
        return status;
    add_profile(options, options->restricted_admin, WHY_PROFILE_RESTRICTED_ADMIN);
    add_profile(options, options->remote_guard, WHY_PROFILE_REMOTE_GUARD);
    cli_options_choose_until(options);
    return check_together(options, err, errlen);
}

static void add_report(struct cli_options *options, const struct cli_option *row,
                       const char *argument)
{
    struct cli_options alone = {.report_count = 0};
    char problem[CLI_ERROR_MAX];

    if (options->report_count < CLI_REPORTS_MAX &&
        row->set(&alone, row, argument, problem, sizeof(problem)) == WHY_OK)
        options->reports[options->report_count++] = alone.reports[0];
}

void cli_options_reports(struct cli_options *options, enum cli_command command, int argc,
                         char **argv)
{
    struct getopt_tables tables = {.letters = ""};
    int value;

    options->report_count = 0;
    make_tables(&tables, command);
    restart_getopt();
    while ((value = getopt_long(argc, argv, tables.letters, tables.options, NULL)) != -1) {
        const struct cli_option *row =
            value == '?' || value == ':' || value == OPERAND ? NULL : find_row(command, value);

        if (row && row->argument == CLI_ARG_REPORT)
            add_report(options, row, optarg);
    }
}

int cli_options_family(const struct cli_options *options)
{
    if (options->only_ipv4)
        return AF_INET;
    return options->only_ipv6 ? AF_INET6 : AF_UNSPEC;
}

bool cli_options_follow(const struct cli_options *options)
{
    return !options->no_follow && (options->follow || options->user != NULL);
}

void cli_options_choose_until(struct cli_options *options)
{
    if (!options->until_given && options->baseline == NULL && options->user != NULL)
        options->until = WHY_PHASE_SESSION;
}

bool cli_options_udp(const struct cli_options *options)
{
    return !options->no_udp && (options->udp || options->until == WHY_PHASE_SESSION);
}

void cli_options_clear(struct cli_options *options)
{
    why_proxy_clear(&options->proxy);
    why_gateway_clear(&options->gateway);
}
