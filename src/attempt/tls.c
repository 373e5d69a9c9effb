/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "record/framer.h"
#include "wire/numbers.h"

#include "clock.h"

struct tls_range {
    uint16_t min, max;
    SSL_CTX *ctx;
};

/* One context for each range that a profile pins: libfreerdp makes one per connection, which is
 * most of what its TLS costs. */
struct tls_factory {
    BIO_METHOD *bio;
    struct tls_range ranges[5];
};

#define RANGES    (sizeof(((struct tls_factory *)0)->ranges) / sizeof(struct tls_range))
#define CHAIN_MAX 16

#define RECORD_MAX    (TLS_RECORD_HEADER + TLS_RECORD_MAX)
#define CLEAR_WAIT_MS 1000 /* for the rest of a PDU in the clear */

static struct conn *conn_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

static bool on_clear(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct conn *conn = arg;

    why_recorder_add(
        conn->rec, &(struct why_event){.kind = WHY_EV_PDU, .dir = dir, .bytes = data, .len = len});
    return true;
}

static bool on_record(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    struct conn *conn = arg;

    why_recorder_add(
        conn->rec,
        &(struct why_event){.kind = WHY_EV_TLS_RECORD, .dir = dir, .bytes = data, .len = len});
    return true;
}

static void record_partial(struct conn *conn, enum why_dir dir, const char *problem)
{
    struct record_scan *scan = &conn->scan[dir];

    why_recorder_add(conn->rec, &(struct why_event){.kind = WHY_EV_PARTIAL,
                                                    .dir = dir,
                                                    .text = problem,
                                                    .bytes = scan->bytes.data,
                                                    .len = scan->bytes.len});
    scan->lost = true;
}

/* The bytes are no TLS records: what a server says in the clear where TLS was due, or nothing. */
static void not_records(struct conn *conn, enum why_dir dir)
{
    const struct why_framer clear = {WHY_FRAMING_CLEAR, dir, NULL, on_clear, conn};
    struct record_scan *scan = &conn->scan[dir];
    size_t need = 0;

    if (dir == WHY_DIR_RECEIVED && scan->bytes.len < RECORD_MAX)
        scan->clear = why_framer_check(&clear, &scan->bytes, &need, NULL) != WHY_FRAME_INVALID;
    if (scan->clear)
        (void)why_framer_cut(&clear, &scan->bytes, NULL);
    /* A PDU that has no room here is none that a server ends with. */
    if (!scan->clear || scan->bytes.len >= RECORD_MAX)
        record_partial(conn, dir, "not a TLS record");
}

/*
 * Puts the bytes of one direction together to records and records each; the handshake only, what
 * follows is recorded above TLS.
 */
static void scan_records(struct conn *conn, enum why_dir dir, const uint8_t *data, size_t len)
{
    const struct why_framer records = {WHY_FRAMING_RECORDS, dir, NULL, on_record, conn};
    struct record_scan *scan = &conn->scan[dir];

    if (conn->tls_up || conn->gateway)
        return;
    while (len > 0 && !scan->lost) {
        size_t take = RECORD_MAX - scan->bytes.len;

        if (take > len)
            take = len;
        if (why_buffer_add(&scan->bytes, data, take, RECORD_MAX) != WHY_BUFFER_ADDED) {
            scan->lost = true;
            return;
        }
        data += take;
        len -= take;
        if (scan->clear || why_framer_cut(&records, &scan->bytes, NULL) == WHY_FRAME_INVALID ||
            scan->bytes.len == RECORD_MAX)
            not_records(conn, dir);
    }
}

static int bio_read(BIO *bio, char *buf, int len)
{
    struct conn *conn = BIO_get_data(bio);
    int r = why_conn_raw_read(conn, (uint8_t *)buf, len > 0 ? (size_t)len : 0);

    BIO_clear_retry_flags(bio);
    if (r > 0)
        scan_records(conn, WHY_DIR_RECEIVED, (const uint8_t *)buf, (size_t)r);
    else if (r == CONN_AGAIN)
        BIO_set_retry_read(bio);
    return r > 0 ? r : (conn->end == CONN_FIN ? 0 : -1);
}

