/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "wire.h"

/* Data blocks of the server, [MS-RDPBCGR] 2.2.1.4.1 */
#define SC_CORE           0x0c01
#define SC_SECURITY       0x0c02
#define SC_NET            0x0c03
#define SC_MCS_MSGCHANNEL 0x0c04
#define SC_MULTITRANSPORT 0x0c08

#define CLIENT_EARLY_FLAGS_OFFSET 140    /* into TS_UD_CS_CORE after its header, 2.2.1.3.2 */
#define SKIP_CHANNELJOIN_CLIENT   0x0800 /* RNS_UD_CS_SUPPORT_SKIP_CHANNELJOIN */

#define SERVER_RANDOM_LENGTH 32u /* 2.2.1.4.3 */

/* ConnectData with the object identifier of T.124 (02/98), aligned PER */
static const uint8_t connect_data[] = {0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01};

static struct why_cursor failed_cursor(struct why_cursor c)
{
    c.failed = true;
    return c;
}

/* Moves over ConnectData up to the H.221 key that goes before the data blocks. Servers are known to
 * send a wrong connectPDU length ([MS-RDPBCGR] 4.1.4), so it is not believed. */
static struct why_cursor user_data(struct why_cursor c, size_t fixed, bool has_tag, const char *key)
{
    static const uint8_t set_header[] = {0x01, 0xc0, 0x00}; /* one set, h221NonStandard, 4 bytes */

    if (!why_cur_at(&c, connect_data, sizeof(connect_data)))
        return failed_cursor(c);
    why_cur_skip(&c, sizeof(connect_data));
    (void)why_cur_per_length(&c); /* connectPDU */
    why_cur_skip(&c, fixed);
    if (has_tag) {
        why_cur_skip(&c, why_cur_per_length(&c)); /* tag */
        why_cur_skip(&c, 1);                      /* result */
    }
    if (!why_cur_at(&c, set_header, sizeof(set_header)))
        return failed_cursor(c);
    why_cur_skip(&c, sizeof(set_header));
    if (!why_cur_at(&c, key, 4))
        return failed_cursor(c);
    why_cur_skip(&c, 4);
    return why_cur_sub(&c, why_cur_per_length(&c));
}

/* The next data block of |c|; false at the end, or where a length is wrong (|c| then fails). */
static bool next_block(struct why_cursor *c, uint16_t *type, struct why_cursor *block)
{
    uint16_t length;

    if (why_cur_left(c) == 0)
        return false;
    *type = why_cur_u16le(c);
    length = why_cur_u16le(c);
    if (length < 4)
        c->failed = true;
    *block = why_cur_sub(c, length - 4u);
    return !c->failed;
}

/* 2.2.1.4.2; all but the version is optional */
static void server_core(struct why_wire *w, struct why_cursor c)
{
    w->out->u.connect_response.version = why_cur_u32le(&c);
    w->out->u.connect_response.has_core = !c.failed;
    if (c.failed)
        why_wire_problem(w, "server core data ends too early");
    if (why_cur_left(&c) >= 4) {
        w->out->u.connect_response.requested_protocols = why_cur_u32le(&c);
        w->out->u.connect_response.has_requested_protocols = true;
    }
    if (why_cur_left(&c) >= 4) {
        w->out->u.connect_response.early_flags = why_cur_u32le(&c);
        w->out->u.connect_response.has_early_flags = true;
    }
}

