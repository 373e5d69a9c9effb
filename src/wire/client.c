/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "numbers.h"
#include "text.h"
#include "wire.h"

/* Everything here reads what a client sends. Fixed layouts are tables of fields. */

#define VALUE_MAX 512

enum format {
    END,
    U8,
    U16,
    U32,
    X8, /* the same in hexadecimal */
    X16,
    X32,
    SKIP,         /* |size| bytes that say nothing */
    UNICODE,      /* |size| bytes of UTF-16LE that end at a NUL */
    UNICODE_SIZED /* a 16-bit length, then as many bytes of UTF-16LE */
};

struct field {
    const char *name;
    enum format format;
    uint16_t size; /* of SKIP and UNICODE */
};

struct emitter {
    why_client_field_fn *emit;
    void *arg;
};

static void say(const struct emitter *e, const char *pdu, const char *field, const char *value)
{
    e->emit(e->arg, pdu, field, value);
}

static void say_number(const struct emitter *e, const char *pdu, const char *field, uint32_t value,
                       int digits)
{
    char text[16];

    if (digits > 0)
        (void)snprintf(text, sizeof(text), "0x%0*" PRIX32, digits, value);
    else
        (void)snprintf(text, sizeof(text), "%" PRIu32, value);
    say(e, pdu, field, text);
}

static void say_text(const struct emitter *e, const char *pdu, const char *field,
                     struct why_cursor c)
{
    char text[VALUE_MAX];

    why_text_utf16le(c, text, sizeof(text));
    say(e, pdu, field, text[0] != '\0' ? text : "empty");
}

static void read_field(const struct emitter *e, const char *pdu, const struct field *f,
                       struct why_cursor *c)
{
    static const struct {
        uint8_t bytes, digits;
    } numbers[] = {[U8] = {1, 0}, [U16] = {2, 0}, [U32] = {4, 0},
                   [X8] = {1, 2}, [X16] = {2, 4}, [X32] = {4, 8}};
    struct why_cursor part;
    uint32_t value = 0;

    if (f->format == SKIP) {
        why_cur_skip(c, f->size);
        return;
    }
    if (f->format == UNICODE || f->format == UNICODE_SIZED) {
        part = why_cur_sub(c, f->format == UNICODE ? f->size : why_cur_u16le(c));
        if (!c->failed)
            say_text(e, pdu, f->name, part);
        return;
    }
    for (unsigned i = 0; i < numbers[f->format].bytes; i++)
        value |= (uint32_t)why_cur_u8(c) << 8 * i;
    if (!c->failed)
        say_number(e, pdu, f->name, value, numbers[f->format].digits);
}

static void read_layout(const struct emitter *e, const char *pdu, const struct field *fields,
                        struct why_cursor *c)
{
    for (; fields->format != END && !c->failed; fields++)
        read_field(e, pdu, fields, c);
}

/* Bytes as they are, for what has no layout of its own here. */
static void say_bytes(const struct emitter *e, const char *pdu, const char *field,
                      struct why_cursor c)
{
    char text[VALUE_MAX] = "";
    size_t at = 0;

    while (why_cur_left(&c) > 0 && at + 3 < sizeof(text))
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%02x", why_cur_u8(&c));
    say(e, pdu, field, at > 0 ? text : "empty");
}

/* ---- X.224 Connection Request, [MS-RDPBCGR] 2.2.1.1 ------------------------------------------ */

static void connection_request(const struct emitter *e, struct why_cursor c)
{
    static const char pdu[] = "X.224 Connection Request";
    static const struct field request[] = {
        {"flags", X8, 0}, {"length", SKIP, 2}, {"requestedProtocols", X32, 0}, {NULL, END, 0}};
    struct why_cursor end = c;
    char cookie[VALUE_MAX] = "none";

    why_cur_skip(&c, 5); /* DST-REF, SRC-REF, class */
    end = c;
    if (why_cur_peek(&c, 0) != NEG_REQUEST && why_cur_find(&end, "\r\n", 2)) {
        why_text_oem(why_cur_sub(&c, end.pos - c.pos), cookie, sizeof(cookie));
        why_cur_skip(&c, 2);
    }
    say(e, pdu, "cookie", cookie);
    if (why_cur_u8(&c) != NEG_REQUEST || c.failed)
        return;
    read_layout(e, pdu, request, &c);
    say(e, pdu, "correlationInfo", why_cur_left(&c) > 0 ? "present" : "none");
}

