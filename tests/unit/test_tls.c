/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/clock.h"

#include "loopback.h"
#include "plain.h"
#include "unit.h"

#define LONG_MS  20000 /* a deadline that no test comes to */
#define SHORT_MS 300   /* one that is met */
#define BOUND_US 5000000u

static struct tls_factory *factory;

static int make_factory(void)
{
    factory = why_tls_factory_new();
    return factory == NULL;
}

static int free_factory(void)
{
    why_tls_factory_free(factory);
    why_tls_factory_free(NULL);
    return 0;
}

/* ---- servers, each in a thread of its own ---------------------------------------------------- */

struct server {
    uint16_t min, max;     /* wire versions; 0: no bound */
    bool wants_client;     /* a certificate that the client does not have */
    bool echoes;           /* sends back what it gets, until close_notify */
    bool said_name;        /* out: the client sent SNI */
    char name[64];         /* out: which */
    const char *raw;       /* no TLS: these bytes after the ClientHello */
    size_t raw_len, times; /* how often */
    bool rst;              /* ends with a RST, not a FIN */
};

static SSL_CTX *server_context(const struct server *s)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    char cert[512], key[512];

    (void)snprintf(cert, sizeof(cert), "%s/certificates/server.crt", FIXTURES);
    (void)snprintf(key, sizeof(key), "%s/certificates/server.key", FIXTURES);
    if (ctx == NULL)
        abort();
    SSL_CTX_set_security_level(ctx, 0);
    if (SSL_CTX_set_min_proto_version(ctx, s->min != 0 ? s->min : TLS1_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(ctx, s->max) != 1 ||
        SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0") != 1 ||
        SSL_CTX_use_certificate_file(ctx, cert, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        abort();
    if (s->wants_client)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return ctx;
}

static void echo(SSL *ssl)
{
    char buf[1000];
    int n;

    while ((n = SSL_read(ssl, buf, sizeof(buf))) > 0 && SSL_write(ssl, buf, n) == n)
        continue;
}

static void serve_tls(int fd, void *arg)
{
    struct server *s = arg;
    SSL_CTX *ctx = server_context(s);
    SSL *ssl = SSL_new(ctx);
    const char *name;
    char buf[16];

    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
        abort();
    if (SSL_accept(ssl) == 1) {
        name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        s->said_name = name != NULL;
        (void)snprintf(s->name, sizeof(s->name), "%s", name != NULL ? name : "");
        if (s->echoes)
            echo(ssl);
        (void)SSL_shutdown(ssl);
    }
    /* Until the client has closed: nothing of its is unread, so what we sent is not lost. */
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, buf, sizeof(buf), 0) > 0)
        continue;
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    (void)close(fd);
}

static void serve_raw(int fd, void *arg)
{
    const struct server *s = arg;
    char buf[4096];
    ssize_t n = recv(fd, buf, sizeof(buf), 0);

    for (size_t i = 0; n > 0 && i < s->times; i++)
        n = send(fd, s->raw, s->raw_len, MSG_NOSIGNAL);
    if (s->rst) {
        loopback_rst(&fd);
        return;
    }
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, buf, sizeof(buf), 0) > 0)
        continue;
    (void)close(fd);
}

/* Says nothing until the client has gone. */
static void serve_silence(int fd, void *arg)
{
    char buf[4096];

    (void)arg;
    while (recv(fd, buf, sizeof(buf), 0) > 0)
        continue;
    (void)close(fd);
}

static uint64_t elapsed_us(const struct loopback *l)
{
    return why_clock_us() - l->rec.start_us;
}

