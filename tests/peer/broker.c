/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <freerdp/crypto/certificate.h>
#include <freerdp/crypto/crypto.h>

#include "builders.h"
#include "conn.h"
#include "responder.h"
#include "server.h"

/* RedirFlags */
#define REDIR_ADDRESS   0x00000001u
#define REDIR_TOKEN     0x00000002u
#define REDIR_USER      0x00000004u
#define REDIR_DOMAIN    0x00000008u
#define REDIR_PASSWORD  0x00000010u
#define REDIR_FQDN      0x00000100u
#define REDIR_ENCRYPTED 0x00004000u
#define REDIR_GUID      0x00008000u
#define REDIR_TARGET    0x00010000u

#define NOBODY_AT 99

static void put_bytes(struct build *b, const void *data, size_t len)
{
    put32le(b, (uint32_t)len);
    put(b, data, len);
}

/* With its zero at the end, as all strings of a redirection. */
static void put_string(struct build *b, const char *text)
{
    put32le(b, (uint32_t)(2 * (strlen(text) + 1)));
    for (size_t i = 0; i <= strlen(text); i++) {
        put16le(b, (uint8_t)text[i]);
    }
}

/* Where the client has called, or a load balancer in front. */
static struct sockaddr_in address_of(const struct peer_conn *conn)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
    } u = {.v4 = {.sin_port = 0}};
    socklen_t len = sizeof(u);
    const int fd = conn->library_fd >= 0 ? conn->library_fd : conn->fd;
    if (getsockname(fd, &u.any, &len) != 0 || u.any.sa_family != AF_INET) {
        memset(&u, 0, sizeof(u));
    }
    return u.v4;
}

/* The last byte of the address. */
static unsigned called(const struct peer_conn *conn)
{
    return ntohl(address_of(conn).sin_addr.s_addr) & 0xFF;
}

/* [MS-RDPBCGR] 3.2.5.3.1 and the document of 2001 that it names: address and port of the server as
 * numbers in the order of the network. */
static void own_token(const struct peer_conn *conn, char *buf, size_t size)
{
    const struct sockaddr_in address = address_of(conn);
    snprintf(buf, size, "Cookie: msts=%u.%u.0000", (unsigned)address.sin_addr.s_addr,
             (unsigned)address.sin_port);
}

/* The client brings the token that this very server gave it. */
static bool came_back(const struct peer_conn *conn)
{
    char own[sizeof(conn->token)];
    own_token(conn, own, sizeof(own));
    return strcmp(conn->token, own) == 0;
}

static bool is_served(const struct peer_conn *conn)
{
    switch (conn->fault->value) {
    case BROKER_NEXT:
        return called(conn) > conn->fault->value2;
    case BROKER_LOOP:
    case BROKER_NOBODY:
    case BROKER_UNKNOWN:
        return false;
    default:
        return came_back(conn);
    }
}

/* TARGET_CERTIFICATE_CONTAINER, [MS-RDPBCGR] 2.2.13.1.2: one element, in Base64. */
static uint32_t put_certificate(struct build *b, const struct peer_conn *conn)
{
    char path[1024];
    struct build container = {.len = 0};
    size_t len = 0;
    if (!server_file(&conn->server->options, conn->fault->value2 != 0 ? "ec" : "server", "crt",
                     path, sizeof(path))) {
        return 0;
    }
    rdpCertificate *certificate = freerdp_certificate_new_from_file(path);
    BYTE *der = certificate != NULL ? freerdp_certificate_get_der(certificate, &len) : NULL;
    put32le(&container, 32); /* ELEMENT_TYPE_CERTIFICATE */
    put32le(&container, 1);  /* ENCODING_TYPE_ASN1_DER */
    put_bytes(&container, der, der != NULL ? len : 0);
    char *text = crypto_base64_encode(container.data, container.len);
    put_string(b, text != NULL ? text : "");
    free(text);
    free(der);
    freerdp_certificate_free(certificate);
    return REDIR_TARGET;
}

/* Accounts, in the order of the fields. */
static uint32_t put_account(struct build *b, enum broker_way way)
{
    switch (way) {
    case BROKER_PASSWORD:
        put_string(b, "foo");
        put_string(b, "bar");
        return REDIR_USER | REDIR_PASSWORD;
    case BROKER_RDSTLS:
    case BROKER_STALE:
        put_string(b, BROKER_USER);
        put_string(b, BROKER_DOMAIN);
        put_string(b, way == BROKER_STALE ? "c3RhbGU" : BROKER_SECRET);
        put_bytes(b, BROKER_GUID, BROKER_GUID_LEN);
        return REDIR_USER | REDIR_DOMAIN | REDIR_PASSWORD | REDIR_ENCRYPTED | REDIR_GUID;
    default:
        return 0;
    }
}

