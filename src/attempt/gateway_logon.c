/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_logon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <winpr/sspi.h>

#include "gateway/reader.h"

#define BINDING_PREFIX "tls-server-end-point:"

/* Header, prefix and hash in one piece, as SECBUFFER_CHANNEL_BINDINGS wants it. */
struct binding {
    SEC_CHANNEL_BINDINGS head;
    unsigned char data[sizeof(BINDING_PREFIX) - 1 + EVP_MAX_MD_SIZE];
    size_t len; /* of head and data; 0: there is none */
};

struct gateway_logon {
    enum gateway_scheme scheme;
    struct why_engine *engine;
    const struct why_credentials *credentials;
    SecurityFunctionTableA *table;
    CredHandle handle;
    CtxtHandle context;
    bool has_handle, has_context, complete;
    struct binding binding;
    unsigned steps;
};

static const char *const words[] = {
    [GATEWAY_NTLM] = "NTLM", [GATEWAY_NEGOTIATE] = "Negotiate", [GATEWAY_BASIC] = "Basic"};

/* Whether a challenge of the scheme |word| is there. */
static bool offers(const struct why_http_head *response, const char *word)
{
    const char *value;
    size_t at = 0, len, n = strlen(word);

    while (why_http_field(response, "WWW-Authenticate", &at, &value, &len)) {
        if (len >= n && strncasecmp(value, word, n) == 0 && (len == n || value[n] == ' '))
            return true;
    }
    /* Several in one field. */
    return why_http_has_word(response, "WWW-Authenticate", word);
}

enum gateway_scheme why_gateway_scheme_of(const struct why_http_head *response)
{
    for (int scheme = GATEWAY_NTLM; scheme <= GATEWAY_BASIC; scheme++) {
        if (offers(response, words[scheme]))
            return (enum gateway_scheme)scheme;
    }
    return GATEWAY_NO_SCHEME;
}

/* ---- channel binding ------------------------------------------------------------------------- */

/* RFC 5929 4.1: the hash of the certificate's signature, SHA-256 where that is MD5 or SHA-1. */
static const EVP_MD *binding_hash(const X509 *cert)
{
    int hash = NID_undef;

    if (X509_get_signature_info((X509 *)(uintptr_t)cert, &hash, NULL, NULL, NULL) != 1 ||
        hash == NID_undef || hash == NID_md5 || hash == NID_sha1)
        return EVP_sha256();
    return EVP_get_digestbynid(hash) != NULL ? EVP_get_digestbynid(hash) : EVP_sha256();
}

static void bind_to(struct binding *binding, const SSL *ssl)
{
    const X509 *cert = SSL_get0_peer_certificate(ssl);
    size_t prefix = sizeof(BINDING_PREFIX) - 1;
    unsigned int n = 0;

    if (cert == NULL)
        return;
    memcpy(binding->data, BINDING_PREFIX, prefix);
    if (X509_digest(cert, binding_hash(cert), binding->data + prefix, &n) != 1)
        return;
    binding->head.cbApplicationDataLength = (UINT32)(prefix + n);
    binding->head.dwApplicationDataOffset = sizeof(binding->head);
    binding->len = sizeof(binding->head) + prefix + n;
}

/* ---- NTLM ------------------------------------------------------------------------------------ */

static bool acquire(struct gateway_logon *l)
{
    SEC_WINNT_AUTH_IDENTITY identity;
    const struct why_credentials *c = l->credentials;
    char package[] = "NTLM";
    SECURITY_STATUS status;

    memset(&identity, 0, sizeof(identity));
    l->table = InitSecurityInterfaceExA(0);
    if (l->table == NULL || sspi_SetAuthIdentityA(&identity, c->user, c->domain,
                                                  c->password != NULL ? c->password : "") < 0)
        return false;
    status = l->table->AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL,
                                                 &identity, NULL, NULL, &l->handle, NULL);
    sspi_FreeAuthIdentity(&identity);
    l->has_handle = status == SEC_E_OK;
    return l->has_handle;
}

/* The next message, |*len| bytes to be freed with OPENSSL_clear_free; NULL: there is none. */
static uint8_t *ntlm_step(struct gateway_logon *l, uint8_t *in, size_t in_len, size_t *len)
{
    SecBuffer inputs[2] = {{(ULONG)in_len, SECBUFFER_TOKEN, in},
                           {(ULONG)l->binding.len, SECBUFFER_CHANNEL_BINDINGS, &l->binding}};
    SecBufferDesc input = {SECBUFFER_VERSION, l->binding.len > 0 ? 2 : 1, inputs};
    uint8_t *buf = OPENSSL_zalloc(WHY_GATEWAY_TOKEN_MAX);
    SecBuffer output = {WHY_GATEWAY_TOKEN_MAX, SECBUFFER_TOKEN, buf};
    SecBufferDesc outputs = {SECBUFFER_VERSION, 1, &output};
    SECURITY_STATUS status;
    ULONG attributes = 0;

    if (buf == NULL)
        return NULL;
    status = l->table->InitializeSecurityContextA(
        &l->handle, l->has_context ? &l->context : NULL, NULL,
        ISC_REQ_CONFIDENTIALITY | ISC_REQ_MUTUAL_AUTH, 0, SECURITY_NATIVE_DREP,
        l->has_context ? &input : NULL, 0, &l->context, &outputs, &attributes, NULL);
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED || status == SEC_I_COMPLETE_NEEDED ||
        status == SEC_I_COMPLETE_AND_CONTINUE) {
        l->has_context = true;
        l->complete = status == SEC_E_OK || status == SEC_I_COMPLETE_NEEDED;
        *len = output.cbBuffer;
        if (*len > 0 && *len <= WHY_GATEWAY_TOKEN_MAX)
            return buf;
    }
    OPENSSL_clear_free(buf, WHY_GATEWAY_TOKEN_MAX);
    return NULL;
}

