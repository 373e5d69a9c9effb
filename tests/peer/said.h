/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_SAID_H
#define RDPWHY_PEER_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the client says it can take, from its Connect Initial ([MS-RDPBCGR] 2.2.1.3), and what the
 * server's Connect Response (2.2.1.4) gave it. Read here from the bytes alone: what rdpwhy's own
 * decoders or libfreerdp make of them must not decide what the server believes.
 */

#define SAID_CHANNELS 31 /* [MS-RDPBCGR] 2.2.1.3.4 */

/* earlyCapabilityFlags, [MS-RDPBCGR] 2.2.1.3.2 */
#define SAID_ERROR_INFO  0x0001u
#define SAID_STATUS_INFO 0x0004u
#define SAID_AUTO_DETECT 0x0080u
#define SAID_GRAPHICS    0x0100u
#define SAID_HEARTBEAT   0x0400u
#define SAID_32_BITS     0x0008u /* RNS_UD_32BPP_SUPPORT in supportedColorDepths */

struct client_said {
    bool any; /* a Connect Initial has been read */
    uint16_t early;
    uint16_t depths;         /* supportedColorDepths */
    bool message_channel;    /* CS_MCS_MSGCHANNEL */
    uint32_t multitransport; /* its flags; 0: none */
    bool extended_data;      /* has blocks that only EXTENDED_CLIENT_DATA_SUPPORTED allows */
    bool has_selected;       /* serverSelectedProtocol is there */
    uint32_t selected;       /* what it says */
    unsigned channels;       /* static virtual channels asked for */
    char names[SAID_CHANNELS][9];
};

struct server_gave {
    uint16_t io_channel, message_channel; /* 0: none */
    unsigned channels;
    uint16_t ids[SAID_CHANNELS];
};

/* NULL, or the rule that the Connect Initial breaks. */
const char *said_read(struct client_said *said, const uint8_t *pdu, size_t len);
/* What is there; a response that cannot be read gives nothing. */
void gave_read(struct server_gave *gave, const uint8_t *pdu, size_t len);

bool said_channel(const struct client_said *said, const char *name);

#endif /* !defined(RDPWHY_PEER_SAID_H) */