/* ---- MCS Connect Initial, 2.2.1.3 ------------------------------------------------------------ */

static void domain_parameters(const struct emitter *e, const char *field, struct why_cursor *c)
{
    struct why_cursor list = why_cur_ber(c, BER_SEQUENCE);
    char text[VALUE_MAX] = "";
    size_t at = 0;

    while (why_cur_left(&list) > 0 && at + 12 < sizeof(text)) {
        struct why_cursor value = why_cur_ber(&list, 0x02);

        if (list.failed)
            return;
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%" PRIu32, at > 0 ? "," : "",
                               why_cur_ber_value(&value));
    }
    if (!c->failed)
        say(e, "MCS Connect Initial", field, text);
}

/* 2.2.1.3.2 TS_UD_CS_CORE */
static const struct field core[] = {
    {"version", X32, 0},
    {"desktopWidth", U16, 0},
    {"desktopHeight", U16, 0},
    {"colorDepth", X16, 0},
    {"SASSequence", X16, 0},
    {"keyboardLayout", X32, 0},
    {"clientBuild", U32, 0},
    {"clientName", UNICODE, 32},
    {"keyboardType", U32, 0},
    {"keyboardSubType", U32, 0},
    {"keyboardFunctionKey", U32, 0},
    {"imeFileName", UNICODE, 64},
    {"postBeta2ColorDepth", X16, 0},
    {"clientProductId", U16, 0},
    {"serialNumber", U32, 0},
    {"highColorDepth", X16, 0},
    {"supportedColorDepths", X16, 0},
    {"earlyCapabilityFlags", X16, 0},
    {"clientDigProductId", UNICODE, 64},
    {"connectionType", U8, 0},
    {"pad1octet", SKIP, 1},
    {"serverSelectedProtocol", X32, 0},
    {"desktopPhysicalWidth", U32, 0},
    {"desktopPhysicalHeight", U32, 0},
    {"desktopOrientation", U16, 0},
    {"desktopScaleFactor", U32, 0},
    {"deviceScaleFactor", U32, 0},
    {NULL, END, 0},
};

/* 2.2.1.3.3 TS_UD_CS_SEC */
static const struct field security[] = {
    {"encryptionMethods", X32, 0}, {"extEncryptionMethods", X32, 0}, {NULL, END, 0}};

/* 2.2.1.3.5 TS_UD_CS_CLUSTER */
static const struct field cluster[] = {
    {"Flags", X32, 0}, {"RedirectedSessionID", U32, 0}, {NULL, END, 0}};

/* 2.2.1.3.7 TS_UD_CS_MCS_MSGCHANNEL, 2.2.1.3.8 TS_UD_CS_MULTITRANSPORT */
static const struct field flags_only[] = {{"flags", X32, 0}, {NULL, END, 0}};

/* 2.2.1.3.4 TS_UD_CS_NET */
static void channels(const struct emitter *e, struct why_cursor c)
{
    uint32_t count = why_cur_u32le(&c);
    char text[VALUE_MAX] = "";
    size_t at = 0;

    for (; count > 0 && why_cur_left(&c) >= 12 && at + 32 < sizeof(text); count--) {
        struct why_cursor name = why_cur_sub(&c, 8);
        char channel[24];

        why_text_oem(name, channel, sizeof(channel));
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:0x%08" PRIX32, at > 0 ? "," : "",
                               channel, why_cur_u32le(&c));
    }
    say(e, "Client Network Data", "channelDefArray", at > 0 ? text : "none");
}

static const struct {
    uint16_t type;
    const char *name;
    const struct field *fields; /* NULL: its own reader, or nothing to say */
} blocks[] = {
    {CS_CORE, "Client Core Data", core},
    {0xc002, "Client Security Data", security},
    {CS_NET, "Client Network Data", NULL},
    {0xc004, "Client Cluster Data", cluster},
    {0xc005, "Client Monitor Data", NULL},
    {0xc006, "Client Message Channel Data", flags_only},
    {0xc008, "Client Monitor Extended Data", NULL},
    {0xc00a, "Client Multitransport Channel Data", flags_only},
};

