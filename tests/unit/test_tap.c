/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt/attempt.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <rdpwhy/status.h>

#include "progress/progress.h"

#include "loopback.h"
#include "test_wire_hex.h"
#include "trace_builder.h"
#include "unit.h"

/*
 * The tap with libfreerdp above it and a server below that plays a script: what of it is in the
 * trace.
 */

#define LONG_MS  20000 /* a deadline that no test comes to */
#define SHORT_MS 400   /* one that is met */
#define BOUND_US 5000000u

static struct why_engine *engine;

static int make_engine(void)
{
    char err[200] = "";

    return why_engine_new(&engine, 4, err, sizeof(err)) != WHY_OK;
}

static int free_engine(void)
{
    why_engine_free(engine);
    return 0;
}

/* ---- the server ------------------------------------------------------------------------------ */

/*
 * A script is steps, separated by "; ":
 *   await             a PDU of the client's
 *   await-all HEX     its PDUs up to one that ends in these bytes
 *   await-tls         a TLS record of its, in the clear
 *   say PDUS          in one piece
 *   drip MS PDUS      a byte every MS milliseconds
 *   repeat N HEX      what is no PDU, in one piece
 *   echo              the client's last PDU
 *   tls               the handshake, as the server
 *   pause MS
 *   fin  rst
 *   cancel            not the server: the user interrupts
 * and after the last one nothing, until the client has gone. PDUS are separated by '|': in
 * hexadecimal, or "<Name" of the recording xrdp-tls, or "<<Name" of shadow-nla; of what begins with
 * '~' it is known that it is no PDU.
 */

