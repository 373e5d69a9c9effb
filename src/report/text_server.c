/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <stdio.h>

#include <rdpwhy/diagnosis.h>

#include "facts/fact_table.h"

#include "page.h"
#include "text_alike.h"

#define KIND_TEXT 1024

static void describe_line(const struct why_result *result, const void *line, char *buf)
{
    why_fact_line_text(line, result, buf, WHY_ALIKE_TEXT);
}

/* "xrdp", "likely VirtualBox (VRDE)", and what tells it. */
static void put_kind(struct page *page, const struct why_server_kind *kind, const char **heading)
{
    char text[KIND_TEXT];
    size_t used;

    if (kind->kind == WHY_KIND_UNKNOWN)
        return;
    used = (size_t)snprintf(text, sizeof(text), "%s%s", kind->certain ? "" : "likely ",
                            why_kind_words(kind->kind));
    for (size_t i = 0; i < kind->evidence_count && used < sizeof(text); i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i == 0 ? ": " : "; ",
                                 kind->evidence[i]);
    why_page_heading(page, *heading);
    *heading = NULL;
    why_page_field(page, 2, WHY_ALIKE_LABEL, "kind", text);
}

void why_text_server(struct page *page, const struct why_host *host)
{
    const char *heading = "Server";

    put_kind(page, &host->kind, &heading);
    for (size_t i = 0; i < why_fact_line_count; i++) {
        const struct why_fact_line *line = &why_fact_lines[i];
        const struct why_alike_field field = {
            .label = line->label, .once = line->once, .describe = describe_line, .arg = line};

        if (line->where != FACT_LINE_PAGE)
            why_alike_put(page, host, &field, &heading);
    }
}
