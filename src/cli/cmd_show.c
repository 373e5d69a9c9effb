/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/status.h>

#include "saved/saved.h"

#include "help.h"
#include "near.h"
#include "one_host.h"
#include "options.h"
#include "output.h"
#include "run_file.h"

#define NEAR_SHOWN 3 /* hosts that an error names */

struct show {
    struct cli_options options;
    const char *name; /* of the file, for messages */
    FILE *in;
    struct why_saved *saved;
    struct cli_outputs outputs;
    struct why_scan_summary summary;
    size_t failing, unmet; /* hosts that are as bad as --fail-on says, that do not meet a rule */
};

/* ---- the file ---------------------------------------------------------------------------------
 */

static int open_run(struct show *show)
{
    const char *file = show->options.operands[0];
    char err[CLI_ERROR_MAX] = "";
    int status;

    show->name = cli_run_file_name(file);
    show->in = cli_run_file_open("show", file);
    if (show->in == NULL)
        return WHY_ERR_USAGE;
    status = why_saved_open(&show->saved, show->in, show->name, err, sizeof(err));
    if (status != WHY_OK)
        cli_sayf("show: %s", *err != '\0' ? err : why_strstatus(status));
    return status;
}

/* ---- which hosts ------------------------------------------------------------------------------
 */

/* Whether |label| is |wanted| mistyped, its port aside. */
static bool is_near(const char *label, const char *wanted)
{
    char names[2][CLI_NEAR_MAX + 1];
    const char *both[2] = {label, wanted};

    for (size_t i = 0; i < 2; i++)
        (void)snprintf(names[i], sizeof(names[i]), "%.*s", (int)(strrchr(both[i], ':') - both[i]),
                       both[i]);
    return cli_is_near(names[0], names[1]);
}

/* Appends |label| to the hosts that a message names. */
static void append(char *buf, size_t len, const char *label, size_t index)
{
    size_t at = strlen(buf);

    (void)snprintf(buf + at, len - at, "%s%s", index > 0 ? ", " : "", label);
}

static int say_unknown_host(const struct show *show, const char *text, const char *wanted)
{
    size_t count = why_saved_count(show->saved), shown = 0;
    char names[CLI_ERROR_MAX] = "";

    for (size_t i = 0; i < count && shown < NEAR_SHOWN; i++) {
        const char *label = why_saved_label(show->saved, i);

        if (strchr(label, ':') != NULL && is_near(label, wanted))
            append(names, sizeof(names), label, shown++);
    }
    if (shown > 0) {
        cli_sayf("show: '%s' is not in %s; did you mean %s?", text, show->name, names);
        return WHY_ERR_USAGE;
    }
    for (size_t i = 0; i < count && i < NEAR_SHOWN; i++)
        append(names, sizeof(names), why_saved_label(show->saved, i), i);
    if (count > NEAR_SHOWN)
        cli_sayf("show: '%s' is not in %s, which has %s and %zu more", text, show->name, names,
                 count - NEAR_SHOWN);
    else
        cli_sayf("show: '%s' is not in %s, which has %s", text, show->name,
                 count > 0 ? names : "no host");
    return WHY_ERR_USAGE;
}

static int want_label(const struct show *show, size_t index)
{
    if (why_saved_is_finished(show->saved, index)) {
        why_saved_want(show->saved, index);
        return WHY_OK;
    }
    cli_sayf("show: %s: the run was interrupted before '%s' was finished", show->name,
             why_saved_label(show->saved, index));
    return WHY_ERR_USAGE;
}

static int want_host(const struct show *show, const char *text)
{
    bool any_port = false, found = false;
    char *wanted = cli_one_host("show", text, &any_port);
    int status = wanted != NULL ? WHY_OK : WHY_ERR_USAGE;

    for (size_t i = 0; status == WHY_OK && i < why_saved_count(show->saved); i++) {
        if (!cli_is_host(why_saved_label(show->saved, i), wanted, any_port))
            continue;
        found = true;
        status = want_label(show, i);
    }
    if (status == WHY_OK && !found)
        status = say_unknown_host(show, text, wanted);
    free(wanted);
    return status;
}

/* ---- telling ----------------------------------------------------------------------------------
 */

static int on_begin(void *arg, const struct why_run_info *run)
{
    struct show *show = arg;
    const char *file = show->options.operands[0];
    struct why_run_info shown = *run;
    int status;

    shown.saved = strcmp(file, "-") != 0 ? file : NULL;
    why_saved_place(show->saved, NULL, NULL, why_run_is_from_several(run));
    status = cli_outputs_begin(&show->outputs, &shown);

    /* Of captures and traces nobody knew at the beginning. */
    if (status == WHY_OK && run->source != NULL && run->target_count == 0)
        cli_outputs_targets(&show->outputs, why_saved_count(show->saved));
    return status;
}

static int on_attempt(void *arg, const struct why_result *result)
{
    struct show *show = arg;

    return cli_outputs_attempt(&show->outputs, result);
}

static int on_host(void *arg, const struct why_host *host)
{
    struct show *show = arg;
    bool unmet = false;

    for (size_t i = 0; i < host->judgement_count; i++)
        unmet = unmet || !host->judgements[i].met;
    show->unmet += unmet;
    show->failing += cli_fail_on_reached(&show->options.fail_on, host);
    return cli_outputs_host(&show->outputs, host);
}

static int on_across(void *arg, const struct why_target *target, const struct why_finding *finding)
{
    struct show *show = arg;

    return cli_outputs_across(&show->outputs, target, finding);
}

static void say_left_out(const struct show *show)
{
    if (show->options.verbose > 0 && !show->options.quiet)
        cli_say("show: a saved run holds no timeline: the last messages of each phase (-v) and all "
                "messages (-vv) are left out; probe --trace FILE records them for replay");
}

static int tell(struct show *show)
{
    const struct why_saved_sink sink = {on_begin, on_attempt, on_host, on_across, show};
    char err[CLI_ERROR_MAX] = "";
    int status = cli_outputs_open(&show->outputs, &show->options), ended;

    if (status != WHY_OK)
        return status;
    status = why_saved_tell(show->saved, &sink, &show->summary, err, sizeof(err));
    if (*err != '\0')
        cli_sayf("show: %s", err);
    else if (status == WHY_ERR_NOMEM)
        cli_say(why_strstatus(status));
    ended = cli_outputs_end(&show->outputs, &show->summary);
    if (cli_outputs_close(&show->outputs) != WHY_OK && ended == WHY_OK)
        ended = WHY_ERR_IO;
    say_left_out(show);
    return status != WHY_OK ? status : ended;
}

int cmd_show(int argc, char **argv)
{
    struct show show = {.in = NULL};
    int code, status;

    if (!cli_begin(&show.options, CLI_SHOW, argc, argv, &code))
        return code;
    if (show.options.operand_count == 0) {
        cli_say("show: no file (try: rdpwhy show FILE [HOST], with a file from probe --save)");
        return CLI_EXIT_USAGE;
    }
    status = open_run(&show);
    if (status == WHY_OK)
        status = cli_run_file_check(show.in, &show.options);
    for (size_t i = 1; status == WHY_OK && i < show.options.operand_count; i++)
        status = want_host(&show, show.options.operands[i]);
    if (status == WHY_OK)
        status = tell(&show);
    why_saved_free(show.saved);
    if (show.in != NULL)
        (void)fclose(show.in);
    return cli_run_file_exit(&show.options, status, &show.summary, show.failing, show.unmet);
}