struct peer {
    const char *script;
    int listener, fd;
    uint16_t port;
    SSL_CTX *ctx;
    SSL *ssl;
    atomic_bool cancelled;
    struct builder log; /* the PDUs that passed, as the client's trace should have them */
    bool played;        /* the script was, to its end */
    pthread_t thread;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

static void log_pdu(struct peer *p, enum why_dir dir, const uint8_t *bytes, size_t len)
{
    struct why_event event = {
        .kind = WHY_EV_PDU, .dir = dir, .bytes = bytes, .len = len, .wire_len = len};

    must(why_trace_append(p->log.trace, &event) == WHY_OK, "why_trace_append");
}

static bool read_exactly(struct peer *p, uint8_t *buf, size_t len)
{
    while (len > 0) {
        ssize_t n = p->ssl != NULL ? SSL_read(p->ssl, buf, (int)len) : recv(p->fd, buf, len, 0);

        if (n <= 0)
            return false;
        buf += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_all(struct peer *p, const uint8_t *buf, size_t len)
{
    if (p->ssl != NULL)
        return SSL_write(p->ssl, buf, (int)len) == (int)len;
    return send(p->fd, buf, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* The length that a TPKT or a TSRequest says of itself; 0: neither. */
static size_t pdu_length(const uint8_t head[4])
{
    if (head[0] == 3)
        return (size_t)head[2] << 8 | head[3];
    if (head[0] != 0x30)
        return 0;
    if (head[1] < 0x80)
        return 2u + head[1];
    return head[1] == 0x81 ? 3u + head[2] : 4u + ((size_t)head[2] << 8 | head[3]);
}

/* What is neither a TPKT nor a TSRequest is logged by its first bytes. */
static bool await_all(struct peer *p, const char *ending)
{
    struct bytes tail = from_hex(ending);
    uint8_t buf[4096];
    size_t len;

    do {
        if (!read_exactly(p, buf, 4))
            return false;
        len = pdu_length(buf);
        if (len < 4 || len > sizeof(buf)) {
            log_pdu(p, WHY_DIR_SENT, buf, 4);
            return false;
        }
        if (!read_exactly(p, buf + 4, len - 4))
            return false;
        log_pdu(p, WHY_DIR_SENT, buf, len);
    } while (len < tail.len || memcmp(buf + len - tail.len, tail.data, tail.len) != 0);
    return true;
}

static bool await(struct peer *p, const char *arg)
{
    (void)arg;
    return await_all(p, "");
}

static bool await_tls(struct peer *p, const char *arg)
{
    uint8_t buf[5 + 65536];

    (void)arg;
    return read_exactly(p, buf, 5) && read_exactly(p, buf + 5, (size_t)buf[3] << 8 | buf[4]);
}

/* One of a step's PDUs, put where it goes; and into the log, unless it is none. */
static size_t put_piece(struct peer *p, const char *piece, uint8_t *out)
{
    const bool no_pdu = *piece == '~';
    struct builder b;
    const struct why_event *event;
    size_t len;

    builder_begin(&b, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
    if (strncmp(piece, "<<", 2) == 0)
        builder_recorded_pdu(&b, "shadow-nla", piece + 1);
    else if (*piece == '<')
        builder_recorded_pdu(&b, "xrdp-tls", piece);
    else
        builder_bytes(&b, WHY_EV_PDU, WHY_DIR_RECEIVED, piece + no_pdu, NULL);
    event = why_trace_at(b.trace, 0);
    len = event->len;
    memcpy(out, event->bytes, len);
    if (!no_pdu)
        log_pdu(p, WHY_DIR_RECEIVED, out, len);
    builder_free(&b);
    return len;
}

static size_t put_pieces(struct peer *p, const char *pieces, uint8_t *out)
{
    size_t len = 0;

    while (*pieces != '\0') {
        size_t n = strcspn(pieces, "|");
        char piece[1024];

        (void)snprintf(piece, sizeof(piece), "%.*s", (int)n, pieces);
        len += put_piece(p, piece, out + len);
        pieces += n + (pieces[n] == '|');
    }
    return len;
}

static bool say(struct peer *p, const char *pieces)
{
    uint8_t out[8192];
    size_t len = put_pieces(p, pieces, out);

    return write_all(p, out, len);
}

static bool pause_ms(struct peer *p, const char *arg)
{
    long ms = strtol(arg, NULL, 10);
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    (void)p;
    (void)nanosleep(&t, NULL);
    return true;
}

static bool drip(struct peer *p, const char *arg)
{
    uint8_t out[8192];
    size_t len = put_pieces(p, strchr(arg, ' ') + 1, out);

    for (size_t i = 0; i < len; i++) {
        if (!write_all(p, out + i, 1))
            return false;
        (void)pause_ms(p, arg);
    }
    return true;
}

static bool repeat(struct peer *p, const char *arg)
{
    static uint8_t out[65536];
    char *hex;
    unsigned long times = strtoul(arg, &hex, 10);
    struct bytes bytes = from_hex(hex);
    size_t len = 0;

    for (; times > 0 && len + bytes.len <= sizeof(out); times--, len += bytes.len)
        memcpy(out + len, bytes.data, bytes.len);
    return write_all(p, out, len);
}

static bool echo(struct peer *p, const char *arg)
{
    const struct why_event *last = why_trace_at(p->log.trace, why_trace_count(p->log.trace) - 1);
    uint8_t copy[4096];

    (void)arg;
    memcpy(copy, last->bytes, last->len);
    log_pdu(p, WHY_DIR_RECEIVED, copy, last->len);
    return write_all(p, copy, last->len);
}

static bool start_tls(struct peer *p, const char *arg)
{
    (void)arg;
    p->ssl = SSL_new(p->ctx);
    must(p->ssl != NULL && SSL_set_fd(p->ssl, p->fd) == 1, "SSL_new");
    return SSL_accept(p->ssl) == 1;
}

static bool fin(struct peer *p, const char *arg)
{
    (void)arg;
    return shutdown(p->fd, SHUT_WR) == 0;
}

static bool rst(struct peer *p, const char *arg)
{
    (void)arg;
    loopback_rst(&p->fd);
    return true;
}

static bool cancel(struct peer *p, const char *arg)
{
    (void)arg;
    atomic_store(&p->cancelled, true);
    return true;
}

static const struct act {
    const char *word;
    bool (*play)(struct peer *p, const char *arg); /* false: the client has gone */
} acts[] = {
    {"await", await},
    {"await-all", await_all},
    {"await-tls", await_tls},
    {"say", say},
    {"drip", drip},
    {"repeat", repeat},
    {"echo", echo},
    {"tls", start_tls},
    {"pause", pause_ms},
    {"fin", fin},
    {"rst", rst},
    {"cancel", cancel},
};

static bool play_step(struct peer *p, const char *step)
{
    size_t n = strcspn(step, " ");

    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strlen(acts[i].word) == n && memcmp(acts[i].word, step, n) == 0)
            return acts[i].play(p, step[n] == ' ' ? step + n + 1 : step + n);
    }
    (void)fprintf(stderr, "no such step: %s\n", step);
    abort();
}

/* False when the client has gone before the last step. */
static bool play(struct peer *p)
{
    const char *at = p->script;

    while (*at != '\0') {
        size_t n = strcspn(at, ";");
        char step[2048];

        (void)snprintf(step, sizeof(step), "%.*s", (int)n, at);
        if (!play_step(p, step))
            return false;
        at += n + strspn(at + n, "; ");
    }
    return true;
}

static void *peer_thread(void *arg)
{
    struct timeval patience = {.tv_sec = LONG_MS / 1000};
    struct pollfd ready;
    struct peer *p = arg;

    ready = (struct pollfd){.fd = p->listener, .events = POLLIN};
    must(poll(&ready, 1, LONG_MS) == 1, "poll");
    p->fd = accept(p->listener, NULL, NULL);
    must(p->fd >= 0, "accept");
    must(setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0, "TCP_NODELAY");
    must(setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0, "timeout");
    p->played = play(p);
    /* What the client still says may be too much: it is taken note of. */
    while (p->fd >= 0 && await(p, NULL))
        continue;
    SSL_free(p->ssl);
    ERR_clear_error();
    if (p->fd >= 0)
        (void)close(p->fd);
    return NULL;
}

static SSL_CTX *server_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    char cert[512], key[512];

    (void)snprintf(cert, sizeof(cert), "%s/certificates/server.crt", FIXTURES);
    (void)snprintf(key, sizeof(key), "%s/certificates/server.key", FIXTURES);
    must(ctx != NULL && SSL_CTX_use_certificate_file(ctx, cert, SSL_FILETYPE_PEM) == 1 &&
             SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1,
         "SSL_CTX_new");
    return ctx;
}

static void peer_open(struct peer *p, const char *script)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    memset(p, 0, sizeof(*p));
    p->script = script;
    p->fd = -1;
    p->ctx = server_context();
    atomic_init(&p->cancelled, false);
    builder_begin(&p->log, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->listener = socket(AF_INET, SOCK_STREAM, 0);
    must(p->listener >= 0, "socket");
    must(bind(p->listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    must(listen(p->listener, 4) == 0, "listen");
    must(getsockname(p->listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
    p->port = ntohs(address.sin_port);
    must(pthread_create(&p->thread, NULL, peer_thread, p) == 0, "pthread_create");
}

/* ---- an attempt at it ------------------------------------------------------------------------ */

struct run {
    const char *script;
    enum why_profile profile;
    enum why_phase until; /* RESOLVE, which is 0: as far as it goes */
    unsigned ms;          /* 0: LONG_MS */
    const struct why_credentials *credentials;
    /* out */
    struct peer peer;
    struct why_trace *trace;
    uint64_t took_us;
    bool second; /* a second connection was made */
};

/* Carries it out, and waits until the server is through with it. */
static void run_with(struct run *r, struct why_engine *with)
{
    char host[] = "127.0.0.1";
    struct why_target target = {.host = host, .label = host};
    uint64_t timeout_us = (uint64_t)(r->ms != 0 ? r->ms : LONG_MS) * 1000;
    struct why_attempt a = {
        .target = &target,
        .step = {.profile = r->profile},
        .until = r->until != WHY_PHASE_RESOLVE ? r->until : WHY_PHASE_ACTIVE,
        .timeout_us = timeout_us,
        .connect_timeout_us = timeout_us,
        .family = AF_INET,
        .credentials = r->credentials,
        .cancelled = &r->peer.cancelled,
    };
    struct pollfd again;
    uint64_t began;

    peer_open(&r->peer, r->script);
    target.port = r->peer.port;
    began = why_clock_us();
    CU_ASSERT_EQUAL_FATAL(why_attempt_run(with, &a, &r->trace, NULL), WHY_OK);
    r->took_us = why_clock_us() - began;
    must(pthread_join(r->peer.thread, NULL) == 0, "pthread_join");
    again = (struct pollfd){.fd = r->peer.listener, .events = POLLIN};
    r->second = poll(&again, 1, 0) != 0;
}

static void run(struct run *r)
{
    run_with(r, engine);
}

static void run_free(struct run *r)
{
    why_trace_free(r->trace);
    builder_free(&r->peer.log);
    SSL_CTX_free(r->peer.ctx);
    (void)close(r->peer.listener);
}

static size_t count(const struct run *r, enum why_event_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < why_trace_count(r->trace); i++)
        n += why_trace_at(r->trace, i)->kind == kind;
    return n;
}

static const struct why_event *event_of(const struct run *r, enum why_event_kind kind)
{
    for (size_t i = 0; i < why_trace_count(r->trace); i++) {
        if (why_trace_at(r->trace, i)->kind == kind)
            return why_trace_at(r->trace, i);
    }
    return NULL;
}

/* What differs between versions of the library, or is another test's. */
static bool is_left_out(enum why_event_kind kind)
{
    switch (kind) {
    case WHY_EV_RESOLVE:
    case WHY_EV_RESOLVED:
    case WHY_EV_DIAL:
    case WHY_EV_CONNECTED:
    case WHY_EV_STATE:
    case WHY_EV_REDIAL_REFUSED:
    case WHY_EV_TLS_RECORD:
    case WHY_EV_TLS_ALERT:
    case WHY_EV_CERTIFICATE:
        return true;
    default:
        return false;
    }
}

/* The trace in words: PDUs with their direction and name, '!' where they are malformed. */
static void summarize(const struct run *r, char *out, size_t size)
{
    struct why_progress progress;
    size_t at = 0;

    out[0] = '\0';
    why_progress_init(&progress, why_profile_info(r->profile)->wanted);
    for (size_t i = 0; i < why_trace_count(r->trace); i++) {
        const struct why_event *event = why_trace_at(r->trace, i);
        const char *comma = at > 0 ? ", " : "";
        struct why_pdu pdu;
        int n;

        why_progress_event(&progress, event, &pdu);
        if (is_left_out(event->kind))
            continue;
        if (event->kind == WHY_EV_PDU)
            n = snprintf(out + at, size - at, "%s%c%s%s", comma,
                         event->dir == WHY_DIR_SENT ? '>' : '<', why_pdu_info(pdu.type)->name,
                         pdu.malformed ? "!" : "");
        else
            n = snprintf(out + at, size - at, "%s%s", comma, why_event_kind_name(event->kind));
        at += n > 0 && (size_t)n < size - at ? (size_t)n : 0;
    }
}

static void check_summary(const struct run *r, const char *name, const char *want)
{
    char got[2000];

    summarize(r, got, sizeof(got));
    if (strcmp(got, want) != 0)
        (void)fprintf(stderr, "\n%s:\n  want %s\n  got  %s\n", name, want, got);
    CU_ASSERT_STRING_EQUAL(got, want);
}

static const struct why_event *next_pdu(const struct why_trace *trace, size_t *at)
{
    const struct why_event *event;

    while ((event = why_trace_at(trace, (*at)++)) != NULL && event->kind != WHY_EV_PDU)
        continue;
    return event;
}

/* The same PDU, but for its secrets, which are zeros in a trace. */
static bool is_same(struct why_progress *progress, const struct why_event *got,
                    const struct why_event *want)
{
    uint8_t copy[4096];
    struct why_pdu pdu;

    if (want->dir != got->dir || want->len != got->len || want->len != got->wire_len ||
        want->len > sizeof(copy))
        return false;
    why_progress_event(progress, want, &pdu);
    memcpy(copy, want->bytes, want->len);
    for (size_t i = 0; i < pdu.sensitive_count; i++)
        memset(copy + pdu.sensitive[i].offset, 0, pdu.sensitive[i].length);
    return memcmp(copy, got->bytes, want->len) == 0;
}

/* Every PDU that passed at the server is in the trace: once, in order, unchanged. */
static void check_pdus(const struct run *r, const char *name)
{
    struct why_progress progress;
    size_t a = 0, b = 0, n = 0;

    why_progress_init(&progress, why_profile_info(r->profile)->wanted);
    for (;; n++) {
        const struct why_event *want = next_pdu(r->peer.log.trace, &a);
        const struct why_event *got = next_pdu(r->trace, &b);
        bool same = want != NULL && got != NULL && is_same(&progress, got, want);

        if (want == NULL && got == NULL)
            break;
        if (!same)
            (void)fprintf(stderr, "\n%s: PDU %zu differs\n", name, n);
        CU_ASSERT_TRUE(same);
        if (!same)
            break;
    }
    CU_ASSERT(n > 0);
}

/* ---- scripts --------------------------------------------------------------------------------- */

/* [MS-RDPBCGR] 2.2.1.2.1 and 2.2.1.2.2; |protocol| and |code| little-endian. */
#define CONFIRM(protocol) "030000130ed0000012340002000800" protocol
#define FAILURE(code)     "030000130ed0000012340003000800" code
#define ULTIMATUM         "0300000902f0802180"
#define CONFIRM_RDP       CONFIRM("00000000")
#define CONFIRM_TLS       CONFIRM("01000000")
#define CONFIRM_NLA       CONFIRM("02000000")

/* How the client's Font List ends: numberFonts and what follows. */
#define FONT_LIST_END "0000000003003200"

/* Up to the Connect Initial behind TLS. */
#define UP_TO_TLS "await; say " CONFIRM_TLS "; tls; await; "

/* From the Connect Initial to Client Info; |say| is how the server speaks. */
#define CHANNELS(say)                                                                              \
    "await; " say "<MCS Connect Response; await; await; " say                                      \
    "<MCS Attach User Confirm; await; " say "0300000f02f0803e00000103ea03ea; await; " say          \
    "0300000f02f0803e00000103eb03eb; await; "

#define SESSION(say)                                                                               \
    CHANNELS(say)                                                                                  \
    say "<STATUS_VALID_CLIENT; " say "<Demand Active; await-all " FONT_LIST_END "; " say           \
        "<Synchronize; " say "<Control (Cooperate); " say "<Control (Granted Control); " say       \
        "<Font Map"

/* Up to the client's Font List. */
#define ACTIVATION                                                                                 \
    CHANNELS("say ") "say <STATUS_VALID_CLIENT|<Demand Active; await-all " FONT_LIST_END

#define SESSION_TOGETHER                                                                           \
    ACTIVATION "; say <Synchronize|<Control (Cooperate)|<Control (Granted Control)|<Font Map"

#define TLS_SESSION "await; say " CONFIRM_TLS "; tls; " SESSION("say ")

/* ---- every PDU once -------------------------------------------------------------------------- */

static void test_every_pdu(void)
{
    static const struct {
        const char *name;
        enum why_profile profile;
        const char *script;
    } rows[] = {
        {"plain", WHY_PROFILE_RDP, "await; say " CONFIRM_RDP "; " SESSION("say ")},
        {"plain, byte by byte", WHY_PROFILE_RDP,
         "await; drip 0 " CONFIRM_RDP "; " SESSION("drip 0 ")},
        {"plain, several in a segment", WHY_PROFILE_RDP,
         "await; say " CONFIRM_RDP "; " SESSION_TOGETHER},
        {"TLS", WHY_PROFILE_TLS, TLS_SESSION},
        {"TLS, byte by byte", WHY_PROFILE_TLS,
         "await; drip 0 " CONFIRM_TLS "; tls; " SESSION("drip 0 ")},
        {"TLS, several in a record", WHY_PROFILE_TLS,
         "await; say " CONFIRM_TLS "; tls; " SESSION_TOGETHER},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = {.script = rows[i].script, .profile = rows[i].profile};

        run(&r);
        CU_ASSERT_TRUE(r.peer.played);
        check_pdus(&r, rows[i].name);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_REACHED), 1);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_PARTIAL), 0);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_LIBRARY_ERROR), 0);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_CLOSE), 1);
        run_free(&r);
    }
}

