/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/attempt.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/scan.h>
#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

#include "help.h"
#include "limits.h"
#include "options.h"
#include "output.h"
#include "password.h"
#include "signals.h"

/* What one run needs, in the order in which it is made. */
struct probe {
    struct cli_options options;
    struct why_target_list targets;
    struct why_step_list steps;
    struct cli_secret secret;
    struct cli_outputs outputs;
    struct why_engine *engine;
    char *license_store; /* NULL: none can be had */
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

static int say_status(int status, const char *message)
{
    if (status == WHY_ERR_USAGE)
        cli_say(message);
    else
        cli_say(why_strstatus(status));
    return status;
}

static int read_input(struct probe *probe, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *in = standard ? stdin : fopen(name, "r");
    char err[CLI_ERROR_MAX] = "";
    int status;

    if (!in) {
        cli_sayf("--input: cannot read '%s': %s", name, strerror(errno));
        return WHY_ERR_USAGE;
    }
    status =
        why_targets_read(&probe->targets, in, standard ? "standard input" : name, err, sizeof(err));
    if (status == WHY_ERR_IO) {
        snprintf(err, sizeof(err), "--input: cannot read '%s': %s", name, strerror(errno));
        status = WHY_ERR_USAGE;
    }
    if (!standard)
        fclose(in);
    return status == WHY_OK ? WHY_OK : say_status(status, err);
}

static int collect_targets(struct probe *probe)
{
    const struct cli_options *options = &probe->options;

    for (size_t i = 0; i < options->operand_count; i++) {
        char err[CLI_ERROR_MAX] = "";
        int status = why_targets_add(&probe->targets, options->operands[i], err, sizeof(err));

        if (status != WHY_OK)
            return say_status(status, err);
    }
    for (size_t i = 0; i < options->input_count; i++) {
        int status = read_input(probe, options->inputs[i]);

        if (status != WHY_OK)
            return status;
    }
    if (probe->targets.count == 0) {
        cli_say("probe: no target (try: rdpwhy probe HOST)");
        return WHY_ERR_USAGE;
    }
    if (probe->targets.duplicates > 0 && !options->quiet)
        cli_sayf("%zu target(s) given more than once are probed once", probe->targets.duplicates);
    return WHY_OK;
}

/* One host is probed step by step; many hosts keep the processors busy. */
static unsigned default_jobs(size_t targets)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (targets <= 1)
        return 1;
    return cores < 1 ? 8 : cores > 8 ? 64 : 8 * (unsigned)cores;
}

static unsigned choose_jobs(const struct cli_options *options, size_t targets)
{
    unsigned wanted = options->jobs ? options->jobs : default_jobs(targets);
    unsigned jobs = cli_limit_jobs(wanted);

    if (jobs < options->jobs)
        cli_sayf("--jobs: %u instead of %u: open files or memory do not allow more", jobs, wanted);
    return jobs;
}