/* 2.2.1.4.3; random and certificate are missing where nothing is encrypted */
static void server_security(struct why_wire *w, struct why_cursor c)
{
    uint32_t method = why_cur_u32le(&c);
    uint32_t level = why_cur_u32le(&c);
    uint32_t random_length, certificate_length;

    if (c.failed) {
        why_wire_problem(w, "server security data ends too early");
        return;
    }
    w->out->u.connect_response.has_security = true;
    w->out->u.connect_response.encryption_method = method;
    w->out->u.connect_response.encryption_level = level;
    if (why_cur_left(&c) == 0)
        return;
    random_length = why_cur_u32le(&c);
    certificate_length = why_cur_u32le(&c);
    /* Readers are known that take as many bytes of it as there have to be. */
    if (random_length != SERVER_RANDOM_LENGTH) {
        w->out->oversized = true;
        why_wire_problem(w, "a server random that is not 32 bytes long");
    }
    why_cur_skip(&c, random_length);
    c = why_cur_sub(&c, certificate_length);
    if (why_cur_left(&c) >= 4) {
        w->out->u.connect_response.certificate_is_chain =
            (why_cur_u32le(&c) & CHAIN_VERSION_MASK) == CHAIN_VERSION;
        w->out->u.connect_response.has_certificate = true;
        if (w->out->u.connect_response.certificate_is_chain)
            (void)why_wire_chain(w, c);
    }
    if (c.failed)
        why_wire_problem(w, "server random or certificate ends too early");
}

/* 2.2.1.4.4 */
static void server_network(struct why_wire *w, struct why_cursor c)
{
    uint16_t io = why_cur_u16le(&c);
    uint16_t count = why_cur_u16le(&c);

    if (c.failed || why_cur_left(&c) < (size_t)count * 2) {
        why_wire_problem(w, "server network data ends too early");
        return;
    }
    w->out->u.connect_response.has_network = true;
    w->out->u.connect_response.io_channel = io;
    w->out->u.connect_response.channel_count = count;
}

/* 2.2.1.4.5 */
static void server_message_channel(struct why_wire *w, struct why_cursor c)
{
    uint16_t channel = why_cur_u16le(&c);

    if (c.failed) {
        why_wire_problem(w, "message channel data ends too early");
        return;
    }
    w->out->u.connect_response.has_message_channel = true;
    w->out->u.connect_response.message_channel = channel;
}

/* 2.2.1.4.6 */
static void server_multitransport(struct why_wire *w, struct why_cursor c)
{
    uint32_t flags = why_cur_u32le(&c);

    if (c.failed) {
        why_wire_problem(w, "multitransport channel data ends too early");
        return;
    }
    w->out->u.connect_response.has_multitransport = true;
    w->out->u.connect_response.multitransport = flags;
}

void why_wire_gcc_server(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor block;
    uint16_t type = 0;

    /* fixed: choice and nodeID */
    c = user_data(c, 3, true, "McDn");
    while (next_block(&c, &type, &block)) {
        if (type == SC_CORE)
            server_core(w, block);
        else if (type == SC_SECURITY)
            server_security(w, block);
        else if (type == SC_NET)
            server_network(w, block);
        else if (type == SC_MCS_MSGCHANNEL)
            server_message_channel(w, block);
        else if (type == SC_MULTITRANSPORT)
            server_multitransport(w, block);
    }
    if (c.failed)
        why_wire_problem(w, "GCC Conference Create Response with wrong structure or lengths");
    else if (!w->out->u.connect_response.has_core || !w->out->u.connect_response.has_network)
        why_wire_problem(w, "server core or network data is missing");
}

/* 2.2.1.3.2; the flags are among the optional members */
static void client_core(struct why_wire *w, struct why_cursor c)
{
    uint16_t flags;

    why_cur_skip(&c, CLIENT_EARLY_FLAGS_OFFSET);
    flags = why_cur_u16le(&c);
    if (c.failed)
        return;
    w->out->u.connect_initial.early_flags = flags;
    w->out->u.connect_initial.skip_channel_join = (flags & SKIP_CHANNELJOIN_CLIENT) != 0;
}

void why_wire_gcc_client(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor block;
    uint16_t type = 0;

    /* fixed: choice, selection, conference name, padding */
    c = user_data(c, 5, false, "Duca");
    while (next_block(&c, &type, &block)) {
        if (type == CS_CORE)
            client_core(w, block);
        else if (type == CS_NET)
            w->out->u.connect_initial.channel_count = (uint16_t)why_cur_u32le(&block);
    }
    if (c.failed)
        why_wire_problem(w, "GCC Conference Create Request with wrong structure or lengths");
}
