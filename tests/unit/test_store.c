/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/store.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "unit.h"

#define HASH "0123456789abcdef0123456789abcdef01234567"

static char base[256]; /* a directory for each test */
static char err[512];

static int before_each_suite(void)
{
    const char *tmp = getenv("TMPDIR");

    (void)snprintf(base, sizeof(base), "%s/why-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
    return mkdtemp(base) == NULL;
}

static void remove_all(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char child[1024];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
        if (unlink(child) != 0)
            remove_all(child);
    }
    if (dir != NULL)
        (void)closedir(dir);
    (void)rmdir(path);
}

static int after_each_suite(void)
{
    remove_all(base);
    return 0;
}

static const char *in_base(const char *name)
{
    static char paths[4][600];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof(paths[0]), "%s/%s", base, name);
    return path;
}

static struct why_license license(const char *server, const char *data)
{
    return (struct why_license){.server = (char *)(uintptr_t)server,
                                .company = (char *)(uintptr_t) "Example Corp",
                                .product = (char *)(uintptr_t) "A02",
                                .scope = (char *)(uintptr_t) "example.test",
                                .version = 0xa0000,
                                .client = (char *)(uintptr_t) "client1",
                                .issued_us = UINT64_C(1790000000123456),
                                .data = (uint8_t *)(uintptr_t)data,
                                .len = strlen(data)};
}

static void write_file(const char *path, const void *data, size_t len)
{
    FILE *out = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_EQUAL(fwrite(data, 1, len, out), len);
    CU_ASSERT_EQUAL(fclose(out), 0);
}

static size_t count_files(const char *dir)
{
    DIR *d = opendir(dir);
    size_t n = 0;

    if (d == NULL)
        return 0;
    while (readdir(d) != NULL)
        n++;
    (void)closedir(d);
    return n - 2;
}

