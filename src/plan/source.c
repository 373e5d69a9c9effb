/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rdpwhy/status.h>

#include "hash_set.h"
#include "target_lines.h"
#include "target_range.h"

struct why_source {
    struct why_source_options options;
    bool counting; /* bad lines are not told */
    size_t operand, input;
    struct why_target_line line;   /* of the input being read, */
    struct why_target_pipe pipe;   /* and what else came of it, where it is one */
    struct why_target file;        /* the last text was an .rdp file: until it is given out */
    struct why_target_range range; /* what the last text stands for, as far as it is not out */
    struct why_hash_set seen, skip;
    size_t duplicates, bad_lines, skipped, elsewhere;
};

struct why_source *why_source_new(const struct why_source_options *options)
{
    struct why_source *s = calloc(1, sizeof(*s));

    if (s != NULL)
        s->options = *options;
    return s;
}

void why_source_free(struct why_source *s)
{
    if (s == NULL)
        return;
    why_hash_set_clear(&s->seen);
    why_hash_set_clear(&s->skip);
    why_target_clear(&s->file);
    free(s);
}

int why_source_skip(struct why_source *s, const char *label)
{
    int status = why_hash_set_add(&s->skip, why_hash_label(label));

    return status < 0 ? status : WHY_OK;
}

/* A line that cannot be used: an error when strict, else told and passed over (WHY_OK). */
static int bad_line(struct why_source *s, int status, const char *problem, char *err, size_t errlen)
{
    const char *name = s->options.inputs[s->input].name;
    char message[640];

    (void)snprintf(message, sizeof(message), "%s:%zu: %s", name, s->line.number, problem);
    if (status == WHY_ERR_IO)
        (void)snprintf(err, errlen, "cannot read '%s': %s", name,
                       errno != 0 ? strerror(errno) : problem);
    else if (s->options.strict)
        (void)snprintf(err, errlen, "%s", message);
    if (status == WHY_ERR_IO || s->options.strict)
        return status;
    s->bad_lines++;
    if (!s->counting)
        s->options.bad_line(s->options.arg, message);
    return WHY_OK;
}

/* The virtual machine of all targets that name none of their own. */
static void name_vm(struct why_target_text *target, const char *vm)
{
    if (target->vm[0] != '\0')
        return;
    (void)snprintf(target->vm, sizeof(target->vm), "%s", vm);
    if (!target->has_port)
        target->port = WHY_HYPER_V_PORT;
}

const char *why_target_file_path(const char *text)
{
    size_t len = strlen(text);

    if (strncmp(text, "file:", 5) == 0)
        return text + 5;
    return len > 4 && strcasecmp(text + len - 4, ".rdp") == 0 ? text : NULL;
}

static bool names_port(const struct why_rdp_file *file)
{
    bool any = false;

    for (size_t i = 0; file != NULL && i < file->count; i++) {
        const char *setting = file->items[i].text;
        const char *address = why_file_value(setting, "full address:s:");

        if (address == NULL)
            address = why_file_value(setting, "alternate full address:s:");
        any = any || why_file_value(setting, "server port:i:") != NULL ||
              (address != NULL && why_target_names_port(address));
    }
    return any;
}

/* --vmconnect counts more than what a file says. */
static void name_vm_of_file(struct why_target *target, const char *vm)
{
    target->vm = vm;
    if (vm != NULL && !names_port(target->file))
        target->port = WHY_HYPER_V_PORT;
}

static int begin_file(struct why_source *s, const char *path, char *err, size_t errlen)
{
    size_t size = strlen(path) + sizeof("file:");
    int status = s->options.read_file(path, &s->file, err, errlen);

    if (status != WHY_OK)
        return status;
    s->file.label = malloc(size);
    if (s->file.label == NULL) {
        why_target_clear(&s->file);
        return WHY_ERR_NOMEM;
    }
    (void)snprintf(s->file.label, size, "file:%s", path);
    name_vm_of_file(&s->file, s->options.vm);
    return WHY_OK;
}

/* |text| into the range, if it is a target that the family allows. */
static int begin(struct why_source *s, const char *text, char *err, size_t errlen)
{
    const char *path = s->options.read_file != NULL ? why_target_file_path(text) : NULL;
    struct why_target_text parsed;
    int status;

    if (path != NULL)
        return begin_file(s, path, err, errlen);
    status = why_target_parse(text, &parsed, err, errlen);

    if (status == WHY_OK)
        status = why_target_check_family(text, &parsed, s->options.family, err, errlen);
    if (status == WHY_OK && s->options.vm != NULL)
        name_vm(&parsed, s->options.vm);
    if (status == WHY_OK)
        why_range_begin(&s->range, &parsed);
    return status;
}

