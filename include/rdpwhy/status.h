/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_STATUS_H
#define RDPWHY_STATUS_H

/*
 * What went wrong with us. What the peer did is never a status: it is a verdict (verdict.h).
 * Functions return WHY_OK or one of these negative numbers.
 */
enum why_status {
    WHY_OK = 0,
    WHY_ERR_NOMEM = -1,       /* out of memory */
    WHY_ERR_USAGE = -2,       /* the caller's input is wrong; the message names what and where */
    WHY_ERR_IO = -3,          /* a file, pipe or terminal could not be read or written */
    WHY_ERR_LIBRARY = -4,     /* libfreerdp or OpenSSL could not be set up */
    WHY_ERR_INTERRUPTED = -5, /* the user ended the run */
    WHY_ERR_MALFORMED = -7,   /* the bytes contradict the structure's definition */
    WHY_ERR_NOTFOUND = -8,    /* no such name, row or file */
    WHY_ERR_AGAIN = -9        /* nothing has come yet, and more may come */
};

/* A short English text for a status, never NULL, not to be freed. */
const char *why_strstatus(int status);

#endif /* !defined(RDPWHY_STATUS_H) */
