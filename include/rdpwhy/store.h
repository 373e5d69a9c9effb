/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_STORE_H
#define RDPWHY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The license store: what servers have issued, one file per server, to be presented again by the
 * license modes that need one. The counterpart of the MSLicensing key on Windows. Files are written
 * under a temporary name and renamed, so a full disk or a second run never leaves half a license; a
 * file that cannot be read as a license is reported and left alone. A server's name is the same in
 * upper and lower case (RFC 4343).
 */

#define WHY_LICENSE_MAX                                                                            \
    65535u /* a license is a binary blob with 16-bit length, [MS-RDPELE] 2.2.1 */

/* The longest that can be presented: LICENSE_INFO ([MS-RDPELE] 2.2.2.3) around it has to fit into
 * one TPKT, with a premaster secret as long as the server's key of up to 8192 bits. */
#define WHY_LICENSE_PRESENTABLE 64000u

struct why_license {
    char *server;       /* "srv1:3389" as the target's label; owned */
    char *company;      /* of the LICENSE_REQUEST it was issued after; NULL: unknown; owned */
    char *product;      /* the same */
    char *scope;        /* the same */
    uint32_t version;   /* product version; 0: unknown */
    char *client;       /* client name it was issued to; NULL: unknown; owned */
    uint64_t issued_us; /* wall clock, microseconds since 1970-01-01 UTC; 0: unknown */
    uint8_t *data;      /* the license as the server issued it; owned */
    size_t len;
};

void why_license_clear(struct why_license *license);

/*
 * The default store: $XDG_STATE_HOME/rdpwhy/licenses, or ~/.local/state/rdpwhy/licenses. To be
 * freed; NULL where neither variable nor HOME is set, or out of memory.
 */
char *why_store_default(void);

/*
 * Loads the license of |server| from |dir|. Where |dir| is a FreeRDP configuration or license
 * folder, the license that FreeRDP keeps there under the name |client| is taken instead
 * (why_engine_client_hash; NULL: do not look).
 * Returns WHY_OK, WHY_ERR_NOTFOUND, WHY_ERR_MALFORMED or WHY_ERR_IO with a message in |err|, or
 * WHY_ERR_NOMEM.
 */
int why_store_load(const char *dir, const char *server, const char *client,
                   struct why_license *license, char *err, size_t errlen);

/*
 * Whether |dir| can be a store: where |keeps|, licenses can be saved in it (it is made, with mode
 * 0700, where it does not exist); else what is in it can be read, if it exists. Returns WHY_OK;
 * WHY_ERR_USAGE where it cannot, or WHY_ERR_IO where its disk is full or failing, with a message
 * that names |dir|; or WHY_ERR_NOMEM.
 */
int why_store_check(const char *dir, bool keeps, char *err, size_t errlen);

/*
 * Saves |license| (its server, data and what is known) in |dir|, made with mode 0700 where it does
 * not exist, in place of the one that is there. Returns WHY_OK; with a message in |err|
 * WHY_ERR_MALFORMED where what is there is no license (it is left alone), WHY_ERR_USAGE where |dir|
 * cannot be a store, or WHY_ERR_IO; or WHY_ERR_NOMEM.
 */
int why_store_save(const char *dir, const struct why_license *license, char *err, size_t errlen);

/* Whether both name the same server: ASCII case is ignored. Pure. */
bool why_store_same_server(const char *a, const char *b);

/* Whom a list is given to, piece by piece. */
struct why_store_visitor {
    void (*license)(void *arg, const struct why_license *license);
    void (*problem)(void *arg, const char *message); /* a file that is none; NULL: silently */
    void *arg;
};

/*
 * Shows |visitor| every license in |dir|, in the order of their names. Returns WHY_OK (also where
 * |dir| does not exist), WHY_ERR_IO with a message, or WHY_ERR_NOMEM.
 */
int why_store_list(const char *dir, const struct why_store_visitor *visitor, char *err,
                   size_t errlen);

/* A license that FreeRDP keeps, in a file of its own: it does not say of which server. */
struct why_freerdp_license {
    const char *path;
    uint64_t written_us; /* wall clock, microseconds since 1970-01-01 UTC */
    uint64_t len;        /* what is no license may be longer than WHY_LICENSE_MAX, or empty */
};

/*
 * Calls |each| for every license that FreeRDP keeps in |dir|, its configuration or license folder:
 * <hash of the client's name>.cal, which why_store_load takes. Returns as why_store_list does.
 */
int why_store_list_freerdp(const char *dir,
                           void (*each)(void *arg, const struct why_freerdp_license *license),
                           void *arg, char *err, size_t errlen);

/*
 * Removes the license of |server|, or all where |server| is NULL; FreeRDP's own are left alone.
 * |*count| is how many were. Returns WHY_OK, or WHY_ERR_IO with a message.
 */
int why_store_clear(const char *dir, const char *server, size_t *count, char *err, size_t errlen);

/* The license mode `corrupt`: flips bytes all over |data|, the same ones every time. Pure. */
void why_license_corrupt(uint8_t *data, size_t len);

#endif /* !defined(RDPWHY_STORE_H) */