static int bio_write(BIO *bio, const char *buf, int len)
{
    struct conn *conn = BIO_get_data(bio);
    int r = why_conn_raw_write(conn, (const uint8_t *)buf, len > 0 ? (size_t)len : 0);

    BIO_clear_retry_flags(bio);
    if (r > 0)
        scan_records(conn, WHY_DIR_SENT, (const uint8_t *)buf, (size_t)r);
    else if (r == CONN_AGAIN)
        BIO_set_retry_write(bio);
    return r > 0 ? r : -1;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
    (void)bio;
    (void)num;
    (void)ptr;
    return cmd == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *bio_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rdpwhy");

    if (method == NULL)
        return NULL;
    if (BIO_meth_set_read(method, bio_read) != 1 || BIO_meth_set_write(method, bio_write) != 1 ||
        BIO_meth_set_ctrl(method, bio_ctrl) != 1) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

/* Alerts of both directions, encrypted or not, close_notify too: after the handshake only the TLS
 * library sees them. */
static void on_info(const SSL *ssl, int where, int ret)
{
    struct conn *conn = conn_of(ssl);
    enum why_dir dir = (where & SSL_CB_READ) != 0 ? WHY_DIR_RECEIVED : WHY_DIR_SENT;

    if ((where & SSL_CB_ALERT) == 0 || conn == NULL)
        return;
    why_recorder_add(conn->rec, &(struct why_event){.kind = why_conn_kind(conn, WHY_EV_TLS_ALERT),
                                                    .dir = dir,
                                                    .value = ret,
                                                    .text = SSL_alert_desc_string_long(ret)});
}

static void on_keylog(const SSL *ssl, const char *line)
{
    struct conn *conn = conn_of(ssl);

    if (conn != NULL)
        why_recorder_capture(conn->rec, &(struct why_event){.kind = WHY_EV_KEYLOG, .text = line});
}

static void record_certificate(struct conn *conn, X509 *cert, int index)
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);

    if (len > 0)
        why_recorder_add(conn->rec,
                         &(struct why_event){.kind = why_conn_kind(conn, WHY_EV_CERTIFICATE),
                                             .dir = WHY_DIR_RECEIVED,
                                             .value = index,
                                             .bytes = der,
                                             .len = (size_t)len});
    OPENSSL_free(der);
}

/* Called with the chain as soon as it has come, also when the handshake fails afterwards. */
static int on_certificate(X509_STORE_CTX *store, void *arg)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_untrusted(store);
    struct conn *conn = ssl != NULL ? conn_of(ssl) : NULL;
    int index = 0;

    (void)arg;
    if (conn == NULL || leaf == NULL)
        return 1;
    record_certificate(conn, leaf, index++);
    for (int i = 0; i < sk_X509_num(chain) && index < CHAIN_MAX; i++) {
        X509 *cert = sk_X509_value(chain, i);

        if (cert != leaf && X509_cmp(cert, leaf) != 0)
            record_certificate(conn, cert, index++);
    }
    return 1;
}

static SSL_CTX *context_new(uint16_t min, uint16_t max)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (ctx == NULL)
        return NULL;
    /* Old servers are what is being looked at: nothing the library can still do is left out,
     * whatever the system's configuration says. */
    SSL_CTX_set_security_level(ctx, 0);
    if (SSL_CTX_set_min_proto_version(ctx, min != 0 ? min : TLS1_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(ctx, max) != 1 ||
        SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0") != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    (void)SSL_CTX_clear_options(ctx, SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 |
                                         SSL_OP_NO_TLSv1_3);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_LEGACY_SERVER_CONNECT |
                                       SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, on_certificate, NULL);
    SSL_CTX_set_info_callback(ctx, on_info);
    SSL_CTX_set_keylog_callback(ctx, on_keylog);
    return ctx;
}

struct tls_factory *why_tls_factory_new(void)
{
    static const uint16_t bounds[RANGES][2] = {
        {0, 0},
        {TLS1_VERSION, TLS1_VERSION},
        {TLS1_1_VERSION, TLS1_1_VERSION},
        {TLS1_2_VERSION, TLS1_2_VERSION},
        {TLS1_3_VERSION, TLS1_3_VERSION},
    };
    struct tls_factory *factory = calloc(1, sizeof(*factory));

