/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "merge/merge.h"
#include "saved/saved.h"

#include "help.h"
#include "options.h"
#include "output.h"
#include "run_file.h"
#include "values.h"

/* A file that is merged. */
struct source {
    const char *file;
    const char *vantage; /* that the command line gives it; NULL: none */
    char *otherwise;     /* for records that name none: after the file; owned */
    FILE *in;            /* what cannot be opened again stays open; NULL */
    bool added;          /* it is a run */
};

struct merging {
    struct cli_options options;
    struct source *sources;
    size_t count;
    struct why_merge *merge;
    struct why_merge_counts counts;
    struct cli_outputs outputs;
    struct why_scan_summary summary;
    struct why_run_part *parts;
    bool from_several;
    bool damaged;          /* something of a file could not be read */
    bool looked;           /* at the hosts, and not at their number alone */
    size_t failing, unmet; /* as in show */
};

/* ---- the files --------------------------------------------------------------------------------
 */

/* "NAME=FILE", unless there is a file that is called so. */
static int take_operand(struct source *source, char *text)
{
    char *equals = strchr(text, '=');

    source->file = text;
    if (equals == NULL || access(text, F_OK) == 0)
        return WHY_OK;
    *equals = '\0';
    source->vantage = text;
    source->file = equals + 1;
    if (cli_value_is_vantage(text))
        return WHY_OK;
    cli_sayf("merge: '%s' is not a name of 1 to %d characters without blanks", text,
             CLI_VANTAGE_MAX);
    return WHY_ERR_USAGE;
}

/* "fra" of "runs/fra.jsonl.gz" */
static char *name_of_file(const char *file)
{
    const char *slash = strrchr(file, '/'), *base = slash != NULL ? slash + 1 : file;
    char *name = strndup(base, strcspn(base, "."));

    if (name != NULL && strcmp(file, "-") != 0 && cli_value_is_vantage(name))
        return name;
    free(name);
    return strdup("unknown");
}

static FILE *open_source(const struct source *source)
{
    return source->in != NULL ? source->in : cli_run_file_open("merge", source->file);
}

static void close_source(const struct source *source, FILE *in)
{
    if (in != NULL && in != source->in)
        (void)fclose(in);
}

static bool is_same_file(FILE *a, FILE *b)
{
    struct stat first, second;

    return fstat(fileno(a), &first) == 0 && fstat(fileno(b), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* A file in its place can be opened again; a copy cannot. */
static void keep_copy(struct source *source, FILE *in)
{
    FILE *again = strcmp(source->file, "-") == 0 ? NULL : fopen(source->file, "r");
    bool same = false;

    if (again != NULL) {
        same = is_same_file(again, in);
        (void)fclose(again);
    }
    if (!same)
        source->in = in;
}

static int add_source(struct merging *m, struct source *source)
{
    char err[CLI_ERROR_MAX] = "";
    FILE *in = open_source(source);
    size_t runs;
    int status;

    if (in == NULL)
        return WHY_ERR_USAGE;
    source->otherwise = name_of_file(source->file);
    status = cli_run_file_check(in, &m->options);
    if (status != WHY_OK || source->otherwise == NULL) {
        close_source(source, in);
        return status != WHY_OK ? status : WHY_ERR_NOMEM;
    }
    keep_copy(source, in);
    why_merge_count(m->merge, &m->counts);
    runs = m->counts.runs;
    status = why_merge_add(m->merge, in, cli_run_file_name(source->file), source->vantage,
                           source->otherwise, err, sizeof(err));
    close_source(source, in);
    why_merge_count(m->merge, &m->counts);
    source->added = m->counts.runs > runs;
    if (*err != '\0')
        cli_sayf("merge: %s", err);
    m->damaged = m->damaged || status == WHY_ERR_USAGE;
    return status == WHY_ERR_USAGE ? WHY_OK : status;
}

static int add_all(struct merging *m)
{
    int status = WHY_OK;
    bool standard = false;

    m->count = m->options.operand_count;
    m->sources = calloc(m->count + 1, sizeof(*m->sources));
    m->merge = why_merge_new();
    if (m->sources == NULL || m->merge == NULL)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; i < m->count && status == WHY_OK; i++) {
        struct source *source = &m->sources[i];

        status = take_operand(source, m->options.operands[i]);
        if (status == WHY_OK && strcmp(source->file, "-") == 0 && standard) {
            cli_say("merge: standard input was given twice");
            return WHY_ERR_USAGE;
        }
        standard = standard || strcmp(source->file, "-") == 0;
        if (status == WHY_OK)
            status = add_source(m, source);
    }
    if (status == WHY_OK && m->counts.runs == 0)
        return WHY_ERR_USAGE; /* each file's message says why */
    return status;
}

/* ---- what it comes to -------------------------------------------------------------------------
 */

static int make_parts(struct merging *m)
{
    m->parts = calloc(m->counts.runs, sizeof(*m->parts));
    if (m->parts == NULL)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; i < m->counts.runs; i++) {
        const struct why_merge_run *run = why_merge_run(m->merge, i);

        m->parts[i] = (struct why_run_part){.vantage = run->vantage,
                                            .version = run->version,
                                            .started = run->started,
                                            .targets = run->targets,
                                            .complete = run->complete};
    }
    return WHY_OK;
}

