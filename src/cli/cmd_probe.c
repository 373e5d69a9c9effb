/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/report.h>
#include <rdpwhy/require.h>
#include <rdpwhy/scan.h>
#include <rdpwhy/status.h>
#include <rdpwhy/store.h>
#include <rdpwhy/trust.h>

#include "base/clock.h"

#include "authorities.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "password.h"
#include "progress.h"
#include "regression.h"
#include "signals.h"
#include "targets.h"
#include "values.h"

/* Attempts at once by default: most of an attempt is waiting for the server. */
#define JOBS_PER_CORE 32
#define JOBS_MAX      256

/* After an interrupt a run ends within a second: this, and what attempts and processes need to end.
 * Of a list nobody wants to lose what is nearly done: it has the attempts' own deadline. */
#define DRAIN_US 400000u

/* What one run needs, in the order in which it is made. */
struct probe {
    struct cli_options options;
    struct cli_targets targets;
    struct why_step_list steps;
    struct cli_secret secret;
    struct cli_secret proxy_secret; /* its password alone */
    struct cli_secret gateway_secret;
    char gateway_account[512]; /* that an .rdp file names */
    char account[512];         /* of the .rdp file, where it is to log on; "": not */
    struct cli_outputs outputs;
    struct cli_regression regression;
    struct cli_progress progress;
    struct why_authorities *trust;
    char *license_store; /* NULL: none can be had */
    char host_name[CLI_VANTAGE_MAX + 1];
    bool told_draining;
    size_t failing; /* hosts as bad as --fail-on says */
    struct why_scan_summary summary;
};

static int exit_of_status(int status)
{
    switch (status) {
    case WHY_OK:
        return CLI_EXIT_OK;
    case WHY_ERR_USAGE:
        return CLI_EXIT_USAGE;
    case WHY_ERR_INTERRUPTED:
        return CLI_EXIT_INTERRUPTED;
    default:
        return CLI_EXIT_FAILED;
    }
}

/* One host is probed step by step; many hosts keep the processors busy. */
static unsigned default_jobs(const struct probe *probe)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (probe->targets.total == 1)
        return probe->options.per_host;
    return cores < 1                          ? JOBS_PER_CORE
           : cores > JOBS_MAX / JOBS_PER_CORE ? JOBS_MAX
                                              : JOBS_PER_CORE * (unsigned)cores;
}

static unsigned choose_jobs(const struct probe *probe)
{
    unsigned wanted = probe->options.jobs ? probe->options.jobs : default_jobs(probe);
    unsigned most = why_scan_jobs_max(probe->options.until);

    if (wanted <= most)
        return wanted;
    if (probe->options.jobs)
        cli_sayf("--jobs: using %u instead of %u because open files or memory are limited", most,
                 wanted);
    return most;
}

static struct why_run_info describe_run(const struct probe *probe, unsigned jobs)
{
    const struct cli_options *options = &probe->options;
    struct why_versions versions = why_scan_versions();

    return (struct why_run_info){
        .tool_version = RDPWHY_VERSION,
        .library_built = versions.library_built,
        .library_running = versions.library_running,
        .openssl = versions.openssl,
        .vantage = options->vantage,
        .started_us = why_clock_wall_us(),
        .profiles = options->profiles,
        .profile_count = options->profile_count,
        .license_modes = options->license_modes,
        .license_mode_count = options->license_mode_count,
        .until = options->until,
        .timeout_us = options->timeout_us,
        .connect_timeout_us = options->connect_timeout_us,
        .linger_us = options->linger_us,
        .watch_us = options->watch_us,
        .pause_us = options->pause_ms * UINT64_C(1000),
        .second_try_us = options->second_try_us,
        .jobs = jobs,
        .per_host = options->per_host,
        .repeat = options->repeat,
        .target_count = probe->targets.total,
        .credentials = probe->secret.given,
        .routing = options->routing,
        .preconnection = options->pcb,
        .follow = cli_options_follow(options),
        .udp = cli_options_udp(options),
        .proxy = options->proxy.url,
        .proxy_resolve = options->proxy.url == NULL    ? NULL
                         : options->proxy.resolve_here ? "local"
                                                       : "proxy",
        .gateway = options->gateway.label,
        .gateway_transport = options->gateway.host != NULL
                                 ? why_gateway_transport_name(options->gateway.transport)
                                 : NULL,
        .saved = cli_saved_name(options),
    };
}