/* It stops where it was told to: nothing is sent beyond. */
static void test_until(void)
{
    static const struct {
        enum why_phase until;
        const char *want;
    } rows[] = {
        {WHY_PHASE_NEGOTIATION, ">X.224 Connection Request, <X.224 Connection Confirm, reached, "
                                "close"},
        {WHY_PHASE_TLS, ">X.224 Connection Request, <X.224 Connection Confirm, tls-start, "
                        "tls-done, reached, close"},
        {WHY_PHASE_BASIC_SETTINGS,
         ">X.224 Connection Request, <X.224 Connection Confirm, tls-start, tls-done, "
         ">MCS Connect Initial, <MCS Connect Response, reached, close"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = {.script = TLS_SESSION, .profile = WHY_PROFILE_TLS, .until = rows[i].until};
        const struct why_event *reached;

        run(&r);
        check_summary(&r, why_phase_name(rows[i].until), rows[i].want);
        check_pdus(&r, why_phase_name(rows[i].until));
        reached = event_of(&r, WHY_EV_REACHED);
        CU_ASSERT_TRUE(reached != NULL && reached->value == (int64_t)rows[i].until);
        run_free(&r);
    }
}

/* What came in the same segment as the last PDU that it wanted: only a "no" is kept. */
static void test_until_beside(void)
{
    static const struct {
        const char *name, *script, *want;
        enum why_phase until;
    } rows[] = {
        {"an ultimatum beside the Connection Confirm", "await; say " CONFIRM_TLS "|" ULTIMATUM,
         ">X.224 Connection Request, <X.224 Connection Confirm, reached, "
         "<Disconnect Provider Ultimatum, close",
         WHY_PHASE_NEGOTIATION},
        {"one beside the Connect Response", UP_TO_TLS "say <MCS Connect Response|" ULTIMATUM,
         ">X.224 Connection Request, <X.224 Connection Confirm, tls-start, tls-done, "
         ">MCS Connect Initial, <MCS Connect Response, reached, <Disconnect Provider Ultimatum, "
         "close",
         WHY_PHASE_BASIC_SETTINGS},
        {"more than was wanted, and half of that",
         UP_TO_TLS "say <MCS Connect Response|<MCS Attach User Confirm|~0300",
         ">X.224 Connection Request, <X.224 Connection Confirm, tls-start, tls-done, "
         ">MCS Connect Initial, <MCS Connect Response, reached, close",
         WHY_PHASE_BASIC_SETTINGS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = {
            .script = rows[i].script, .profile = WHY_PROFILE_TLS, .until = rows[i].until};

        run(&r);
        check_summary(&r, rows[i].name, rows[i].want);
        run_free(&r);
    }
}

/* ---- what the server says in the negotiation ------------------------------------------------- */

#define REQUEST ">X.224 Connection Request, "

static const struct row {
    const char *name;
    enum why_profile profile;
    const char *script;
    const char *want;
    const char *part, *text; /* of PARTIAL: in hexadecimal; the text's "": none */
} negotiations[] = {
    /* not for the library: it would believe it */
    {"selectedProtocol 3", WHY_PROFILE_NEGOTIATE, "await; say " CONFIRM("03000000"),
     REQUEST "<X.224 Connection Confirm!, library-error, close", NULL, NULL},
    {"selectedProtocol 3, TLS offered", WHY_PROFILE_TLS, "await; say " CONFIRM("03000000"),
     REQUEST "<X.224 Connection Confirm!, library-error, close", NULL, NULL},
    {"selectedProtocol 0xFF000001", WHY_PROFILE_TLS, "await; say " CONFIRM("010000ff"),
     REQUEST "<X.224 Connection Confirm!, library-error, close", NULL, NULL},
    {"a Connection Confirm longer than it says", WHY_PROFILE_TLS,
     "await; say 030000150ed000001234000200080001000000aaaa",
     REQUEST "<X.224 Connection Confirm!, library-error, close", NULL, NULL},
    {"a second Connection Confirm", WHY_PROFILE_RDP,
     "await; say " CONFIRM_RDP "; await; say " CONFIRM_RDP,
     REQUEST "<X.224 Connection Confirm, >MCS Connect Initial, <X.224 Connection Confirm!, "
             "library-error, close",
     NULL, NULL},
    {"an echo", WHY_PROFILE_TLS, "await; echo",
     REQUEST "<X.224 Connection Request!, library-error, close", NULL, NULL},
    {"another protocol", WHY_PROFILE_TLS, "await; say " CONFIRM_NLA,
     REQUEST "<X.224 Connection Confirm, stop, close", NULL, NULL},
    /* refusals */
    {"RDP_NEG_FAILURE", WHY_PROFILE_TLS, "await; say " FAILURE("05000000"),
     REQUEST "<RDP_NEG_FAILURE, library-error, close", NULL, NULL},
    /* ends without words */
    {"RST", WHY_PROFILE_TLS, "await; rst", REQUEST "reset, library-error", NULL, NULL},
    {"half a PDU, then FIN", WHY_PROFILE_TLS, "await; say ~030000130ed00000; fin",
     REQUEST "fin, library-error, partial", "030000130ed00000", ""},
    {"a header, then FIN", WHY_PROFILE_TLS, "await; say ~0300; fin",
     REQUEST "fin, library-error, partial", "0300", ""},
    /* no RDP */
    {"SSH", WHY_PROFILE_TLS, "await; say ~5353482d322e302d58",
     REQUEST "library-error, partial, close", "5353482d322e302d58", "not a TPKT header"},
    {"HTTP, byte by byte", WHY_PROFILE_NLA, "await; drip 1 ~485454502f312e31",
     REQUEST "library-error, partial, close", "48", "not a TPKT header"},
    {"a TPKT without a length", WHY_PROFILE_RDP, "await; say ~03000000aabb",
     REQUEST "library-error, partial, close", "03000000aabb", "TPKT length below 7"},
};

static bool begins_with(const struct why_event *event, const char *hex)
{
    struct builder b;
    const struct why_event *want;
    bool same;

    builder_begin(&b, WHY_PROFILE_TLS, WHY_PHASE_ACTIVE);
    builder_bytes(&b, WHY_EV_PARTIAL, WHY_DIR_RECEIVED, hex, NULL);
    want = why_trace_at(b.trace, 0);
    same = event->len >= want->len && memcmp(event->bytes, want->bytes, want->len) == 0;
    builder_free(&b);
    return same;
}

static void check_part(const struct run *r, const char *part, const char *text)
{
    const struct why_event *event = event_of(r, WHY_EV_PARTIAL);

    if (part == NULL)
        return;
    CU_ASSERT_PTR_NOT_NULL(event);
    if (event == NULL)
        return;
    CU_ASSERT_TRUE(begins_with(event, part));
    CU_ASSERT_EQUAL(event->dir, WHY_DIR_RECEIVED);
    CU_ASSERT_STRING_EQUAL(event->text != NULL ? event->text : "", text);
}

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct run r = {.script = rows[i].script, .profile = rows[i].profile};

        run(&r);
        check_summary(&r, rows[i].name, rows[i].want);
        check_pdus(&r, rows[i].name);
        check_part(&r, rows[i].part, rows[i].text);
        CU_ASSERT_FALSE(r.second);
        CU_ASSERT(count(&r, WHY_EV_REDIAL_REFUSED) <= 1);
        CU_ASSERT(r.took_us < BOUND_US);
        run_free(&r);
    }
}

