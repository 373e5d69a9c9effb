/* SPDX-License-Identifier: Apache-2.0 */
#include "regression.h"

#include <errno.h>
#include <string.h>

#include <rdpwhy/gateway.h>
#include <rdpwhy/status.h>

#include "cli.h"

static int say(int status, const char *message)
{
    cli_say(*message ? message : why_strstatus(status));
    /* A file that cannot be read is wrong input. */
    return status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}

int cli_run_read(struct why_run **run, const char *file, bool partial)
{
    bool standard = strcmp(file, "-") == 0;
    FILE *in = standard ? stdin : fopen(file, "r");
    char err[CLI_ERROR_MAX] = "";
    int status;

    if (!in) {
        cli_sayf("cannot read '%s': %s", file, strerror(errno));
        return WHY_ERR_USAGE;
    }
    status = why_run_read(run, in, standard ? "standard input" : file, partial, err, sizeof(err));
    if (!standard)
        fclose(in);
    return status == WHY_OK ? WHY_OK : say(status, err);
}

struct why_diff_limits cli_diff_limits(const struct cli_options *options)
{
    return (struct why_diff_limits){.slower_percent = options->slower_percent,
                                    .slower_floor_us = options->slower_floor_us,
                                    .skew_s = options->skew_limit,
                                    .certificate_days = options->days_limit};
}

static int read_requirements(struct cli_regression *regression, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *in = standard ? stdin : fopen(name, "r");
    char err[CLI_ERROR_MAX] = "";
    int status;

    if (!in) {
        cli_sayf("--require-file: cannot read '%s': %s", name, strerror(errno));
        return WHY_ERR_USAGE;
    }
    status = why_requirements_read(&regression->requirements, in,
                                   standard ? "standard input" : name, err, sizeof(err));
    if (!standard)
        fclose(in);
    return status == WHY_OK ? WHY_OK : say(status, err);
}

static int collect_requirements(struct cli_regression *regression,
                                const struct cli_options *options)
{
    for (size_t i = 0; i < options->requirements.count; i++) {
        char err[CLI_ERROR_MAX] = "";
        int status = why_requirements_add(&regression->requirements, options->requirements.items[i],
                                          err, sizeof(err));

        if (status != WHY_OK)
            return say(status, err);
    }
    for (size_t i = 0; i < options->require_files.count; i++) {
        int status = read_requirements(regression, options->require_files.items[i]);

        if (status != WHY_OK)
            return status;
    }
    return WHY_OK;
}

static int take_gateway(const struct why_run_plan *plan, struct cli_options *options)
{
    enum why_gateway_transport given = options->gateway.transport;
    int transport =
        plan->gateway_transport != NULL ? why_gateway_transport_find(plan->gateway_transport) : -1;
    char err[CLI_ERROR_MAX];
    int status;

    if (options->gateway.host != NULL || plan->gateway == NULL)
        return WHY_OK;
    status = why_gateway_parse(plan->gateway, &options->gateway, err, sizeof(err));
    if (status == WHY_ERR_USAGE)
        cli_sayf("--baseline: '%s': its gateway: %s", options->baseline, err);
    options->gateway.transport = options->gateway_transport_given || transport < 0
                                     ? given
                                     : (enum why_gateway_transport)transport;
    return status;
}

/* The baseline's steps and times in place of the options'. */
static void take_plan(const struct why_run_plan *plan, struct cli_options *options)
{
    memcpy(options->profiles, plan->profiles, sizeof(plan->profiles));
    options->profile_count = plan->profile_count;
    memcpy(options->license_modes, plan->license_modes, sizeof(plan->license_modes));
    options->license_mode_count = plan->license_mode_count;
    options->until = plan->until;
    options->repeat = plan->repeat;
    if (options->routing.kind == WHY_ROUTING_ACCOUNT)
        options->routing = plan->routing;
    if (options->pcb == NULL)
        options->pcb = plan->preconnection;
    options->follow = options->follow || plan->follow;
    options->udp = options->udp || plan->udp;
    if (options->proxy_url == NULL)
        options->proxy_url = plan->proxy;
    if (options->proxy_resolve == NULL)
        options->proxy_resolve = plan->proxy_resolve;
    if (!options->timeout_given && plan->timeout_us > 0)
        options->timeout_us = plan->timeout_us;
    if (!options->connect_timeout_given && plan->connect_timeout_us > 0)
        options->connect_timeout_us = plan->connect_timeout_us;
}