#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

static void client_block(const struct emitter *e, uint16_t type, struct why_cursor c, char *order,
                         size_t size)
{
    size_t at = strlen(order);

    for (size_t i = 0; i < BLOCKS; i++) {
        if (blocks[i].type != type)
            continue;
        (void)snprintf(order + at, size - at, "%s%s", at > 0 ? ", " : "", blocks[i].name);
        if (type == CS_NET)
            channels(e, c);
        else if (blocks[i].fields != NULL)
            read_layout(e, blocks[i].name, blocks[i].fields, &c);
        return;
    }
    (void)snprintf(order + at, size - at, "%s0x%04X", at > 0 ? ", " : "", type);
}

static void connect_initial(const struct emitter *e, struct why_cursor c)
{
    char order[VALUE_MAX] = "";
    struct why_cursor user_data, value;

    why_cur_skip(&c, 2); /* tag */
    (void)why_cur_ber_length(&c);
    value = why_cur_ber(&c, 0x04);
    say_bytes(e, "MCS Connect Initial", "callingDomainSelector", value);
    value = why_cur_ber(&c, 0x04);
    say_bytes(e, "MCS Connect Initial", "calledDomainSelector", value);
    value = why_cur_ber(&c, 0x01);
    say(e, "MCS Connect Initial", "upwardFlag", why_cur_u8(&value) != 0 ? "TRUE" : "FALSE");
    domain_parameters(e, "targetParameters", &c);
    domain_parameters(e, "minimumParameters", &c);
    domain_parameters(e, "maximumParameters", &c);
    user_data = why_cur_ber(&c, 0x04);
    if (c.failed || !why_cur_find(&user_data, "Duca", 4))
        return;
    why_cur_skip(&user_data, 4);
    (void)why_cur_per_length(&user_data);
    while (why_cur_left(&user_data) >= 4) {
        uint16_t type = why_cur_u16le(&user_data);
        uint16_t length = why_cur_u16le(&user_data);

        if (length < 4 || length - 4u > why_cur_left(&user_data))
            break;
        client_block(e, type, why_cur_sub(&user_data, length - 4u), order, sizeof(order));
    }
    say(e, "GCC Conference Create Request", "user data", order);
}

/* ---- Client Info, 2.2.1.11 ------------------------------------------------------------------- */

/* 2.2.1.11.1.1.1 TS_EXTENDED_INFO_PACKET up to the time zone's names, which the machine decides */
static const struct field extended_info[] = {
    {"clientAddressFamily", X16, 0},   {"clientAddress", UNICODE_SIZED, 0},
    {"clientDir", UNICODE_SIZED, 0},   {"clientTimeZone", SKIP, 172},
    {"clientSessionId", U32, 0},       {"performanceFlags", X32, 0},
    {"cbAutoReconnectCookie", U16, 0}, {NULL, END, 0},
};

static const struct field dynamic_time_zone[] = {
    {"reserved1", U16, 0},
    {"reserved2", U16, 0},
    {"dynamicDSTTimeZoneKeyName", UNICODE_SIZED, 0},
    {"dynamicDaylightTimeDisabled", U16, 0},
    {NULL, END, 0},
};

/* 2.2.1.11.1.1 TS_INFO_PACKET; whose account it carries, and which password, is not said. */
static void client_info(const struct emitter *e, struct why_cursor c)
{
    static const char pdu[] = "Client Info";
    static const struct field head[] = {{"CodePage", U32, 0}, {"flags", X32, 0}, {NULL, END, 0}};
    size_t lengths[5];
    struct why_cursor strings[5];

    read_layout(e, pdu, head, &c);
    for (size_t i = 0; i < 5; i++)
        lengths[i] = why_cur_u16le(&c);
    for (size_t i = 0; i < 5; i++) {
        strings[i] = why_cur_sub(&c, lengths[i]);
        why_cur_skip(&c, 2); /* the NUL, which the length does not count */
    }
    if (c.failed)
        return;
    say_text(e, pdu, "AlternateShell", strings[3]);
    say_text(e, pdu, "WorkingDir", strings[4]);
    read_layout(e, pdu, extended_info, &c);
    if (why_cur_left(&c) >= 8)
        read_layout(e, pdu, dynamic_time_zone, &c);
}

