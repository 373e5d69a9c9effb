/* SPDX-License-Identifier: Apache-2.0 */
#include "kdc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/system_error.h"
#include "dial/dial.h"

#include "https.h"

#define TICK_MS 50 /* how soon an interrupt is seen */

static void on_dial(void *arg, enum why_event_kind kind, int64_t value, const char *text)
{
    struct asking *a = arg;

    if (kind == WHY_EV_RESOLVE_FAILED)
        why_asking_did(a, "its name cannot be resolved: ", text != NULL ? text : "no details");
    else if (kind == WHY_EV_DIAL_FAILED)
        why_asking_did(a, "it cannot be reached: ", strerror((int)value));
}

/* One round: waits for what the dial waits for, a tick at most. */
static enum why_dial_state dial_on(struct why_dial *d, struct why_resolver *resolver)
{
    struct pollfd fds[WHY_DIAL_FDS + 1];
    size_t n = why_dial_fds(d, fds);

    fds[n] = (struct pollfd){.fd = why_resolver_fd(resolver), .events = POLLIN};
    (void)poll(fds, (nfds_t)n + 1, TICK_MS);
    if (fds[n].revents != 0)
        why_resolver_seen(resolver);
    return why_dial_step(d, fds, n);
}

static int dial(struct asking *a, const struct kdc *kdc)
{
    const struct why_dial_request request = {.host = kdc->host,
                                             .port = kdc->port,
                                             .deadline_us = a->deadline_us,
                                             .event = on_dial,
                                             .arg = a};
    struct why_resolver *resolver = why_resolver_new(1);
    struct why_dial *d = resolver != NULL ? why_dial_new(resolver, &request) : NULL;
    int fd = -1;

    if (d != NULL) {
        while (why_dial_state(d) < WHY_DIAL_CONNECTED && !why_asking_is_over(a))
            (void)dial_on(d, resolver);
        if (why_dial_state(d) == WHY_DIAL_CONNECTED)
            fd = why_dial_take(d);
    }
    why_dial_free(d);
    why_resolver_free(resolver);
    return fd;
}

static bool send_all(struct asking *a, const uint8_t *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = send(a->fd, data + done, len - done, MSG_NOSIGNAL);

        if (n > 0) {
            done += (size_t)n;
        } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            why_asking_did(a, "it closed the connection", "");
            return false;
        } else if (!why_asking_ready(a, POLLOUT)) {
            return false;
        }
    }
    return true;
}

static bool receive_all(struct asking *a, uint8_t *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n;

        if (!why_asking_ready(a, POLLIN))
            return false;
        n = recv(a->fd, data + done, len - done, 0);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
            why_asking_did(a, "it closed the connection without an answer", "");
            return false;
        }
    }
    return true;
}

/* RFC 4120 7.2.2: four bytes of length before each message. */
static bool exchange(struct asking *a)
{
    struct kdc_exchange *x = a->x;
    uint8_t head[4] = {(uint8_t)(x->request_len >> 24), (uint8_t)(x->request_len >> 16),
                       (uint8_t)(x->request_len >> 8), (uint8_t)x->request_len};
    size_t len;

    if (!send_all(a, head, sizeof(head)) || !send_all(a, x->request, x->request_len) ||
        !receive_all(a, head, sizeof(head)))
        return false;
    len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (len == 0 || len > KDC_REPLY_MAX) {
        why_asking_did(a, "what it sent is no Kerberos message", "");
        return false;
    }
    x->reply = malloc(len);
    if (x->reply != NULL && receive_all(a, x->reply, len)) {
        x->reply_len = len;
        return true;
    }
    free(x->reply);
    x->reply = NULL;
    return false;
}

static bool ask_one(struct kdc_exchange *x, size_t index, uint64_t deadline_us)
{
    const struct kdc *kdc = &x->list->items[index];
    struct asking a = {.x = x, .kdc = kdc, .deadline_us = deadline_us, .did = "it did not answer"};
    size_t used = strlen(x->why);
    bool answered;
    char text[KDC_TEXT];

    (void)why_kdc_text(kdc, text, sizeof(text));
    a.fd = dial(&a, kdc);
    answered = a.fd >= 0 && (kdc->path[0] != '\0' ? why_https_exchange(&a) : exchange(&a));
    if (a.fd >= 0)
        (void)close(a.fd);
    if (answered)
        x->answered = index;
    else
        (void)snprintf(x->why + used, sizeof(x->why) - used, "%s%s: %s", used > 0 ? "; " : "", text,
                       a.did);
    return answered;
}

bool why_kdc_ask(struct kdc_exchange *x)
{
    size_t first = x->answered < x->list->count ? x->answered : 0;

    x->reply = NULL;
    x->reply_len = 0;
    x->why[0] = '\0';
    for (size_t i = 0; i < x->list->count; i++) {
        uint64_t now = why_clock_us();
        uint64_t left = x->deadline_us > now ? x->deadline_us - now : 0;

        if (ask_one(x, (first + i) % x->list->count, now + left / (x->list->count - i)))
            return true;
    }
    return false;
}