static int read_baseline(struct cli_regression *regression, struct cli_options *options)
{
    const struct why_run_plan *plan;
    char err[CLI_ERROR_MAX] = "";
    int status = cli_run_read(&regression->baseline, options->baseline, options->allow_partial);

    if (status != WHY_OK)
        return status;
    plan = why_run_plan(regression->baseline);
    if (plan->profile_count == 0 || plan->license_mode_count == 0) {
        cli_sayf("--baseline: '%s' does not record what was tried", options->baseline);
        return WHY_ERR_USAGE;
    }
    if (plan->from_several) {
        cli_sayf(
            "--baseline: '%s' is merged from several places; take the run of this one, or merge "
            "new runs of all and use diff",
            options->baseline);
        return WHY_ERR_USAGE;
    }
    take_plan(plan, options);
    if (take_gateway(plan, options) != WHY_OK)
        return WHY_ERR_USAGE;
    if (options->proxy.url == NULL && options->proxy_url != NULL &&
        why_proxy_parse(options->proxy_url, &options->proxy, err, sizeof(err)) != WHY_OK) {
        cli_sayf("--baseline: '%s' was recorded through a proxy that cannot be used: %s",
                 options->baseline, err);
        return WHY_ERR_USAGE;
    }
    if (plan->credentials != (options->user != NULL) && !options->quiet)
        cli_sayf("--baseline: '%s' was recorded %s an account, this run is %s one",
                 options->baseline, plan->credentials ? "with" : "without",
                 options->user ? "with" : "without");
    return WHY_OK;
}

int cli_regression_prepare(struct cli_regression *regression, struct cli_options *options)
{
    int status = collect_requirements(regression, options);

    if (status == WHY_OK && options->baseline)
        status = read_baseline(regression, options);
    return status;
}

int cli_regression_open(struct cli_regression *regression, const struct cli_options *options)
{
    return options->baseline ? cli_diff_outputs_open(&regression->outputs, options, false) : WHY_OK;
}

int cli_regression_judge(struct cli_regression *regression, const struct why_host *host,
                         struct why_host *judged)
{
    int status = why_requirements_judge(&regression->requirements, host, judged);

    for (size_t i = 0; i < judged->judgement_count; i++) {
        if (!judged->judgements[i].met) {
            regression->unmet++;
            break;
        }
    }
    /* The diff is told when the run is over and the host is gone. */
    if (status == WHY_OK && regression->baseline && judged->judgement_count > 0)
        status = why_judged_list_add(&regression->judged, judged);
    return status;
}

static int exit_of_diff(const struct cli_regression *regression, const struct why_diff *diff)
{
    if (diff->classes[WHY_CHANGE_WORSE] > 0)
        return CLI_EXIT_WORSE;
    return regression->unmet > 0 ? CLI_EXIT_NOT_HEALTHY : CLI_EXIT_OK;
}

static int compare(struct cli_regression *regression, const struct cli_options *options,
                   const struct why_run *current, int *code)
{
    struct why_diff_limits limits = cli_diff_limits(options);
    struct why_diff diff;
    int status = why_diff_make(regression->baseline, current, &limits, &diff);

    if (status != WHY_OK)
        return say(status, "");
    why_judged_list_sort(&regression->judged);
    status = cli_diff_outputs_write(&regression->outputs, options->baseline,
                                    options->save ? options->save : "this run", &diff,
                                    &regression->judged);
    *code = exit_of_diff(regression, &diff);
    why_diff_clear(&diff);
    return status;
}

int cli_regression_finish(struct cli_regression *regression, const struct cli_options *options,
                          FILE *saved, int code)
{
    struct why_run *current = NULL;
    char err[CLI_ERROR_MAX] = "";
    int compared = CLI_EXIT_OK, status;

    if (!regression->baseline || !saved || code == CLI_EXIT_USAGE || code == CLI_EXIT_FAILED)
        return code;
    rewind(saved);
    /* Interrupted: what there is of the run is compared all the same. */
    status = why_run_read(&current, saved, "this run", true, err, sizeof(err));
    if (status != WHY_OK)
        say(status, err);
    else
        status = compare(regression, options, current, &compared);
    why_run_free(current);
    if (status != WHY_OK)
        return CLI_EXIT_FAILED;
    return code == CLI_EXIT_INTERRUPTED ? code : compared;
}

int cli_regression_close(struct cli_regression *regression)
{
    int status = cli_diff_outputs_close(&regression->outputs);

    why_run_free(regression->baseline);
    why_judged_list_clear(&regression->judged);
    why_requirements_clear(&regression->requirements);
    return status;
}
