/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_PAIRS_OUTPUT_H
#define RDPWHY_CLI_PAIRS_OUTPUT_H

struct why_pcap_pairs;

/* Tells of the connections that were captured at two places, and what only one of them saw.
 * |files|: the captures' names, as they were added. */
void cli_tell_pairs(const struct why_pcap_pairs *pairs, char *const *files);

#endif /* !defined(RDPWHY_CLI_PAIRS_OUTPUT_H) */
