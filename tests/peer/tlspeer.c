/* SPDX-License-Identifier: Apache-2.0 */
#include "tlspeer.h"

#include <stdio.h>
#include <stdlib.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "conn.h"
#include "server.h"

struct peer_tls {
    SSL_CTX *ctx;
    struct peer_identity identity;
    EVP_PKEY *rdp_key;
};

/* The file |given|; NULL: the fixture |name|. */
static EVP_PKEY *load_key(const struct peer_options *options, const char *given, const char *name)
{
    char path[1024];
    const bool fits = server_file(options, name, "key", path, sizeof(path));
    FILE *in = given != NULL ? fopen(given, "r") : fits ? fopen(path, "r") : NULL;
    EVP_PKEY *key = in != NULL ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
    if (in != NULL) {
        fclose(in);
    }
    if (key == NULL) {
        fprintf(stderr, "rdpwhy-peer: cannot read the key %s\n", given != NULL ? given : name);
    }
    return key;
}

static bool load(struct peer_identity *id, const struct peer_options *options)
{
    char certificate[1024];
    if (!server_file(options, "server", "crt", certificate, sizeof(certificate))) {
        return false;
    }
    FILE *c = fopen(certificate, "r");
    if (c != NULL) {
        id->certificate = PEM_read_X509(c, NULL, NULL, NULL);
        fclose(c);
    }
    id->key = load_key(options, NULL, "server");
    if (id->key == NULL || id->certificate == NULL) {
        fprintf(stderr, "rdpwhy-peer: cannot read %s or its key\n", certificate);
        return false;
    }
    const int len = i2d_X509(id->certificate, &id->der);
    id->der_len = len > 0 ? (size_t)len : 0;
    return len > 0;
}

struct peer_tls *tls_peer_new(const struct peer_options *options)
{
    struct peer_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL) {
        return NULL;
    }
    tls->ctx = SSL_CTX_new(TLS_server_method());
    tls->rdp_key = load_key(options, options->key, "rdp");
    if (tls->ctx == NULL || tls->rdp_key == NULL || !load(&tls->identity, options) ||
        SSL_CTX_use_PrivateKey(tls->ctx, tls->identity.key) != 1 ||
        SSL_CTX_use_certificate(tls->ctx, tls->identity.certificate) != 1) {
        tls_peer_free(tls);
        return NULL;
    }
    SSL_CTX_set_security_level(tls->ctx, 0);
    SSL_CTX_set_min_proto_version(tls->ctx, TLS1_VERSION);
    SSL_CTX_set_session_cache_mode(tls->ctx, SSL_SESS_CACHE_OFF);
    return tls;
}

void tls_peer_free(struct peer_tls *tls)
{
    if (tls == NULL) {
        return;
    }
    SSL_CTX_free(tls->ctx);
    EVP_PKEY_free(tls->rdp_key);
    EVP_PKEY_free(tls->identity.key);
    X509_free(tls->identity.certificate);
    OPENSSL_free(tls->identity.der);
    free(tls);
}

const struct peer_identity *tls_peer_identity(const struct peer_conn *conn)
{
    return &conn->server->tls->identity;
}

EVP_PKEY *tls_peer_rdp_key(const struct peer_conn *conn)
{
    const struct peer_tls *tls = conn->server->tls;
    const bool usual = conn->fault->security != PEER_SEC_RDP && conn->server->options.key == NULL;
    return usual ? tls->identity.key : tls->rdp_key;
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

bool tls_open(struct tls_session *s, struct peer_conn *conn, uint16_t version,
              bool client_certificate)
{
    *s = (struct tls_session){.conn = conn, .ssl = SSL_new(conn->server->tls->ctx)};
    if (s->ssl == NULL) {
        return false;
    }
    s->in = BIO_new(BIO_s_mem());
    s->out = BIO_new(BIO_s_mem());
    if (s->in == NULL || s->out == NULL) {
        BIO_free(s->in);
        BIO_free(s->out);
        tls_close(s);
        return false;
    }
    SSL_set_bio(s->ssl, s->in, s->out);
    SSL_set_accept_state(s->ssl);
    if (version != 0) {
        SSL_set_min_proto_version(s->ssl, version);
        SSL_set_max_proto_version(s->ssl, version);
    }
    if (client_certificate) {
        SSL_set_verify(s->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    }
    return true;
}

void tls_close(struct tls_session *s)
{
    SSL_free(s->ssl);
    s->ssl = NULL;
    ERR_clear_error();
}

bool tls_feed(struct tls_session *s)
{
    uint8_t data[4096];
    const long n = conn_recv(s->conn, data, sizeof(data));
    return n > 0 && BIO_write(s->in, data, (int)n) == (int)n;
}

size_t tls_take(struct tls_session *s, uint8_t *data, size_t size)
{
    const int n = BIO_read(s->out, data, (int)size);
    return n > 0 ? (size_t)n : 0;
}

bool tls_flush(struct tls_session *s)
{
    uint8_t data[4096];
    for (;;) {
        const size_t n = tls_take(s, data, sizeof(data));
        if (n == 0) {
            return true;
        }
        if (!conn_send(s->conn, data, n)) {
            return false;
        }
    }
}

bool tls_handshake(struct tls_session *s)
{
    for (;;) {
        const int status = SSL_do_handshake(s->ssl);
        const int error = SSL_get_error(s->ssl, status);
        if (!tls_flush(s)) {
            return false;
        }
        if (status == 1) {
            return true;
        }
        if (error != SSL_ERROR_WANT_READ || !tls_feed(s)) {
            return false;
        }
    }
}

bool tls_send(struct tls_session *s, const void *data, size_t len)
{
    return SSL_write(s->ssl, data, (int)len) == (int)len && tls_flush(s);
}

static bool read_all(struct tls_session *s, uint8_t *data, size_t len)
{
    while (len > 0) {
        const int n = SSL_read(s->ssl, data, (int)len);
        const int error = SSL_get_error(s->ssl, n);
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        } else if (error != SSL_ERROR_WANT_READ || !tls_flush(s) || !tls_feed(s)) {
            tls_flush(s);
            return false;
        }
    }
    return true;
}

size_t tls_read_tpkt(struct tls_session *s, uint8_t *data, size_t size)
{
    if (size < 4 || !read_all(s, data, 4)) {
        return 0;
    }
    const size_t len = (size_t)data[2] << 8 | data[3];
    return len >= 4 && len <= size && read_all(s, data + 4, len - 4) ? len : 0;
}
