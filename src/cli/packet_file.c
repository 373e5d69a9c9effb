/* SPDX-License-Identifier: Apache-2.0 */
#include "packet_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rdpwhy/pcap.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "capture/pcapng.h"

#include "cli.h"
#include "replace.h"

#define COMMENT_MAX 512

static int say_cannot_write(const struct cli_packet_file *file, int status)
{
    cli_sayf("--write: cannot write '%s': %s", file->name,
             status == WHY_ERR_NOMEM ? why_strstatus(status) : strerror(errno));
    return status;
}

int cli_packet_file_open(struct cli_packet_file *file, const char *name)
{
    const char *comment = "The packets of the RDP connections in a capture, as rdpwhy found them";

    *file = (struct cli_packet_file){.name = name};
    if (name == NULL)
        return WHY_OK;
    errno = 0;
    file->out = cli_replace_open(name, "w", &file->partial);
    if (file->out != NULL && why_pcapng_section(file->out, &comment, 1) == WHY_OK)
        return WHY_OK;
    (void)say_cannot_write(file, WHY_ERR_USAGE);
    return cli_packet_file_close(file, WHY_ERR_USAGE);
}

/* The interface of packets of that link; a new one where there is none yet. */
static int interface_of(struct cli_packet_file *file, uint32_t link, uint32_t *number)
{
    size_t i = 0;

    while (i < file->link_count && file->links[i] != link)
        i++;
    *number = (uint32_t)i;
    if (i < file->link_count)
        return WHY_OK;
    if (i == CLI_LINKS_MAX) {
        errno = EOVERFLOW;
        return WHY_ERR_IO;
    }
    file->links[file->link_count++] = link;
    return why_pcapng_interface(file->out, link);
}

/* What is worth saying of a packet; NULL: nothing. */
static const char *comment_of(const struct cli_packet_file *file,
                              const struct why_pcap_packet *packet, const struct why_verdict *ended,
                              char *text, size_t len)
{
    char line[256];

    if (ended != NULL) {
        why_verdict_line(ended, line, sizeof(line));
        (void)snprintf(text, len, "rdpwhy: RDP connection ended: %s", line);
        return text;
    }
    if (!packet->is_first)
        return NULL;
    (void)snprintf(text, len, "rdpwhy: first packet of RDP connection %" PRIu64 " of %s",
                   packet->connection, file->source);
    return text;
}

int cli_packet_file_add(struct cli_packet_file *file, const struct why_pcap_packet *packet,
                        const struct why_verdict *ended)
{
    char text[COMMENT_MAX];
    struct why_pcapng_packet block = {
        .time_us = packet->t_us,
        .data = packet->data,
        .len = packet->len,
        .wire_len = packet->wire_len,
        .comment = comment_of(file, packet, ended, text, sizeof(text)),
    };
    int status;

    errno = 0;
    status = interface_of(file, packet->link, &block.interface);
    if (status == WHY_OK)
        status = why_pcapng_packet(file->out, &block);
    file->packets += status == WHY_OK;
    return status == WHY_OK ? WHY_OK : say_cannot_write(file, status);
}

int cli_packet_file_close(struct cli_packet_file *file, int status)
{
    bool written = true;

    errno = 0;
    if (file->out != NULL)
        written = fclose(file->out) == 0;
    file->out = NULL;
    if (status != WHY_OK || !written) {
        cli_replace_drop(file->partial);
    } else if (file->partial != NULL && cli_replace_finish(file->name, file->partial) != 0) {
        written = false;
    }
    file->partial = NULL;
    return status == WHY_OK && !written ? say_cannot_write(file, WHY_ERR_IO) : status;
}
