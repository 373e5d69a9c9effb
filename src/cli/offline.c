/* SPDX-License-Identifier: Apache-2.0 */
#include "offline.h"

#include <rdpwhy/scan.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trust.h>

#include "base/clock.h"

#include "authorities.h"
#include "cli.h"

static const enum why_profile all_profiles[] = {
#define WHY_PROFILE(id, ...) WHY_PROFILE_##id,
#include <rdpwhy/vocab.def>
};
static const enum why_license_mode all_modes[] = {
#define WHY_LICENSE_MODE(id, ...) WHY_LICENSE_MODE_##id,
#include <rdpwhy/vocab.def>
};

static int on_result(void *arg, const struct why_result *result)
{
    struct offline *o = arg;

    return cli_outputs_attempt(&o->outputs, result);
}

static int on_host(void *arg, const struct why_host *host)
{
    struct offline *o = arg;

    o->failing += cli_fail_on_reached(&o->fail_on, host);
    return cli_outputs_host(&o->outputs, host);
}

int offline_begin(struct offline *o, const struct cli_options *options, const char *source)
{
    struct why_run_info run = {
        .tool_version = RDPWHY_VERSION,
        .openssl = why_scan_versions().openssl,
        .source = source,
        .started_us = why_clock_wall_us(),
        .profiles = all_profiles,
        .profile_count = sizeof(all_profiles) / sizeof(all_profiles[0]),
        .license_modes = all_modes,
        .license_mode_count = sizeof(all_modes) / sizeof(all_modes[0]),
        .until = WHY_PHASE_ACTIVE,
        .repeat = 1,
        .saved = cli_saved_name(options),
    };
    int status;

    *o = (struct offline){.run.out = {on_result, on_host, o, &o->summary},
                          .fail_on = options->fail_on,
                          .quiet = options->quiet};
    status = cli_authorities(options, &o->run.trust);
    if (status != WHY_OK)
        return status;
    status = cli_outputs_open(&o->outputs, options);
    return status == WHY_OK ? cli_outputs_begin(&o->outputs, &run) : status;
}

int offline_trace(struct offline *o, struct why_trace *trace)
{
    return why_offline_add(&o->run, trace);
}

static int exit_code(const struct offline *o, int status)
{
    if (status == WHY_ERR_USAGE || status == WHY_ERR_MALFORMED)
        return CLI_EXIT_USAGE;
    if (status != WHY_OK)
        return CLI_EXIT_FAILED;
    if (o->summary.hosts == 0) /* nothing that could be judged */
        return CLI_EXIT_USAGE;
    return o->failing == 0 ? CLI_EXIT_OK : CLI_EXIT_NOT_HEALTHY;
}

static int report_hosts(struct offline *o)
{
    if (o->run.hosts.count > 0)
        cli_outputs_targets(&o->outputs, o->run.hosts.count);
    return why_offline_diagnose(&o->run);
}

int offline_end(struct offline *o, int status)
{
    bool readable = status == WHY_OK || status == WHY_ERR_MALFORMED;
    int told = readable ? why_offline_finish(&o->run) : WHY_OK, ended;

    if (told == WHY_OK && readable)
        told = why_offline_release(&o->run);

    if (o->run.unkept > 0 && !o->quiet)
        cli_sayf("%zu attempts ended like at least %u others on the same host: each is reported, "
                 "but the hosts' findings do not count them",
                 o->run.unkept, WHY_OFFLINE_ALIKE);
    if (told == WHY_OK && readable)
        told = report_hosts(o);
    o->summary.complete = told == WHY_OK && status == WHY_OK;
    if (told == WHY_ERR_NOMEM || status == WHY_ERR_NOMEM)
        cli_say(why_strstatus(WHY_ERR_NOMEM));
    ended = cli_outputs_end(&o->outputs, &o->summary);
    if (cli_outputs_close(&o->outputs) != WHY_OK && ended == WHY_OK)
        ended = WHY_ERR_IO;
    why_offline_clear(&o->run);
    why_authorities_free(o->run.trust);
    if (told != WHY_OK)
        status = told;
    return exit_code(o, ended != WHY_OK ? WHY_ERR_IO : status);
}
