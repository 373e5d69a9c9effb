/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <stdio.h>
#include <string.h>

#include <freerdp/freerdp.h>
#include <winpr/stream.h>

#define COOKIE_USER_MAX 9 /* mstsc cuts DOMAIN\user after as many characters */
#define COOKIE          "Cookie: mstshash="
#define NOBODY          "rdpwhy" /* in a server's or load balancer's log: who it was */

static size_t account_cookie(const struct why_credentials *c, char line[ROUTING_SIZE])
{
    char name[COOKIE_USER_MAX + 1];

    if (c == NULL || c->user == NULL || c->user[0] == '\0')
        (void)snprintf(name, sizeof(name), "%s", NOBODY);
    else if (c->domain != NULL && c->domain[0] != '\0')
        (void)snprintf(name, sizeof(name), "%s\\%s", c->domain, c->user);
    else
        (void)snprintf(name, sizeof(name), "%s", c->user);
    /* Neither the line's end nor bytes that a load balancer might stumble over. */
    for (size_t n = 0; name[n] != '\0'; n++) {
        if (name[n] <= ' ' || name[n] >= 0x7f)
            name[n] = '_';
    }
    return (size_t)snprintf(line, ROUTING_SIZE, COOKIE "%s", name);
}

size_t why_client_routing(const struct why_routing *routing,
                          const struct why_credentials *credentials, char line[ROUTING_SIZE])
{
    switch (routing->kind) {
    case WHY_ROUTING_COOKIE:
        return (size_t)snprintf(line, ROUTING_SIZE, COOKIE "%s", routing->text);
    case WHY_ROUTING_TOKEN:
        return (size_t)snprintf(line, ROUTING_SIZE, "%s", routing->text);
    case WHY_ROUTING_NONE:
        return 0;
    default:
        return account_cookie(credentials, line);
    }
}

static bool set_bools(rdpSettings *s)
{
    static const struct {
        FreeRDP_Settings_Keys_Bool key;
        BOOL value;
    } rows[] = {
        /* earlyCapabilityFlags: without the first no server may say why it ends a connection
         * ([MS-RDPBCGR] 2.2.5.1); libfreerdp leaves these three out. */
        {FreeRDP_SupportErrorInfoPdu, TRUE},
        {FreeRDP_SupportStatusInfoPdu, TRUE},
        {FreeRDP_SupportAsymetricKeys, TRUE},
        {FreeRDP_SupportGraphicsPipeline, TRUE},
        {FreeRDP_HasRelativeMouseEvent, FALSE},
        /* Client Info */
        {FreeRDP_LogonNotify, FALSE},
        {FreeRDP_AudioPlayback, TRUE}, /* else INFO_NOAUDIOPLAYBACK */
        {FreeRDP_AllowFontSmoothing, FALSE},
        /* Confirm Active */
        {FreeRDP_AutoReconnectionEnabled, TRUE}, /* the flag; who would reconnect is the caller */
        {FreeRDP_RefreshRect, FALSE},
        {FreeRDP_SuppressOutput, FALSE},
        {FreeRDP_BitmapCachePersistEnabled, TRUE},
        {FreeRDP_FastPathInput, FALSE},
        {FreeRDP_HasExtendedMouseEvent, FALSE},
        {FreeRDP_HasHorizontalWheel, FALSE},
        {FreeRDP_HasQoeEvent, FALSE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!freerdp_settings_set_bool(s, rows[i].key, rows[i].value))
            return false;
    }
    return true;
}

static bool set_numbers(rdpSettings *s)
{
    static const struct {
        FreeRDP_Settings_Keys_UInt32 key;
        UINT32 value;
    } rows[] = {
        {FreeRDP_ClientBuild, 26100},
        {FreeRDP_KeyboardLayout, 0x409},
        {FreeRDP_KeyboardCodePage, 0x04090409},
        {FreeRDP_DesktopPhysicalWidth, 271}, /* the desktop's at 96 dots per inch, in mm */
        {FreeRDP_DesktopPhysicalHeight, 203},
        {FreeRDP_MultitransportFlags, TRANSPORT_TYPE_UDP_FECR | TRANSPORT_TYPE_UDP_FECL |
                                          TRANSPORT_TYPE_UDP_PREFERRED | SOFTSYNC_TCP_TO_UDP},
        {FreeRDP_ClientSessionId, 1},
        {FreeRDP_OsMajorType, 1}, /* OSMAJORTYPE_WINDOWS, OSMINORTYPE_WINDOWS_NT */
        {FreeRDP_OsMinorType, 3},
        {FreeRDP_ColorPointerCacheSize, 20},
        {FreeRDP_PointerCacheSize, 21},
        {FreeRDP_BrushSupportLevel, 1},
        {FreeRDP_OffscreenSupportLevel, 1},
        {FreeRDP_OffscreenCacheSize, 10240},
        {FreeRDP_OffscreenCacheEntries, 100},
        {FreeRDP_VCFlags, 1}, /* VCCAPS_COMPR_SC */
        {FreeRDP_GlyphSupportLevel, 3},
        {FreeRDP_MultifragMaxRequestSize, 38055},
        {FreeRDP_LargePointerFlag, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!freerdp_settings_set_uint32(s, rows[i].key, rows[i].value))
            return false;
    }
    return freerdp_settings_set_uint16(s, FreeRDP_TextANSICodePage, 1252);
}

