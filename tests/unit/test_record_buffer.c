/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "unit.h"

#define MAX 4096

/* OpenSSL's memory through these: what was secret is not to be found in what is given back. */
static unsigned given_back, dirty;

struct block {
    alignas(max_align_t) size_t size; /* of what follows */
};

static void *take(size_t size, const char *file, int line)
{
    struct block *b = calloc(1, sizeof(*b) + size);

    (void)file;
    (void)line;
    if (b == NULL)
        return NULL;
    b->size = size;
    return b + 1;
}

static void give_back(void *data, const char *file, int line)
{
    struct block *b = data;

    (void)file;
    (void)line;
    if (b == NULL)
        return;
    b--;
    given_back++;
    dirty += memchr(data, 0xA5, b->size) != NULL;
    free(b);
}

static void *take_again(void *data, size_t size, const char *file, int line)
{
    void *bigger = take(size, file, line);

    if (data != NULL && bigger != NULL) {
        const struct block *b = data;
        size_t old = b[-1].size;

        memcpy(bigger, data, old < size ? old : size);
        give_back(data, file, line);
    }
    return bigger;
}

static void fill(struct why_buffer *b, size_t len)
{
    static const uint8_t secret[] = {0xA5, 0xA5, 0xA5, 0xA5};

    while (b->len < len)
        CU_ASSERT_EQUAL_FATAL(why_buffer_add(b, secret, sizeof(secret), MAX), WHY_BUFFER_ADDED);
}

/* Growing leaves no copy behind, and neither do dropping and clearing. */
static void test_wiped(void)
{
    struct why_buffer b = {NULL, 0, 0};

    given_back = dirty = 0;
    fill(&b, MAX);
    CU_ASSERT_EQUAL(b.len, MAX);
    CU_ASSERT_EQUAL(why_buffer_add(&b, b.data, 1, MAX), WHY_BUFFER_FULL);
    CU_ASSERT_EQUAL(b.len, MAX);
    for (size_t i = 0; i < b.len; i++)
        CU_ASSERT_EQUAL_FATAL(b.data[i], 0xA5);
    CU_ASSERT(given_back >= 3);
    why_buffer_drop(&b, MAX - 8);
    CU_ASSERT_EQUAL(b.len, 8);
    why_buffer_drop(&b, 8);
    CU_ASSERT_PTR_NULL(b.data);
    CU_ASSERT(given_back >= 4);
    CU_ASSERT_EQUAL(dirty, 0);
    fill(&b, 300);
    why_buffer_clear(&b);
    why_buffer_clear(&b);
    CU_ASSERT_EQUAL(dirty, 0);
}

static CU_TestInfo tests[] = {
    {"nothing is left of what was kept", test_wiped},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "buffers of captures", .pTests = tests}, CU_SUITE_INFO_NULL};

    if (CRYPTO_set_mem_functions(take, take_again, give_back) != 1)
        return 1;
    return why_unit_main(suites);
}
