/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_GROW_H
#define RDPWHY_BASE_GROW_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes room for |wanted| items of |size| bytes in an array of |*capacity|, by doubling it. |items|
 * is the address of the pointer to the array, which is malloc's or NULL. Room that is new is not
 * cleared, and bytes that were moved away are not cleansed: secrets need OPENSSL_clear_realloc.
 * Returns false when out of memory or beyond SIZE_MAX; then nothing has changed.
 *
 *     if (!why_grow(&list->items, &list->capacity, list->count + 1, sizeof(*list->items)))
 *         return WHY_ERR_NOMEM;
 *     list->items[list->count++] = item;
 */
bool why_grow(void *items, size_t *capacity, size_t wanted, size_t size);

#endif /* !defined(RDPWHY_BASE_GROW_H) */
