/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_ESCAPE_H
#define RDPWHY_REPORT_ESCAPE_H

#include <stdio.h>

/*
 * Text of servers in formats for programs. What is not UTF-8, control characters, marks that
 * reorder text (why_text_is_harmful) and what XML cannot hold become the literal text \xNN, byte by
 * byte, as in the JSON Lines report; then come the characters that mean something in the format
 * itself.
 */

enum escape_style {
    ESCAPE_XML,        /* in an element or an attribute in double quotes */
    ESCAPE_CSV,        /* between double quotes (RFC 4180) */
    ESCAPE_PROMETHEUS, /* a label's value between double quotes */
    ESCAPE_NAGIOS      /* a plugin's text: no bar, which begins the performance data */
};

void why_escape(FILE *out, enum escape_style style, const char *text);

#endif /* !defined(RDPWHY_REPORT_ESCAPE_H) */
