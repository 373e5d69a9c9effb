/* SPDX-License-Identifier: Apache-2.0 */
#include "grow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 8u

bool why_grow(void *items, size_t *capacity, size_t wanted, size_t size)
{
    size_t room = *capacity > 0 ? *capacity : FIRST_CAPACITY;
    void *array, *grown;

    if (wanted <= *capacity)
        return true;
    while (room < wanted && room <= SIZE_MAX / 2)
        room *= 2;
    if (room < wanted || room > SIZE_MAX / size)
        return false;
    /* The pointer's own type is the caller's: its bytes are copied. */
    memcpy(&array, items, sizeof(array));
    grown = realloc(array, room * size);
    if (grown == NULL)
        return false;
    memcpy(items, &grown, sizeof(grown));
    *capacity = room;
    return true;
}