static void summarize(struct merging *m)
{
    const struct why_merge_counts *counts = &m->counts;

    m->summary = (struct why_scan_summary){.hosts = counts->hosts,
                                           .attempts = counts->attempts,
                                           .complete = counts->complete && !m->damaged,
                                           .interrupted = counts->interrupted};
    memcpy(m->summary.outcomes, counts->outcomes, sizeof(counts->outcomes));
    memcpy(m->summary.states, counts->states, sizeof(counts->states));
}

static void say_count(size_t count, const char *what)
{
    if (count > 0)
        cli_sayf("merge: %zu %s", count, what);
}

static void say_counts(const struct merging *m)
{
    const struct why_merge_counts *counts = &m->counts;

    if (m->options.quiet)
        return;
    say_count(counts->cut_off, "run(s) without their end: they were interrupted or cut off");
    say_count(counts->duplicates,
              "host(s) that another run has from the same place, too: the newest "
              "run's results are used");
    say_count(counts->unfinished, "host(s) that no run finished: their attempts are left out");
    say_count(counts->unknown, "record(s) of a kind that this version does not know: left out");
}

/* ---- telling ----------------------------------------------------------------------------------
 */

/* The options are the first run's. */
static int on_begin(void *arg, const struct why_run_info *first)
{
    struct merging *m = arg;
    struct why_run_info run = *first;

    run.vantage = NULL;
    run.tool_version = RDPWHY_VERSION;
    run.parts = m->parts;
    run.part_count = m->counts.runs;
    run.target_count = m->counts.hosts;
    m->from_several = why_run_is_from_several(&run);
    return cli_outputs_begin(&m->outputs, &run);
}

static int on_across(void *arg, const struct why_target *target, const struct why_finding *finding)
{
    struct merging *m = arg;

    return cli_outputs_across(&m->outputs, target, finding);
}

static int on_line(void *arg, const char *line, size_t len)
{
    struct merging *m = arg;

    return cli_outputs_line(&m->outputs, line, len);
}

static int on_nothing(void *arg, const struct why_run_info *run)
{
    (void)arg, (void)run;
    return WHY_OK;
}

static int on_attempt(void *arg, const struct why_result *result)
{
    struct merging *m = arg;

    return cli_outputs_attempt(&m->outputs, result);
}

static int on_host(void *arg, const struct why_host *host)
{
    struct merging *m = arg;
    bool unmet = false;

    for (size_t i = 0; i < host->judgement_count; i++)
        unmet = unmet || !host->judgements[i].met;
    m->unmet += unmet;
    m->failing += cli_fail_on_reached(&m->options.fail_on, host);
    return cli_outputs_host(&m->outputs, host);
}

/* Findings are looked at, or a report is made of results. */
static bool wants_results(const struct merging *m)
{
    return m->options.fail_on.by_severity || cli_outputs_take_results(&m->outputs);
}

