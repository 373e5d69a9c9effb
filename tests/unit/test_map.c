/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "unit.h"

#define KEYS 5000

static int numbers[KEYS];

static size_t key_of(size_t i, char text[32])
{
    return (size_t)snprintf(text, 32, "host-%zu", i);
}

static void fill(struct why_map *map, size_t from, size_t to)
{
    char key[32];

    for (size_t i = from; i < to; i++)
        CU_ASSERT_EQUAL(why_map_put(map, key, key_of(i, key), &numbers[i]), WHY_OK);
}

static void test_put_and_get(void)
{
    struct why_map map = {.count = 0};
    char key[32];

    CU_ASSERT_PTR_NULL(why_map_get(&map, "host-1", 6));
    fill(&map, 0, KEYS);
    fill(&map, 0, KEYS);
    CU_ASSERT_EQUAL(map.count, KEYS);
    for (size_t i = 0; i < KEYS; i++)
        CU_ASSERT_PTR_EQUAL(why_map_get(&map, key, key_of(i, key)), &numbers[i]);
    CU_ASSERT_PTR_NULL(why_map_get(&map, "host-5000", 9));
    CU_ASSERT_PTR_NULL(why_map_get(&map, "host-4711", 5));
    CU_ASSERT_EQUAL(why_map_put(&map, "host-0", 6, &numbers[9]), WHY_OK);
    CU_ASSERT_PTR_EQUAL(why_map_get(&map, "host-0", 6), &numbers[9]);
    why_map_clear(&map, NULL);
    CU_ASSERT_EQUAL(map.count, 0);
    CU_ASSERT_PTR_NULL(why_map_get(&map, "host-0", 6));
}

static void test_keys_of_any_bytes(void)
{
    struct why_map map = {.count = 0};
    struct why_map_entry *entry = why_map_add(&map, "a\0b", 3);

    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    CU_ASSERT_PTR_NULL(entry->value);
    CU_ASSERT_EQUAL(entry->len, 3);
    CU_ASSERT_EQUAL(memcmp(entry->key, "a\0b", 4), 0);
    CU_ASSERT_PTR_NULL(why_map_find(&map, "a\0c", 3));
    CU_ASSERT_PTR_NULL(why_map_find(&map, "a", 1));
    CU_ASSERT_PTR_NOT_NULL(why_map_add(&map, "", 0));
    CU_ASSERT_PTR_EQUAL(why_map_add(&map, "a\0b", 3), entry);
    CU_ASSERT_PTR_NOT_NULL(why_map_find(&map, "", 0));
    CU_ASSERT_EQUAL(map.count, 2);
    why_map_clear(&map, NULL);
}

static void test_order(void)
{
    struct why_map map = {.count = 0};
    const struct why_map_entry *entry;
    size_t position = 0, seen = 0;
    char key[32];

    fill(&map, 0, KEYS);
    for (size_t i = 0; i < KEYS; i += 2)
        CU_ASSERT_PTR_EQUAL(why_map_remove(&map, key, key_of(i, key)), &numbers[i]);
    while ((entry = why_map_next(&map, &position)) != NULL)
        CU_ASSERT_PTR_EQUAL(entry->value, &numbers[2 * seen++ + 1]);
    CU_ASSERT_EQUAL(seen, KEYS / 2);
    why_map_clear(&map, NULL);
}

/* A map that is small all the time does not grow by what comes and goes. */
static void test_coming_and_going(void)
{
    struct why_map map = {.count = 0};
    char key[32];

    CU_ASSERT_PTR_NULL(why_map_remove(&map, "host-0", 6));
    for (size_t i = 0; i < 100000; i++) {
        CU_ASSERT_EQUAL(why_map_put(&map, key, key_of(i, key), &numbers[i % KEYS]), WHY_OK);
        if (i < 10)
            continue;
        CU_ASSERT_PTR_EQUAL(why_map_remove(&map, key, key_of(i - 10, key)),
                            &numbers[(i - 10) % KEYS]);
        CU_ASSERT_PTR_NULL(why_map_remove(&map, key, key_of(i - 10, key)));
    }
    CU_ASSERT_EQUAL(map.count, 10);
    CU_ASSERT(map.slot_count <= 64);
    CU_ASSERT(map.capacity <= 64);
    why_map_clear(&map, NULL);
}

static void test_values_are_freed(void)
{
    struct why_map map = {.count = 0};

    CU_ASSERT_EQUAL(why_map_put(&map, "a", 1, malloc(1)), WHY_OK);
    CU_ASSERT_EQUAL(why_map_put(&map, "b", 1, malloc(1)), WHY_OK);
    free(why_map_remove(&map, "a", 1));
    why_map_clear(&map, free);
    why_map_clear(&map, free);
}

int main(void)
{
    CU_TestInfo tests[] = {{"put and get", test_put_and_get},
                           {"keys of any bytes", test_keys_of_any_bytes},
                           {"order", test_order},
                           {"coming and going", test_coming_and_going},
                           {"values are freed", test_values_are_freed},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"map", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
