/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "conn.h"
#include "listener.h"
#include "peer.h"
#include "scenarios.h"
#include "server.h"

static int stop_pipe[2] = {-1, -1};

static void on_signal(int signal)
{
    const int saved = errno;
    (void)signal;
    if (write(stop_pipe[1], "s", 1) < 0) {
        /* The pipe is full: it has been told already. */
    }
    errno = saved;
}

static void *watch_stdin(void *arg)
{
    char sink[256];
    (void)arg;
    while (read(STDIN_FILENO, sink, sizeof(sink)) > 0) {
    }
    if (write(stop_pipe[1], "e", 1) < 0) {
        _exit(1);
    }
    return NULL;
}

/* A connection takes a dozen descriptors, and thousands may be open. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int setup_process(const struct peer_options *options)
{
    struct sigaction action = {.sa_handler = on_signal};
    pthread_t thread;
    if (pipe(stop_pipe) != 0) {
        return -1;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
#ifdef __GLIBC__
    /* A context is 2.7 MB in large pieces; without this every one is an mmap and a munmap. */
    mallopt(M_MMAP_THRESHOLD, 64 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
    mallopt(M_ARENA_MAX, 4); /* threads are many and short: an arena for each would fill memory */
#endif
    raise_descriptors();
    if (options->until_stdin_closes) {
        if (pthread_create(&thread, NULL, watch_stdin, NULL) != 0) {
            return -1;
        }
        pthread_detach(thread);
    }
    return 0;
}

static int open_all(struct listener *listeners, size_t *count, const struct peer_fault *only,
                    struct peer_server *server)
{
    const size_t all = only != NULL ? 1 : peer_fault_count;
    for (size_t i = 0; i < all; i++) {
        const struct peer_fault *fault = only != NULL ? only : &peer_faults[i];
        const uint16_t port = server->options.port == 0 ? 0 : (uint16_t)(server->options.port + i);
        if (server_prepare(server, fault) != 0 ||
            listener_open(&listeners[i], fault, server->options.bind, port) != 0) {
            return -1;
        }
        ++*count;
    }
    return 0;
}

static int open_scenario(struct listener *listener, size_t *count,
                         const struct peer_scenario *scenario, struct peer_server *server)
{
    if (peer_scenario_each(scenario, server_prepare, server) != 0 ||
        listener_open(listener, NULL, server->options.bind, server->options.port) != 0) {
        return -1;
    }
    listener->scenario = scenario;
    *count = 1;
    return 0;
}

static int open_listeners(struct listener *listeners, size_t *count, const struct peer_fault *only,
                          const struct peer_scenario *scenario, struct peer_server *server)
{
    return scenario != NULL ? open_scenario(listeners, count, scenario, server)
                            : open_all(listeners, count, only, server);
}

static int announce(const struct listener *listeners, size_t count, const char *address)
{
    for (size_t i = 0; i < count; i++) {
        const struct listener *l = &listeners[i];
        printf("%s\t%s\t%u\n", l->scenario != NULL ? l->scenario->name : l->fault->name, address,
               (unsigned)l->port);
    }
    printf("ready\n");
    return fflush(stdout);
}

static int run(const struct peer_options *options)
{
    const struct peer_fault *only = NULL;
    const struct peer_scenario *scenario = NULL;
    struct peer_server server = {.templates = NULL};
    size_t count = 0;
    int status = 1;
    if (options->fault != NULL && (only = peer_fault_find(options->fault)) == NULL) {
        fprintf(stderr, "rdpwhy-peer: no fault is named %s (--list names all)\n", options->fault);
        return 2;
    }
    if (options->scenario != NULL && (scenario = peer_scenario_find(options->scenario)) == NULL) {
        fprintf(stderr, "rdpwhy-peer: no scenario is named %s (--list-scenarios names all)\n",
                options->scenario);
        return 2;
    }
    struct listener *listeners = calloc(only != NULL ? 1 : peer_fault_count, sizeof(*listeners));
    if (listeners == NULL || setup_process(options) != 0 || server_setup(&server, options) != 0 ||
        open_listeners(listeners, &count, only, scenario, &server) != 0 ||
        announce(listeners, count, options->bind) != 0) {
        goto out;
    }
    if (!options->quiet) {
        fprintf(stderr, "rdpwhy-peer: simulating %zu server%s on %s\n", count,
                count == 1 ? "" : "s", options->bind);
    }
    listener_loop(listeners, count, &server, stop_pipe[0]);
    status = 0;
out:
    for (size_t i = 0; i < count; i++) {
        close(listeners[i].fd);
    }
    conn_stop_all();
    conn_wait_all();
    server_clear(&server);
    free(listeners);
    return status;
}

int main(int argc, char **argv)
{
    struct peer_options options;
    const int status = peer_options_parse(&options, argc, argv);
    if (status != 0) {
        return status > 0 ? 0 : 2;
    }
    if (options.list) {
        return peer_list() == 0 ? 0 : 1;
    }
    if (options.list_scenarios) {
        return peer_scenario_list() == 0 ? 0 : 1;
    }
    return run(&options);
}
