/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"

#include "table.h"

#define LINE_MAX_BYTES 1024

/* Longer ones first: "<=" begins like "<". */
static const struct {
    enum why_operator op;
    const char *text;
} operators[] = {{WHY_OP_GE, ">="}, {WHY_OP_LE, "<="}, {WHY_OP_NE, "!="}, {WHY_OP_EQ, "=="},
                 {WHY_OP_EQ, "="},  {WHY_OP_GT, ">"},  {WHY_OP_LT, "<"}};

/* A copy without white space; NULL when out of memory. */
static char *squeeze(const char *text)
{
    char *copy = malloc(strlen(text) + 1), *to = copy;

    if (!copy)
        return NULL;
    for (; *text; text++) {
        if (!strchr(" \t\r\n", *text))
            *to++ = *text;
    }
    *to = '\0';
    return copy;
}

static int say_choice(const char *name, size_t len, char *err, size_t errlen)
{
    int n = snprintf(err, errlen, "unknown requirement '%.*s', there are",
                     (int)(len > 64 ? 64 : len), name);

    for (size_t i = 0; i < why_requirement_row_count && n > 0 && (size_t)n < errlen; i++)
        n += snprintf(err + n, errlen - (size_t)n, "%s %s", i ? "," : "",
                      why_requirement_rows[i].info.form);
    return WHY_ERR_USAGE;
}

static const struct requirement_row *find_row(const char *name, size_t len)
{
    for (size_t i = 0; i < why_requirement_row_count; i++) {
        const struct requirement_row *row = &why_requirement_rows[i];

        if (strlen(row->info.name) == len && memcmp(row->info.name, name, len) == 0)
            return row;
    }
    return NULL;
}

/* Takes |requirement->text| apart. */
static int parse(struct why_requirement *requirement, char *err, size_t errlen)
{
    const char *text = requirement->text;
    size_t len = strcspn(text, "<>=!"), signs = 0;
    const struct requirement_row *row = find_row(text, len);

    if (!row)
        return say_choice(text, len, err, errlen);
    requirement->row = (size_t)(row - why_requirement_rows);
    for (size_t i = 0; text[len] && i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strncmp(text + len, operators[i].text, strlen(operators[i].text)) == 0) {
            requirement->op = operators[i].op;
            signs = strlen(operators[i].text);
            break;
        }
    }
    requirement->value = text + len + signs;
    if (!(row->operators & OP(requirement->op)) || (text[len] && signs == 0)) {
        snprintf(err, errlen, "'%.128s' must have the form %s", text, row->info.form);
        return WHY_ERR_USAGE;
    }
    return why_requirement_value(row, requirement->value, requirement, err, errlen);
}

int why_requirements_add(struct why_requirement_list *list, const char *text, char *err,
                         size_t errlen)
{
    struct why_requirement requirement = {.text = squeeze(text)};
    int status;

    if (!requirement.text)
        return WHY_ERR_NOMEM;
    status = parse(&requirement, err, errlen);
    for (size_t i = 0; i < list->count && status == WHY_OK; i++) {
        if (strcmp(list->items[i].text, requirement.text) == 0) {
            free(requirement.text);
            return WHY_OK;
        }
    }
    if (status == WHY_OK &&
        !why_grow(&list->items, &list->capacity, list->count + 1, sizeof(*list->items)))
        status = WHY_ERR_NOMEM;
    if (status != WHY_OK) {
        free(requirement.text);
        return status;
    }
    list->items[list->count++] = requirement;
    return WHY_OK;
}

static int add_line(struct why_requirement_list *list, char *line, const char *name, size_t number,
                    char *err, size_t errlen)
{
    char problem[1024];
    int status;

    if (!strchr(line, '\n') && strlen(line) + 1 == LINE_MAX_BYTES) {
        snprintf(err, errlen, "%s: line %zu is too long", name, number);
        return WHY_ERR_USAGE;
    }
    line[strcspn(line, "#")] = '\0';
    if (strspn(line, " \t\r\n") == strlen(line))
        return WHY_OK;
    status = why_requirements_add(list, line, problem, sizeof(problem));
    if (status == WHY_ERR_USAGE)
        snprintf(err, errlen, "%s: line %zu: %s", name, number, problem);
    return status;
}

int why_requirements_read(struct why_requirement_list *list, FILE *in, const char *name, char *err,
                          size_t errlen)
{
    char line[LINE_MAX_BYTES];
    size_t number = 0;

    while (fgets(line, sizeof(line), in)) {
        int status = add_line(list, line, name, ++number, err, errlen);

        if (status != WHY_OK)
            return status;
    }
    if (ferror(in)) {
        snprintf(err, errlen, "%s: cannot read: %s", name, strerror(errno));
        return WHY_ERR_USAGE;
    }
    return WHY_OK;
}

void why_requirements_clear(struct why_requirement_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    free(list->items);
    *list = (struct why_requirement_list){.items = NULL};
}
