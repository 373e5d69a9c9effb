/* SPDX-License-Identifier: Apache-2.0 */
#include "account.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <winpr/ntlm.h>

/* Reads the first line; the caller frees. */
static char *read_password(const char *file)
{
    char line[512] = {0};
    FILE *f = fopen(file, "r");
    if (f == NULL || fgets(line, sizeof(line), f) == NULL) {
        fprintf(stderr, "rdpwhy-peer: cannot read %s\n", file);
        if (f != NULL) {
            fclose(f);
        }
        return NULL;
    }
    fclose(f);
    line[strcspn(line, "\r\n")] = '\0';
    return strdup(line);
}

static bool write_sam(const char *path, const char *user, const char *password)
{
    union {
        const char *constant;
        char *text;
    } u = {.constant = password};
    BYTE hash[16];
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    bool ok = NTOWFv1A(u.text, (UINT32)strlen(password), hash) && fprintf(f, "%s:::", user) > 0;
    for (size_t i = 0; ok && i < sizeof(hash); i++) {
        ok = fprintf(f, "%02x", hash[i]) == 2;
    }
    ok = ok && fputs(":::\n", f) >= 0;
    return fclose(f) == 0 && ok;
}

int account_make(struct account *account, const char *user, const char *password_file)
{
    const char *tmp = getenv("TMPDIR");
    char folder[512], file[600];
    char *password = password_file != NULL ? read_password(password_file) : strdup("bar");
    if (password == NULL) {
        return -1;
    }
    snprintf(folder, sizeof(folder), "%s/rdpwhy-peer-XXXXXX", tmp != NULL ? tmp : "/tmp");
    bool ok = mkdtemp(folder) != NULL;
    if (ok) {
        snprintf(file, sizeof(file), "%s/sam", folder);
        account->folder = strdup(folder);
        account->file = strdup(file);
        ok = account->folder != NULL && account->file != NULL && write_sam(file, user, password);
    }
    if (!ok) {
        fprintf(stderr, "rdpwhy-peer: cannot write the account file\n");
    }
    free(password);
    return ok ? 0 : -1;
}

void account_clear(struct account *account)
{
    if (account->file != NULL) {
        unlink(account->file);
    }
    if (account->folder != NULL) {
        rmdir(account->folder);
    }
    free(account->file);
    free(account->folder);
    *account = (struct account){.folder = NULL, .file = NULL};
}
