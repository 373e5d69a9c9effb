/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_EVENTS_OUTPUT_H
#define RDPWHY_CLI_EVENTS_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct why_offline;
struct why_pcap_connection;
struct why_pcap_event;

/* What Windows itself says in an event trace of the RDP connections in it. All zeros is empty. */

struct cli_event;
struct cli_ends;

struct cli_events {
    struct cli_event *items; /* owned */
    size_t count, capacity;
    struct cli_ends *rdp; /* the RDP connections; owned */
    size_t rdp_count, rdp_capacity;
    uint64_t unkept; /* beyond what is kept */
};

/* WHY_OK or WHY_ERR_NOMEM. */
int cli_events_add(struct cli_events *events, const struct why_pcap_event *event);
int cli_events_connection(struct cli_events *events, const struct why_pcap_connection *connection);
/* Adds each to the results of file |file| that wait in |offline| and that it is about. WHY_OK or
 * WHY_ERR_NOMEM. */
int cli_events_attach(struct cli_events *events, struct why_offline *offline, size_t file);
/* Tells of those that no result has, unless they are about other connections. */
void cli_events_tell(const struct cli_events *events, const char *name);
void cli_events_clear(struct cli_events *events);

#endif /* !defined(RDPWHY_CLI_EVENTS_OUTPUT_H) */
