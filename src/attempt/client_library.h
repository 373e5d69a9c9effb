/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_CLIENT_LIBRARY_H
#define RDPWHY_ATTEMPT_CLIENT_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <freerdp/addin.h>
#include <freerdp/client/file.h>

/*
 * libfreerdp-client's reader of .rdp files, and its channels. The library is loaded where there is
 * a file to read or a session to watch, and not before: it brings some thirty libraries with it,
 * for sound, printers and devices, and they are a third of what a process takes to start.
 */
struct client_library {
    rdpFile *(*file_new)(void);
    BOOL (*parse)(rdpFile *file, const BYTE *text, size_t len);
    const char *(*get_string)(const rdpFile *file, const char *name);
    int (*get_integer)(const rdpFile *file, const char *name);
    void (*file_free)(rdpFile *file);
    FREERDP_LOAD_CHANNEL_ADDIN_ENTRY_FN load_channel;
};

/* False with a message where the library or one of its functions is not there. It stays loaded. */
bool why_client_library_load(struct client_library *library, char *err, size_t errlen);

#endif /* !defined(RDPWHY_ATTEMPT_CLIENT_LIBRARY_H) */
