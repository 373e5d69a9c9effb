/* SPDX-License-Identifier: Apache-2.0 */
#include "resume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <jansson.h>

#include <rdpwhy/status.h>

#include "cli.h"

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

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static bool same_words(const json_t *array, const char *name, size_t index)
{
    const char *is = json_string_value(json_array_get(array, index));

    return is != NULL && strcmp(is, name) == 0;
}

static bool same_options(const struct cli_options *options, const json_t *run)
{
    const json_t *given = json_object_get(run, "options");
    const json_t *profiles = json_object_get(given, "profiles");
    const json_t *modes = json_object_get(given, "license_modes");

    if (json_array_size(profiles) != options->profile_count ||
        json_array_size(modes) != options->license_mode_count ||
        strcmp(text_at(given, "until"), why_phase_name(options->until)) != 0)
        return false;
    for (size_t i = 0; i < options->profile_count; i++) {
        if (!same_words(profiles, why_profile_name(options->profiles[i]), i))
            return false;
    }
    for (size_t i = 0; i < options->license_mode_count; i++) {
        if (!same_words(modes, why_license_mode_name(options->license_modes[i]), i))
            return false;
    }
    return true;
}

static int take_record(const struct cli_options *options, const char *file,
                       struct why_source *source, const json_t *record, bool first)
{
    const char *kind = text_at(record, "record");

    if (first && strcmp(kind, "run") != 0)
        return refuse(file, "is not the JSON Lines report of a run");
    if (strcmp(kind, "run") == 0 && !same_options(options, record))
        return refuse(file, "is from a run with other profiles, license modes or --until");
    if (strcmp(kind, "host") != 0)
        return WHY_OK;
    return why_source_skip(source, text_at(record, "target"));
}

/* A line that is not whole is where a run was cut off, also when the next one was appended: hosts
 * that are in none of the others are probed again. */
static int read_records(const struct cli_options *options, const char *file,
                        struct why_source *source, FILE *in)
{
    char *line = NULL;
    size_t size = 0, number = 0;
    ssize_t len;
    int status = WHY_OK;

    while (status == WHY_OK && (len = getline(&line, &size, in)) > 0) {
        json_t *record = json_loadb(line, (size_t)len, 0, NULL);

        number++;
        if (json_is_object(record))
            status = take_record(options, file, source, record, number == 1);
        else if (number == 1)
            status = refuse(file, "is not the JSON Lines report of a run");
        json_decref(record);
    }
    free(line);
    if (status == WHY_OK && (ferror(in) || number == 0))
        status = refuse(file, "is not the JSON Lines report of a run");
    return status;
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

    for (size_t i = 0; status == WHY_OK && i < options->resume_count; i++)
        status = resume_file(options, options->resumes[i], source);
    return status;
}
