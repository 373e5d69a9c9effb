/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_PACKET_FILE_H
#define RDPWHY_CLI_PACKET_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct why_pcap_packet;
struct why_verdict;

/* The packets of RDP connections as a pcapng file for other programs (--write). */

#define CLI_LINKS_MAX 16

struct cli_packet_file {
    const char *name; /* the file's; NULL: none is written */
    FILE *out;        /* NULL: none, or an error was said */
    char *partial;
    const char *source;            /* the capture that is read */
    uint32_t links[CLI_LINKS_MAX]; /* of the interfaces */
    size_t link_count;
    uint64_t packets;
};

/* Begins the file. WHY_OK, also where |name| is NULL, or WHY_ERR_USAGE after a message. */
int cli_packet_file_open(struct cli_packet_file *file, const char *name);

/* Writes one packet; |ended| is what became of the connection that it is the last of, or NULL.
 * WHY_OK, or WHY_ERR_IO or WHY_ERR_NOMEM after a message. */
int cli_packet_file_add(struct cli_packet_file *file, const struct why_pcap_packet *packet,
                        const struct why_verdict *ended);

/* What is written takes its place where |status| is WHY_OK. Returns |status|, or WHY_ERR_IO after a
 * message. */
int cli_packet_file_close(struct cli_packet_file *file, int status);

#endif /* !defined(RDPWHY_CLI_PACKET_FILE_H) */
