/* SPDX-License-Identifier: Apache-2.0 */
#include "https.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "trust/authorities.h"

#include "asking.h"
#include "kkdcp.h"

#define HEAD_MAX     16384u
#define RESPONSE_MAX (KDC_REPLY_MAX + HEAD_MAX)
#define CHUNK        16384u
#define HEAD_SIZE    (KDC_HOST_SIZE + KDC_PATH_SIZE + 256)

/* ---- the certificate ------------------------------------------------------------------------- */

/* Against the authorities that this computer trusts, as every certificate is judged here; name and
 * dates count, too, for a client would send nothing to another. */
static int judge(X509_STORE_CTX *ctx, void *arg)
{
    const struct why_authorities *trust = arg;
    STACK_OF(X509) *authorities = sk_X509_new_null();
    int good = 0;

    if (authorities != NULL &&
        why_authorities_chain(trust, X509_STORE_CTX_get0_cert(ctx),
                              X509_STORE_CTX_get0_untrusted(ctx), authorities) == 0) {
        X509_STORE_CTX_set0_trusted_stack(ctx, authorities);
        good = X509_verify_cert(ctx);
    } else {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_OUT_OF_MEM);
    }
    sk_X509_pop_free(authorities, X509_free);
    return good > 0;
}

static bool expect_name(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
        return true;
    /* What SSL_set_tlsext_host_name comes to, whose cast takes the const away. */
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    (void *)(uintptr_t)host) == 1 &&
           X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

static SSL *new_tls(const struct asking *a)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;

    if (ctx == NULL)
        return NULL;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    /* It is only handed to |judge|, which does not write to it. */
    SSL_CTX_set_cert_verify_callback(ctx, judge, (void *)(uintptr_t)a->x->trust);
    ssl = SSL_new(ctx);
    SSL_CTX_free(ctx); /* the connection holds it */
    if (ssl != NULL && SSL_set_fd(ssl, a->fd) == 1 && expect_name(ssl, a->kdc->host))
        return ssl;
    SSL_free(ssl);
    return NULL;
}

/* ---- TLS on a socket that does not block ----------------------------------------------------- */

static void tell_tls(struct asking *a, const SSL *ssl)
{
    long verified = SSL_get_verify_result(ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    if (verified != X509_V_OK)
        why_asking_did(a,
                       "its certificate is not trusted: ", X509_verify_cert_error_string(verified));
    else if (reason != NULL)
        why_asking_did(a, "TLS with it failed: ", reason);
    else
        why_asking_did(a, "it closed the connection", "");
}

/* After a call that returned |r|: true where it is to be made once more. */
static bool wait_for_tls(struct asking *a, const SSL *ssl, int r)
{
    switch (SSL_get_error(ssl, r)) {
    case SSL_ERROR_WANT_READ:
        return why_asking_ready(a, POLLIN);
    case SSL_ERROR_WANT_WRITE:
        return why_asking_ready(a, POLLOUT);
    default:
        tell_tls(a, ssl);
        return false;
    }
}

static bool connect_tls(struct asking *a, SSL *ssl)
{
    int r;

    ERR_clear_error();
    while ((r = SSL_connect(ssl)) != 1) {
        if (!wait_for_tls(a, ssl, r))
            return false;
        ERR_clear_error();
    }
    return true;
}

static bool write_tls(struct asking *a, SSL *ssl, const void *data, size_t len)
{
    size_t written;
    int r;

    ERR_clear_error();
    while ((r = SSL_write_ex(ssl, data, len, &written)) != 1) {
        if (!wait_for_tls(a, ssl, r))
            return false;
        ERR_clear_error();
    }
    return true; /* whole: partial writes are not asked for */
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

/* HTTP/1.0 ends the response with its length or with the connection, never in chunks. */
static size_t put_head(const struct asking *a, size_t content, char head[HEAD_SIZE])
{
    char authority[KDC_AUTHORITY];
    int n;

    why_kdc_authority(a->kdc, authority);
    n = snprintf(head, HEAD_SIZE,
                 "POST %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: rdpwhy\r\n"
                 "Cache-Control: no-cache\r\nContent-Type: application/kerberos\r\n"
                 "Content-Length: %zu\r\n\r\n",
                 a->kdc->path, authority, content);
    return n > 0 && n < HEAD_SIZE ? (size_t)n : 0;
}

/* Head and message at once: some servers take what comes first for all of it. */
static bool post(struct asking *a, SSL *ssl)
{
    char head[HEAD_SIZE];
    size_t len = 0, head_len;
    uint8_t *message = why_kkdcp_wrap(a->x->request, a->x->request_len, a->x->realm, &len), *all;
    bool good;

    head_len = put_head(a, len, head);
    all = message != NULL ? malloc(head_len + len) : NULL;
    if (all != NULL) {
        memcpy(all, head, head_len);
        memcpy(all + head_len, message, len);
    }
    good = all != NULL && write_tls(a, ssl, all, head_len + len);
    free(all);
    free(message);
    return good;
}

struct response {
    uint8_t *data;
    size_t len;
    struct kkdcp_http http;
};

static bool is_whole(const struct response *r)
{
    return r->http.body > 0 && r->http.has_length && r->len - r->http.body >= r->http.length;
}

static bool has_ended(const SSL *ssl, int r)
{
    int error = SSL_get_error(ssl, r);

    /* Many servers close without close_notify; the message's own length tells what is missing. */
    return error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SYSCALL ||
           (error == SSL_ERROR_SSL &&
            ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

static bool receive(struct asking *a, SSL *ssl, struct response *r)
{
    while (!is_whole(r) && r->len + CHUNK <= RESPONSE_MAX) {
        size_t n = 0;
        int got;

        ERR_clear_error();
        got = SSL_read_ex(ssl, r->data + r->len, CHUNK, &n);
        r->len += got == 1 ? n : 0;
        if (got != 1 && has_ended(ssl, got))
            break;
        if (got != 1 && !wait_for_tls(a, ssl, got))
            return false;
        why_kkdcp_http(r->data, r->len, &r->http);
    }
    if (r->len > 0)
        return true;
    why_asking_did(a, "it closed the connection without an answer", "");
    return false;
}

static bool take(struct asking *a, const struct response *r)
{
    const uint8_t *reply = NULL;
    size_t body = r->len - r->http.body, len = 0;
    char status[96];

    if (r->http.status == 0) {
        why_asking_did(a, "what it sent is no HTTP", "");
        return false;
    }
    if (r->http.status != 200) {
        (void)snprintf(status, sizeof(status), "%u %s", r->http.status, r->http.reason);
        why_asking_did(a, "the proxy answered with HTTP status ", status);
        return false;
    }
    if (r->http.has_length && body > r->http.length)
        body = r->http.length;
    if (r->http.body == 0 || !why_kkdcp_unwrap(r->data + r->http.body, body, &reply, &len) ||
        (a->x->reply = malloc(len)) == NULL) {
        why_asking_did(a, "what it sent is no KDC-PROXY-MESSAGE", "");
        return false;
    }
    memcpy(a->x->reply, reply, len);
    a->x->reply_len = len;
    return true;
}

bool why_https_exchange(struct asking *a)
{
    struct response r = {.data = malloc(RESPONSE_MAX)};
    SSL *ssl = r.data != NULL ? new_tls(a) : NULL;
    bool good =
        ssl != NULL && connect_tls(a, ssl) && post(a, ssl) && receive(a, ssl, &r) && take(a, &r);

    if (ssl == NULL)
        why_asking_did(a, "TLS cannot be set up on this computer", "");
    SSL_free(ssl);
    free(r.data);
    return good;
}
