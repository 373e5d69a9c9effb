/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_PAIRS_OUTPUT_H
#define RDPWHY_CLI_PAIRS_OUTPUT_H

#include <stdbool.h>

struct why_offline;
struct why_pcap_pairs;

/* Tells of the connections that were captured at two places, and what only one of them saw: on
 * standard error unless |quiet|, and with their results, as far as these wait in |offline|.
 * |files|: the captures' names, as they were added. WHY_OK or WHY_ERR_NOMEM. */
int cli_tell_pairs(const struct why_pcap_pairs *pairs, char *const *files,
                   struct why_offline *offline, bool quiet);

#endif /* !defined(RDPWHY_CLI_PAIRS_OUTPUT_H) */
