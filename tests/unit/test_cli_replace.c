/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* ---- the disk, in place of the C library's ----------------------------------------------------
 */

static char calls[64];  /* "fsync rename " */
static int fsync_error; /* 0: it succeeds */

int fsync(int fd)
{
    struct stat info;

    (void)strcat(calls, fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? "fsync " : "fsync? ");
    errno = fsync_error;
    return fsync_error == 0 ? 0 : -1;
}

int rename(const char *from, const char *to)
{
    (void)strcat(calls, "rename ");
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static char folder[] = "/tmp/rdpwhy-unit-XXXXXX";
static char file[64];

static int set_up(void)
{
    if (folder[sizeof(folder) - 2] == 'X' && mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(file, sizeof(file), "%s/run.jsonl", folder);
    return 0;
}

static int tear_down(void)
{
    return rmdir(folder);
}

static void begin(void)
{
    calls[0] = '\0';
    fsync_error = 0;
}

static FILE *open_one(const char *mode, char **partial)
{
    FILE *out = cli_replace_open(file, mode, partial);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(*partial);
    return out;
}

static const char *content(void)
{
    static char text[64];
    FILE *in = fopen(file, "r");
    size_t n = in != NULL ? fread(text, 1, sizeof(text) - 1, in) : 0;

    if (in != NULL)
        (void)fclose(in);
    text[n] = '\0';
    return text;
}

/* Not seen before it is whole, and on the disk before it is seen. */
static void test_replace(void)
{
    char *partial;
    FILE *out;

    begin();
    out = open_one("w", &partial);
    CU_ASSERT(fputs("new", out) >= 0);
    CU_ASSERT_STRING_EQUAL(content(), "");
    CU_ASSERT_EQUAL(fclose(out), 0);
    CU_ASSERT_EQUAL(cli_replace_finish(file, partial), 0);
    CU_ASSERT_STRING_EQUAL(calls, "fsync rename ");
    CU_ASSERT_STRING_EQUAL(content(), "new");
    CU_ASSERT_EQUAL(unlink(file), 0);
}

/* Two runs that write one file at the same time: each its own, and the last one's is left. */
static void test_two_runs(void)
{
    char *first, *second;
    FILE *a, *b;

    begin();
    a = open_one("w", &first);
    b = open_one("w+", &second);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
    CU_ASSERT(fputs("the first run's", a) >= 0);
    CU_ASSERT(fputs("the second", b) >= 0);
    CU_ASSERT_EQUAL(fclose(b), 0);
    CU_ASSERT_EQUAL(cli_replace_finish(file, second), 0);
    CU_ASSERT_STRING_EQUAL(content(), "the second");
    CU_ASSERT_EQUAL(fclose(a), 0);
    CU_ASSERT_EQUAL(cli_replace_finish(file, first), 0);
    CU_ASSERT_STRING_EQUAL(content(), "the first run's");
    CU_ASSERT_EQUAL(unlink(file), 0);
}

/* What a run that was cut off has left is nobody else's to overwrite. */
static void test_left_behind(void)
{
    char *left, *fresh, name[80];
    FILE *out;

    begin();
    out = open_one("w", &left);
    (void)snprintf(name, sizeof(name), "%s.partial", file);
    CU_ASSERT_STRING_EQUAL(left, name);
    CU_ASSERT(fputs("half", out) >= 0);
    CU_ASSERT_EQUAL(fclose(out), 0);
    out = open_one("w", &fresh);
    CU_ASSERT_EQUAL(fclose(out), 0);
    cli_replace_drop(fresh);
    CU_ASSERT_EQUAL(rename(left, file), 0);
    CU_ASSERT_STRING_EQUAL(content(), "half");
    free(left);
    CU_ASSERT_EQUAL(unlink(file), 0);
}

/* Who may read it is the umask's business, as with every report. */
static void test_mode(void)
{
    mode_t old = umask(027);
    struct stat info;
    char *partial;

    begin();
    (void)fclose(open_one("w", &partial));
    (void)umask(old);
    CU_ASSERT_EQUAL(stat(partial, &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 0777, 0640);
    cli_replace_drop(partial);
    cli_replace_drop(NULL);
}

/* What did not come onto the disk takes nobody's place. */
static void test_disk_full(void)
{
    char *partial, *name;

    begin();
    (void)fclose(open_one("w", &partial));
    name = strdup(partial);
    fsync_error = ENOSPC;
    CU_ASSERT_EQUAL(cli_replace_finish(file, partial), -1);
    CU_ASSERT_EQUAL(errno, ENOSPC);
    CU_ASSERT_STRING_EQUAL(calls, "fsync ");
    CU_ASSERT_EQUAL(access(file, F_OK), -1);
    CU_ASSERT_EQUAL(unlink(name), 0);
    free(name);
}

static void test_not_a_file(void)
{
    char *partial;
    FILE *out;

    begin();
    out = cli_replace_open("/dev/null", "w", &partial);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_PTR_NULL(partial);
    CU_ASSERT_EQUAL(fclose(out), 0);
    CU_ASSERT_EQUAL(cli_replace_finish("/dev/null", partial), 0);
    CU_ASSERT_STRING_EQUAL(calls, "");
    CU_ASSERT_PTR_NULL(cli_replace_open("/nonexistent/file", "w", &partial));
    CU_ASSERT_EQUAL(errno, ENOENT);
    CU_ASSERT_PTR_NULL(partial);
}

static CU_TestInfo tests[] = {
    {"takes its place", test_replace},
    {"two runs", test_two_runs},
    {"left behind", test_left_behind},
    {"mode", test_mode},
    {"disk full", test_disk_full},
    {"not a file", test_not_a_file},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {.pName = "replace", .pInitFunc = set_up, .pCleanupFunc = tear_down, .pTests = tests},
        CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
