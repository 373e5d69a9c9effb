/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "reader.h"

const char *why_saved_text(struct saved_reader *r, const struct why_json_value *value)
{
    const struct why_map_entry *entry;
    char *text;

    if (!value->escaped) {
        entry = why_map_add(&r->texts, value->text, value->len);
        return entry != NULL ? entry->key : NULL;
    }
    text = why_json_string(value);
    entry = text != NULL ? why_map_add(&r->texts, text, strlen(text)) : NULL;
    free(text);
    return entry != NULL ? entry->key : NULL;
}

int why_saved_chars(const struct why_json_value *value, char *buf, size_t size)
{
    char *text = why_json_string(value);

    *buf = '\0';
    if (text == NULL)
        return WHY_ERR_NOMEM;
    (void)snprintf(buf, size, "%s", text);
    free(text);
    return WHY_OK;
}
