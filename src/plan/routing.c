/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <string.h>

static const char *const names[WHY_ROUTING_KIND_COUNT] = {
    [WHY_ROUTING_ACCOUNT] = "account",
    [WHY_ROUTING_COOKIE] = "cookie",
    [WHY_ROUTING_TOKEN] = "token",
    [WHY_ROUTING_NONE] = "none",
};

const char *why_routing_kind_name(enum why_routing_kind kind)
{
    return names[kind];
}

enum why_routing_kind why_routing_kind_find(const char *name)
{
    int kind = 0;

    while (kind < WHY_ROUTING_KIND_COUNT && strcmp(names[kind], name) != 0)
        kind++;
    return (enum why_routing_kind)kind;
}

/* A second line, or anything that ends it early, would be read as another part of the request. */
const char *why_routing_problem(const struct why_routing *routing)
{
    const char lowest = routing->kind == WHY_ROUTING_COOKIE ? '!' : ' ';

    if (routing->kind == WHY_ROUTING_ACCOUNT || routing->kind == WHY_ROUTING_NONE)
        return NULL;
    if (routing->text == NULL || routing->text[0] == '\0')
        return "is empty";
    if (strlen(routing->text) > WHY_ROUTING_MAX)
        return "is longer than 200 characters";
    for (const char *p = routing->text; *p != '\0'; p++) {
        if (*p < lowest || *p > '~')
            return lowest == '!' ? "has a space or a character that is not ASCII"
                                 : "has a character that is not printable ASCII";
    }
    return NULL;
}
