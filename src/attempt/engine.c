/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <freerdp/freerdp.h>
#include <freerdp/version.h>
#include <winpr/sspi.h>
#include <winpr/ssl.h>
#include <winpr/wlog.h>

#include <openssl/crypto.h>

#include <rdpwhy/status.h>
#include "base/tree.h"

#include "license_file.h"

#define STORE_DEPTH 4 /* the library makes <store>/licenses/<file>; deeper is not ours */

/* The library logs through a process-wide logger, to stdout by default: it must never speak. */
static bool silence_log(void)
{
    wLog *root = WLog_GetRoot();

    return root != NULL && WLog_SetLogLevel(root, WLOG_OFF);
}

static bool runs_posix_layer(void)
{
    int major = 0, minor = 0, revision = 0;

    freerdp_get_version(&major, &minor, &revision);
    return major > 3 || (major == 3 && minor >= 17);
}

/*
 * A context is megabytes, zeroed and soon freed (DESIGN, fact 9): mapped anew each time it costs
 * more in page faults. And there is one heap, whose memory the next attempt finds in the cache,
 * whichever thread it is in: a worker hardly has more than one processor to itself.
 */
static void tune_allocator(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, 64 * 1024 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
#endif
}

/*
 * CredSSP keeps an entry of a process-wide table for each attempt that uses it, and libwinpr lets
 * that table grow, which moves it, without a lock. It grows here, while there is one thread.
 */
static bool grow_package_table(unsigned attempts)
{
    const SecurityFunctionTableA *sspi = InitSecurityInterfaceExA(0);
    PSecPkgInfoA *held = calloc(attempts, sizeof(PSecPkgInfoA));
    char package[] = "Negotiate";
    unsigned n = 0;

    if (sspi != NULL && held != NULL) {
        while (n < attempts && sspi->QuerySecurityPackageInfoA(package, &held[n]) == SEC_E_OK)
            n++;
        for (unsigned i = 0; i < n; i++)
            (void)sspi->FreeContextBuffer(held[i]);
    }
    free(held);
    return n == attempts;
}

/* The library makes no settings without a home directory, and services have none. It is to keep
 * nothing there, for every attempt has a ConfigPath of its own: the scratch directory will do. The
 * process, and with it the environment, is the engine's alone. */
static bool have_home(const char *scratch)
{
    const char *home = getenv("HOME");

    return (home != NULL && *home != '\0') || setenv("HOME", scratch, 1) == 0;
}

char *why_engine_new_path(struct why_engine *engine)
{
    size_t n = strlen(engine->scratch) + 16;
    char *path = malloc(n);

    if (path != NULL)
        (void)snprintf(path, n, "%s/%u", engine->scratch, atomic_fetch_add(&engine->next_store, 1));
    return path;
}

void why_engine_remove_path(const char *path)
{
    why_tree_remove(path, STORE_DEPTH);
}

static int fail(struct why_engine *engine, int status, const char *what, char *err, size_t errlen)
{
    (void)snprintf(err, errlen, "%s", what);
    why_engine_free(engine);
    return status;
}

int why_engine_new(struct why_engine **out, unsigned attempts, char *err, size_t errlen)
{
    struct why_engine *engine = calloc(1, sizeof(*engine));

    *out = NULL;
    if (engine == NULL)
        return fail(NULL, WHY_ERR_NOMEM, "out of memory", err, errlen);
    tune_allocator();
    if (!silence_log())
        return fail(engine, WHY_ERR_LIBRARY, "cannot switch off libfreerdp's log", err, errlen);
    if (!winpr_InitializeSSL(WINPR_SSL_INIT_DEFAULT))
        return fail(engine, WHY_ERR_LIBRARY, "libwinpr cannot initialize OpenSSL", err, errlen);
    if (!grow_package_table(attempts))
        return fail(engine, WHY_ERR_LIBRARY, "libwinpr cannot initialize SSPI", err, errlen);
    engine->attach_locks = pthread_mutex_init(&engine->attach_lock, NULL) == 0;
    engine->package_locks = pthread_mutex_init(&engine->package_lock, NULL) == 0;
    if (!engine->attach_locks || !engine->package_locks)
        return fail(engine, WHY_ERR_NOMEM, "cannot create a lock", err, errlen);
    engine->posix_layer = runs_posix_layer();
    engine->library = why_engine_library_running();
    engine->aad = strstr(freerdp_get_build_config(), "WITH_AAD=ON") != NULL;
    engine->scratch = why_tree_make();
    if (engine->scratch == NULL)
        return fail(engine, WHY_ERR_IO, "cannot create a private directory in TMPDIR", err, errlen);
    if (strstr(freerdp_get_build_config(), "WITH_KRB5=ON") != NULL) {
        engine->kerberos = why_kerberos_setup_new(engine->scratch);
        if (engine->kerberos == NULL)
            return fail(engine, WHY_ERR_IO, "cannot write Kerberos' configuration", err, errlen);
    }
    if (!have_home(engine->scratch))
        return fail(engine, WHY_ERR_NOMEM, "out of memory", err, errlen);
    engine->template = freerdp_settings_new(0);
    if (engine->template == NULL)
        return fail(engine, WHY_ERR_LIBRARY, "libfreerdp cannot create its settings", err, errlen);
    why_license_file_hash(why_engine_client_name(engine), engine->client_hash);
    engine->tls = why_tls_factory_new();
    if (engine->tls == NULL)
        return fail(engine, WHY_ERR_LIBRARY, "OpenSSL cannot set TLS up", err, errlen);
    engine->watch = why_watch_new();
    if (engine->watch == NULL)
        return fail(engine, WHY_ERR_NOMEM, "cannot start a thread", err, errlen);
    *out = engine;
    return WHY_OK;
}

void why_engine_free(struct why_engine *engine)
{
    if (engine == NULL)
        return;
    why_watch_free(engine->watch);
    why_tls_factory_free(engine->tls);
    freerdp_settings_free(engine->template);
    why_kerberos_setup_free(engine->kerberos);
    if (engine->scratch != NULL)
        why_tree_remove(engine->scratch, STORE_DEPTH + 1);
    free(engine->scratch);
    if (engine->attach_locks)
        (void)pthread_mutex_destroy(&engine->attach_lock);
    if (engine->package_locks)
        (void)pthread_mutex_destroy(&engine->package_lock);
    free(engine);
}

const char *why_engine_library_built(void)
{
    return FREERDP_VERSION_FULL;
}

const char *why_engine_library_running(void)
{
    return freerdp_get_version_string();
}

const char *why_engine_openssl(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}

const char *why_engine_client_name(const struct why_engine *engine)
{
    const char *name = freerdp_settings_get_string(engine->template, FreeRDP_ClientHostname);

    return name != NULL ? name : "";
}

const char *why_engine_client_hash(const struct why_engine *engine)
{
    return engine->client_hash;
}

const char *why_engine_cannot(const struct why_engine *engine, enum why_profile profile)
{
    const struct why_profile_info *info = why_profile_info(profile);

    if (info->aad && !engine->aad)
        return "the installed libfreerdp was built without AAD";
    if (info->package == WHY_PACKAGE_KERBEROS && engine->kerberos == NULL)
        return "the installed libfreerdp was built without Kerberos";
    if (info->pins != 0 && !why_tls_factory_can(engine->tls, info->pins, info->pins))
        return "the installed OpenSSL was built without this TLS version";
    return NULL;
}