static void test_negotiation(void)
{
    check_rows(negotiations, sizeof(negotiations) / sizeof(negotiations[0]));
}

/* ---- one dial -------------------------------------------------------------------------------- */

/* The library's second connection, for its fallback or because the first was lost, is not made. */
static void test_one_dial(void)
{
    static const struct {
        const char *name;
        enum why_profile profile;
        const char *script;
    } rows[] = {
        {"FIN, all offered", WHY_PROFILE_NEGOTIATE, "await; fin"},
        {"FIN", WHY_PROFILE_TLS, "await; fin"},
        {"FIN, NLA", WHY_PROFILE_NLA_EXT, "await; fin"},
        {"refused, all offered", WHY_PROFILE_NEGOTIATE, "await; say " FAILURE("02000000") "; fin"},
        {"FIN for the Connect Initial", WHY_PROFILE_TLS, UP_TO_TLS "fin"},
        {"RST for the Connect Initial", WHY_PROFILE_NEGOTIATE, UP_TO_TLS "rst"},
    };
    size_t asked = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = {.script = rows[i].script, .profile = rows[i].profile};
        size_t at = 0, requests = 0;
        const struct why_event *pdu;

        run(&r);
        CU_ASSERT_TRUE(r.peer.played);
        CU_ASSERT_FALSE(r.second);
        CU_ASSERT(count(&r, WHY_EV_REDIAL_REFUSED) <= 1);
        asked += count(&r, WHY_EV_REDIAL_REFUSED);
        while ((pdu = next_pdu(r.peer.log.trace, &at)) != NULL)
            requests += pdu->dir == WHY_DIR_SENT && pdu->len > 5 && pdu->bytes[5] == 0xe0;
        CU_ASSERT_EQUAL(requests, 1);
        CU_ASSERT(count(&r, WHY_EV_FIN) + count(&r, WHY_EV_RESET) <= 1);
        check_pdus(&r, rows[i].name);
        run_free(&r);
    }
    CU_ASSERT(asked > 0); /* else the rows are none for this library */
}

