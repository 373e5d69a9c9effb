/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt/attempt.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "unit.h"

static char base[] = "/tmp/rdpwhy-unit-XXXXXX"; /* TMPDIR of the tests */

/* How many files are in |path|, and the last one's path; at most one is expected. */
static unsigned files_in(const char *path, char *last, size_t len)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    unsigned count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        (void)snprintf(last, len, "%s/%s", path, entry->d_name);
    }
    (void)closedir(dir);
    return count;
}

static struct why_engine *new_engine(void)
{
    struct why_engine *engine;
    char err[200] = "";

    CU_ASSERT_EQUAL_FATAL(why_engine_new(&engine, 4, err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(err, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
    return engine;
}

/* An attempt at a server of this machine that takes the connection and says nothing. */
static void attempt(struct why_engine *engine)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    char host[] = "127.0.0.1";
    struct why_target target = {.host = host, .label = host};
    struct why_attempt a = {
        .target = &target,
        .step = {.profile = WHY_PROFILE_TLS},
        .until = WHY_PHASE_ACTIVE,
        .timeout_us = 300000,
        .connect_timeout_us = 300000,
        .family = AF_INET,
    };
    struct why_license_data issued = {NULL, 0};
    struct why_trace *trace = NULL;
    bool sent = false;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_EQUAL_FATAL(bind(server, (struct sockaddr *)&address, sizeof(address)), 0);
    CU_ASSERT_EQUAL_FATAL(listen(server, 4), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(server, (struct sockaddr *)&address, &len), 0);
    target.port = ntohs(address.sin_port);
    CU_ASSERT_EQUAL_FATAL(why_attempt_run(engine, &a, &trace, &issued), WHY_OK);
    CU_ASSERT_PTR_NULL(issued.data);
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *e = why_trace_at(trace, i);

        sent = sent || (e->kind == WHY_EV_PDU && e->dir == WHY_DIR_SENT);
    }
    CU_ASSERT_TRUE(sent);
    why_trace_free(trace);
    close(server);
}

/* Made, used, and gone without a trace. */
static void test_life(void)
{
    char scratch[512] = "", inside[800];
    struct why_engine *engine;

    CU_ASSERT_EQUAL(setenv("HOME", "/nonexistent/home", 1), 0);
    engine = new_engine();
    CU_ASSERT_EQUAL_FATAL(files_in(base, scratch, sizeof(scratch)), 1);
    attempt(engine);
    attempt(engine);
    /* Kerberos' two configuration files, where the library was built with it. */
    CU_ASSERT_EQUAL(files_in(scratch, inside, sizeof(inside)),
                    why_engine_cannot(engine, WHY_PROFILE_NLA_KERBEROS) == NULL ? 2 : 0);
    CU_ASSERT_STRING_EQUAL(getenv("HOME"), "/nonexistent/home");
    why_engine_free(engine);
    CU_ASSERT_EQUAL(files_in(base, scratch, sizeof(scratch)), 0);
    why_engine_free(NULL);
}

/* Services have no home: the library is given one, and it goes with the engine. */
static void test_no_home(void)
{
    static const char *const rows[] = {NULL, ""};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char scratch[512] = "";
        struct why_engine *engine;

        CU_ASSERT_EQUAL(rows[i] == NULL ? unsetenv("HOME") : setenv("HOME", rows[i], 1), 0);
        engine = new_engine();
        CU_ASSERT_EQUAL(files_in(base, scratch, sizeof(scratch)), 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(getenv("HOME"));
        CU_ASSERT_STRING_EQUAL(getenv("HOME"), scratch);
        attempt(engine);
        why_engine_free(engine);
        CU_ASSERT_EQUAL(files_in(base, scratch, sizeof(scratch)), 0);
    }
}

static void test_no_scratch(void)
{
    struct why_engine *engine = (struct why_engine *)base; /* anything but NULL */
    char err[200] = "";

    CU_ASSERT_EQUAL(setenv("TMPDIR", "/nonexistent/tmp", 1), 0);
    CU_ASSERT_EQUAL(why_engine_new(&engine, 1, err, sizeof(err)), WHY_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err, "cannot create a private directory in TMPDIR");
    CU_ASSERT_PTR_NULL(engine);
    CU_ASSERT_EQUAL(setenv("TMPDIR", base, 1), 0);
}

/* A TMPDIR that depends on where one is, or none: /tmp. */
static void test_other_scratch(void)
{
    static const char *const rows[] = {NULL, "", "here"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_engine *engine;

        CU_ASSERT_EQUAL(rows[i] == NULL ? unsetenv("TMPDIR") : setenv("TMPDIR", rows[i], 1), 0);
        CU_ASSERT_EQUAL(unsetenv("HOME"), 0);
        engine = new_engine();
        CU_ASSERT_PTR_NOT_NULL_FATAL(getenv("HOME"));
        CU_ASSERT_EQUAL(strncmp(getenv("HOME"), "/tmp/rdpwhy-", 12), 0);
        CU_ASSERT_EQUAL(access(getenv("HOME"), F_OK), 0);
        why_engine_free(engine);
        CU_ASSERT_NOT_EQUAL(access(getenv("HOME"), F_OK), 0);
    }
    CU_ASSERT_EQUAL(setenv("TMPDIR", base, 1), 0);
}

static void test_cannot(void)
{
    static const enum why_profile always[] = {WHY_PROFILE_NEGOTIATE, WHY_PROFILE_RDP,
                                              WHY_PROFILE_TLS, WHY_PROFILE_NLA,
                                              WHY_PROFILE_NLA_EXT};
    struct why_engine *engine = new_engine();

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        CU_ASSERT_PTR_NULL(why_engine_cannot(engine, always[i]));
    for (int p = 0; p < WHY_PROFILE_COUNT; p++) {
        const char *why = why_engine_cannot(engine, (enum why_profile)p);

        if (why == NULL)
            continue;
        CU_ASSERT_STRING_EQUAL(why, p == WHY_PROFILE_AAD
                                        ? "the installed libfreerdp was built without AAD"
                                        : "the installed OpenSSL was built without this TLS "
                                          "version");
    }
    why_engine_free(engine);
}

static void test_client(void)
{
    struct why_engine *engine = new_engine();
    const char *hash = why_engine_client_hash(engine);

    CU_ASSERT_NOT_EQUAL(strlen(why_engine_client_name(engine)), 0);
    CU_ASSERT_EQUAL(strlen(hash), 40);
    CU_ASSERT_EQUAL(strspn(hash, "0123456789abcdef"), 40);
    CU_ASSERT_EQUAL(strncmp(why_engine_library_running(), "3.", 2), 0);
    CU_ASSERT_EQUAL(strncmp(why_engine_library_built(), "3.", 2), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(why_engine_openssl(), "OpenSSL"));
    why_engine_free(engine);
}

static CU_TestInfo tests[] = {
    {"made, used, gone", test_life},
    {"no home", test_no_home},
    {"no scratch directory", test_no_scratch},
    {"another scratch directory", test_other_scratch},
    {"what cannot be done", test_cannot},
    {"the client", test_client},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "engine", .pTests = tests}, CU_SUITE_INFO_NULL};
    int failed;

    if (mkdtemp(base) == NULL || setenv("TMPDIR", base, 1) != 0)
        return 1;
    failed = why_unit_main(suites);
    (void)rmdir(base);
    return failed;
}