/* "SCHEME base64" */
static char *make_value(enum gateway_scheme scheme, const uint8_t *token, size_t len)
{
    size_t word = strlen(words[scheme]), size = word + 1 + (len + 2) / 3 * 4 + 1;
    char *value = malloc(size);

    if (value == NULL)
        return NULL;
    memcpy(value, words[scheme], word);
    value[word] = ' ';
    (void)EVP_EncodeBlock((unsigned char *)value + word + 1, token, (int)len);
    return value;
}

/* The token of the response's challenge of this scheme: bytes in |out|; 0: it has none. */
static size_t challenge_of(const struct gateway_logon *l, const struct why_http_head *response,
                           uint8_t *out, size_t size)
{
    const char *word = words[l->scheme], *value;
    size_t at = 0, len, n = strlen(word);

    while (why_http_field(response, "WWW-Authenticate", &at, &value, &len)) {
        if (len > n + 1 && strncasecmp(value, word, n) == 0 && value[n] == ' ')
            return why_gateway_token(value + n + 1, len - n - 1, out, size);
    }
    return 0;
}

static char *next_ntlm(struct gateway_logon *l, const struct why_http_head *response)
{
    uint8_t in[WHY_GATEWAY_TOKEN_MAX], *token;
    size_t in_len = 0, len = 0;
    char *value;

    if (l->steps > 0) {
        in_len = response != NULL ? challenge_of(l, response, in, sizeof(in)) : 0;
        if (in_len == 0)
            return NULL;
    }
    pthread_mutex_lock(&l->engine->package_lock);
    token = l->has_handle || acquire(l) ? ntlm_step(l, in, in_len, &len) : NULL;
    pthread_mutex_unlock(&l->engine->package_lock);
    if (token == NULL)
        return NULL;
    value = make_value(l->scheme, token, len);
    OPENSSL_clear_free(token, WHY_GATEWAY_TOKEN_MAX);
    return value;
}

/* ---- Basic ----------------------------------------------------------------------------------- */

/* DOMAIN\USER:PASSWORD, as browsers and gateways that check a domain's accounts have it. */
static char *next_basic(const struct gateway_logon *l)
{
    const struct why_credentials *c = l->credentials;
    const char *password = c->password != NULL ? c->password : "";
    size_t size = strlen(c->domain) + strlen(c->user) + strlen(password) + 3;
    char *pair = OPENSSL_malloc(size), *value = NULL;

    if (pair == NULL)
        return NULL;
    (void)snprintf(pair, size, "%s%s%s:%s", c->domain, c->domain[0] != '\0' ? "\\" : "", c->user,
                   password);
    value = make_value(GATEWAY_BASIC, (const uint8_t *)pair, strlen(pair));
    OPENSSL_clear_free(pair, size);
    return value;
}

/* ---- both ------------------------------------------------------------------------------------ */

struct gateway_logon *why_gateway_logon_new(struct why_engine *engine, enum gateway_scheme scheme,
                                            const struct why_credentials *credentials,
                                            const SSL *ssl)
{
    struct gateway_logon *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return NULL;
    l->engine = engine;
    l->scheme = scheme;
    l->credentials = credentials;
    bind_to(&l->binding, ssl);
    return l;
}

void why_gateway_logon_free(struct gateway_logon *l)
{
    if (l == NULL)
        return;
    if (l->has_context)
        (void)l->table->DeleteSecurityContext(&l->context);
    if (l->has_handle)
        (void)l->table->FreeCredentialsHandle(&l->handle);
    free(l);
}

bool why_gateway_logon_is_basic(const struct gateway_logon *l)
{
    return l->scheme == GATEWAY_BASIC;
}

bool why_gateway_logon_proves(const struct gateway_logon *l)
{
    return l->scheme == GATEWAY_BASIC || l->steps > 0;
}

char *why_gateway_logon_next(struct gateway_logon *l, const struct why_http_head *response)
{
    char *value = NULL;

    if (l->scheme == GATEWAY_BASIC)
        value = l->steps == 0 ? next_basic(l) : NULL;
    else if (l->steps < 2)
        value = next_ntlm(l, response);
    l->steps++;
    return value;
}

void why_gateway_value_free(char *value)
{
    if (value != NULL)
        OPENSSL_cleanse(value, strlen(value));
    free(value);
}