/* ---- deadline and interrupt ------------------------------------------------------------------ */

/* A Connection Confirm of 16 KiB, and a Connect Response: neither ever ends. */
#define DRIPPING "drip 50 ~03004000000000000000000000000000000000000000000000000000000000"
#define DRIPPING_RESPONSE                                                                          \
    "drip 50 ~0300400002f0807f6600000000000000000000000000000000000000000000000000"

static const struct {
    const char *name;
    enum why_profile profile;
    const char *script;
    bool part; /* half a PDU has come */
} deadlines[] = {
    {"silent", WHY_PROFILE_TLS, "await", false},
    {"silent, NLA", WHY_PROFILE_NLA, "await", false},
    {"dripping", WHY_PROFILE_TLS, "await; " DRIPPING, true},
    {"dripping, plain", WHY_PROFILE_RDP, "await; " DRIPPING, true},
    {"silent in TLS", WHY_PROFILE_TLS, "await; say " CONFIRM_TLS "; await-tls", false},
    {"silent behind TLS", WHY_PROFILE_TLS, UP_TO_TLS, false},
    {"dripping behind TLS", WHY_PROFILE_TLS, UP_TO_TLS DRIPPING_RESPONSE, true},
    {"silent in licensing", WHY_PROFILE_TLS, "await; say " CONFIRM_TLS "; tls; " CHANNELS("say "),
     false},
    {"silent in the finalization", WHY_PROFILE_TLS, "await; say " CONFIRM_TLS "; tls; " ACTIVATION,
     false},
};