static int next_target(void *arg, struct why_target *target)
{
    struct probe *probe = arg;

    return cli_targets_next(&probe->targets, target);
}

static int on_result(void *arg, const struct why_result *result)
{
    struct probe *probe = arg;

    cli_progress_hide(&probe->progress);
    return cli_outputs_attempt(&probe->outputs, result);
}

static int on_host(void *arg, const struct why_host *host)
{
    struct probe *probe = arg;

    struct why_host judged;
    int status = cli_regression_judge(&probe->regression, host, &judged);

    cli_progress_hide(&probe->progress);
    probe->failing += cli_fail_on_reached(&probe->options.fail_on, &judged);
    if (status == WHY_OK)
        status = cli_outputs_host(&probe->outputs, &judged);
    why_requirements_judged_clear(&judged);
    return status;
}

static void on_warning(void *arg, const char *message)
{
    struct probe *probe = arg;

    cli_progress_hide(&probe->progress);
    cli_say(message);
}

static bool is_list(const struct probe *probe)
{
    return probe->options.inputs.count > 0 || probe->regression.baseline != NULL;
}

static void on_progress(void *arg, const struct why_scan_progress *progress)
{
    struct probe *probe = arg;

    if (progress->draining && is_list(probe) && !probe->told_draining) {
        probe->told_draining = true;
        cli_progress_hide(&probe->progress);
        cli_sayf("Interrupted: waiting up to %.0f s for running attempts; press Ctrl-C again to "
                 "stop now",
                 (double)probe->options.timeout_us / 1e6);
    }
    cli_progress_tell(&probe->progress, progress);
}

static struct why_scan make_scan(struct probe *probe, unsigned jobs)
{
    const struct cli_options *options = &probe->options;

    return (struct why_scan){
        .next_target = next_target,
        .steps = probe->steps.items,
        .step_count = probe->steps.count,
        .file_step_count = probe->steps.count / (options->profile_count + 1),
        .until = options->until,
        .timeout_us = options->timeout_us,
        .connect_timeout_us = options->connect_timeout_us,
        .linger_us = options->linger_us,
        .watch_us = options->watch_us,
        .screenshots = options->screenshot_dir,
        .family = cli_options_family(options),
        .jobs = jobs,
        .per_host = options->per_host,
        .rate = options->rate,
        .pause_us = options->pause_ms * UINT64_C(1000),
        .second_try_us = options->second_try_us,
        .credentials = probe->secret.given ? &probe->secret.credentials : NULL,
        .routing = options->routing,
        .preconnection = {.blob = options->pcb},
        .follow = cli_options_follow(options),
        .udp = cli_options_udp(options),
        .proxy = options->proxy.url != NULL ? &options->proxy : NULL,
        .gateway = options->gateway.host != NULL ? &options->gateway : NULL,
        .force_logon = options->force_logon,
        .capture = options->capture_dir != NULL,
        .license_store = probe->license_store,
        .license_store_optional = options->license_store == NULL,
        .trust = probe->trust,
        .cancelled = cli_signals_catch(),
        .drain_us = is_list(probe) ? options->timeout_us : DRAIN_US,
        .on_result = on_result,
        .on_host = on_host,
        .on_warning = on_warning,
        .on_progress = on_progress,
        .arg = probe,
    };
}