/* -1: none came. */
static int64_t received_alert(const struct loopback *l)
{
    for (size_t i = 0; i < why_trace_count(l->rec.trace); i++) {
        const struct why_event *event = why_trace_at(l->rec.trace, i);

        if (event->kind == WHY_EV_TLS_ALERT && event->dir == WHY_DIR_RECEIVED)
            return event->value;
    }
    return -1;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static const struct {
    uint16_t version;
    const char *name;
} versions[] = {
    {TLS1_VERSION, "TLSv1"},
    {TLS1_1_VERSION, "TLSv1.1"},
    {TLS1_2_VERSION, "TLSv1.2"},
    {TLS1_3_VERSION, "TLSv1.3"},
};

#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* Every pinned client with every server of one version: it works where they are the same. */
static void test_versions(void)
{
    for (size_t c = 0; c < VERSIONS; c++) {
        if (!why_tls_factory_can(factory, versions[c].version, versions[c].version))
            continue;
        for (size_t s = 0; s < VERSIONS; s++) {
            struct server server = {.min = versions[s].version, .max = versions[s].version};
            struct loopback l;
            bool up;

            loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
            up =
                why_tls_connect(&l.conn, factory, versions[c].version, versions[c].version, "srv1");
            CU_ASSERT_EQUAL(up, c == s);
            if (up) {
                const struct why_event *done = loopback_event(&l, WHY_EV_TLS_DONE);

                CU_ASSERT_EQUAL(strncmp(done->text, versions[c].name, strlen(versions[c].name)), 0);
                CU_ASSERT_EQUAL(done->text[strlen(versions[c].name)], ' ');
                CU_ASSERT_EQUAL(done->value, versions[c].version);
            } else {
                CU_ASSERT_PTR_NULL(loopback_event(&l, WHY_EV_TLS_DONE));
                CU_ASSERT(l.conn.end != CONN_OPEN && l.conn.end != CONN_DEADLINE);
            }
            loopback_close(&l);
        }
    }
    CU_ASSERT_TRUE(why_tls_factory_can(factory, 0, 0));
    CU_ASSERT_TRUE(why_tls_factory_can(factory, TLS1_2_VERSION, TLS1_2_VERSION));
    CU_ASSERT_FALSE(why_tls_factory_can(factory, TLS1_2_VERSION, TLS1_3_VERSION));
}

static void test_best_version(void)
{
    struct server server = {.min = 0, .max = 0};
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
    CU_ASSERT_TRUE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(loopback_event(&l, WHY_EV_TLS_DONE)->value, TLS1_3_VERSION);
    CU_ASSERT_PTR_NOT_NULL(loopback_event(&l, WHY_EV_TLS_START));
    CU_ASSERT_PTR_NOT_NULL(loopback_event(&l, WHY_EV_TLS_RECORD));
    loopback_close(&l);
}

/* A server that insists on another version says so. */
static void test_version_alert(void)
{
    struct server server = {.min = TLS1_3_VERSION, .max = TLS1_3_VERSION};
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, TLS1_2_VERSION, TLS1_2_VERSION, "srv1"));
    CU_ASSERT_EQUAL(received_alert(&l), 2 << 8 | SSL_AD_PROTOCOL_VERSION);
    loopback_close(&l);
}

/* The certificate is known although the handshake fails after it. */
static void test_alert_after_certificate(void)
{
    struct server server = {.min = TLS1_2_VERSION, .max = TLS1_2_VERSION, .wants_client = true};
    const struct why_event *certificate;
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(received_alert(&l), 2 << 8 | SSL_AD_HANDSHAKE_FAILURE);
    certificate = loopback_event(&l, WHY_EV_CERTIFICATE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(certificate);
    CU_ASSERT_EQUAL(certificate->value, 0);
    CU_ASSERT(certificate->len > 500);
    CU_ASSERT_PTR_NULL(loopback_event(&l, WHY_EV_TLS_DONE));
    loopback_close(&l);
}

static void test_fin_in_the_handshake(void)
{
    struct server server = {.times = 0};
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, serve_raw, &server);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(l.conn.end, CONN_FIN);
    CU_ASSERT_PTR_NOT_NULL(loopback_event(&l, WHY_EV_FIN));
    CU_ASSERT_PTR_NULL(loopback_event(&l, WHY_EV_TLS_ERROR));
    loopback_close(&l);
}

