/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_FIELDS_H
#define RDPWHY_REPORT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct why_host;
struct why_result;

/*
 * An attempt's facts as a flat table, for formats that have no objects in objects. Names are those
 * of the JSON Lines report, whose member |path| holds the same value.
 */

#define FIELD_TEXT 64 /* bytes that made-up texts need at most */

struct report_field {
    const char *name;
    const char *path; /* "tls.certificate.sha256"; NULL: it has no member of its own */
    bool server_text; /* may be anything a server comes up with */
    /* The value, in the result, in |buf| (FIELD_TEXT bytes) or static; NULL: not known. */
    const char *(*get)(const struct why_result *result, char *buf);
};

extern const struct report_field why_report_fields[];
extern const size_t why_report_field_count;

/* Whether a later attempt of the same step speaks for the attempt at |index|: formats that cannot
 * say the same thing twice take the last one. */
bool why_report_is_repeated(const struct why_host *host, size_t index);

#endif /* !defined(RDPWHY_REPORT_FIELDS_H) */
