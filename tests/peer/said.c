/* SPDX-License-Identifier: Apache-2.0 */
#include "said.h"

#include <string.h>

#include "bytes.h"

#define BLOCK_HEADER    4
#define CS_CORE         0xC001
#define CS_SECURITY     0xC002
#define CS_NET          0xC003
#define CS_MONITOR      0xC005
#define CS_MSGCHANNEL   0xC006
#define CS_MONITOR_EX   0xC008
#define CS_TRANSPORT    0xC00A
#define SC_NET          0x0C03
#define SC_MSGCHANNEL   0x0C04
#define CORE_FIXED      128 /* up to imeFileName, without the block's header */
#define CONNECT_INITIAL 101

/* One BER element with a tag of one byte; its contents. */
static struct bytes element(struct bytes *b, uint8_t tag)
{
    b->failed |= bytes_u8(b) != tag;
    return bytes_sub(b, bytes_ber_length(b));
}

static const char *core(struct client_said *said, struct bytes b)
{
    bytes_take(&b, CORE_FIXED);
    if (b.failed) {
        return "Client Core Data holds at least its 132 bytes (2.2.1.3.2)";
    }
    /* postBeta2ColorDepth, clientProductId, serialNumber, highColorDepth; each field from here on
     * may be missing with all that follow */
    bytes_take(&b, 2 + 2 + 4 + 2);
    said->depths = bytes_le16(&b);
    said->early = bytes_le16(&b);
    bytes_take(&b, 64 + 1 + 1); /* clientDigProductId, connectionType, pad1octet */
    said->selected = bytes_le32(&b);
    said->has_selected = !b.failed;
    return NULL;
}

static const char *network(struct client_said *said, struct bytes b)
{
    const uint32_t count = bytes_le32(&b);
    if (count > SAID_CHANNELS || b.left != count * 12) {
        return "Client Network Data holds as many channels as it says, 31 at most (2.2.1.3.4)";
    }
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *name = bytes_take(&b, 8);
        if (memchr(name, 0, 8) == NULL || name[0] == 0) {
            return "a channel's name has 1 to 7 characters and a null (2.2.1.3.4.1)";
        }
        memcpy(said->names[i], name, 8);
        bytes_take(&b, 4);
    }
    said->channels = count;
    return NULL;
}

static const char *block(struct client_said *said, uint16_t type, struct bytes b)
{
    switch (type) {
    case CS_CORE:
        return core(said, b);
    case CS_NET:
        return network(said, b);
    case CS_SECURITY:
        return b.left == 8 ? NULL : "Client Security Data has 12 bytes (2.2.1.3.3)";
    case CS_MSGCHANNEL:
        said->message_channel = true;
        said->extended_data = true;
        return b.left == 4 && bytes_le32(&b) == 0
                   ? NULL
                   : "Client Message Channel Data has 8 bytes, its flags are zero (2.2.1.3.7)";
    case CS_TRANSPORT:
        said->extended_data = true;
        said->multitransport = bytes_le32(&b);
        return b.failed ? "Client Multitransport Channel Data has 8 bytes (2.2.1.3.8)" : NULL;
    case CS_MONITOR:
    case CS_MONITOR_EX:
        said->extended_data = true;
        return NULL;
    default:
        return NULL;
    }
}

static const char *blocks(struct client_said *said, struct bytes b)
{
    bool has_core = false, has_security = false;
    while (b.left > 0) {
        const uint16_t type = bytes_le16(&b);
        const uint16_t len = bytes_le16(&b);
        const struct bytes body =
            bytes_sub(&b, len >= BLOCK_HEADER ? len - (size_t)BLOCK_HEADER : b.left + 1);
        if (body.failed) {
            return "each block of user data is as long as it says (2.2.1.3.1)";
        }
        const char *broken = block(said, type, body);
        if (broken != NULL) {
            return broken;
        }
        has_core |= type == CS_CORE;
        has_security |= type == CS_SECURITY;
    }
    return has_core && has_security ? NULL : "Client Core and Security Data are there (2.2.1.3)";
}

/* The user data of a GCC Conference Create Request or Response behind |key|. */
static struct bytes user_data(const uint8_t *data, size_t len, const char key[4])
{
    for (size_t i = 0; i + 4 < len; i++) {
        if (memcmp(data + i, key, 4) == 0) {
            struct bytes b = {data + i + 4, len - i - 4, false};
            return bytes_sub(&b, bytes_per_length(&b));
        }
    }
    return (struct bytes){NULL, 0, true};
}

const char *said_read(struct client_said *said, const uint8_t *pdu, size_t len)
{
    struct bytes b = bytes_x224_data(pdu, len);
    *said = (struct client_said){.any = true};
    b.failed |= bytes_u8(&b) != 0x7F || bytes_u8(&b) != CONNECT_INITIAL;
    struct bytes initial = bytes_sub(&b, bytes_ber_length(&b));
    if (b.failed || b.left != 0) {
        return "the Connect Initial is as long as it says (2.2.1.3)";
    }
    element(&initial, 0x04); /* callingDomainSelector, calledDomainSelector, upwardFlag */
    element(&initial, 0x04);
    element(&initial, 0x01);
    element(&initial, 0x30); /* target, minimum and maximum parameters */
    element(&initial, 0x30);
    element(&initial, 0x30);
    const struct bytes data = element(&initial, 0x04);
    if (data.failed || initial.left != 0) {
        return "the Connect Initial is T.125's sequence (2.2.1.3)";
    }
    const struct bytes user = user_data(data.next, data.left, "Duca");
    if (user.failed || user.next + user.left != data.next + data.left) {
        return "the Conference Create Request holds its user data to the end (2.2.1.3)";
    }
    return blocks(said, user);
}

void gave_read(struct server_gave *gave, const uint8_t *pdu, size_t len)
{
    struct bytes b = user_data(pdu, len, "McDn");
    *gave = (struct server_gave){.io_channel = 0};
    while (!b.failed && b.left > 0) {
        const uint16_t type = bytes_le16(&b);
        const uint16_t size = bytes_le16(&b);
        struct bytes body =
            bytes_sub(&b, size >= BLOCK_HEADER ? size - (size_t)BLOCK_HEADER : b.left + 1);
        if (type == SC_MSGCHANNEL) {
            gave->message_channel = bytes_le16(&body);
        } else if (type == SC_NET) {
            gave->io_channel = bytes_le16(&body);
            const unsigned count = bytes_le16(&body);
            for (gave->channels = 0;
                 gave->channels < count && gave->channels < SAID_CHANNELS && body.left >= 2;
                 gave->channels++) {
                gave->ids[gave->channels] = bytes_le16(&body);
            }
        }
    }
}

bool said_channel(const struct client_said *said, const char *name)
{
    for (unsigned i = 0; i < said->channels; i++) {
        if (strcmp(said->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}