static void test_round_trip(void)
{
    const char *dir = in_base("round/trip");
    struct why_license in = license("srv1:3389", "\x01\x02 license"), out;
    struct stat st;

    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(stat(dir, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
    CU_ASSERT_EQUAL_FATAL(why_store_load(dir, "srv1:3389", NULL, &out, err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(out.server, "srv1:3389");
    CU_ASSERT_STRING_EQUAL(out.company, "Example Corp");
    CU_ASSERT_STRING_EQUAL(out.product, "A02");
    CU_ASSERT_STRING_EQUAL(out.scope, "example.test");
    CU_ASSERT_STRING_EQUAL(out.client, "client1");
    CU_ASSERT_EQUAL(out.version, 0xa0000);
    CU_ASSERT_EQUAL(out.issued_us, in.issued_us);
    CU_ASSERT_EQUAL(out.len, in.len);
    CU_ASSERT_EQUAL(memcmp(out.data, in.data, in.len), 0);
    why_license_clear(&out);
    why_license_clear(NULL);
    /* the next one takes its place, and leaves nothing else behind */
    in = license("srv1:3389", "newer");
    in.company = in.product = in.scope = in.client = NULL;
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(why_store_load(dir, "srv1:3389", NULL, &out, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(out.len, 5);
    CU_ASSERT_PTR_NULL(out.company);
    why_license_clear(&out);
    CU_ASSERT_EQUAL(count_files(dir), 1);
}

static void test_mode_with_a_trailing_slash(void)
{
    const char *dir = in_base("slash/store//");
    struct why_license in = license("srv1:3389", "x");
    struct stat st;

    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(stat(in_base("slash/store"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
}

static void test_not_there(void)
{
    struct why_license out;

    CU_ASSERT_EQUAL(why_store_load(in_base("nowhere"), "srv1:3389", HASH, &out, err, sizeof(err)),
                    WHY_ERR_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "srv1:3389"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "nowhere"));
}

/* Names that are no file names: each keeps its own license, and none leaves the store. */
static void test_odd_names(void)
{
    static const char *const names[] = {
        "[2001:db8::7]:3389", "[fe80::1%eth0]:3389", "../../evil:3389", "..",     ".hidden:3389",
        "a b\tc\n:1",         "caf\xc3\xa9:3389",    "%2F:3389",        "/:3389", "a/b:3389",
        "A:3389.license.json"};
    const char *dir = in_base("odd");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct why_license in = license(names[i], names[i]);

        CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    }
    CU_ASSERT_EQUAL(count_files(dir), sizeof(names) / sizeof(names[0]));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct why_license out;

        CU_ASSERT_EQUAL_FATAL(why_store_load(dir, names[i], NULL, &out, err, sizeof(err)), WHY_OK);
        CU_ASSERT_STRING_EQUAL(out.server, names[i]);
        CU_ASSERT_EQUAL(out.len, strlen(names[i]));
        CU_ASSERT_EQUAL(memcmp(out.data, names[i], out.len), 0);
        why_license_clear(&out);
    }
}

/* What is no license is reported by name and left as it is. */
static const struct {
    const char *name, *text;
} damaged[] = {
    {"empty", ""},
    {"text", "not JSON"},
    {"cut", "{\"schema\":\"rdpwhy-license/1\",\"server\":\"a:1\",\"license\":\"00"},
    {"schema", "{\"schema\":\"rdpwhy-license/2\",\"server\":\"a:1\",\"license\":\"00\"}"},
    {"no server", "{\"schema\":\"rdpwhy-license/1\",\"license\":\"00\"}"},
    {"no license", "{\"schema\":\"rdpwhy-license/1\",\"server\":\"a:1\"}"},
    {"empty license", "{\"schema\":\"rdpwhy-license/1\",\"server\":\"a:1\",\"license\":\"\"}"},
    {"odd hex", "{\"schema\":\"rdpwhy-license/1\",\"server\":\"a:1\",\"license\":\"000\"}"},
    {"no hex", "{\"schema\":\"rdpwhy-license/1\",\"server\":\"a:1\",\"license\":\"0g\"}"},
    {"a list", "[[[[[[[[]]]]]]]]"},
};

static size_t seen, problems;

static void see_license(void *arg, const struct why_license *l)
{
    (void)arg;
    (void)l;
    seen++;
}

static void see_problem(void *arg, const char *message)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(message, arg));
    problems++;
}

static void test_damaged(void)
{
    char dir[600], path[700];

    (void)snprintf(dir, sizeof(dir), "%s", in_base("damaged"));
    CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/a%%3A1.license.json", dir);
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        struct why_license out;
        struct stat before, after;

        write_file(path, damaged[i].text, strlen(damaged[i].text));
        CU_ASSERT_EQUAL(stat(path, &before), 0);
        err[0] = '\0';
        CU_ASSERT_EQUAL(why_store_load(dir, "a:1", HASH, &out, err, sizeof(err)),
                        WHY_ERR_MALFORMED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err, path));
        seen = problems = 0;
        CU_ASSERT_EQUAL(why_store_list(dir,
                                       &(struct why_store_visitor){see_license, see_problem, path},
                                       err, sizeof(err)),
                        WHY_OK);
        CU_ASSERT_EQUAL(seen, 0);
        CU_ASSERT_EQUAL(problems, 1);
        CU_ASSERT_EQUAL(stat(path, &after), 0);
        CU_ASSERT_EQUAL(after.st_size, before.st_size);
        CU_ASSERT_EQUAL(after.st_ino, before.st_ino);
    }
}

/* A damaged file is left alone also by what would replace a license; a license is replaced. */
static void test_damaged_is_not_overwritten(void)
{
    char dir[600], path[700];
    struct why_license in = license("a:1", "new"), out;

    (void)snprintf(dir, sizeof(dir), "%s", in_base("kept"));
    CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/a%%3A1.license.json", dir);
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        struct stat before, after;

        write_file(path, damaged[i].text, strlen(damaged[i].text));
        CU_ASSERT_EQUAL(stat(path, &before), 0);
        err[0] = '\0';
        CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_ERR_MALFORMED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err, path));
        CU_ASSERT_EQUAL(stat(path, &after), 0);
        CU_ASSERT_EQUAL(after.st_size, before.st_size);
        CU_ASSERT_EQUAL(after.st_ino, before.st_ino);
    }
    CU_ASSERT_EQUAL(count_files(dir), 1);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_ERR_MALFORMED);
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(why_store_load(dir, "a:1", NULL, &out, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(out.len, 3);
    why_license_clear(&out);
}

/* Names are the same in upper and lower case, ASCII's; other bytes are not touched. */
static void test_case(void)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"LocalHost:3389", "localhost:3389", true},
        {"[FE80::1]:1", "[fe80::1]:1", true},
        {"a:1", "a:10", false},
        {"a:1", "b:1", false},
        {"caf\xc3\x89:1", "caf\xc3\xa9:1", false},
        {"@a:1", "`a:1", false},
        {"[a:1", "{a:1", false},
        {"", "", true},
    };
    const char *dir = in_base("case");
    struct why_license in = license("LocalHost:3389", "first"), out;
    size_t count = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(why_store_same_server(rows[i].a, rows[i].b), rows[i].same);
        CU_ASSERT_EQUAL(why_store_same_server(rows[i].b, rows[i].a), rows[i].same);
    }
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(why_store_load(dir, "localhost:3389", NULL, &out, err, sizeof(err)),
                          WHY_OK);
    CU_ASSERT_STRING_EQUAL(out.server, "LocalHost:3389");
    why_license_clear(&out);
    in = license("LOCALHOST:3389", "second");
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count_files(dir), 1);
    CU_ASSERT_EQUAL(why_store_clear(dir, "LOCALhost:3389", &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(count_files(dir), 0);
}

/* Neither a FIFO, which would make us wait, nor a directory, nor a file that is too large. */
static void test_not_a_regular_file(void)
{
    char path[700], *large;
    struct why_license out;
    const char *dir = in_base("special");

    CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/a%%3A1.license.json", dir);
    CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(why_store_load(dir, "a:1", NULL, &out, err, sizeof(err)), WHY_ERR_MALFORMED);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    CU_ASSERT_EQUAL(why_store_load(dir, "a:1", NULL, &out, err, sizeof(err)), WHY_ERR_MALFORMED);
    CU_ASSERT_EQUAL(rmdir(path), 0);
    large = calloc(1, 5 * WHY_LICENSE_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    write_file(path, large, (size_t)5 * WHY_LICENSE_MAX);
    free(large);
    CU_ASSERT_EQUAL(why_store_load(dir, "a:1", NULL, &out, err, sizeof(err)), WHY_ERR_MALFORMED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, path));
}

static void test_largest(void)
{
    struct why_license in = license("big:3389", ""), out;
    const char *dir = in_base("largest");

    in.len = WHY_LICENSE_MAX;
    in.data = malloc(in.len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(in.data);
    for (size_t i = 0; i < in.len; i++)
        in.data[i] = (uint8_t)(i * 7);
    CU_ASSERT_EQUAL(why_store_save(dir, &in, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(why_store_load(dir, "big:3389", NULL, &out, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(out.len, in.len);
    CU_ASSERT_EQUAL(memcmp(out.data, in.data, in.len), 0);
    why_license_clear(&out);
    free(in.data);
}

/* Folders as FreeRDP keeps them: the bare license under the hash of the client's name. */
static void test_freerdp_layout(void)
{
    const char *config = in_base("freerdp"), *licenses = in_base("freerdp/licenses");
    struct why_license out, own = license("srv1:3389", "ours");

    CU_ASSERT_EQUAL(mkdir(config, 0700), 0);
    CU_ASSERT_EQUAL(mkdir(licenses, 0700), 0);
    write_file(in_base("freerdp/licenses/" HASH ".cal"), "theirs", 6);
    CU_ASSERT_EQUAL_FATAL(why_store_load(config, "srv1:3389", HASH, &out, err, sizeof(err)),
                          WHY_OK);
    CU_ASSERT_EQUAL(out.len, 6);
    CU_ASSERT_STRING_EQUAL(out.server, "srv1:3389");
    CU_ASSERT_PTR_NULL(out.product);
    why_license_clear(&out);
    CU_ASSERT_EQUAL_FATAL(why_store_load(licenses, "srv1:3389", HASH, &out, err, sizeof(err)),
                          WHY_OK);
    why_license_clear(&out);
    CU_ASSERT_EQUAL(why_store_load(config, "srv1:3389", NULL, &out, err, sizeof(err)),
                    WHY_ERR_NOTFOUND);
    /* a license of our own for that server comes first */
    CU_ASSERT_EQUAL(why_store_save(config, &own, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(why_store_load(config, "srv1:3389", HASH, &out, err, sizeof(err)),
                          WHY_OK);
    CU_ASSERT_EQUAL(out.len, 4);
    why_license_clear(&out);
}

static char freerdp_seen[2000]; /* path and length, each license ended by ';' */

static void see_freerdp(void *arg, const struct why_freerdp_license *l)
{
    size_t n = strlen(freerdp_seen);

    CU_ASSERT_PTR_EQUAL(arg, base);
    CU_ASSERT(l->written_us > UINT64_C(1600000000000000));
    (void)snprintf(freerdp_seen + n, sizeof(freerdp_seen) - n, "%s %u;", l->path + strlen(base),
                   (unsigned)l->len);
}

/* FreeRDP's own are listed by name, and what clears ours leaves them alone. */
static void test_list_freerdp(void)
{
    char config[600], licenses[600];
    struct why_license own = license("srv1:3389", "ours");
    size_t count = 0;

    (void)snprintf(config, sizeof(config), "%s", in_base("listed"));
    (void)snprintf(licenses, sizeof(licenses), "%s", in_base("listed/licenses"));
    CU_ASSERT_EQUAL(why_store_list_freerdp(config, see_freerdp, base, err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(freerdp_seen, "");
    CU_ASSERT_EQUAL(mkdir(config, 0700), 0);
    CU_ASSERT_EQUAL(mkdir(licenses, 0700), 0);
    CU_ASSERT_EQUAL(mkdir(in_base("listed/licenses/folder.cal"), 0700), 0);
    write_file(in_base("listed/licenses/" HASH ".cal"), "theirs", 6);
    write_file(in_base("listed/licenses/notes.txt"), "mine", 4);
    CU_ASSERT_EQUAL(why_store_save(config, &own, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_store_list_freerdp(config, see_freerdp, base, err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(freerdp_seen, "/listed/licenses/" HASH ".cal 6;");
    freerdp_seen[0] = '\0';
    CU_ASSERT_EQUAL(why_store_list_freerdp(licenses, see_freerdp, base, err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(freerdp_seen, "/listed/licenses/" HASH ".cal 6;");
    CU_ASSERT_EQUAL(why_store_clear(config, NULL, &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(why_store_clear(licenses, NULL, &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_EQUAL(count_files(licenses), 3);
    freerdp_seen[0] = '\0';
    write_file(in_base("listed/file"), "x", 1);
    CU_ASSERT_EQUAL(
        why_store_list_freerdp(in_base("listed/file"), see_freerdp, base, err, sizeof(err)),
        WHY_ERR_IO);
    CU_ASSERT_STRING_EQUAL(freerdp_seen, "");
}

static const struct why_store_visitor silent = {.license = see_license};

static void test_list_and_clear(void)
{
    const char *dir = in_base("list");
    struct why_license a = license("a:1", "1"), b = license("b:1", "2");
    size_t count = 99;

    seen = problems = 0;
    CU_ASSERT_EQUAL(why_store_list(in_base("none"), &silent, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(seen, 0);
    CU_ASSERT_EQUAL(why_store_save(dir, &a, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_store_save(dir, &b, err, sizeof(err)), WHY_OK);
    write_file(in_base("list/notes.txt"), "mine", 4);
    CU_ASSERT_EQUAL(why_store_list(dir, &silent, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(seen, 2);
    CU_ASSERT_EQUAL(why_store_clear(dir, "c:1", &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_EQUAL(why_store_clear(dir, "a:1", &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(why_store_clear(dir, NULL, &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(count_files(dir), 1); /* what is not a license stays */
    CU_ASSERT_EQUAL(why_store_clear(in_base("none"), NULL, &count, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_EQUAL(why_store_list(in_base("list/notes.txt"), &silent, err, sizeof(err)),
                    WHY_ERR_IO);
}

/* A folder that cannot be made: a file is in the way (root may write anywhere else). */
static void test_cannot_be_made(void)
{
    struct why_license in = license("a:1", "1");

    write_file(in_base("file"), "x", 1);
    err[0] = '\0';
    CU_ASSERT_EQUAL(why_store_save(in_base("file/store"), &in, err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "file/store"));
    CU_ASSERT_EQUAL(why_store_save(in_base("file"), &in, err, sizeof(err)), WHY_ERR_USAGE);
}

/* What cannot be a store is found before there is a license to keep, and nothing is left behind. */
static void test_check(void)
{
    static const char *const bad[] = {"check/file", "check/file/store", "/proc/nothing/here"};
    struct stat st;

    CU_ASSERT_EQUAL(mkdir(in_base("check"), 0755), 0);
    write_file(in_base("check/file"), "x", 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *dir = bad[i][0] == '/' ? bad[i] : in_base(bad[i]);

        err[0] = '\0';
        CU_ASSERT_EQUAL(why_store_check(dir, true, err, sizeof(err)), WHY_ERR_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err, dir));
    }
    err[0] = '\0';
    CU_ASSERT_EQUAL(why_store_check(in_base("check/file"), false, err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "check/file"));
    CU_ASSERT_EQUAL(why_store_check(in_base("check/none"), false, err, sizeof(err)), WHY_OK);
    CU_ASSERT_NOT_EQUAL(stat(in_base("check/none"), &st), 0);
    CU_ASSERT_EQUAL(why_store_check(in_base("check/a/b"), true, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(stat(in_base("check/a/b"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0700);
    CU_ASSERT_EQUAL(count_files(in_base("check/a/b")), 0);
    CU_ASSERT_EQUAL(why_store_check(in_base("check/a/b"), false, err, sizeof(err)), WHY_OK);
}

/* A limit on file sizes acts like a full disk: the write fails half-way. */
static void test_full_disk(void)
{
    char dir[600];
    struct why_license small = license("a:1", "1"), large = license("a:1", ""), out;
    pid_t child;
    int status = -1;

    (void)snprintf(dir, sizeof(dir), "%s", in_base("full"));
    CU_ASSERT_EQUAL(why_store_save(dir, &small, err, sizeof(err)), WHY_OK);
    large.len = 30000;
    large.data = calloc(1, large.len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large.data);
    (void)fflush(NULL);
    child = fork();
    if (child == 0) {
        struct rlimit limit = {.rlim_cur = 8192, .rlim_max = 8192};

        (void)signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(2);
        err[0] = '\0';
        _exit(why_store_save(dir, &large, err, sizeof(err)) == WHY_ERR_IO && err[0] != '\0' ? 0
                                                                                            : 1);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    free(large.data);
    CU_ASSERT_EQUAL(count_files(dir), 1); /* no half license, no temporary file */
    CU_ASSERT_EQUAL_FATAL(why_store_load(dir, "a:1", NULL, &out, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(out.len, 1);
    why_license_clear(&out);
}

struct writer {
    const char *dir;
    char fill;
    int failures;
};

static void *write_often(void *arg)
{
    struct writer *w = arg;
    char data[5000], message[512];
    struct why_license in;

    memset(data, w->fill, sizeof(data) - 1);
    data[sizeof(data) - 1] = '\0';
    in = license("a:1", data);
    for (int i = 0; i < 20; i++)
        w->failures += why_store_save(w->dir, &in, message, sizeof(message)) != WHY_OK;
    return NULL;
}

/* Whoever reads finds one license or the other, never a mixture. */
static void test_two_writers(void)
{
    char dir[600], message[512];
    struct writer writers[2] = {{dir, 'a', 0}, {dir, 'b', 0}};
    pthread_t threads[2];
    struct why_license out;

    (void)snprintf(dir, sizeof(dir), "%s", in_base("two"));
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_often, &writers[i]), 0);
    for (int i = 0; i < 50; i++) {
        int r = why_store_load(dir, "a:1", NULL, &out, message, sizeof(message));

        CU_ASSERT(r == WHY_OK || r == WHY_ERR_NOTFOUND);
        if (r != WHY_OK)
            continue;
        CU_ASSERT_EQUAL(out.len, 4999);
        CU_ASSERT_EQUAL(out.data[0], out.data[4998]);
        why_license_clear(&out);
    }
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
        CU_ASSERT_EQUAL(writers[i].failures, 0);
    }
    CU_ASSERT_EQUAL(count_files(dir), 1);
}

static void test_default(void)
{
    char *path;

    CU_ASSERT_EQUAL(setenv("HOME", "/home/alice", 1), 0);
    CU_ASSERT_EQUAL(setenv("XDG_STATE_HOME", "/state", 1), 0);
    path = why_store_default();
    CU_ASSERT_STRING_EQUAL(path, "/state/rdpwhy/licenses");
    free(path);
    CU_ASSERT_EQUAL(setenv("XDG_STATE_HOME", "relative", 1), 0);
    path = why_store_default();
    CU_ASSERT_STRING_EQUAL(path, "/home/alice/.local/state/rdpwhy/licenses");
    free(path);
    CU_ASSERT_EQUAL(unsetenv("XDG_STATE_HOME"), 0);
    CU_ASSERT_EQUAL(unsetenv("HOME"), 0);
    CU_ASSERT_PTR_NULL(why_store_default());
}

static void test_corrupt(void)
{
    for (size_t len = 0; len < 100; len++) {
        uint8_t original[100] = {0}, once[101], twice[101];

        for (size_t i = 0; i < len; i++)
            original[i] = (uint8_t)(i * 3);
        memcpy(once, original, len);
        memcpy(twice, original, len);
        once[len] = twice[len] = 0x77; /* beyond: not touched */
        why_license_corrupt(once, len);
        why_license_corrupt(twice, len);
        CU_ASSERT_EQUAL(memcmp(once, twice, len + 1), 0);
        CU_ASSERT_EQUAL(once[len], 0x77);
        if (len == 0)
            continue;
        CU_ASSERT_NOT_EQUAL(once[0], original[0]);
        CU_ASSERT_NOT_EQUAL(once[len - 1], original[len - 1]);
    }
}

static CU_TestInfo tests[] = {
    {"saved and loaded", test_round_trip},
    {"a trailing slash changes no mode", test_mode_with_a_trailing_slash},
    {"not there", test_not_there},
    {"names that are no file names", test_odd_names},
    {"damaged files are reported and left alone", test_damaged},
    {"damaged files are not overwritten", test_damaged_is_not_overwritten},
    {"upper and lower case", test_case},
    {"what is no regular file", test_not_a_regular_file},
    {"the largest license", test_largest},
    {"FreeRDP's own layout", test_freerdp_layout},
    {"FreeRDP's own are listed", test_list_freerdp},
    {"list and clear", test_list_and_clear},
    {"a folder that cannot be made", test_cannot_be_made},
    {"whether a folder can be a store", test_check},
    {"full disk", test_full_disk},
    {"two writers", test_two_writers},
    {"the default folder", test_default},
    {"corrupt", test_corrupt},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "store",
     .pInitFunc = before_each_suite,
     .pCleanupFunc = after_each_suite,
     .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