static void test_reset_in_the_handshake(void)
{
    struct server server = {.times = 0, .rst = true};
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, serve_raw, &server);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(l.conn.end, CONN_RESET);
    CU_ASSERT_PTR_NULL(loopback_event(&l, WHY_EV_TLS_ERROR));
    loopback_close(&l);
}

/* No TLS at all, and a record that TLS does not have. */
static void test_garbage(void)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    struct server server = {.raw = http, .raw_len = sizeof(http) - 1, .times = 1};
    const struct why_event *partial;
    struct loopback l;

    loopback_open(&l, LONG_MS, NULL, serve_raw, &server);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(l.conn.end, CONN_TLS_FAILED);
    CU_ASSERT_PTR_NOT_NULL(loopback_event(&l, WHY_EV_TLS_ERROR));
    partial = loopback_event(&l, WHY_EV_PARTIAL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(partial);
    CU_ASSERT_EQUAL(memcmp(partial->bytes, http, 5), 0);
    loopback_close(&l);
}

static void test_silence(void)
{
    struct loopback l;

    loopback_open(&l, SHORT_MS, NULL, serve_silence, NULL);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(l.conn.end, CONN_DEADLINE);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
}

/* HelloRequests are ignored within a handshake, however many come. */
static void test_endless_records(void)
{
    static const char hello_request[] = "\x16\x03\x03\x00\x04\x00\x00\x00\x00";
    struct server server = {.raw = hello_request, .raw_len = 9, .times = SIZE_MAX};
    struct loopback l;

    loopback_open(&l, SHORT_MS, NULL, serve_raw, &server);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_NOT_EQUAL(l.conn.end, CONN_OPEN);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
}

static void test_cancelled(void)
{
    atomic_bool cancelled;
    struct loopback l;

    atomic_init(&cancelled, true);
    loopback_open(&l, LONG_MS, &cancelled, serve_silence, NULL);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(l.conn.end, CONN_CANCELLED);
    CU_ASSERT(elapsed_us(&l) < BOUND_US);
    loopback_close(&l);
}

/* A write that met a RST within the handshake: what had come before it is still recorded. */
static void test_alert_before_a_failed_write(void)
{
    static const char alert[] = "\x15\x03\x03\x00\x02\x02\x28";
    struct loopback l;
    size_t alerts = 0;

    loopback_open(&l, LONG_MS, NULL, NULL, NULL);
    CU_ASSERT_EQUAL(send(l.peer, alert, 7, 0), 7);
    loopback_rst(&l.peer);
    loopback_await(&l);
    CU_ASSERT_FALSE(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(l.conn.end, CONN_RESET);
    for (size_t i = 0; i < why_trace_count(l.rec.trace); i++) {
        const struct why_event *event = why_trace_at(l.rec.trace, i);

        alerts += event->kind == WHY_EV_TLS_RECORD && event->dir == WHY_DIR_RECEIVED &&
                  event->bytes[0] == 21;
    }
    CU_ASSERT_EQUAL(alerts, 1);
    loopback_close(&l);
}

static const struct {
    const char *host;
    bool sent;
} names[] = {
    {"srv1.example", true}, {"localhost", true},   {"127.0.0.1", false},
    {"::1", false},         {"fe80::1%lo", false},
};

static void test_server_name(void)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct server server = {.min = TLS1_2_VERSION, .max = TLS1_2_VERSION};
        struct loopback l;

        loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
        CU_ASSERT_TRUE(why_tls_connect(&l.conn, factory, 0, 0, names[i].host));
        loopback_close(&l);
        CU_ASSERT_EQUAL(server.said_name, names[i].sent);
        if (names[i].sent)
            CU_ASSERT_STRING_EQUAL(server.name, names[i].host);
    }
}