static uint32_t put_fields(struct build *b, const struct peer_conn *conn)
{
    char address[16], token[sizeof(conn->token)];
    switch (conn->fault->value) {
    case BROKER_NEXT:
    case BROKER_NOBODY:
        snprintf(address, sizeof(address), "127.0.0.%u",
                 conn->fault->value == BROKER_NOBODY ? NOBODY_AT : called(conn) + 1);
        put_string(b, address);
        return REDIR_ADDRESS;
    case BROKER_UNKNOWN:
        put_string(b, "nowhere.invalid");
        return REDIR_FQDN;
    default:
        own_token(conn, token, sizeof(token) - 2);
        memcpy(token + strlen(token), "\r\n", 3);
        put_bytes(b, token, strlen(token));
        return REDIR_TOKEN | (conn->fault->value == BROKER_KNOWN
                                  ? put_certificate(b, conn)
                                  : put_account(b, (enum broker_way)conn->fault->value));
    }
}

enum peer_result act_broker(struct peer_conn *conn, struct peer_pdu *pdu)
{
    struct build fields = {.len = 0}, packet = {.len = 0}, b;
    (void)pdu;
    if (is_served(conn)) {
        return PEER_PASS;
    }
    const uint32_t flags = put_fields(&fields, conn);
    put16le(&packet, SEC_REDIRECTION_);
    put16le(&packet, (uint16_t)(12 + fields.len));
    put32le(&packet, 7); /* SessionID */
    put32le(&packet, flags);
    put(&packet, fields.data, fields.len);
    build_enhanced_redirection(&b, &packet);
    conn->send_share(conn, &b, SEC_REDIRECTION_);
    conn_end(conn, END_FIN);
    return PEER_OVER;
}

/* ---- a console port of Hyper-V ----------------------------------------------------------------
 */

#define PRECONNECTION_V2 18u
#define BLOB_MAX         (2u * 512u)

static bool read_all(struct peer_conn *conn, uint8_t *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        const long n = conn_recv(conn, data + at, len - at);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

/* [MS-RDPEPS] 2.2.1.2 and 4; what is behind a semicolon is not looked at. */
static bool names_machine(struct peer_conn *conn)
{
    uint8_t head[PRECONNECTION_V2], blob[BLOB_MAX] = {0};
    char name[sizeof(HYPER_V_MACHINE)] = "";
    if (!read_all(conn, head, sizeof(head))) {
        return false;
    }
    const size_t size = (size_t)head[0] | (size_t)head[1] << 8, units = head[16] | head[17] << 8;
    if (head[2] != 0 || head[3] != 0 || head[8] != 2 || 2 * units > sizeof(blob) ||
        size != PRECONNECTION_V2 + 2 * units || !read_all(conn, blob, 2 * units)) {
        return false;
    }
    for (size_t i = 0; i < units && i < sizeof(name) - 1; i++) {
        name[i] = blob[2 * i + 1] == 0 ? (char)blob[2 * i] : '?';
    }
    return strcasecmp(name, HYPER_V_MACHINE) == 0;
}

/* The library's server knows negotiation first alone: it gets a request, and its confirm goes no
 * further. */
static bool negotiate(int fd)
{
    static const uint8_t request[19] = {3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 2};
    uint8_t confirm[19];
    size_t at = 0;
    if (send(fd, request, sizeof(request), 0) != (ssize_t)sizeof(request)) {
        return false;
    }
    while (at < sizeof(confirm)) {
        const ssize_t n = recv(fd, confirm + at, sizeof(confirm) - at, 0);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return confirm[11] == 2;
}

void script_hyper_v(struct peer_conn *conn)
{
    int pair[2];
    pthread_t thread;
    if (!names_machine(conn) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        conn_end(conn, END_FIN);
        return;
    }
    struct peer_conn *behind = conn_new(conn->server, conn->fault, pair[1], &conn->peer);
    if (behind != NULL) {
        behind->direct = true;
    }
    if (behind == NULL || pthread_create(&thread, NULL, responder_serve_behind, behind) != 0) {
        if (behind != NULL) {
            conn_finish(behind);
        }
        close(pair[0]);
        return;
    }
    if (negotiate(pair[0])) {
        responder_pump(conn, pair[0]);
    }
    close(pair[0]);
    pthread_join(thread, NULL);
}
