/* SPDX-License-Identifier: Apache-2.0 */
#include "dial/udp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/rdpeudp.h"

#include "unit.h"

#define SEQUENCE 0x00c0ffeeu

struct events {
    char text[256];
};

static void on_event(void *arg, enum why_dir dir, int64_t value, const char *text)
{
    struct events *events = arg;
    size_t n = strlen(events->text);

    snprintf(events->text + n, sizeof(events->text) - n, "%s%d%s ", dir == WHY_DIR_SENT ? ">" : "<",
             (int)value, text != NULL ? "!" : "");
}

static int bound(struct sockaddr_in *address)
{
    socklen_t len = sizeof(*address);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)address, len), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)address, &len), 0);
    return fd;
}

/* Sends back what it gets, of |skip| datagrams nothing, and first what answers nobody. */
struct responder {
    int fd;
    unsigned skip;
    uint32_t acknowledges;
};

static void *respond(void *arg)
{
    struct responder *r = arg;
    uint8_t data[2048];
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    ssize_t n;

    for (unsigned i = 0; i <= r->skip; i++) {
        len = sizeof(from);
        n = recvfrom(r->fd, data, sizeof(data), 0, (struct sockaddr *)&from, &len);
        if (n != WHY_RDPEUDP_SYN_LEN)
            return NULL;
    }
    (void)sendto(r->fd, "x", 1, 0, (struct sockaddr *)&from, len);
    (void)sendto(r->fd, data, (size_t)n, 0, (struct sockaddr *)&from, len); /* a SYN, no answer */
    data[0] = (uint8_t)(r->acknowledges >> 24);
    data[1] = (uint8_t)(r->acknowledges >> 16);
    data[2] = (uint8_t)(r->acknowledges >> 8);
    data[3] = (uint8_t)r->acknowledges;
    data[7] |= 0x04;
    (void)sendto(r->fd, data, (size_t)n, 0, (struct sockaddr *)&from, len);
    return NULL;
}

static void ask(const struct sockaddr_in *address, struct events *events,
                const atomic_bool *cancelled)
{
    memset(events, 0, sizeof(*events));
    why_udp_ask(&(struct why_udp_request){
        .address = (const struct sockaddr *)address,
        .address_len = sizeof(*address),
        .sequence = SEQUENCE,
        .cancelled = cancelled,
        .event = on_event,
        .arg = events,
    });
}

static void test_answered(void)
{
    static const struct {
        unsigned skip;
        uint32_t acknowledges;
        const char *events;
    } rows[] = {
        {0, SEQUENCE, ">2 <2 "},
        {2, SEQUENCE, ">2 >-2 >-1 <1 "},
        {0, SEQUENCE + 1, ">2 >-2 >-1 <-1 "}, /* of somebody else's SYN */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sockaddr_in address;
        struct responder r = {bound(&address), rows[i].skip, rows[i].acknowledges};
        struct events events;
        pthread_t thread;

        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, respond, &r), 0);
        ask(&address, &events, NULL);
        pthread_join(thread, NULL);
        CU_ASSERT_STRING_EQUAL(events.text, rows[i].events);
        (void)close(r.fd);
    }
}

/* The loopback tells at once that nobody has the port. */
static void test_refused(void)
{
    struct sockaddr_in address;
    struct events events;

    (void)close(bound(&address));
    ask(&address, &events, NULL);
    CU_ASSERT_STRING_EQUAL(events.text, ">2 <0 ");
}

/* What was not waited for to the end is not silence. */
static void test_interrupted(void)
{
    struct sockaddr_in address;
    int fd = bound(&address);
    atomic_bool cancelled;
    struct events events;

    atomic_init(&cancelled, true);
    ask(&address, &events, &cancelled);
    CU_ASSERT_STRING_EQUAL(events.text, ">2 ");
    (void)close(fd);
}

static void test_not_sent(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct events events;

    address.sin_addr.s_addr =
        htonl(INADDR_BROADCAST); /* needs a permission that is not asked for */
    ask(&address, &events, NULL);
    CU_ASSERT_STRING_EQUAL(events.text, ">0! ");
}

static CU_TestInfo tests[] = {
    {"answered", test_answered}, {"refused", test_refused}, {"interrupted", test_interrupted},
    {"not sent", test_not_sent}, CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "asking for RDP over UDP", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
