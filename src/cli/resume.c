/* SPDX-License-Identifier: Apache-2.0 */
#include "resume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <rdpwhy/status.h>

#include "base/json_read.h"

#include "cli.h"

/* As in a run that is compared: a server's texts are 64 KiB at most. */
#define LINE_MAX_BYTES ((size_t)16 * 1024 * 1024)

static int refuse(const char *file, const char *why)
{
    cli_sayf("--resume: '%s' %s", file, why);
    return WHY_ERR_USAGE;
}

static bool is_same_file(const struct stat *a, const char *file)
{
    struct stat b;

    return file != NULL && stat(file, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/* What this run writes would take the place of what is to be read, or empty it. */
static bool is_overwritten(const struct cli_options *options, const char *file)
{
    struct stat info;

    if (stat(file, &info) != 0)
        return false;
    for (size_t i = 0; i < options->report_count; i++) {
        if (is_same_file(&info, options->reports[i].file))
            return true;
    }
    return is_same_file(&info, options->save) || is_same_file(&info, options->trace_file);
}

enum slot {
    SLOT_RECORD,
    SLOT_TARGET,
    SLOT_PROFILES,
    SLOT_LICENSE_MODES,
    SLOT_UNTIL,
    SLOT_ROUTING_KIND,
    SLOT_ROUTING_TEXT,
    SLOT_PRECONNECTION,
    SLOT_PROXY,
    SLOT_GATEWAY,
    SLOT_FOLLOW,
    SLOT_COUNT
};

static const struct why_json_member routing_members[] = {
    {.name = "kind", .slot = SLOT_ROUTING_KIND},
    {.name = "text", .slot = SLOT_ROUTING_TEXT},
    {.name = NULL}};
static const struct why_json_member gateway_members[] = {{.name = "host", .slot = SLOT_GATEWAY},
                                                         {.name = NULL}};
static const struct why_json_member proxy_members[] = {{.name = "url", .slot = SLOT_PROXY},
                                                       {.name = NULL}};
static const struct why_json_member options_members[] = {
    {.name = "profiles", .slot = SLOT_PROFILES},
    {.name = "license_modes", .slot = SLOT_LICENSE_MODES},
    {.name = "until", .slot = SLOT_UNTIL},
    {.name = "routing", .members = routing_members},
    {.name = "preconnection", .slot = SLOT_PRECONNECTION},
    {.name = "proxy", .members = proxy_members},
    {.name = "gateway", .members = gateway_members},
    {.name = "follow", .slot = SLOT_FOLLOW},
    {.name = NULL}};
static const struct why_json_member record_members[] = {
    {.name = "record", .slot = SLOT_RECORD},
    {.name = "target", .slot = SLOT_TARGET},
    {.name = "options", .members = options_members},
    {.name = NULL}};

/* Whether the array at |slot| is of the words of |list| that are the |count| numbers at |wanted|.
 */
static bool same_words(const struct why_json_value *array, enum why_vocabulary list,
                       const int *wanted, size_t count)
{
    struct why_json_value rest = *array, element;
    size_t i = 0;

    if (array->type != WHY_JSON_ARRAY)
        return count == 0;
    while (why_json_element(&rest, &element)) {
        if (i == count || why_json_word(&element, list) != wanted[i++])
            return false;
    }
    return i == count;
}

static bool same_text(const struct why_json_value *value, const char *wanted)
{
    char *text = value->type == WHY_JSON_TEXT ? why_json_string(value) : NULL;
    bool same =
        wanted != NULL ? text != NULL && strcmp(text, wanted) == 0 : value->type == WHY_JSON_ABSENT;

    free(text);
    return same;
}

/* A run that says nothing of it has sent the account's cookie. */
static bool same_routing(const struct why_routing *routing, const struct why_json_reader *r)
{
    const char *kind =
        routing->kind != WHY_ROUTING_ACCOUNT ? why_routing_kind_name(routing->kind) : NULL;

    return same_text(&r->values[SLOT_ROUTING_KIND], kind) &&
           same_text(&r->values[SLOT_ROUTING_TEXT], routing->text);
}

static bool same_options(const struct cli_options *options, const struct why_json_reader *r)
{
    int profiles[WHY_PROFILE_COUNT], modes[WHY_LICENSE_MODE_COUNT];

    for (size_t i = 0; i < options->profile_count; i++)
        profiles[i] = (int)options->profiles[i];
    for (size_t i = 0; i < options->license_mode_count; i++)
        modes[i] = (int)options->license_modes[i];
    return same_words(&r->values[SLOT_PROFILES], WHY_VOCAB_PROFILE, profiles,
                      options->profile_count) &&
           same_words(&r->values[SLOT_LICENSE_MODES], WHY_VOCAB_LICENSE_MODE, modes,
                      options->license_mode_count) &&
           why_json_word(&r->values[SLOT_UNTIL], WHY_VOCAB_PHASE) == (int)options->until &&
           same_routing(&options->routing, r) &&
           same_text(&r->values[SLOT_PRECONNECTION], options->pcb) &&
           same_text(&r->values[SLOT_PROXY], options->proxy.url) &&
           same_text(&r->values[SLOT_GATEWAY], options->gateway.label) &&
           (r->values[SLOT_FOLLOW].number != 0) == cli_options_follow(options);
}

static int skip_target(struct why_source *source, const struct why_json_value *target)
{
    char *text = target->type == WHY_JSON_TEXT ? why_json_string(target) : strdup("");
    int status = text != NULL ? why_source_skip(source, text) : WHY_ERR_NOMEM;

    free(text);
    return status;
}

static int take_record(const struct cli_options *options, const char *file,
                       struct why_source *source, const struct why_json_reader *r, bool first)
{
    const struct why_json_value *kind = &r->values[SLOT_RECORD];

    if (first && !why_json_is(kind, "run"))
        return refuse(file, "is not the JSON Lines report of a run");
    if (why_json_is(kind, "run") && !same_options(options, r))
        return refuse(file, "is from a run with other profiles, license modes, --until, --pcb, "
                            "--follow, proxy, gateway or cookie");
    return why_json_is(kind, "host") ? skip_target(source, &r->values[SLOT_TARGET]) : WHY_OK;
}

/* A line that is not whole is where a run was cut off, also when the next one was appended: hosts
 * that are in none of the others are probed again. */
static int read_records(const struct cli_options *options, const char *file,
                        struct why_source *source, FILE *in)
{
    struct why_json_reader r = {.in = in, .line_max = LINE_MAX_BYTES, .slot_count = SLOT_COUNT};
    bool first = true;
    int status = WHY_OK;

    while (status == WHY_OK || status == WHY_ERR_MALFORMED) {
        status = why_json_next(&r, record_members);
        if (status == WHY_OK)
            status = take_record(options, file, source, &r, first);
        if ((status == WHY_ERR_MALFORMED && (first || r.problem == NULL)) ||
            (status == WHY_ERR_NOTFOUND && first))
            status = WHY_ERR_IO; /* a line that is too long, or no report from the beginning */
        first = false;
    }
    why_json_reader_clear(&r);
    if (status == WHY_ERR_IO)
        return refuse(file, "is not the JSON Lines report of a run");
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

static int resume_file(const struct cli_options *options, const char *file,
                       struct why_source *source)
{
    FILE *in;
    int status;

    if (is_overwritten(options, file))
        return refuse(file, "would be overwritten by this run");
    in = fopen(file, "r");
    if (in == NULL) {
        cli_sayf("--resume: cannot read '%s': %s", file, strerror(errno));
        return WHY_ERR_USAGE;
    }
    status = read_records(options, file, source, in);
    fclose(in);
    if (status == WHY_ERR_NOMEM)
        cli_say(why_strstatus(status));
    return status;
}

int cli_resume(const struct cli_options *options, struct why_source *source)
{
    int status = WHY_OK;

    for (size_t i = 0; status == WHY_OK && i < options->resumes.count; i++)
        status = resume_file(options, options->resumes.items[i], source);
    return status;
}
