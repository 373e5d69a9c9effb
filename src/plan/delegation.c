/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

static const struct why_delegation_info rows[] = {
    [WHY_DELEGATE_PASSWORD] = {"password", 0x00, 0x00, ""},
    [WHY_DELEGATE_NOTHING] = {"Restricted Admin", 0x01, 0x08, "RESTRICTED_ADMIN_MODE_SUPPORTED"},
    [WHY_DELEGATE_REDIRECTED] = {"Remote Credential Guard", 0x02, 0x10,
                                 "REDIRECTED_AUTHENTICATION_MODE_SUPPORTED"},
};

const struct why_delegation_info *why_delegation_info(enum why_delegation delegation)
{
    return &rows[delegation];
}

enum why_delegation why_delegation_asked(uint8_t flags)
{
    int i = WHY_DELEGATION_COUNT - 1;

    while (i > WHY_DELEGATE_PASSWORD && (flags & rows[i].asked) == 0)
        i--;
    return (enum why_delegation)i;
}
