/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <ctype.h>
#include <string.h>

#define GUID_FORM "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

bool why_is_guid(const char *text, size_t len)
{
    static const char form[] = GUID_FORM;

    if (len != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (form[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    }
    return true;
}

const char *why_blob_problem(const char *blob)
{
    if (*blob == '\0')
        return "is empty";
    if (strlen(blob) >= WHY_BLOB_UNITS_MAX)
        return "is longer than 511 characters";
    for (const char *p = blob; *p != '\0'; p++) {
        if (*p < ' ' || *p > '~')
            return "has a character that is not printable ASCII";
    }
    return NULL;
}
