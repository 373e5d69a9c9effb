/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_LISTS_H
#define RDPWHY_CLI_LISTS_H

#include <stddef.h>

#include <rdpwhy/vocab.h>

/* What `rdpwhy list` can print. */

typedef void cli_list_row_fn(const char *name, const char *meaning);

struct cli_list {
    const char *name;
    const char *summary;
    enum why_vocabulary vocabulary; /* where |each| walks a closed list */
    void (*each)(enum why_vocabulary vocabulary, cli_list_row_fn *row);
};

extern const struct cli_list cli_lists[];
extern const size_t cli_list_count;

#endif /* !defined(RDPWHY_CLI_LISTS_H) */
