/* SPDX-License-Identifier: Apache-2.0 */
#include "csv_cell.h"

#include <string.h>

#include <rdpwhy/diagnosis.h>

#include "escape.h"

/* A spreadsheet takes a cell that begins with one of these for a formula: an apostrophe makes text
 * of it (OWASP, "CSV Injection"). Its tab and carriage return begin with a backslash here. Numbers
 * are safe, unless a server gives them. */
static bool is_formula(bool foreign, const char *value)
{
    bool number = !foreign && value[strspn(value, "-.0123456789")] == '\0';

    return *value != '\0' && !number && strchr("=+-@", *value) != NULL;
}

/* What can stand without quotes: most fields are our own words. */
static bool is_plain(bool foreign, const char *value)
{
    while (*value > ' ' && *value < 0x7F && strchr(",\"\\", *value) == NULL)
        value++;
    return *value == '\0' && !foreign;
}

void why_csv_put(FILE *out, bool foreign, const char *value)
{
    if (is_plain(foreign, value) && !is_formula(foreign, value)) {
        fputs(value, out);
        return;
    }
    fputc('"', out);
    if (is_formula(foreign, value))
        fputc('\'', out);
    why_escape(out, ESCAPE_CSV, value);
    fputc('"', out);
}

void why_csv_put_unmet(FILE *out, const struct why_host *host)
{
    const char *separator = "";

    if (host->judgement_count == 0)
        return;
    fputc('"', out);
    for (size_t i = 0; i < host->judgement_count; i++) {
        if (host->judgements[i].met)
            continue;
        fputs(separator, out);
        why_escape(out, ESCAPE_CSV, host->judgements[i].requirement);
        separator = " ";
    }
    fputc('"', out);
}
