/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/knowledge.h>

#include "wire/client.h"

/*
 * For test_client.py. Without arguments: PDUs of a client as lines of hexadecimal digits on stdin,
 * their fields as lines on stdout (structure, field, value). With the argument "rows": the table.
 */

#define LINE_MAX_ 131072

static void print_field(void *arg, const char *pdu, const char *field, const char *value)
{
    (void)arg;
    printf("%s\t%s\t%s\n", pdu, field, value);
}

static int print_rows(void)
{
    size_t count = 0;
    const struct why_client_row *rows = why_client_rows(&count);

    for (size_t i = 0; i < count; i++) {
        const struct why_client_row *r = &rows[i];

        printf("%s\t%s\t%s\t%s\t%s\t%s\n", r->pdu, r->field, r->mstsc,
               r->sends != NULL ? r->sends : "-", r->reason != NULL ? r->reason : "-", r->source);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

/* Also as a line of fixtures/pdus: "> DIGITS # NAME". */
static size_t read_hex(const char *line, unsigned char *out)
{
    size_t n = 0;
    unsigned byte;

    line += strncmp(line, "> ", 2) == 0 ? 2 : 0;
    while (isxdigit((unsigned char)line[0]) && isxdigit((unsigned char)line[1]) &&
           sscanf(line, "%2x", &byte) == 1) {
        out[n++] = (unsigned char)byte;
        line += 2;
    }
    return n;
}

int main(int argc, char **argv)
{
    static char line[LINE_MAX_];
    static unsigned char data[LINE_MAX_ / 2];

    if (argc == 2 && strcmp(argv[1], "rows") == 0)
        return print_rows();
    while (fgets(line, sizeof(line), stdin) != NULL) {
        size_t n = read_hex(line, data);
        unsigned char *exact = malloc(n > 0 ? n : 1); /* for the sanitizer to see its end */

        if (exact == NULL)
            return 1;
        memcpy(exact, data, n);
        why_client_fields(exact, n, print_field, NULL);
        free(exact);
    }
    return 0;
}