    if (factory == NULL)
        return NULL;
    factory->bio = bio_method_new();
    for (size_t i = 0; i < RANGES; i++) {
        factory->ranges[i] =
            (struct tls_range){bounds[i][0], bounds[i][1], context_new(bounds[i][0], bounds[i][1])};
    }
    if (factory->bio == NULL || factory->ranges[0].ctx == NULL) {
        why_tls_factory_free(factory);
        return NULL;
    }
    return factory;
}

void why_tls_factory_free(struct tls_factory *factory)
{
    if (factory == NULL)
        return;
    for (size_t i = 0; i < RANGES; i++)
        SSL_CTX_free(factory->ranges[i].ctx);
    BIO_meth_free(factory->bio);
    free(factory);
}

static SSL_CTX *find_context(const struct tls_factory *factory, uint16_t min, uint16_t max)
{
    for (size_t i = 0; i < RANGES; i++) {
        if (factory->ranges[i].min == min && factory->ranges[i].max == max)
            return factory->ranges[i].ctx;
    }
    return NULL;
}

bool why_tls_factory_can(const struct tls_factory *factory, uint16_t min, uint16_t max)
{
    return find_context(factory, min, max) != NULL;
}

static bool is_address(const char *host)
{
    unsigned char buf[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, buf) == 1 || strchr(host, ':') != NULL;
}

/* RFC 7301 3.1: each with its length before it */
static const unsigned char web_protocols[] = "\x08http/1.1";

/* The protocol that the server chose, with a space before it; "": none. */
static void put_alpn(const SSL *ssl, char *buf, size_t len)
{
    const unsigned char *chosen = NULL;
    unsigned int n = 0;

    SSL_get0_alpn_selected(ssl, &chosen, &n);
    *buf = '\0';
    if (n > 0)
        (void)snprintf(buf, len, " %.*s", (int)n, (const char *)chosen);
}

static SSL *ssl_new(struct conn *conn, const struct tls_factory *factory, SSL_CTX *ctx,
                    const char *host)
{
    SSL *ssl = SSL_new(ctx);
    BIO *bio = BIO_new(factory->bio);

    if (ssl == NULL || bio == NULL) {
        SSL_free(ssl);
        BIO_free(bio);
        return NULL;
    }
    BIO_set_data(bio, conn);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, conn);
    if (conn->asks_alpn)
        (void)SSL_set_alpn_protos(ssl, web_protocols, sizeof(web_protocols) - 1);
    /* What the macro SSL_set_tlsext_host_name does, without its cast that drops const. */
    if (!is_address(host))
        (void)SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       (void *)(uintptr_t)host);
    return ssl;
}

/* A write failed within the handshake, or what came was no TLS: what says why may be there to be
 * read. */
static void read_rest(struct conn *conn)
{
    uint8_t buf[4096];
    int r;

    while ((r = why_conn_raw_read(conn, buf, sizeof(buf))) > 0)
        scan_records(conn, WHY_DIR_RECEIVED, buf, (size_t)r);
}

/* Half a PDU in the clear is none: the rest of it is waited for. */
static void read_clear(struct conn *conn, const struct record_scan *scan)
{
    uint64_t until = why_clock_us() + CLEAR_WAIT_MS * 1000u;
    int left;

    read_rest(conn);
    while (scan->bytes.len > 0 && !scan->lost && conn->end == CONN_OPEN &&
           (left = why_clock_ms_until(until, CLEAR_WAIT_MS)) > 0) {
        (void)why_conn_wait(conn, false, left);
        read_rest(conn);
    }
}

/* What has come of something that was not whole when the handshake ended. */
static void record_rest(struct conn *conn, const char *problem)
{
    struct record_scan *scan = &conn->scan[WHY_DIR_RECEIVED];

    if (scan->bytes.len > 0 && !scan->lost)
        record_partial(conn, WHY_DIR_RECEIVED, problem);
    scan->lost = true;
}

/* The TLS library gave up without the network's help: the peer's bytes are to blame, or we are. */
static void tls_failed(struct conn *conn)
{
    struct record_scan *scan = &conn->scan[WHY_DIR_RECEIVED];
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_reason_error_string(error);

    why_recorder_event(conn->rec, why_conn_kind(conn, WHY_EV_TLS_ERROR), ERR_GET_REASON(error),
                       reason != NULL ? reason : "unknown TLS error");
    if (scan->clear)
        read_clear(conn, scan);
    if (scan->clear)
        record_rest(conn, "not a TLS record");
    why_conn_set_end(conn, CONN_TLS_FAILED);
}

