/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_STEPS_H
#define RDPWHY_REPORT_STEPS_H

#include <stdbool.h>
#include <stddef.h>

struct why_change;
struct why_host;

/* What several formats say of steps. */

/* All steps of |change| with commas between them; "host" where it is the host's. */
void why_diff_steps_words(const struct why_change *change, char *buf, size_t len);

/* Whether a later attempt of the same step speaks for the attempt at |index|: formats that cannot
 * say the same thing twice take the last one. */
bool why_report_is_repeated(const struct why_host *host, size_t index);

#endif /* !defined(RDPWHY_REPORT_STEPS_H) */
