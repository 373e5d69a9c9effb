/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/rdp_file.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <winpr/string.h>
#include <winpr/wlog.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/text.h"

#include "client_library.h"

#define FILE_MAX  ((size_t)1024 * 1024)
#define SHOWN_MAX 100u /* of a value that is not used */

static const char *bad_port(const char *value)
{
    return atol(value) < 1 || atol(value) > 65535 ? "is not between 1 and 65535" : NULL;
}

static const char *bad_token(const char *value)
{
    return why_routing_problem(
        &(const struct why_routing){.kind = WHY_ROUTING_TOKEN, .text = value});
}

static const char *bad_guid(const char *value)
{
    return why_is_guid(value, strlen(value))
               ? NULL
               : "is no GUID like 01234567-89ab-cdef-0123-456789abcdef";
}

static const char *bad_kdc_proxy(const char *value)
{
    char url[WHY_KDC_PROXY_URL_MAX];
    struct why_kdc_proxy proxy;

    if (strlen(value) + sizeof("https://") > sizeof(url))
        return "is too long";
    why_kdc_proxy_url(value, url, sizeof(url));
    return why_kdc_proxy_parse(url, &proxy);
}

/*
 * The settings that an attempt depends on, as libfreerdp's parser reads them. mstsc has Restricted
 * Admin and Remote Credential Guard on its command line alone; in files they have the names of the
 * control's extended settings (RestrictedLogon, RedirectedAuthentication), which MsRdpEx documents.
 * vmid is what targets have behind "?": mstsc and its control know pcb.
 */
static const struct used {
    const char *name;
    char type;
    /* Why |value|, which is not empty, cannot be used, in words that go on behind the name; NULL:
     * it can. */
    const char *(*problem)(const char *value);
    bool apart; /* libfreerdp's parser does not know it, or never frees it (pcb) */
} used_settings[] = {
    {"full address", 's', NULL, false},
    {"alternate full address", 's', NULL, false},
    {"server port", 'i', bad_port, false},
    {"authentication level", 'i', NULL, false},
    {"enablecredsspsupport", 'i', NULL, false},
    {"enablerdsaadauth", 'i', NULL, false},
    {"administrative session", 'i', NULL, false},
    {"connect to console", 'i', NULL, false},
    {"loadbalanceinfo", 's', bad_token, false},
    {"username", 's', NULL, false},
    {"domain", 's', NULL, false},
    {"negotiate security layer", 'i', NULL, false},
    {"pcb", 's', why_blob_problem, true},
    {"vmid", 's', bad_guid, true},
    {"kdcproxyname", 's', bad_kdc_proxy, false},
    {"restrictedlogon", 'i', NULL, true},
    {"redirectedauthentication", 'i', NULL, true},
};
#define USED_COUNT (sizeof(used_settings) / sizeof(used_settings[0]))

struct rdp_reader {
    const char *path;
    char *text; /* UTF-8, owned; its lines are taken apart in place */
    size_t len;
    char *clean; /* what libfreerdp's parser gets: no passwords; owned */
    size_t clean_len, clean_size;
    struct why_rdp_file *file; /* owned */
    size_t capacity;
    size_t line; /* that is being read, from 1; 0: none */
    bool in_file[USED_COUNT];
    char *err;
    size_t errlen;
};

static int fail(const struct rdp_reader *r, const char *problem)
{
    if (r->line > 0)
        (void)snprintf(r->err, r->errlen, "%s: line %zu: %s", r->path, r->line, problem);
    else
        (void)snprintf(r->err, r->errlen, "%s: %s", r->path, problem);
    return WHY_ERR_USAGE;
}

/* ---- bytes to lines --------------------------------------------------------------------------
 */