/* close_notify ends the peer's side. Behind the handshake that is its good-bye, however TCP goes
 * down after it; within the handshake it says nothing, and what TCP does may be under way still. */
static void peer_said_goodbye(struct conn *conn)
{
    uint64_t until = why_clock_us() + CLEAR_WAIT_MS * 1000u;
    int left;

    while (!conn->tls_up && conn->end == CONN_OPEN &&
           (left = why_clock_ms_until(until, CLEAR_WAIT_MS)) > 0) {
        read_rest(conn);
        if (conn->end == CONN_OPEN)
            (void)why_conn_wait(conn, false, left);
    }
    if (conn->end != CONN_OPEN)
        return;
    why_recorder_event(conn->rec, WHY_EV_FIN, 0,
                       conn->gateway ? "the gateway's " WHY_CLOSE_NOTIFY : WHY_CLOSE_NOTIFY);
    why_conn_set_end(conn, CONN_FIN);
}

/* Translates an SSL function's failure: CONN_AGAIN or CONN_ENDED. */
static int tls_status(struct conn *conn, int r)
{
    switch (SSL_get_error(conn->ssl, r)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return why_conn_expired(conn) ? CONN_ENDED : CONN_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        peer_said_goodbye(conn);
        return CONN_ENDED;
    default:
        if (conn->end == CONN_OPEN && conn->write_error == 0)
            tls_failed(conn);
        else if (conn->write_error != 0 && !conn->tls_up)
            read_rest(conn);
        return CONN_ENDED;
    }
}

bool why_tls_connect(struct conn *conn, const struct tls_factory *factory, uint16_t min,
                     uint16_t max, const char *host)
{
    SSL_CTX *ctx = find_context(factory, min, max);
    char text[160], alpn[32];

    why_recorder_event(conn->rec, why_conn_kind(conn, WHY_EV_TLS_START), 0, NULL);
    conn->ssl = ctx != NULL ? ssl_new(conn, factory, ctx, host) : NULL;
    if (conn->ssl == NULL) {
        why_recorder_event(conn->rec, WHY_EV_FAILED, 0, "OpenSSL could not set TLS up");
        why_conn_set_end(conn, CONN_TLS_FAILED);
        return false;
    }
    for (;;) {
        bool ended;
        int r;

        ERR_clear_error();
        r = SSL_connect(conn->ssl);
        if (r == 1)
            break;
        ended = tls_status(conn, r) == CONN_ENDED;
        if (!ended) {
            (void)why_conn_wait(conn, SSL_want_write(conn->ssl) != 0, 1000);
            ended = why_conn_expired(conn) && conn->end != CONN_FIN;
        }
        if (ended) {
            record_rest(conn, NULL);
            return false;
        }
    }
    conn->tls_up = true;
    put_alpn(conn->ssl, alpn, sizeof(alpn));
    (void)snprintf(text, sizeof(text), "%s %s%s", SSL_get_version(conn->ssl),
                   SSL_get_cipher_name(conn->ssl), alpn);
    why_recorder_event(conn->rec, why_conn_kind(conn, WHY_EV_TLS_DONE), SSL_version(conn->ssl),
                       text);
    return true;
}

int why_tls_read(struct conn *conn, uint8_t *buf, size_t len)
{
    int r;

    ERR_clear_error();
    r = SSL_read(conn->ssl, buf, (int)len);
    return r > 0 ? r : tls_status(conn, r);
}

int why_tls_write(struct conn *conn, const uint8_t *buf, size_t len)
{
    int r;

    ERR_clear_error();
    r = SSL_write(conn->ssl, buf, (int)len);
    return r > 0 ? r : tls_status(conn, r);
}

size_t why_tls_public_key(const struct conn *conn, unsigned char **data)
{
    X509 *cert;
    EVP_PKEY *key;
    int len = 0;

    *data = NULL;
    if (conn->ssl == NULL)
        return 0;
    cert = SSL_get1_peer_certificate(conn->ssl);
    if (cert == NULL)
        return 0;
    key = X509_get0_pubkey(cert);
    if (key != NULL)
        len = i2d_PublicKey(key, data);
    X509_free(cert);
    return len > 0 ? (size_t)len : 0;
}