bool why_client_set_channels(rdpSettings *s)
{
    static const CHANNEL_DEF channels[] = {
        {"rdpdr", CHANNEL_OPTION_INITIALIZED | CHANNEL_OPTION_COMPRESS_RDP},
        {"rdpsnd", CHANNEL_OPTION_INITIALIZED | CHANNEL_OPTION_ENCRYPT_RDP},
        {"cliprdr", CHANNEL_OPTION_INITIALIZED | CHANNEL_OPTION_ENCRYPT_RDP |
                        CHANNEL_OPTION_COMPRESS_RDP | CHANNEL_OPTION_SHOW_PROTOCOL},
        {"drdynvc",
         CHANNEL_OPTION_INITIALIZED | CHANNEL_OPTION_ENCRYPT_RDP | CHANNEL_OPTION_COMPRESS_RDP},
    };
    const UINT32 count = sizeof(channels) / sizeof(channels[0]);

    for (UINT32 i = 0; i < count; i++) {
        if (!freerdp_settings_set_pointer_array(s, FreeRDP_ChannelDefArray, i, &channels[i]))
            return false;
    }
    return freerdp_settings_set_uint32(s, FreeRDP_ChannelCount, count);
}

bool why_client_set_address(rdpSettings *s, const char *address, bool ipv6)
{
    return freerdp_settings_set_string(s, FreeRDP_ClientAddress, address) &&
           freerdp_settings_set_bool(s, FreeRDP_IPv6Enabled, ipv6);
}

bool why_client_set_face(rdpSettings *s)
{
    return set_bools(s) && set_numbers(s) &&
           freerdp_settings_set_string(s, FreeRDP_ClientDir, "C:\\Windows\\system32\\mstscax.dll");
}

/*
 * RDP_NEG_REQ ([MS-RDPBCGR] 2.2.1.1.1) at the end of an X.224 Connection Request. libfreerdp leaves
 * it out where it offers Standard RDP Security: mstsc asks for that with the protocols 0, and is
 * told why it may not have it (2.2.1.2.2); a request without is a client's of before Windows XP
 * SP3. And with CredSSP it always offers TLS, too.
 */
static bool mend_request(wStream *s, uint32_t requested)
{
    const uint8_t request[8] = {0x01, 0x00, 0x08, 0x00, (uint8_t)requested};
    const size_t len = Stream_GetPosition(s);
    uint8_t *data = Stream_Buffer(s);
    const size_t longer = len + sizeof(request);

    if (len < 11 || longer > UINT8_MAX || data[5] != 0xe0)
        return true;
    if (len >= 11 + sizeof(request) && data[len - 8] == 0x01 && data[len - 6] == 0x08) {
        data[len - 4] = (uint8_t)requested;
        return true;
    }
    if (!Stream_EnsureRemainingCapacity(s, sizeof(request)))
        return false;
    Stream_Write(s, request, sizeof(request));
    data = Stream_Buffer(s);
    data[3] = (uint8_t)longer;
    data[4] = (uint8_t)(longer - 5);
    return true;
}

/* Client Security Data (2.2.1.3.3) of a Connect Initial, which libfreerdp fills under Standard RDP
 * Security only. The data blocks follow the H.221 key "Duca" and a length of two bytes. */
static void mend_connect_initial(uint8_t *data, size_t len)
{
    static const uint8_t connect_initial[2] = {0x7f, 0x65};
    static const uint8_t methods[4] = {0x1b}; /* 40, 128 and 56 bit, FIPS */
    size_t at = 9, length;

    if (len < at || memcmp(data + 7, connect_initial, sizeof(connect_initial)) != 0)
        return;
    while (at + 6 <= len && memcmp(data + at, "Duca", 4) != 0)
        at++;
    for (at += 6; at + 12 <= len; at += length) {
        length = (size_t)data[at + 2] | (size_t)data[at + 3] << 8;
        if (data[at] == 0x02 && data[at + 1] == 0xc0 && length == 12) {
            if (data[at + 4] == 0)
                memcpy(data + at + 4, methods, sizeof(methods));
            return;
        }
        if (length < 4)
            return;
    }
}

bool why_client_mend(wStream *s, uint32_t requested)
{
    mend_connect_initial(Stream_Buffer(s), Stream_GetPosition(s));
    return mend_request(s, requested);
}