static void test_deadline(void)
{
    for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++) {
        struct run r = {
            .script = deadlines[i].script, .profile = deadlines[i].profile, .ms = SHORT_MS};

        run(&r);
        CU_ASSERT(r.took_us >= SHORT_MS * 1000u);
        CU_ASSERT(r.took_us < BOUND_US);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_DEADLINE), 1);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_FIN), 0); /* our own shutdown is not the peer's */
        CU_ASSERT_EQUAL(count(&r, WHY_EV_PARTIAL), deadlines[i].part);
        CU_ASSERT_FALSE(r.second);
        check_pdus(&r, deadlines[i].name);
        run_free(&r);
    }
}

/* The connection looks for itself every 100 ms: at 130 it is the watch's thread that wakes it, and
 * under ThreadSanitizer is seen to touch nothing that is the attempt's. */
static void test_cancelled(void)
{
    static const struct {
        const char *name;
        enum why_profile profile;
        const char *script;
    } rows[] = {
        {"in X.224", WHY_PROFILE_TLS, "await; pause 130; cancel"},
        {"in X.224, NLA", WHY_PROFILE_NLA_EXT, "await; pause 130; cancel"},
        {"in TLS", WHY_PROFILE_TLS, "await; say " CONFIRM_TLS "; await-tls; pause 130; cancel"},
        {"behind TLS", WHY_PROFILE_TLS, UP_TO_TLS "pause 130; cancel"},
        {"while a PDU comes", WHY_PROFILE_TLS, "await; cancel; say " CONFIRM_TLS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = {.script = rows[i].script, .profile = rows[i].profile};

        run(&r);
        CU_ASSERT(r.took_us < BOUND_US);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_CANCELLED), 1);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_DEADLINE), 0);
        CU_ASSERT_EQUAL(count(&r, WHY_EV_FIN), 0);
        CU_ASSERT_FALSE(r.second);
        run_free(&r);
    }
}

/* ---- what the client says first -------------------------------------------------------------- */

/* X.224 Connection Request of [MS-RDPBCGR] 2.2.1.1, cookie and RDP_NEG_REQ in it. */
static size_t connection_request(uint8_t *out, const char *cookie, uint32_t protocols)
{
    size_t n = strlen(cookie), len = 11 + n + 2 + 8;
    const uint8_t head[11] = {3, 0, 0, (uint8_t)len, (uint8_t)(len - 5), 0xe0};
    const uint8_t request[8] = {1, 0, 8, 0, (uint8_t)protocols};

    memcpy(out, head, sizeof(head));
    memcpy(out + 11, cookie, n);
    memcpy(out + 11 + n, "\r\n", 2);
    memcpy(out + 13 + n, request, sizeof(request));
    return len;
}

static void check_request(const struct run *r, const char *cookie)
{
    const struct why_event *first = why_trace_at(r->peer.log.trace, 0);
    uint8_t want[200];
    size_t len = connection_request(want, cookie, why_profile_info(r->profile)->requested);

    CU_ASSERT_TRUE(first != NULL && first->dir == WHY_DIR_SENT && first->len == len &&
                   memcmp(first->bytes, want, len) == 0);
    check_pdus(r, cookie);
}

static void test_request(void)
{
    static const enum why_profile profiles[] = {
        WHY_PROFILE_RDP,      WHY_PROFILE_TLS,          WHY_PROFILE_NLA,      WHY_PROFILE_NLA_EXT,
        WHY_PROFILE_NLA_ONLY, WHY_PROFILE_NLA_EXT_ONLY, WHY_PROFILE_NEGOTIATE};
    static const struct why_credentials alice = {.user = "alice", .domain = "", .password = "-"};

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct run nobody = {.script = "await; fin", .profile = profiles[i]};
        struct run somebody = nobody;

        run(&nobody);
        check_request(&nobody, "Cookie: mstshash=rdpwhy");
        run_free(&nobody);
        somebody.credentials = &alice;
        run(&somebody);
        check_request(&somebody, "Cookie: mstshash=alice");
        run_free(&somebody);
    }
}

