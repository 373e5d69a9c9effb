/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/captured.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

struct why_captured *why_captured_new(void)
{
    return calloc(1, sizeof(struct why_captured));
}

void why_captured_free(struct why_captured *captured)
{
    if (captured == NULL)
        return;
    for (size_t i = 0; i < captured->remark_count; i++)
        free(captured->remarks[i].text);
    for (size_t i = 0; i < captured->difference_count; i++)
        free(captured->differences[i]);
    free(captured->other_file);
    free(captured);
}

int why_captured_add_remark(struct why_captured *captured, const struct why_remark *remark)
{
    struct why_remark copy = *remark;

    if (captured->remark_count == WHY_REMARKS_MAX) {
        captured->more_remarks++;
        return WHY_OK;
    }
    copy.text = strdup(remark->text);
    if (copy.text == NULL)
        return WHY_ERR_NOMEM;
    captured->remarks[captured->remark_count++] = copy;
    return WHY_OK;
}

int why_captured_add_difference(struct why_captured *captured, const char *text)
{
    char *copy;

    if (captured->difference_count == WHY_DIFFERENCES_MAX)
        return WHY_OK;
    copy = strdup(text);
    if (copy == NULL)
        return WHY_ERR_NOMEM;
    captured->differences[captured->difference_count++] = copy;
    return WHY_OK;
}

const char *why_tie_name(enum why_tie tie)
{
    static const char *const names[] = {
        [WHY_TIE_CONNECTION] = "connection",
        [WHY_TIE_PROCESS] = "process",
        [WHY_TIE_CLIENT] = "client",
        [WHY_TIE_TIME] = "time",
    };

    return names[tie];
}