static int read_all(struct rdp_reader *r, int fd)
{
    ssize_t n = 1;

    r->text = malloc(FILE_MAX + 2);
    if (r->text == NULL)
        return WHY_ERR_NOMEM;
    while (r->len <= FILE_MAX && n != 0) {
        n = read(fd, r->text + r->len, FILE_MAX + 1 - r->len);
        if (n < 0 && errno != EINTR)
            return fail(r, strerror(errno));
        r->len += n > 0 ? (size_t)n : 0;
    }
    return r->len <= FILE_MAX ? WHY_OK : fail(r, "it is larger than 1 MiB: no .rdp file");
}

static int read_bytes(struct rdp_reader *r)
{
    int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int status;

    if (fd < 0)
        return fail(r, strerror(errno));
    status = read_all(r, fd);
    (void)close(fd);
    return status;
}

static void swap_bytes(char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        char byte = text[i];

        text[i] = text[i + 1];
        text[i + 1] = byte;
    }
}

/* mstsc writes UTF-16LE. */
static int from_utf16(struct rdp_reader *r, size_t mark, bool big_endian)
{
    size_t bytes = r->len - mark, len = 0;
    char *text;

    if (bytes % 2 != 0)
        return fail(r, "it is UTF-16 with half a character at its end");
    if (big_endian)
        swap_bytes(r->text + mark, bytes);
    memmove(r->text, r->text + mark, bytes); /* aligned */
    text = ConvertWCharNToUtf8Alloc((const WCHAR *)(void *)r->text, bytes / 2, &len);
    if (text == NULL)
        return fail(r, "it is not valid UTF-16");
    free(r->text);
    r->text = text;
    r->len = len;
    return WHY_OK;
}

static bool begins(const struct rdp_reader *r, const char *bytes, size_t n)
{
    return r->len >= n && memcmp(r->text, bytes, n) == 0;
}

static int decode(struct rdp_reader *r)
{
    if (begins(r, "\xFF\xFE", 2))
        return from_utf16(r, 2, false);
    if (begins(r, "\xFE\xFF", 2))
        return from_utf16(r, 2, true);
    if (begins(r, "\xEF\xBB\xBF", 3)) {
        r->len -= 3;
        memmove(r->text, r->text + 3, r->len);
    } else if (r->len >= 2 && r->text[1] == '\0') {
        return from_utf16(r, 0, false);
    } else if (r->len >= 2 && r->text[0] == '\0') {
        return from_utf16(r, 0, true);
    }
    return WHY_OK;
}

/* ---- lines -----------------------------------------------------------------------------------
 */

static int keep(struct rdp_reader *r, char *text, enum why_file_use use)
{
    struct why_rdp_file *f = r->file;

    if (text == NULL || !why_grow(&f->items, &r->capacity, f->count + 1, sizeof(*f->items))) {
        free(text);
        return WHY_ERR_NOMEM;
    }
    f->items[f->count++] = (struct why_file_setting){text, use};
    return WHY_OK;
}

static char *setting_text(const char *name, char type, const char *value)
{
    size_t len = strlen(name) + strlen(value) + 4;
    char *text = malloc(len);

    if (text != NULL)
        (void)snprintf(text, len, "%s:%c:%s", name, type, value);
    return text;
}

/* What must not be told: passwords ("password 51"), and what lets its bearer through a gateway. */
static bool is_secret(const char *name)
{
    return strncasecmp(name, "password", 8) == 0 || strcasecmp(name, "gatewayaccesstoken") == 0 ||
           strcasecmp(name, "shell password") == 0;
}

static int keep_unused(struct rdp_reader *r, const char *name, char type, const char *value)
{
    char shown[40];
    size_t len = strlen(value);
    bool cut = len > SHOWN_MAX || (len > 0 && strcasecmp(name, "signature") == 0);

    (void)snprintf(shown, sizeof(shown), "(%zu characters)", len);
    if (is_secret(name))
        value = len > 0 ? "(not shown)" : "";
    else if (cut)
        value = shown;
    return keep(r, setting_text(name, type, value), WHY_FILE_UNUSED);
}

