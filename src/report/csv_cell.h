/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_CSV_CELL_H
#define RDPWHY_REPORT_CSV_CELL_H

#include <stdbool.h>
#include <stdio.h>

struct why_host;

/* Cells of comma-separated values (RFC 4180, with LF at the end of a line). */

/* |value| as a cell; |foreign|: it may be anything that a server or a user comes up with, and is
 * quoted. Nothing in it is a formula to a spreadsheet. */
void why_csv_put(FILE *out, bool foreign, const char *value);

/* The requirements that |host| does not meet, if it was judged. */
void why_csv_put_unmet(FILE *out, const struct why_host *host);

#endif /* !defined(RDPWHY_REPORT_CSV_CELL_H) */