/* What an interrupt has left: which hosts are told, and where the run can go on. */
static void say_kept(const struct probe *probe)
{
    const struct cli_options *options = &probe->options;
    const char *saved = NULL;
    char of[32] = "";

    for (size_t i = 0; i < options->report_count; i++) {
        if (options->reports[i].file != NULL &&
            strcmp(options->reports[i].format->name, "jsonl") == 0)
            saved = options->reports[i].file;
    }
    if (probe->targets.total > 0)
        (void)snprintf(of, sizeof(of), " of %zu", probe->targets.total);
    cli_sayf("Interrupted: %zu%s host(s) finished, and the reports contain them%s%s",
             probe->summary.hosts, of,
             saved && is_list(probe) ? "; for the others, repeat the command with --resume " : "",
             saved && is_list(probe) ? saved : "");
}

/* Runs the scan between the reports' begin and end. */
static int run_scan(struct probe *probe)
{
    unsigned jobs = choose_jobs(probe);
    struct why_run_info run = describe_run(probe, jobs);
    struct why_scan scan = make_scan(probe, jobs);
    struct why_scan_summary *summary = &probe->summary;
    int status = cli_outputs_begin(&probe->outputs, &run);
    int ended;

    summary->complete = false;
    cli_progress_init(&probe->progress, &probe->options, probe->targets.total);
    if (status == WHY_OK) {
        status = why_scan_run(&scan, summary);
        if (status == WHY_ERR_NOMEM)
            cli_say(why_strstatus(status));
    }
    ended = cli_outputs_end(&probe->outputs, summary);
    if (summary->interrupted && !probe->options.quiet)
        say_kept(probe);
    if (!probe->options.quiet)
        cli_targets_remarks(&probe->targets);
    if (ended != WHY_OK)
        return CLI_EXIT_FAILED;
    if (status != WHY_OK)
        return exit_of_status(status);
    return probe->failing == 0 && probe->regression.unmet == 0 ? CLI_EXIT_OK : CLI_EXIT_NOT_HEALTHY;
}

static bool keeps_licenses(const struct why_step_list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        if (why_license_mode_info(steps->items[i].license_mode)->keeps)
            return true;
    }
    return false;
}

/* The default store is looked at only when there is a license to keep: most servers issue none. */
static int choose_store(struct probe *probe)
{
    const char *named = probe->options.license_store;
    char err[CLI_ERROR_MAX] = "";
    int status = WHY_OK;

    probe->license_store = named != NULL ? strdup(named) : why_store_default();
    if (named != NULL && probe->license_store == NULL)
        status = WHY_ERR_NOMEM;
    else if (named != NULL)
        status = why_store_check(named, keeps_licenses(&probe->steps), err, sizeof(err));
    if (status != WHY_OK)
        cli_sayf("--license-store: %s", *err != '\0' ? err : why_strstatus(status));
    return status;
}

/* The name of this computer, unless another was given. */
static void choose_vantage(struct probe *probe)
{
    char *name = probe->host_name;

    if (probe->options.vantage == NULL && gethostname(name, sizeof(probe->host_name) - 1) == 0 &&
        cli_value_is_vantage(name))
        probe->options.vantage = name;
}

/* What an account of Entra ID can log on with, beside what is tried by default. */
static void add_entra_offer(struct cli_options *options, const struct cli_secret *secret)
{
    if (secret->given && why_account_is_entra(&secret->credentials) && !options->profiles_given &&
        !options->baseline)
        options->profiles[options->profile_count++] = WHY_PROFILE_AAD;
}

/* The value of the last of these settings in the file; "": there is none. */
static const char *file_setting(const struct why_rdp_file *file, const char *name)
{
    const char *value = "";

    for (size_t i = 0; i < file->count; i++) {
        const char *found = why_file_value(file->items[i].text, name);

        value = found != NULL && file->items[i].use == WHY_FILE_USED ? found : value;
    }
    return value;
}

