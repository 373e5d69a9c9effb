/* SPDX-License-Identifier: Apache-2.0 */
#include "poll_set.h"

#include <stdint.h>

#include "base/grow.h"

size_t why_poll_add(struct poll_set *set, int fd, short events)
{
    if (!why_grow(&set->items, &set->capacity, set->count + 1, sizeof(*set->items)))
        return SIZE_MAX;
    set->items[set->count] = (struct pollfd){.fd = fd, .events = events};
    return set->count++;
}