/* The records of one run that count, for reports that are made of results. */
static int tell_results(struct merging *m, size_t index, FILE *in, char *err, size_t errlen)
{
    const struct source *source = &m->sources[index];
    const struct why_saved_sink sink = {on_nothing, on_attempt, on_host, NULL, m};
    struct why_scan_summary summary;
    struct why_saved *saved = NULL;
    bool any = false;
    int status = why_saved_open(&saved, in, cli_run_file_name(source->file), err, errlen);

    if (status != WHY_OK)
        return status;
    why_saved_place(saved, source->vantage, source->otherwise, m->from_several);
    for (size_t i = 0; i < why_saved_count(saved); i++) {
        if (!why_merge_counts_of(m->merge, index, why_saved_label(saved, i),
                                 why_saved_vantage(saved, i)))
            continue;
        why_saved_want(saved, i);
        any = true;
    }
    if (any)
        status = why_saved_tell(saved, &sink, &summary, err, errlen);
    why_saved_free(saved);
    return status;
}

static int tell_source(struct merging *m, size_t index)
{
    struct source *source = &m->sources[index];
    char err[CLI_ERROR_MAX] = "";
    FILE *in = source->added ? open_source(source) : NULL;
    int status = WHY_OK;

    if (in == NULL)
        return source->added ? WHY_ERR_USAGE : WHY_OK;
    if (cli_outputs_take_lines(&m->outputs))
        status = why_merge_lines(m->merge, index, in, cli_run_file_name(source->file), on_line, m,
                                 err, sizeof(err));
    if (status == WHY_OK && wants_results(m))
        status = tell_results(m, index, in, err, sizeof(err));
    close_source(source, in);
    if (*err != '\0')
        cli_sayf("merge: %s", err);
    if (status == WHY_ERR_USAGE)
        m->damaged = true;
    return status == WHY_ERR_USAGE ? WHY_OK : status;
}

static int begin(struct merging *m)
{
    char err[CLI_ERROR_MAX] = "";
    const struct source *first = m->sources;
    FILE *in;
    int status;

    while (!first->added)
        first++;
    in = open_source(first);
    if (in == NULL)
        return WHY_ERR_USAGE;
    status = why_saved_head(in, cli_run_file_name(first->file), on_begin, m, err, sizeof(err));
    close_source(first, in);
    if (*err != '\0')
        cli_sayf("merge: %s", err);
    return status;
}

static int tell(struct merging *m)
{
    int status = cli_outputs_open(&m->outputs, &m->options), ended;

    if (status != WHY_OK)
        return status;
    m->outputs.lines = true;
    m->looked = wants_results(m);
    status = begin(m);
    if (status == WHY_OK && m->from_several)
        status = why_merge_across(m->merge, on_across, m);
    for (size_t i = 0; i < m->count && status == WHY_OK; i++)
        status = tell_source(m, i);
    summarize(m);
    ended = cli_outputs_end(&m->outputs, &m->summary);
    if (cli_outputs_close(&m->outputs) != WHY_OK && ended == WHY_OK)
        ended = WHY_ERR_IO;
    return status != WHY_OK ? status : ended;
}

/* As bad as --fail-on says, where no host is looked at: by the states alone. */
static size_t count_failing(const struct merging *m)
{
    size_t failing = m->failing;

    for (int state = 0; !m->looked && state < WHY_HOST_STATE_COUNT; state++) {
        const struct why_host host = {.state = (enum why_host_state)state};

        if (cli_fail_on_reached(&m->options.fail_on, &host))
            failing += m->counts.states[state];
    }
    return failing;
}

static void clear(struct merging *m)
{
    for (size_t i = 0; i < m->count && m->sources != NULL; i++) {
        free(m->sources[i].otherwise);
        if (m->sources[i].in != NULL)
            (void)fclose(m->sources[i].in);
    }
    free(m->sources);
    free(m->parts);
    why_merge_free(m->merge);
}

int cmd_merge(int argc, char **argv)
{
    struct merging m = {.count = 0};
    int code, status;

    if (!cli_begin(&m.options, CLI_MERGE, argc, argv, &code))
        return code;
    if (m.options.operand_count == 0) {
        cli_say("merge: no run (try: rdpwhy merge FILE..., with files from probe --save)");
        return CLI_EXIT_USAGE;
    }
    status = add_all(&m);
    if (status == WHY_OK)
        status = make_parts(&m);
    if (status == WHY_OK)
        status = tell(&m);
    if (status == WHY_ERR_NOMEM)
        cli_say(why_strstatus(status));
    if (status == WHY_OK)
        say_counts(&m);
    if (status == WHY_OK && m.damaged)
        status = WHY_ERR_USAGE;
    code = cli_run_file_exit(&m.options, status, &m.summary, count_failing(&m), m.unmet);
    clear(&m);
    return code;
}