/* One .rdp file names the account where a password is given and --user is not. */
static int take_account(struct probe *probe)
{
    struct cli_options *options = &probe->options;
    const struct why_rdp_file *file =
        probe->targets.ahead_count == 1 ? probe->targets.ahead[0].file : NULL;
    const char *user = file != NULL ? file_setting(file, "username:s:") : "";
    const char *domain = file != NULL ? file_setting(file, "domain:s:") : "";
    bool bare = *domain == '\0' || strchr(user, '\\') != NULL;

    if (options->user || (!options->password_file && !getenv("RDPWHY_PASSWORD")))
        return WHY_OK;
    if (*user == '\0' && options->password_file) {
        cli_say("--password-file: needs --user, for the target names no user");
        return WHY_ERR_USAGE;
    }
    (void)snprintf(probe->account, sizeof(probe->account), "%.200s%s%.300s", bare ? "" : domain,
                   bare ? "" : "\\", user);
    options->user = *user != '\0' ? probe->account : NULL;
    cli_options_choose_until(options);
    return WHY_OK;
}

/* The same, whether or not it was of use so far; |use|: it is from here on. */
static const char *any_setting(struct why_rdp_file *file, const char *name, bool use)
{
    const char *value = "";

    for (size_t i = 0; file != NULL && i < file->count; i++) {
        const char *found = why_file_value(file->items[i].text, name);

        if (found == NULL)
            continue;
        value = found;
        if (use)
            file->items[i].use = WHY_FILE_USED;
    }
    return value;
}

/* The gateway of one .rdp file, unless the command line names one. gatewayusagemethod: 1 is always,
 * 2 is where a direct connection does not come about, which mstsc tries first; the others are none.
 */
static int take_gateway(struct probe *probe)
{
    struct cli_options *options = &probe->options;
    struct why_rdp_file *file =
        probe->targets.ahead_count == 1 ? probe->targets.ahead[0].file : NULL;
    enum why_gateway_transport transport = options->gateway.transport;
    const char *host, *method;
    char err[CLI_ERROR_MAX];
    int status;

    if (options->gateway.host != NULL)
        return WHY_OK;
    host = any_setting(file, "gatewayhostname:s:", false);
    method = any_setting(file, "gatewayusagemethod:i:", false);
    if (*host == '\0' || (strcmp(method, "1") != 0 && strcmp(method, "2") != 0))
        return WHY_OK;
    status = why_gateway_parse(host, &options->gateway, err, sizeof(err));
    options->gateway.transport = transport;
    if (status == WHY_ERR_USAGE)
        cli_sayf("gatewayhostname:s:%.200s: %s", host, err);
    if (status == WHY_OK) {
        (void)any_setting(file, "gatewayhostname:s:", true);
        (void)any_setting(file, "gatewayusagemethod:i:", true);
    }
    return status;
}

/* What is of use in a session alone, once it is settled how far attempts go. */
static int check_session(const struct cli_options *options)
{
    if (options->until == WHY_PHASE_SESSION || (!options->watch_given && !options->screenshot_dir))
        return WHY_OK;
    cli_sayf("--%s needs --until session", options->watch_given ? "watch" : "screenshot");
    return WHY_ERR_USAGE;
}

/* Before the profiles that are compared with it, what an .rdp file itself asks for. */
static int make_steps(struct probe *probe)
{
    const struct cli_options *options = &probe->options;
    enum why_profile profiles[WHY_PROFILE_COUNT + 1] = {WHY_PROFILE_FILE};

    memcpy(profiles + 1, options->profiles, options->profile_count * sizeof(profiles[0]));
    return why_steps_make(&probe->steps, profiles, options->profile_count + 1,
                          options->license_modes, options->license_mode_count, options->repeat);
}

/* Everything that can be wrong is looked at here, before anything is sent. |*nothing|: there is
 * nothing to do. */