/* Variables for the web's sake are no order to speak HTTP to a port of RDP. */
static void test_proxy(void)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"https_proxy", "http://127.0.0.1:9"},
        {"HTTPS_PROXY", "http://127.0.0.1:9"},
        {"HTTPS_PROXY", "socks5://127.0.0.1:9"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = {.script = "await; fin", .profile = WHY_PROFILE_TLS};
        struct why_engine *own;
        char err[200];

        CU_ASSERT_EQUAL(setenv(rows[i].name, rows[i].value, 1), 0);
        CU_ASSERT_EQUAL_FATAL(why_engine_new(&own, 1, err, sizeof(err)), WHY_OK);
        run_with(&r, own);
        check_request(&r, "Cookie: mstshash=rdpwhy");
        CU_ASSERT_TRUE(r.peer.played);
        CU_ASSERT_FALSE(r.second);
        run_free(&r);
        why_engine_free(own);
        CU_ASSERT_EQUAL(unsetenv(rows[i].name), 0);
    }
}

/* ---- behind TLS, and where it was due -------------------------------------------------------- */

#define BEHIND_TLS REQUEST "<X.224 Connection Confirm, tls-start, tls-done, >MCS Connect Initial, "
#define BEHIND_NLA                                                                                 \
    REQUEST "<X.224 Connection Confirm, tls-start, tls-done, >TSRequest NTLM NEGOTIATE, "
#define UP_TO_NLA "await; say " CONFIRM_NLA "; tls; await; "

/* [MS-CSSP] 2.2.1: version 6, errorCode STATUS_LOGON_FAILURE. */
#define TSREQUEST_ERROR "300da003020106a4060204c000006d"

/* T.125 7: the recording's, with rt-user-rejected (14) in the place of rt-successful. */
#define REJECTED                                                                                   \
    "0300006502f0807f665b0a010e020100301a020116020103020100020101020100020101020300fff80201020437" \
    "000500147c00012a14760a01010001c0004d63446e8020010c0c000400080001000000030c0800eb030000020c0c" \
    "000000000000000000"

static const struct row behind_tls[] = {
    {"ultimatum", WHY_PROFILE_TLS, UP_TO_TLS "say " ULTIMATUM,
     BEHIND_TLS "<Disconnect Provider Ultimatum, library-error, close", NULL, NULL},
    {"rt-user-rejected", WHY_PROFILE_TLS, UP_TO_TLS "say " REJECTED,
     BEHIND_TLS "<MCS Connect Response, library-error, close", NULL, NULL},
    {"rt-user-rejected, and the ultimatum that nobody reads", WHY_PROFILE_TLS,
     UP_TO_TLS "say " REJECTED "|" ULTIMATUM,
     BEHIND_TLS "<MCS Connect Response, library-error, <Disconnect Provider Ultimatum, close", NULL,
     NULL},
    /* Its second byte would be a fast-path PDU's length: it is longer. */
    {"TSRequest for the Connect Initial", WHY_PROFILE_TLS, UP_TO_TLS "say ~" TSREQUEST_ERROR,
     BEHIND_TLS "library-error, partial, close", TSREQUEST_ERROR, "not a TPKT header"},
    {"half an ultimatum and FIN", WHY_PROFILE_TLS, UP_TO_TLS "say ~0300000902f0; fin",
     BEHIND_TLS "fin, library-error, partial", "0300000902f0", ""},
    {"CredSSP: errorCode", WHY_PROFILE_NLA, UP_TO_NLA "say " TSREQUEST_ERROR,
     BEHIND_NLA "<TSRequest errorCode, library-error, close", NULL, NULL},
    {"CredSSP: a TSRequest of nothing", WHY_PROFILE_NLA, UP_TO_NLA "say 3000",
     BEHIND_NLA "<TSRequest!, library-error, close", NULL, NULL},
    {"CredSSP: no credentials for the CHALLENGE", WHY_PROFILE_NLA,
     UP_TO_NLA "say <<TSRequest NTLM CHALLENGE",
     BEHIND_NLA "<TSRequest NTLM CHALLENGE, stop, close", NULL, NULL},
    {"CredSSP: the CHALLENGE, byte by byte", WHY_PROFILE_NLA,
     UP_TO_NLA "drip 0 <<TSRequest NTLM CHALLENGE",
     BEHIND_NLA "<TSRequest NTLM CHALLENGE, stop, close", NULL, NULL},
};

static void test_behind_tls(void)
{
    check_rows(behind_tls, sizeof(behind_tls) / sizeof(behind_tls[0]));
}

/* ---- licensing ------------------------------------------------------------------------------- */

/* [MS-RDPELE] 2.2.2.1, with an X.509 chain that announces 2,147,483,647 certificates ([MS-RDPBCGR]
 * 2.2.1.4.3.1.1.2), for which the library would make room. */
#define ENDLESS_CHAIN                                                                              \
    "0300006902f08068000103eb70805a8000000001035600111111111111111111111111111111111111111111"     \
    "111111111111111111111100000600040000004d00000004000000410000000d000400010000000300080002"     \
    "000000ffffff7f010000000e0002006100"

/* [MS-RDPELE] 2.2.2.7.1: ERR_NO_LICENSE_SERVER, ST_TOTAL_ABORT. */
#define ERROR_ALERT "0300002202f08068000103eb701480000000ff031000060000000100000004000000"