static bool is_number(const char *text)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 0);
    while (*end == ' ')
        end++;
    return end != text && *end == '\0' && errno == 0 && value >= INT32_MIN && value <= INT32_MAX;
}

static const struct used *find_used(const char *name)
{
    for (size_t i = 0; i < USED_COUNT; i++) {
        if (strcasecmp(used_settings[i].name, name) == 0)
            return &used_settings[i];
    }
    return NULL;
}

/* Into the text for libfreerdp's parser. */
static void pass_on(struct rdp_reader *r, const char *name, char type, const char *value)
{
    r->clean_len += (size_t)snprintf(r->clean + r->clean_len, r->clean_size - r->clean_len,
                                     "%s:%c:%s\r\n", name, type, value);
}

static int check_used(struct rdp_reader *r, const struct used *used, char type, const char *value)
{
    char problem[160];

    if (type != used->type) {
        (void)snprintf(problem, sizeof(problem), "'%s' is of type %c, not %c", used->name,
                       used->type, type);
        return fail(r, problem);
    }
    if (*value != '\0' && used->problem != NULL && used->problem(value) != NULL) {
        (void)snprintf(problem, sizeof(problem), "'%s' %s", used->name, used->problem(value));
        return fail(r, problem);
    }
    return WHY_OK;
}

static int take_setting(struct rdp_reader *r, const char *name, char type, const char *value)
{
    const struct used *used = find_used(name);
    char problem[160];
    int status;

    if (type == 'i' && !is_number(value)) {
        (void)snprintf(problem, sizeof(problem), "'%.60s' is not a number: '%.60s'", name, value);
        return fail(r, problem);
    }
    if (used == NULL)
        return keep_unused(r, name, type, value);
    status = check_used(r, used, type, value);
    if (status != WHY_OK)
        return status;
    if (used->apart)
        return keep(r, setting_text(used->name, type, value), WHY_FILE_USED);
    r->in_file[used - used_settings] = true;
    pass_on(r, used->name, type, value);
    return WHY_OK;
}

/* name:type:value, of which only the value may have colons. */
static int take_line(struct rdp_reader *r, char *line)
{
    char *type = strchr(line, ':');

    if (!why_utf8_valid(line))
        return fail(r, "it is not UTF-8 (save the file as UTF-8 or Unicode)");
    for (const char *c = line; *c != '\0'; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7F)
            return fail(r, "it has a control character");
    }
    if (line[0] == '/') /* an option for FreeRDP, perhaps with a password */
        return keep(r, strdup("an option for FreeRDP (/...)"), WHY_FILE_UNUSED);
    if (type == NULL || type == line || type[1] == '\0' || type[2] != ':')
        return fail(r, "it is not NAME:TYPE:VALUE");
    if (strchr("isb", type[1]) == NULL)
        return fail(r, "its type is none of i, s and b");
    *type = '\0';
    return take_setting(r, line, type[1], type + 3);
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

static int take_lines(struct rdp_reader *r)
{
    char *at = r->text, *end = r->text + r->len;
    int status = WHY_OK;

    r->text[r->len] = '\0';
    while (status == WHY_OK && at < end) {
        char *next = memchr(at, '\n', (size_t)(end - at));
        char *stop = next != NULL ? next : end;

        r->line++;
        if (memchr(at, '\0', (size_t)(stop - at)) != NULL)
            return fail(r, "it has a NUL byte");
        *stop = '\0';
        if (stop > at && stop[-1] == '\r')
            stop[-1] = '\0';
        if (!is_blank(at))
            status = take_line(r, at);
        at = stop + 1;
    }
    r->line = 0;
    return status;
}

/* ---- libfreerdp's reading --------------------------------------------------------------------
 */

static char *value_of(const struct client_library *library, const rdpFile *file,
                      const struct used *used)
{
    const char *text;
    char number[16];

    if (used->type == 's') {
        text = library->get_string(file, used->name);
        return strdup(text != NULL ? text : "");
    }
    (void)snprintf(number, sizeof(number), "%d", library->get_integer(file, used->name));
    return strdup(number);
}