static uint64_t wall_clock_us(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static struct why_run_info describe_run(const struct probe *probe, unsigned jobs)
{
    const struct cli_options *options = &probe->options;

    return (struct why_run_info){
        .tool_version = RDPWHY_VERSION,
        .library_built = why_engine_library_built(),
        .library_running = why_engine_library_running(),
        .openssl = why_engine_openssl(),
        .started_us = wall_clock_us(),
        .profiles = options->profiles,
        .profile_count = options->profile_count,
        .license_modes = options->license_modes,
        .license_mode_count = options->license_mode_count,
        .until = options->until,
        .timeout_us = options->timeout_us,
        .connect_timeout_us = options->connect_timeout_us,
        .jobs = jobs,
        .per_host = options->per_host,
        .repeat = options->repeat,
        .target_count = probe->targets.count,
        .credentials = probe->secret.given,
    };
}

static int on_result(void *arg, const struct why_result *result)
{
    return cli_outputs_attempt(arg, result);
}

static int on_host(void *arg, const struct why_host *host)
{
    return cli_outputs_host(arg, host);
}

static void on_warning(void *arg, const char *message)
{
    (void)arg;
    cli_say(message);
}

static int family_of(const struct cli_options *options)
{
    if (options->only_ipv4)
        return AF_INET;
    return options->only_ipv6 ? AF_INET6 : AF_UNSPEC;
}

static struct why_scan make_scan(struct probe *probe, unsigned jobs)
{
    const struct cli_options *options = &probe->options;

    return (struct why_scan){
        .engine = probe->engine,
        .targets = probe->targets.items,
        .target_count = probe->targets.count,
        .steps = probe->steps.items,
        .step_count = probe->steps.count,
        .until = options->until,
        .timeout_us = options->timeout_us,
        .connect_timeout_us = options->connect_timeout_us,
        .family = family_of(options),
        .jobs = jobs,
        .per_host = options->per_host,
        .rate = options->rate,
        .credentials = probe->secret.given ? &probe->secret.credentials : NULL,
        .capture = options->capture_dir != NULL,
        .license_store = probe->license_store,
        .cancelled = cli_signals_catch(),
        .on_result = on_result,
        .on_host = on_host,
        .on_warning = on_warning,
        .arg = &probe->outputs,
    };
}

/* Runs the scan between the reports' begin and end. */
static int run_scan(struct probe *probe)
{
    unsigned jobs = choose_jobs(&probe->options, probe->targets.count);
    struct why_run_info run = describe_run(probe, jobs);
    struct why_scan scan = make_scan(probe, jobs);
    struct why_scan_summary summary = {.complete = false};
    int status = cli_outputs_begin(&probe->outputs, &run);
    int ended;

    if (status == WHY_OK) {
        status = why_scan_run(&scan, &summary);
        if (status == WHY_ERR_NOMEM)
            cli_say(why_strstatus(status));
    }
    ended = cli_outputs_end(&probe->outputs, &summary);
    if (ended != WHY_OK)
        return CLI_EXIT_FAILED;
    if (status != WHY_OK)
        return exit_of_status(status);
    return summary.states[WHY_HOST_HEALTHY] == probe->targets.count ? CLI_EXIT_OK
                                                                    : CLI_EXIT_NOT_HEALTHY;
}

/* Everything that can be wrong is looked at here, before anything is sent. */
static int prepare(struct probe *probe)
{
    const struct cli_options *options = &probe->options;
    char err[CLI_ERROR_MAX] = "";
    int status = collect_targets(probe);

    if (status == WHY_OK)
        status = cli_secret_get(&probe->secret, options);
    if (status != WHY_OK)
        return exit_of_status(status);
    status = why_steps_make(&probe->steps, options->profiles, options->profile_count,
                            options->license_modes, options->license_mode_count, options->repeat);
    if (status == WHY_OK)
        status = why_engine_new(&probe->engine, err, sizeof(err));
    if (status != WHY_OK) {
        cli_say(*err ? err : why_strstatus(status));
        return CLI_EXIT_FAILED;
    }
    probe->license_store =
        options->license_store != NULL ? strdup(options->license_store) : why_store_default();
    status = cli_outputs_open(&probe->outputs, options);
    return exit_of_status(status);
}

int cmd_probe(int argc, char **argv)
{
    struct probe probe = {.engine = NULL};
    char err[CLI_ERROR_MAX];
    int code;

    if (cli_options_parse(&probe.options, CLI_PROBE, argc, argv, err, sizeof(err)) != WHY_OK) {
        cli_say(err);
        return CLI_EXIT_USAGE;
    }
    if (probe.options.help) {
        cli_help(stdout, CLI_PROBE);
        return CLI_EXIT_OK;
    }
    code = prepare(&probe);
    if (code == CLI_EXIT_OK)
        code = run_scan(&probe);
    if (cli_outputs_close(&probe.outputs) != WHY_OK)
        code = CLI_EXIT_FAILED;
    why_engine_free(probe.engine);
    free(probe.license_store);
    cli_secret_wipe(&probe.secret);
    why_steps_clear(&probe.steps);
    why_targets_clear(&probe.targets);
    return code;
}
