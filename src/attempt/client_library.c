/* SPDX-License-Identifier: Apache-2.0 */
#include "client_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* By its name first: the loader knows where the one is that libfreerdp was installed with. The
 * folder is the one that it was built against. */
static const char *const paths[] = {FREERDP_CLIENT_NAME,
                                    FREERDP_CLIENT_FOLDER "/" FREERDP_CLIENT_NAME};

static void *load(void)
{
    void *handle = NULL;

    for (size_t i = 0; handle == NULL && i < sizeof(paths) / sizeof(paths[0]); i++)
        handle = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
    return handle;
}

bool why_client_library_load(struct client_library *library, char *err, size_t errlen)
{
    const struct {
        const char *name;
        void *to; /* a pointer to a function, which is as large as one to data (POSIX, dlsym) */
    } functions[] = {
        {"freerdp_client_rdp_file_new", &library->file_new},
        {"freerdp_client_parse_rdp_file_buffer", &library->parse},
        {"freerdp_client_rdp_file_get_string_option", &library->get_string},
        {"freerdp_client_rdp_file_get_integer_option", &library->get_integer},
        {"freerdp_client_rdp_file_free", &library->file_free},
        {"freerdp_channels_load_static_addin_entry", &library->load_channel},
    };
    void *handle = load();

    if (handle == NULL) {
        (void)snprintf(err, errlen, "reading .rdp files takes %s, which cannot be loaded: %s",
                       FREERDP_CLIENT_NAME, dlerror());
        return false;
    }
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        void *found = dlsym(handle, functions[i].name);

        if (found == NULL) {
            (void)snprintf(err, errlen, "%s has no %s", FREERDP_CLIENT_NAME, functions[i].name);
            return false;
        }
        memcpy(functions[i].to, &found, sizeof(found));
    }
    return true;
}
