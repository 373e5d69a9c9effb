/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TLS-profile attempt costs at least: TCP, X.224 with an offer of SSL, the TLS handshake,
 * and the close, with OpenSSL alone. `bare_client ADDRESS PORT COUNT` makes COUNT connections one
 * after the other and prints one line each: wall time and processor time in microseconds.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

/* TPKT, X.224 Connection Request, RDP_NEG_REQ with PROTOCOL_SSL ([MS-RDPBCGR] 2.2.1.1) */
static const uint8_t request[] = {3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0};
#define CONFIRM_LENGTH 19
#define SELECTED_AT    15

static uint64_t micros(time_t seconds, long rest)
{
    return (uint64_t)seconds * 1000000u + (uint64_t)rest;
}

static uint64_t wall_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return micros(now.tv_sec, now.tv_nsec / 1000);
}

static uint64_t processor_us(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return micros(used.ru_utime.tv_sec, used.ru_utime.tv_usec) +
           micros(used.ru_stime.tv_sec, used.ru_stime.tv_usec);
}

static int dial(const struct sockaddr_in *server)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, (const struct sockaddr *)server, sizeof(*server)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Offers SSL and reads the Connection Confirm. Returns 0 when the server selected SSL. */
static int negotiate(int fd)
{
    uint8_t confirm[CONFIRM_LENGTH];

    if (send(fd, request, sizeof(request), 0) != (ssize_t)sizeof(request))
        return -1;
    if (recv(fd, confirm, sizeof(confirm), MSG_WAITALL) != (ssize_t)sizeof(confirm))
        return -1;
    return confirm[SELECTED_AT] == 1 ? 0 : -1;
}

static int handshake(SSL_CTX *context, int fd)
{
    int status = -1;
    SSL *ssl = SSL_new(context);

    if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1) {
        SSL_shutdown(ssl);
        status = 0;
    }
    SSL_free(ssl);
    return status;
}

static int attempt(SSL_CTX *context, const struct sockaddr_in *server)
{
    int status;
    int fd = dial(server);

    if (fd < 0)
        return -1;
    status = negotiate(fd);
    if (status == 0)
        status = handshake(context, fd);
    close(fd);
    return status;
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    SSL_CTX *context;
    long count;
    int status = EXIT_SUCCESS;

    if (argc != 4 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: bare_client ADDRESS PORT COUNT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    count = strtol(argv[3], NULL, 10);

    context = SSL_CTX_new(TLS_client_method());
    if (!context)
        return 4;
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    for (long i = 0; i < count && status == EXIT_SUCCESS; i++) {
        uint64_t wall = wall_us();
        uint64_t processor = processor_us();

        if (attempt(context, &server) != 0) {
            fprintf(stderr, "bare_client: connection %ld failed\n", i + 1);
            status = EXIT_FAILURE;
        } else {
            printf("%llu %llu\n", (unsigned long long)(wall_us() - wall),
                   (unsigned long long)(processor_us() - processor));
        }
    }
    SSL_CTX_free(context);
    return status;
}