static int prepare(struct probe *probe, bool *nothing)
{
    const struct cli_options *options = &probe->options;
    int status = cli_regression_prepare(&probe->regression, &probe->options);

    choose_vantage(probe);
    if (status == WHY_OK)
        status = cli_targets_open(&probe->targets, options, probe->regression.baseline);
    if (status == WHY_ERR_NOTFOUND) {
        *nothing = true;
        return CLI_EXIT_OK;
    }
    if (status == WHY_OK)
        status = take_account(probe);
    if (status == WHY_OK)
        status = check_session(options);
    if (status == WHY_OK)
        status = cli_secret_get(&probe->secret, options);
    if (status == WHY_OK)
        status = cli_proxy_secret_get(&probe->proxy_secret, &probe->options);
    if (status == WHY_OK)
        status = take_gateway(probe);
    if (status == WHY_OK)
        status = cli_gateway_secret_get(&probe->gateway_secret, &probe->options, &probe->secret);
    if (status != WHY_OK)
        return exit_of_status(status);
    add_entra_offer(&probe->options, &probe->secret);
    status = make_steps(probe);
    if (status != WHY_OK) {
        cli_say(why_strstatus(status));
        return CLI_EXIT_FAILED;
    }
    status = choose_store(probe);
    if (status == WHY_OK)
        status = cli_authorities(options, &probe->trust);
    if (status == WHY_OK)
        status = cli_outputs_open(&probe->outputs, options);
    if (status == WHY_OK)
        status = cli_regression_open(&probe->regression, options);
    return exit_of_status(status);
}

/* A report's reader may understand other exit codes than the tool's. */
static int exit_for_reports(const struct probe *probe, int code)
{
    bool judged = code == CLI_EXIT_OK || code == CLI_EXIT_NOT_HEALTHY || code == CLI_EXIT_WORSE;

    for (size_t i = 0; i < probe->options.report_count; i++) {
        const struct why_report_format *format = probe->options.reports[i].format;

        if (format->exit_code)
            return format->exit_code(judged ? &probe->summary : NULL, probe->regression.unmet);
    }
    return code;
}

/* Nothing was probed: the report on standard output says so, where it has something to say. */
static void report_usage_error(const struct cli_options *options, const char *message)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const struct cli_report *report = &options->reports[i];

        if (report->format->usage_error && !report->file) {
            report->format->usage_error(stdout, message);
            return; /* the mistake may be that two reports go there */
        }
    }
}

int cmd_probe(int argc, char **argv)
{
    struct probe probe = {.summary = {.complete = true}};
    bool nothing = false;
    char err[CLI_ERROR_MAX];
    int code;

    if (cli_options_parse(&probe.options, CLI_PROBE, argc, argv, err, sizeof(err)) != WHY_OK) {
        cli_say(err);
        /* The options behind the mistake have not been read: a format with an exit code of its own
         * for mistakes may be among them. */
        cli_options_reports(&probe.options, CLI_PROBE, argc, argv);
        report_usage_error(&probe.options, err);
        cli_options_clear(&probe.options);
        return exit_for_reports(&probe, CLI_EXIT_USAGE);
    }
    if (probe.options.help) {
        cli_help(stdout, CLI_PROBE);
        cli_options_clear(&probe.options);
        return CLI_EXIT_OK;
    }
    code = prepare(&probe, &nothing);
    if (code == CLI_EXIT_OK && !nothing)
        code = cli_regression_finish(&probe.regression, &probe.options, probe.outputs.saved,
                                     run_scan(&probe));
    else if (code != CLI_EXIT_OK)
        report_usage_error(&probe.options, "nothing was probed; see standard error");
    if (cli_outputs_close(&probe.outputs) != WHY_OK || probe.summary.licenses_lost > 0)
        code = CLI_EXIT_FAILED;
    if (cli_regression_close(&probe.regression) != WHY_OK)
        code = CLI_EXIT_FAILED;
    why_authorities_free(probe.trust);
    free(probe.license_store);
    cli_secret_wipe(&probe.secret);
    cli_secret_wipe(&probe.proxy_secret);
    cli_secret_wipe(&probe.gateway_secret);
    cli_options_clear(&probe.options);
    why_steps_clear(&probe.steps);
    cli_targets_close(&probe.targets);
    return exit_for_reports(&probe, code);
}