/* ---- NEW_LICENSE_REQUEST, [MS-RDPELE] 2.2.2.2 ------------------------------------------------ */

static void license_message(const struct emitter *e, struct why_cursor c)
{
    static const struct field request[] = {
        {"PreferredKeyExchangeAlg", X32, 0}, {"PlatformId", X32, 0}, {NULL, END, 0}};
    uint8_t type = why_cur_u8(&c);

    if (type != 0x13)
        return;
    say_number(e, "NEW_LICENSE_REQUEST", "bVersion", why_cur_u8(&c), 2);
    why_cur_skip(&c, 2);
    read_layout(e, "NEW_LICENSE_REQUEST", request, &c);
}

/* ---- Confirm Active, 2.2.1.13.2 -------------------------------------------------------------- */

/* 2.2.7.1.1 */
static const struct field general[] = {
    {"osMajorType", U16, 0},
    {"osMinorType", U16, 0},
    {"protocolVersion", X16, 0},
    {NULL, SKIP, 4},
    {"extraFlags", X16, 0},
    {NULL, SKIP, 6},
    {"refreshRectSupport", U8, 0},
    {"suppressOutputSupport", U8, 0},
    {NULL, END, 0},
};

/* 2.2.7.1.2 */
static const struct field bitmap[] = {
    {"preferredBitsPerPixel", U16, 0},
    {"receive1BitPerPixel", U16, 0},
    {"receive4BitsPerPixel", U16, 0},
    {"receive8BitsPerPixel", U16, 0},
    {"desktopWidth", U16, 0},
    {"desktopHeight", U16, 0},
    {NULL, SKIP, 2},
    {"desktopResizeFlag", U16, 0},
    {"bitmapCompressionFlag", U16, 0},
    {"highColorFlags", U8, 0},
    {"drawingFlags", X8, 0},
    {"multipleRectangleSupport", U16, 0},
    {NULL, END, 0},
};

/* 2.2.7.1.3; the orders supported stand for themselves */
static const struct field order_head[] = {
    {NULL, SKIP, 20},
    {"desktopSaveXGranularity", U16, 0},
    {"desktopSaveYGranularity", U16, 0},
    {NULL, SKIP, 2},
    {"maximumOrderLevel", U16, 0},
    {NULL, SKIP, 2},
    {"orderFlags", X16, 0},
    {NULL, END, 0},
};
static const struct field order_tail[] = {
    {"textFlags", X16, 0}, {"orderSupportExFlags", X16, 0},
    {NULL, SKIP, 4},       {"desktopSaveSize", U32, 0},
    {NULL, SKIP, 4},       {"textANSICodePage", U16, 0},
    {NULL, END, 0},
};

static void order(const struct emitter *e, const char *pdu, struct why_cursor *c)
{
    struct why_cursor support;

    read_layout(e, pdu, order_head, c);
    support = why_cur_sub(c, 32);
    if (c->failed)
        return;
    say_bytes(e, pdu, "orderSupport", support);
    read_layout(e, pdu, order_tail, c);
}

/* 2.2.7.1.5 */
static const struct field pointer[] = {{"colorPointerFlag", U16, 0},
                                       {"colorPointerCacheSize", U16, 0},
                                       {"pointerCacheSize", U16, 0},
                                       {NULL, END, 0}};

/* 2.2.7.1.6 */
static const struct field input[] = {
    {"inputFlags", X16, 0},       {NULL, SKIP, 2},
    {"keyboardLayout", X32, 0},   {"keyboardType", U32, 0},
    {"keyboardSubType", U32, 0},  {"keyboardFunctionKey", U32, 0},
    {"imeFileName", UNICODE, 64}, {NULL, END, 0},
};

/* 2.2.7.1.10, 2.2.7.1.11, 2.2.7.2.6, 2.2.7.2.7, 2.2.7.2.9, [MS-RDPRFX] 2.2.1.3 */
static const struct field virtual_channel[] = {
    {"flags", X32, 0}, {"VCChunkSize", U32, 0}, {NULL, END, 0}};