#define UP_TO_LICENSING                                                                            \
    REQUEST "<X.224 Connection Confirm, >MCS Connect Initial, <MCS Connect Response, "             \
            ">MCS Erect Domain Request, >MCS Attach User Request, <MCS Attach User Confirm, "      \
            ">MCS Channel Join Request, <MCS Channel Join Confirm, >MCS Channel Join Request, "    \
            "<MCS Channel Join Confirm, >Client Info, "

static const struct row licenses[] = {
    {"a chain without end", WHY_PROFILE_RDP,
     "await; say " CONFIRM_RDP "; " CHANNELS("say ") "say " ENDLESS_CHAIN,
     UP_TO_LICENSING "<LICENSE_REQUEST!, library-error, close", NULL, NULL},
    {"an ERROR_ALERT, and the ultimatum behind it", WHY_PROFILE_RDP,
     "await; say " CONFIRM_RDP "; " CHANNELS("say ") "say " ERROR_ALERT "|" ULTIMATUM,
     UP_TO_LICENSING "<ERROR_ALERT, library-error, <Disconnect Provider Ultimatum, close", NULL,
     NULL},
};

static void test_licensing(void)
{
    check_rows(licenses, sizeof(licenses) / sizeof(licenses[0]));
}

/* ---- in the clear, where TLS was due --------------------------------------------------------- */

#define FOR_HELLO   "await; say " CONFIRM_TLS "; await-tls; "
#define HELLO_ENDS  REQUEST "<X.224 Connection Confirm, tls-start, "
#define AFTER_HELLO HELLO_ENDS "tls-error, "

/* The ultimatum as "say HEX" and, behind a pause, the rest from its byte |cut| on. */
static void put_ultimatum(char *out, size_t size, size_t cut)
{
    if (cut == 0)
        (void)snprintf(out, size, FOR_HELLO "say " ULTIMATUM);
    else
        (void)snprintf(out, size, FOR_HELLO "say ~%.*s; pause 100; say ~%s", (int)(2 * cut),
                       ULTIMATUM, &ULTIMATUM[2 * cut]);
}

/* xrdp without a key or certificate says so in the clear where its ServerHello is due. */
static void test_ultimatum_for_a_hello(void)
{
    for (size_t cut = 0; cut < strlen(ULTIMATUM) / 2; cut++) {
        struct run r = {.profile = WHY_PROFILE_TLS};
        const struct why_event *last = NULL, *pdu;
        char script[200], name[40];
        size_t at = 0;

        put_ultimatum(script, sizeof(script), cut);
        (void)snprintf(name, sizeof(name), "an ultimatum, cut after %zu", cut);
        r.script = script;
        run(&r);
        check_summary(&r, name, AFTER_HELLO "<Disconnect Provider Ultimatum, library-error, close");
        while ((pdu = next_pdu(r.trace, &at)) != NULL)
            last = pdu;
        CU_ASSERT_TRUE(last != NULL && last->len == strlen(ULTIMATUM) / 2 &&
                       begins_with(last, ULTIMATUM));
        CU_ASSERT(r.took_us < BOUND_US);
        run_free(&r);
    }
}

static const struct row clear_for_hello[] = {
    {"half an ultimatum and FIN", WHY_PROFILE_TLS, FOR_HELLO "say ~0300000902f0; fin",
     AFTER_HELLO "fin, partial, library-error", "0300000902f0", "not a TLS record"},
    {"a second Connection Confirm", WHY_PROFILE_TLS, FOR_HELLO "say " CONFIRM_TLS,
     AFTER_HELLO "<X.224 Connection Confirm!, library-error, close", NULL, NULL},
    {"half an ultimatum, and silence", WHY_PROFILE_TLS, FOR_HELLO "say ~0300000902f0",
     AFTER_HELLO "partial, library-error, close", "0300000902f0", "not a TLS record"},
    {"two ultimatums and half of one", WHY_PROFILE_TLS,
     FOR_HELLO "say " ULTIMATUM "|" ULTIMATUM "|~0300",
     AFTER_HELLO "<Disconnect Provider Ultimatum, <Disconnect Provider Ultimatum, partial, "
                 "library-error, close",
     "0300", "not a TLS record"},
    {"a TPKT longer than any record", WHY_PROFILE_TLS,
     FOR_HELLO "say ~0300ffff; repeat 4000 02f08000000000000000",
     AFTER_HELLO "partial, library-error, close", "0300ffff02f080", "not a TLS record"},
    {"half the header of a record and FIN", WHY_PROFILE_TLS, FOR_HELLO "say ~160303; fin",
     HELLO_ENDS "fin, partial, library-error", "160303", ""},
    {"half a record and FIN", WHY_PROFILE_TLS, FOR_HELLO "say ~160303002a0200; fin",
     HELLO_ENDS "fin, partial, library-error", "160303002a0200", ""},
    {"a byte of a TPKT and FIN", WHY_PROFILE_TLS, FOR_HELLO "say ~03; fin",
     HELLO_ENDS "fin, partial, library-error", "03", ""},
};

static void test_clear_for_a_hello(void)
{
    check_rows(clear_for_hello, sizeof(clear_for_hello) / sizeof(clear_for_hello[0]));
}

static CU_TestInfo tests[] = {
    {"every PDU once", test_every_pdu},
    {"until", test_until},
    {"until, and a refusal beside it", test_until_beside},
    {"in the negotiation", test_negotiation},
    {"one dial", test_one_dial},
    {"deadline", test_deadline},
    {"cancelled", test_cancelled},
    {"the first request", test_request},
    {"proxy variables", test_proxy},
    {"behind TLS", test_behind_tls},
    {"in licensing", test_licensing},
    {"an ultimatum for a ClientHello", test_ultimatum_for_a_hello},
    {"in the clear for a ClientHello", test_clear_for_a_hello},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "tap", .pInitFunc = make_engine, .pCleanupFunc = free_engine, .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* the server's own: OpenSSL writes without MSG_NOSIGNAL */
    return why_unit_main(suites);
}
