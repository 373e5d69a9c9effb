/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_ACCOUNT_H
#define RDPWHY_PEER_ACCOUNT_H

/* The account that CredSSP accepts: a SAM file, as winpr reads it, in a private folder. */
struct account {
    char *folder, *file; /* NULL: not made */
};

/*
 * Writes the file for |user| with the password in the first line of |password_file| ("bar" where
 * that is NULL). 0, or -1 with a message on stderr.
 */
int account_make(struct account *account, const char *user, const char *password_file);
/* Removes file and folder. */
void account_clear(struct account *account);

#endif /* !defined(RDPWHY_PEER_ACCOUNT_H) */
