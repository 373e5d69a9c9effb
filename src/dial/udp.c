/* SPDX-License-Identifier: Apache-2.0 */
#include "dial/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/rdpeudp.h"

#define TICK_MS 50 /* how soon an interrupt is seen */

static const unsigned versions[WHY_UDP_TRIES] = {2, 2, 1};

enum heard {
    HEARD_NOTHING,
    HEARD_ANSWER,
    HEARD_ICMP,     /* the socket has an error that only an ICMP message gives it */
    HEARD_INTERRUPT /* the user ends the run */
};

/* A socket that is tied to the server, so that it hears of nobody else, and of ICMP messages; -1:
 * there is none, and errno. */
static int tied_socket(const struct why_udp_request *request)
{
    int fd = socket(request->address->sa_family, SOCK_DGRAM, 0), error;

    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        connect(fd, request->address, request->address_len) != 0) {
        error = errno;
        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static bool is_icmp(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
           error == EACCES || error == ENOPROTOOPT;
}

/* What has come by now. Datagrams that answer another SYN, or are none of RDP's, say nothing. */
static enum heard hear(const struct why_udp_request *request, int fd, unsigned *version)
{
    uint8_t data[2048];

    for (;;) {
        ssize_t n = recv(fd, data, sizeof(data), 0);
        struct why_rdpeudp answer;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return is_icmp(errno) ? HEARD_ICMP : HEARD_NOTHING;
        answer = why_rdpeudp_read(data, (size_t)n);
        if (answer.kind != WHY_RDPEUDP_SYN_ACK || answer.acknowledged != request->sequence)
            continue;
        *version = answer.version;
        return HEARD_ANSWER;
    }
}

static enum heard wait_for(const struct why_udp_request *request, int fd, unsigned *version)
{
    uint64_t until = why_clock_us() + WHY_UDP_WAIT_US;
    enum heard heard = HEARD_NOTHING;

    while (heard == HEARD_NOTHING && why_clock_us() < until) {
        struct pollfd pfd = {.fd = fd, .events = POLLIN};

        if (request->cancelled != NULL && atomic_load(request->cancelled))
            return HEARD_INTERRUPT;
        if (poll(&pfd, 1, TICK_MS) > 0)
            heard = hear(request, fd, version);
    }
    return heard;
}

static void tell(const struct why_udp_request *request, enum why_dir dir, int64_t value,
                 const char *text)
{
    request->event(request->arg, dir, value, text);
}

/* Sends one SYN of version |offered|, |again| or for the first time, and hears what becomes of it;
 * false: it was not sent, and errno. */
static bool ask_once(const struct why_udp_request *request, int fd, unsigned offered, bool again,
                     enum heard *heard, unsigned *version)
{
    uint8_t syn[WHY_RDPEUDP_SYN_LEN];

    *heard = HEARD_NOTHING;
    why_rdpeudp_write_syn(offered, request->sequence, syn);
    if (send(fd, syn, sizeof(syn), 0) < 0) {
        /* What became of the one before is told to who sends the next. */
        *heard = again && is_icmp(errno) ? HEARD_ICMP : HEARD_NOTHING;
        return *heard == HEARD_ICMP;
    }
    tell(request, WHY_DIR_SENT, again ? -(int64_t)offered : (int64_t)offered, NULL);
    *heard = wait_for(request, fd, version);
    return true;
}

void why_udp_ask(const struct why_udp_request *request)
{
    int fd = tied_socket(request);
    enum heard heard = HEARD_NOTHING;
    unsigned version = 0, sent = 0;
    bool goes_on = fd >= 0;

    while (goes_on && sent < WHY_UDP_TRIES && heard == HEARD_NOTHING) {
        goes_on = ask_once(request, fd, versions[sent], sent > 0, &heard, &version);
        sent += goes_on;
    }
    if (sent == 0)
        tell(request, WHY_DIR_SENT, 0, strerror(errno));
    else if (heard == HEARD_ANSWER)
        tell(request, WHY_DIR_RECEIVED, version, NULL);
    else if (heard == HEARD_ICMP)
        tell(request, WHY_DIR_RECEIVED, 0, NULL);
    else if (heard == HEARD_NOTHING && goes_on)
        tell(request, WHY_DIR_RECEIVED, -1, NULL);
    if (fd >= 0)
        (void)close(fd);
}
