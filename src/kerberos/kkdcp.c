/* SPDX-License-Identifier: Apache-2.0 */
#include "kkdcp.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/asn1.h>

#include "der.h"

#define PREFIX      4 /* RFC 4120 7.2.2: the length before a message over TCP is inside, too */
#define REQUEST_MAX (1 << 20)
#define LENGTH_MAX  (1u << 24)

#define REPLY_TAG 0 /* kerb-message */
#define REALM_TAG 1 /* target-domain */

/* ---- KDC-PROXY-MESSAGE ----------------------------------------------------------------------- */

static int size_of(int content, int tag)
{
    return ASN1_object_size(1, content, tag);
}

static void put_be32(unsigned char *to, size_t value)
{
    for (int i = 0; i < PREFIX; i++)
        to[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* [tag] { type { |content| bytes }}, up to where these go. */
static void open_field(unsigned char **to, int tag, int type, int content)
{
    ASN1_put_object(to, 1, size_of(content, type), tag, V_ASN1_CONTEXT_SPECIFIC);
    ASN1_put_object(to, 0, content, type, V_ASN1_UNIVERSAL);
}

uint8_t *why_kkdcp_wrap(const uint8_t *request, size_t len, const char *realm, size_t *wrapped)
{
    int n = len <= REQUEST_MAX ? (int)len + PREFIX : 0, r = (int)strlen(realm);
    int fields = size_of(size_of(n, V_ASN1_OCTET_STRING), REPLY_TAG) +
                 size_of(size_of(r, V_ASN1_GENERALSTRING), REALM_TAG);
    int total = size_of(fields, V_ASN1_SEQUENCE);
    unsigned char *message = n > 0 ? malloc((size_t)total) : NULL, *at = message;

    if (message == NULL)
        return NULL;
    ASN1_put_object(&at, 1, fields, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    open_field(&at, REPLY_TAG, V_ASN1_OCTET_STRING, n);
    put_be32(at, len);
    memcpy(at + PREFIX, request, len);
    at += n;
    open_field(&at, REALM_TAG, V_ASN1_GENERALSTRING, r);
    memcpy(at, realm, (size_t)r);
    *wrapped = (size_t)total;
    return message;
}

bool why_kkdcp_unwrap(const uint8_t *data, size_t len, const uint8_t **reply, size_t *reply_len)
{
    const unsigned char *p = data;
    long n = len <= LONG_MAX ? (long)len : 0;

    if (!why_der_enter(&p, &n, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL) ||
        !why_der_enter(&p, &n, REPLY_TAG, V_ASN1_CONTEXT_SPECIFIC) ||
        !why_der_enter(&p, &n, V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL) || n <= PREFIX ||
        ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]) != (size_t)n - PREFIX)
        return false;
    *reply = p + PREFIX;
    *reply_len = (size_t)n - PREFIX;
    return true;
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

/* The end of the line that begins at |from|; |len| where it is not whole. */
static size_t line_end(const uint8_t *data, size_t len, size_t from)
{
    const uint8_t *end = from < len ? memchr(data + from, '\n', len - from) : NULL;

    return end != NULL ? (size_t)(end - data) : len;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.x NNN words" */
static void read_status(const uint8_t *line, size_t len, struct kkdcp_http *http)
{
    static const char version[] = "HTTP/1.";
    size_t n = 0;

    if (len < 12 || memcmp(line, version, sizeof(version) - 1) != 0 || line[8] != ' ' ||
        !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]))
        return;
    http->status = (unsigned)((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
    for (size_t i = 13; i < len && line[i] >= ' ' && line[i] < 0x7f; i++) {
        if (n + 1 < sizeof(http->reason))
            http->reason[n++] = (char)line[i];
    }
}

static void read_length(const uint8_t *line, size_t len, struct kkdcp_http *http)
{
    static const char name[] = "Content-Length:";
    size_t i = sizeof(name) - 1, length = 0;

    if (len <= i || strncasecmp((const char *)line, name, i) != 0)
        return;
    while (i < len && line[i] == ' ')
        i++;
    http->has_length = i < len && is_digit(line[i]);
    for (; i < len && is_digit(line[i]) && length < LENGTH_MAX; i++)
        length = length * 10 + (size_t)(line[i] - '0');
    http->length = length;
}

void why_kkdcp_http(const uint8_t *data, size_t len, struct kkdcp_http *http)
{
    size_t from = 0, end = line_end(data, len, 0);

    *http = (struct kkdcp_http){0};
    read_status(data, end, http);
    if (http->status == 0)
        return;
    while (end < len) {
        from = end + 1;
        end = line_end(data, len, from);
        if (end < len && (end == from || (end == from + 1 && data[from] == '\r'))) {
            http->body = end + 1;
            return;
        }
        if (end < len)
            read_length(data + from, end - from, http);
    }
}