static const struct field sound[] = {{"soundFlags", X16, 0}, {NULL, END, 0}};
static const struct field multifragment[] = {{"MaxRequestSize", U32, 0}, {NULL, END, 0}};
static const struct field large_pointer[] = {{"largePointerSupportFlags", X16, 0}, {NULL, END, 0}};
static const struct field surface_commands[] = {{"cmdFlags", X32, 0}, {NULL, END, 0}};
static const struct field frame_acknowledge[] = {{"maxUnacknowledgedFrameCount", U32, 0},
                                                 {NULL, END, 0}};
/* 2.2.7.1.4.2 */
static const struct field cache_rev2[] = {
    {"CacheFlags", X16, 0}, {NULL, SKIP, 1}, {"NumCellCaches", U8, 0}, {NULL, END, 0}};
static const struct field brush[] = {{"brushSupportLevel", U32, 0}, {NULL, END, 0}};
/* 2.2.7.1.8: ten caches, then the fragment cache */
static const struct field glyph_cache[] = {
    {NULL, SKIP, 44}, {"GlyphSupportLevel", U16, 0}, {NULL, END, 0}};
static const struct field offscreen[] = {{"offscreenSupportLevel", U32, 0},
                                         {"offscreenCacheSize", U16, 0},
                                         {"offscreenCacheEntries", U16, 0},
                                         {NULL, END, 0}};
static const struct field share[] = {{"nodeId", U16, 0}, {NULL, END, 0}};
static const struct field font[] = {{"fontSupportFlags", X16, 0}, {NULL, END, 0}};
static const struct field nothing[] = {{NULL, END, 0}};

static const struct {
    uint16_t type;
    const char *name;
    const struct field *fields; /* NULL: |order| */
} capability_sets[] = {
    {0x01, "General Capability Set", general},
    {0x02, "Bitmap Capability Set", bitmap},
    {0x03, "Order Capability Set", NULL},
    {0x04, "Bitmap Cache Capability Set", nothing},
    {0x05, "Control Capability Set", nothing},
    {0x07, "Window Activation Capability Set", nothing},
    {0x08, "Pointer Capability Set", pointer},
    {0x09, "Share Capability Set", share},
    {0x0a, "Color Table Cache Capability Set", nothing},
    {0x0c, "Sound Capability Set", sound},
    {0x0d, "Input Capability Set", input},
    {0x0e, "Font Capability Set", font},
    {0x0f, "Brush Capability Set", brush},
    {0x10, "Glyph Cache Capability Set", glyph_cache},
    {0x11, "Offscreen Bitmap Cache Capability Set", offscreen},
    {0x13, "Bitmap Cache Revision 2 Capability Set", cache_rev2},
    {0x14, "Virtual Channel Capability Set", virtual_channel},
    {0x15, "DrawNineGrid Cache Capability Set", nothing},
    {0x16, "Draw GDI+ Capability Set", nothing},
    {0x17, "Remote Programs Capability Set", nothing},
    {0x18, "Window List Capability Set", nothing},
    {0x19, "Desktop Composition Capability Set", nothing},
    {0x1a, "Multifragment Update Capability Set", multifragment},
    {0x1b, "Large Pointer Capability Set", large_pointer},
    {0x1c, "Surface Commands Capability Set", surface_commands},
    {0x1d, "Bitmap Codecs Capability Set", nothing},
    {0x1e, "Frame Acknowledge Capability Set", frame_acknowledge},
};

#define CAPABILITY_SETS (sizeof(capability_sets) / sizeof(capability_sets[0]))

static void capability_set(const struct emitter *e, uint16_t type, struct why_cursor c, char *list,
                           size_t size)
{
    size_t at = strlen(list);

    (void)snprintf(list + at, size - at, "%s%02X", at > 0 ? " " : "", type);
    for (size_t i = 0; i < CAPABILITY_SETS; i++) {
        if (capability_sets[i].type != type)
            continue;
        if (capability_sets[i].fields == NULL)
            order(e, capability_sets[i].name, &c);
        else
            read_layout(e, capability_sets[i].name, capability_sets[i].fields, &c);
    }
}