/* The next line of the inputs into the range; WHY_ERR_NOTFOUND after the last. */
static int next_line(struct why_source *s, char *err, size_t errlen)
{
    const struct why_source_input *input = &s->options.inputs[s->input];
    const char *problem = NULL;
    char message[512];
    int status;

    if (s->input == s->options.input_count)
        return WHY_ERR_NOTFOUND;
    errno = 0;
    status = why_target_line_read(&s->line, input->in, input->waits ? &s->pipe : NULL, &problem);
    if (status == WHY_ERR_NOTFOUND) {
        s->input++;
        s->line.number = 0;
        return WHY_OK;
    }
    if (status == WHY_ERR_AGAIN)
        return status;
    if (status != WHY_OK)
        return bad_line(s, status, problem, err, errlen);
    status = begin(s, s->line.text, message, sizeof(message));
    return status == WHY_OK ? WHY_OK : bad_line(s, status, message, err, errlen);
}

static int next_text(struct why_source *s, char *err, size_t errlen)
{
    if (s->operand == s->options.operand_count)
        return next_line(s, err, errlen);
    return begin(s, s->options.operands[s->operand++], err, errlen);
}

static bool is_elsewhere(const struct why_shard *shard, uint64_t hash)
{
    return shard->count > 0 && hash % shard->count != shard->index - 1;
}

/* 1: the target is to be left out. */
static int leave_out(struct why_source *s, const struct why_target *target)
{
    uint64_t hash = why_hash_label(target->label);
    int status = why_hash_set_add(&s->seen, hash);

    if (status == 0 && is_elsewhere(&s->options.shard, hash)) {
        s->elsewhere++;
        return 1;
    }
    if (status == 1)
        s->duplicates++;
    if (status == 0 && why_hash_set_has(&s->skip, hash)) {
        s->skipped++;
        status = 1;
    }
    return status;
}

static int next_begun(struct why_source *s, struct why_target *target)
{
    if (s->file.host == NULL)
        return why_range_next(&s->range, target);
    *target = s->file;
    s->file = (struct why_target){.host = NULL};
    return WHY_OK;
}

int why_source_next(struct why_source *s, struct why_target *target, char *err, size_t errlen)
{
    for (;;) {
        int status = next_begun(s, target);

        if (status == WHY_OK) {
            status = leave_out(s, target);
            target->vantage = s->options.vantage;
            if (status == 0)
                return WHY_OK;
            why_target_clear(target);
            if (status < 0)
                return status;
            continue;
        }
        if (status == WHY_ERR_NOTFOUND)
            status = next_text(s, err, errlen);
        if (status != WHY_OK)
            return status;
    }
}

static void start_over(struct why_source *s)
{
    for (size_t i = 0; i < s->options.input_count; i++)
        rewind(s->options.inputs[i].in);
    why_hash_set_clear(&s->seen);
    s->range = (struct why_target_range){.next = 0};
    s->line = (struct why_target_line){.number = 0};
    s->operand = s->input = 0;
    s->duplicates = s->bad_lines = s->skipped = s->elsewhere = 0;
}

int why_source_count(struct why_source *s, size_t *count, char *err, size_t errlen)
{
    struct why_target target;
    int status;

    s->counting = true;
    *count = 0;
    while ((status = why_source_next(s, &target, err, errlen)) == WHY_OK) {
        why_target_clear(&target);
        ++*count;
    }
    s->counting = false;
    if (status != WHY_ERR_NOTFOUND)
        return status;
    start_over(s);
    return WHY_OK;
}

int why_source_fd(const struct why_source *s)
{
    return s->input < s->options.input_count ? fileno(s->options.inputs[s->input].in) : -1;
}

size_t why_source_duplicates(const struct why_source *s)
{
    return s->duplicates;
}

size_t why_source_bad_lines(const struct why_source *s)
{
    return s->bad_lines;
}

size_t why_source_skipped(const struct why_source *s)
{
    return s->skipped;
}

size_t why_source_elsewhere(const struct why_source *s)
{
    return s->elsewhere;
}
