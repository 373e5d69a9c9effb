/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/status.h>

#include "fuzz.h"

#define CODES 8

/* What somebody pasted, as a text and as a query: every code that is found is a query, too. */
static void ask(const char *query)
{
    struct why_explanation x;
    int status = why_explain(query, &x);

    REQUIRE(status == WHY_OK || status == WHY_ERR_NOTFOUND);
    REQUIRE((status == WHY_OK) == (x.count > 0 || x.rule != WHY_RULE_COUNT));
    for (size_t i = 0; i < x.count; i++)
        REQUIRE(why_meaning_next(x.meanings[i].table, x.meanings[i].row)->command != NULL);
    why_explanation_clear(&x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char codes[CODES][WHY_QUERY_MAX];
    char *text = malloc(size + 1);
    size_t count;

    REQUIRE(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    count = why_explain_find(text, codes, CODES);
    REQUIRE(count <= CODES);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(memchr(codes[i], '\0', WHY_QUERY_MAX) != NULL && codes[i][0] != '\0');
        ask(codes[i]);
    }
    ask(text);
    free(text);
    return 0;
}
