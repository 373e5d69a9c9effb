/* SPDX-License-Identifier: Apache-2.0 */
#include "near.h"

#include <ctype.h>
#include <string.h>

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether the two letters before |i| and |j| are each other's neighbours exchanged. */
static bool exchanged(const char *word, size_t i, const char *name, size_t j)
{
    return i > 1 && j > 1 && same(word[i - 1], name[j - 2]) && same(word[i - 2], name[j - 1]);
}

size_t cli_distance(const char *word, const char *name)
{
    size_t rows[CLI_NEAR_MAX + 1][CLI_NEAR_MAX + 1];
    size_t n = strlen(word), m = strlen(name);

    if (n > CLI_NEAR_MAX || m > CLI_NEAR_MAX)
        return n > m ? n : m;
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            rows[i][j] = least(least(rows[i - 1][j], rows[i][j - 1]) + 1,
                               rows[i - 1][j - 1] + !same(word[i - 1], name[j - 1]));
            if (exchanged(word, i, name, j))
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[n][m];
}

bool cli_is_near(const char *word, const char *name)
{
    return cli_distance(word, name) <= (strlen(name) < 5 ? 1 : 2);
}