static size_t read_exactly(struct loopback *l, uint8_t *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        int r = why_plain_read(&l->conn, buf + done, len - done);

        if (r == CONN_ENDED)
            break;
        if (r == CONN_AGAIN)
            (void)why_conn_wait(&l->conn, false, 1000);
        else
            done += (size_t)r;
    }
    return done;
}

static void test_echo(void)
{
    for (size_t v = 2; v < VERSIONS; v++) {
        struct server server = {
            .min = versions[v].version, .max = versions[v].version, .echoes = true};
        uint8_t out[20000], in[20000];
        struct loopback l;

        for (size_t i = 0; i < sizeof(out); i++)
            out[i] = (uint8_t)(i * 13);
        loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
        CU_ASSERT_TRUE_FATAL(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
        CU_ASSERT_EQUAL(why_plain_write(&l.conn, out, sizeof(out)), (int)sizeof(out));
        CU_ASSERT_EQUAL(read_exactly(&l, in, sizeof(in)), sizeof(in));
        CU_ASSERT_EQUAL(memcmp(in, out, sizeof(in)), 0);
        loopback_close(&l);
    }
}

/* close_notify is the peer's good-bye, not an error. */
static void test_close_notify(void)
{
    struct server server = {.min = 0, .max = 0};
    struct loopback l;
    uint8_t buf[8];

    loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
    CU_ASSERT_TRUE_FATAL(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    CU_ASSERT_EQUAL(read_exactly(&l, buf, sizeof(buf)), 0);
    CU_ASSERT_EQUAL(l.conn.end, CONN_FIN);
    CU_ASSERT_PTR_NULL(loopback_event(&l, WHY_EV_TLS_ERROR));
    CU_ASSERT_EQUAL(received_alert(&l) & 0xff, SSL_AD_CLOSE_NOTIFY);
    loopback_close(&l);
}

static void test_public_key(void)
{
    struct server server = {.min = 0, .max = 0};
    unsigned char *got = NULL, *want = NULL;
    char path[512];
    struct loopback l;
    size_t len;
    X509 *cert;
    FILE *in;

    (void)snprintf(path, sizeof(path), "%s/certificates/server.crt", FIXTURES);
    in = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    cert = PEM_read_X509(in, NULL, NULL, NULL);
    (void)fclose(in);
    loopback_open(&l, LONG_MS, NULL, serve_tls, &server);
    CU_ASSERT_EQUAL(why_tls_public_key(&l.conn, &got), 0); /* no TLS yet */
    CU_ASSERT_PTR_NULL(got);
    CU_ASSERT_TRUE_FATAL(why_tls_connect(&l.conn, factory, 0, 0, "srv1"));
    len = why_tls_public_key(&l.conn, &got);
    CU_ASSERT_EQUAL_FATAL((int)len, i2d_PublicKey(X509_get0_pubkey(cert), &want));
    CU_ASSERT_EQUAL(memcmp(got, want, len), 0);
    OPENSSL_free(got);
    OPENSSL_free(want);
    X509_free(cert);
    loopback_close(&l);
}

static CU_TestInfo tests[] = {
    {"versions are pinned", test_versions},
    {"the best version where none is pinned", test_best_version},
    {"the alert for versions", test_version_alert},
    {"an alert after the certificate", test_alert_after_certificate},
    {"FIN in the handshake", test_fin_in_the_handshake},
    {"RST in the handshake", test_reset_in_the_handshake},
    {"garbage", test_garbage},
    {"silence", test_silence},
    {"records without end", test_endless_records},
    {"cancelled", test_cancelled},
    {"an alert before a failed write", test_alert_before_a_failed_write},
    {"the server's name", test_server_name},
    {"there and back", test_echo},
    {"close_notify", test_close_notify},
    {"the server's key", test_public_key},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "tls", .pInitFunc = make_factory, .pCleanupFunc = free_factory, .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* the servers' own: OpenSSL writes without MSG_NOSIGNAL */
    return why_unit_main(suites);
}
