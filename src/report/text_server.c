/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include "facts/fact_table.h"

#include "text_alike.h"

static void describe_line(const struct why_result *result, const void *line, char *buf)
{
    why_fact_line_text(line, result, buf, WHY_ALIKE_TEXT);
}

void why_text_server(struct page *page, const struct why_host *host)
{
    const char *heading = "Server";

    for (size_t i = 0; i < why_fact_line_count; i++) {
        const struct why_fact_line *line = &why_fact_lines[i];
        const struct why_alike_field field = {
            .label = line->label, .once = line->once, .describe = describe_line, .arg = line};

        if (line->where != FACT_LINE_PAGE)
            why_alike_put(page, host, &field, &heading);
    }
}