static void confirm_active(const struct emitter *e, struct why_cursor c)
{
    static const char pdu[] = "Confirm Active";
    char list[VALUE_MAX] = "", descriptor[VALUE_MAX];
    uint16_t length;

    why_cur_skip(&c, 4); /* shareId */
    say_number(e, pdu, "originatorId", why_cur_u16le(&c), 4);
    length = why_cur_u16le(&c);
    why_cur_skip(&c, 2);
    why_text_oem(why_cur_sub(&c, length), descriptor, sizeof(descriptor));
    say(e, pdu, "sourceDescriptor", descriptor);
    why_cur_skip(&c, 4); /* numberCapabilities, padding */
    while (why_cur_left(&c) >= 4) {
        uint16_t type = why_cur_u16le(&c);
        uint16_t size = why_cur_u16le(&c);

        if (size < 4 || size - 4u > why_cur_left(&c))
            break;
        capability_set(e, type, why_cur_sub(&c, size - 4u), list, sizeof(list));
    }
    say(e, pdu, "capabilitySets", list);
}

/* ---- which PDU it is ------------------------------------------------------------------------- */

/* 2.2.1.14 to 2.2.1.18: that it was sent is all there is to say. */
static void finalization(const struct emitter *e, struct why_cursor c)
{
    static const struct {
        uint8_t type;
        uint16_t action; /* of a Control PDU */
        const char *name;
    } pdus[] = {
        {0x1f, 0, "Synchronize"},     {0x14, 4, "Control Cooperate"},
        {0x14, 1, "Control Request"}, {0x2b, 0, "Persistent Key List"},
        {0x27, 0, "Font List"},
    };
    uint8_t type;
    uint16_t action;

    why_cur_skip(&c, 8); /* shareId, padding, streamId, uncompressedLength */
    type = why_cur_u8(&c);
    why_cur_skip(&c, 3); /* compression */
    action = why_cur_u16le(&c);
    for (size_t i = 0; i < sizeof(pdus) / sizeof(pdus[0]) && !c.failed; i++) {
        if (pdus[i].type == type && (pdus[i].action == 0 || pdus[i].action == action))
            say(e, "Finalization", pdus[i].name, "sent");
    }
}

static void share_pdu(const struct emitter *e, struct why_cursor c)
{
    uint16_t type;

    why_cur_skip(&c, 2);
    type = why_cur_u16le(&c);
    why_cur_skip(&c, 2); /* pduSource */
    if (!c.failed && (type & 0xf) == 3)
        confirm_active(e, c);
    else if (!c.failed && (type & 0xf) == 7)
        finalization(e, c);
}

/* MCS Send Data Request of the I/O channel: Client Info and licensing have a security header. */
static void send_data(const struct emitter *e, struct why_cursor c)
{
    uint16_t flags;
    struct why_cursor data;

    why_cur_skip(&c, 6);
    data = why_cur_sub(&c, why_cur_per_length(&c));
    flags = why_cur_peek16le(&data, 0);
    if (why_wire_is_share(data)) {
        share_pdu(e, data);
    } else if ((flags & SEC_ENCRYPT) != 0) {
        return;
    } else if ((flags & 0x0040) != 0) {
        why_cur_skip(&data, 4);
        client_info(e, data);
    } else if ((flags & 0x0080) != 0) {
        why_cur_skip(&data, 4);
        license_message(e, data);
    }
}

void why_client_fields(const uint8_t *data, size_t len, why_client_field_fn *emit, void *arg)
{
    struct emitter e = {emit, arg};
    struct why_cursor c = why_cur_init(data, len);
    uint8_t code;

    if (why_cur_peek(&c, 0) != 3)
        return;
    why_cur_skip(&c, 5); /* TPKT, X.224 length indicator */
    code = why_cur_u8(&c);
    if (code == TPDU_CONNECTION_REQUEST) {
        connection_request(&e, c);
        return;
    }
    why_cur_skip(&c, 1); /* EOT */
    if (code != TPDU_DATA || c.failed)
        return;
    if (why_cur_at(&c, "\x7f\x65", 2))
        connect_initial(&e, c);
    else if (why_cur_peek(&c, 0) >> 2 == 25)
        send_data(&e, c);
}