static int take_used(struct rdp_reader *r, const struct client_library *library,
                     const rdpFile *file)
{
    int status = WHY_OK;

    for (size_t i = 0; status == WHY_OK && i < USED_COUNT; i++) {
        char *value = r->in_file[i] ? value_of(library, file, &used_settings[i]) : NULL;

        if (!r->in_file[i])
            continue;
        status = value != NULL
                     ? keep(r, setting_text(used_settings[i].name, used_settings[i].type, value),
                            WHY_FILE_USED)
                     : WHY_ERR_NOMEM;
        free(value);
    }
    return status;
}

/* The library's log would tell what is in the file. */
static int parse(struct rdp_reader *r)
{
    wLog *root = WLog_GetRoot();
    struct client_library library;
    char problem[400];
    rdpFile *file;
    int status = WHY_OK;

    if (!why_client_library_load(&library, problem, sizeof(problem)))
        return fail(r, problem);
    file = root != NULL && WLog_SetLogLevel(root, WLOG_OFF) ? library.file_new() : NULL;
    if (file == NULL)
        return WHY_ERR_NOMEM;
    if (r->clean_len > 0 && !library.parse(file, (const BYTE *)r->clean, r->clean_len))
        status = fail(r, "libfreerdp cannot read it");
    if (status == WHY_OK)
        status = take_used(r, &library, file);
    library.file_free(file);
    return status;
}

/* ---- the target ------------------------------------------------------------------------------
 */

static const char *setting(const struct rdp_reader *r, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < r->file->count; i++) {
        const char *found = r->file->items[i].use == WHY_FILE_USED
                                ? why_file_value(r->file->items[i].text, name)
                                : NULL;

        value = found != NULL && *found != '\0' ? found : value;
    }
    return value;
}

static uint16_t default_port(const struct rdp_reader *r)
{
    const struct why_file_offer offer = why_file_offer_of_file(r->file);

    return offer.names_machine ? WHY_HYPER_V_PORT : 0;
}

/* The port that the address names counts more than `server port`, as mstsc has it. */
static int set_target(struct rdp_reader *r, struct why_target *target)
{
    const char *address = setting(r, "alternate full address:s:"),
               *port = setting(r, "server port:i:");
    char problem[400] = "";
    int status;

    if (address == NULL)
        address = setting(r, "full address:s:");
    if (address == NULL)
        return fail(r, "it has no 'full address'");
    status = why_target_of_address(address, port != NULL ? (uint16_t)atoi(port) : default_port(r),
                                   target, problem, sizeof(problem));
    if (status == WHY_ERR_USAGE)
        return fail(r, problem);
    target->file = r->file;
    r->file = NULL;
    return status;
}

static int take_file(struct rdp_reader *r, struct why_target *target)
{
    int status = read_bytes(r);

    if (status == WHY_OK)
        status = decode(r);
    r->file = calloc(1, sizeof(*r->file));
    /* A line grows by its end at most. */
    r->clean_size = 2 * r->len + 16;
    r->clean = malloc(r->clean_size);
    if (status == WHY_OK && (r->file == NULL || r->clean == NULL))
        status = WHY_ERR_NOMEM;
    if (status == WHY_OK)
        status = take_lines(r);
    if (status == WHY_OK)
        status = parse(r);
    return status == WHY_OK ? set_target(r, target) : status;
}

/* Through a volatile pointer, or the compiler may leave it out: it may hold a password. */
static void wipe(char *text, size_t len)
{
    volatile char *at = text;

    while (text != NULL && len-- > 0)
        *at++ = '\0';
}

int why_rdp_file_read(const char *path, struct why_target *target, char *err, size_t errlen)
{
    struct rdp_reader r = {.path = path, .err = err, .errlen = errlen};
    int status = take_file(&r, target);

    wipe(r.text, r.len);
    free(r.text);
    free(r.clean);
    why_rdp_file_free(r.file);
    return status;
}
