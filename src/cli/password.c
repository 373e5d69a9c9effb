/* SPDX-License-Identifier: Apache-2.0 */
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/text.h"

#include "cli.h"
#include "prompt.h"

#define VARIABLE         "RDPWHY_PASSWORD"
#define PROXY_SECRET_MAX 255 /* RFC 1929 2 */
#define PROXY_VARIABLE   "RDPWHY_PROXY_PASSWORD"
#define GATEWAY_VARIABLE "RDPWHY_GATEWAY_PASSWORD"

/* Through a volatile pointer, or the compiler may leave it out as a dead store. */
static void wipe(void *data, size_t len)
{
    volatile char *at = data;

    while (len-- > 0)
        *at++ = '\0';
}

void cli_secret_wipe(struct cli_secret *secret)
{
    wipe(secret, sizeof(*secret));
}

/* Child processes and /proc/PID/environ must not show it: the variable's own memory is blanked
 * before it is removed. */
static int take_variable(const char *variable, char *buf, size_t len)
{
    char *value = getenv(variable);
    size_t length = value ? strlen(value) : 0;
    int status = length > 0 ? WHY_OK : WHY_ERR_NOTFOUND;

    if (length >= len)
        status = WHY_ERR_USAGE;
    if (status == WHY_OK)
        memcpy(buf, value, length + 1);
    if (value)
        wipe(value, length);
    unsetenv(variable);
    if (status == WHY_ERR_USAGE)
        cli_sayf("%s: longer than %d bytes", variable, CLI_SECRET_MAX - 1);
    return status;
}

static void warn_when_shared(int fd, const char *option, const char *file)
{
    struct stat info;

    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 044) != 0)
        cli_sayf("--%s: warning: others may read '%s' (mode %04o)", option, file,
                 (unsigned)(info.st_mode & 07777));
}

/* Reads until the first newline or the end; not through stdio, whose buffer would keep a copy. */
static int read_first_line(int fd, char *buf, size_t len)
{
    size_t used = 0;

    for (;;) {
        char byte = '\0';
        ssize_t n = read(fd, &byte, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return WHY_ERR_IO;
        if (n == 0 || byte == '\n')
            break;
        if (used + 1 == len || byte == '\0')
            return WHY_ERR_USAGE;
        buf[used++] = byte;
    }
    /* A file that was written on Windows. */
    if (used > 0 && buf[used - 1] == '\r')
        used--;
    buf[used] = '\0';
    return WHY_OK;
}

static int take_file(const char *option, const char *file, char *buf, size_t len)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int status;

    if (fd < 0) {
        cli_sayf("--%s: cannot read '%s': %s", option, file, strerror(errno));
        return WHY_ERR_USAGE;
    }
    warn_when_shared(fd, option, file);
    status = read_first_line(fd, buf, len);
    if (status == WHY_ERR_IO)
        cli_sayf("--%s: cannot read '%s': %s", option, file, strerror(errno));
    else if (status != WHY_OK)
        cli_sayf("--%s: the first line of '%s' is longer than %d bytes or has a NUL", option, file,
                 CLI_SECRET_MAX - 1);
    close(fd);
    return status == WHY_OK ? WHY_OK : WHY_ERR_USAGE;
}

/* An account of the command line: its options, and the variable with its password. */
struct source {
    const char *option, *file_option, *variable;
    const char *whose; /* in the question */
};

static const struct source of_user = {"user", "password-file", VARIABLE, ""};
static const struct source of_gateway = {"gateway-user", "gateway-password-file", GATEWAY_VARIABLE,
                                         " on the gateway"};

static int take_prompt(const struct source *source, const char *user, char *buf, size_t len)
{
    char question[CLI_SECRET_MAX + 48];
    int status;

    snprintf(question, sizeof(question), "Password for %s%s: ", user, source->whose);
    status = cli_prompt(question, buf, len);
    if (status == WHY_ERR_NOTFOUND)
        cli_sayf("--%s: no password: set %s, give --%s, or run rdpwhy on a terminal",
                 source->option, source->variable, source->file_option);
    else if (status == WHY_ERR_USAGE)
        cli_sayf("--%s: the password is longer than %d bytes", source->option, CLI_SECRET_MAX - 1);
    else if (status != WHY_OK)
        cli_sayf("--%s: the password could not be read from the terminal", source->option);
    return status == WHY_OK ? WHY_OK : WHY_ERR_USAGE;
}

/* DOMAIN\USER is split; user@domain is not: CredSSP and the Client Info PDU take a user principal
 * name as it is, with an empty domain. */
static int set_account(struct cli_secret *secret, const char *option, const char *account)
{
    const char *backslash = strchr(account, '\\');
    size_t domain = backslash ? (size_t)(backslash - account) : 0;

    for (const char *c = account; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            cli_sayf("--%s: control character in '%s'", option, account);
            return WHY_ERR_USAGE;
        }
    }
    if (strlen(account) >= CLI_SECRET_MAX || !why_utf8_valid(account)) {
        cli_sayf("--%s: '%.64s' is too long or not UTF-8", option, account);
        return WHY_ERR_USAGE;
    }
    memcpy(secret->domain, account, domain);
    snprintf(secret->user, sizeof(secret->user), "%s", backslash ? backslash + 1 : account);
    secret->credentials = (struct why_credentials){
        .user = secret->user, .domain = secret->domain, .password = secret->password};
    return WHY_OK;
}

/* A cache of tickets takes the password's place where there is no other. */
static const char *find_ccache(const struct cli_options *options, bool has_password)
{
    const char *variable = getenv("KRB5CCNAME");

    if (options->ccache || has_password || !variable || *variable == '\0')
        return options->ccache;
    return variable;
}

/* |file|: NULL where none was given; |variable|: what take_variable has returned. */
static int take_password(struct cli_secret *secret, const struct source *source, const char *user,
                         const char *file, int variable)
{
    int status = WHY_OK;

    if (file)
        status = take_file(source->file_option, file, secret->password, sizeof(secret->password));
    else if (variable != WHY_OK)
        status = take_prompt(source, user, secret->password, sizeof(secret->password));
    if (status != WHY_OK)
        return status;
    if (*secret->password == '\0' || !why_utf8_valid(secret->password)) {
        cli_sayf("--%s: the password is %s", source->option,
                 *secret->password == '\0' ? "empty" : "not UTF-8");
        return WHY_ERR_USAGE;
    }
    return WHY_OK;
}

static int find_password(struct cli_secret *secret, const struct cli_options *options, int variable)
{
    bool has_password = options->password_file || variable == WHY_OK;

    secret->credentials.realm = options->realm;
    secret->credentials.kdc = options->kdc;
    secret->credentials.kdc_proxy = options->kdc_proxy;
    secret->credentials.ccache = find_ccache(options, has_password);
    if (secret->credentials.ccache && !has_password) {
        secret->credentials.password = NULL;
        return WHY_OK;
    }
    return take_password(secret, &of_user, options->user, options->password_file, variable);
}

int cli_secret_get(struct cli_secret *secret, const struct cli_options *options)
{
    int variable, status;

    memset(secret, 0, sizeof(*secret));
    variable = take_variable(VARIABLE, secret->password, sizeof(secret->password));
    status = variable == WHY_ERR_USAGE ? WHY_ERR_USAGE : WHY_OK;
    if (status == WHY_OK && options->user) {
        status = set_account(secret, of_user.option, options->user);
        if (status == WHY_OK)
            status = find_password(secret, options, variable);
        secret->given = status == WHY_OK;
    }
    if (!secret->given)
        cli_secret_wipe(secret);
    return status;
}

int cli_proxy_secret_get(struct cli_secret *secret, struct cli_options *options)
{
    int status;

    memset(secret, 0, sizeof(*secret));
    status = take_variable(PROXY_VARIABLE, secret->password, sizeof(secret->password));
    if (options->proxy.url == NULL)
        return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
    options->proxy.resolve_here =
        options->proxy_resolve != NULL && strcmp(options->proxy_resolve, "local") == 0;
    if (status != WHY_ERR_USAGE && options->proxy_password_file)
        status = take_file("proxy-password-file", options->proxy_password_file, secret->password,
                           sizeof(secret->password));
    if (status == WHY_OK && options->proxy.user == NULL)
        cli_say("--proxy: a password needs its user: --proxy http://USER@HOST:PORT");
    if (status == WHY_OK && options->proxy.user == NULL)
        return WHY_ERR_USAGE;
    if (status == WHY_OK && strlen(secret->password) > PROXY_SECRET_MAX) {
        cli_sayf("--proxy: the password is longer than %d bytes", PROXY_SECRET_MAX);
        return WHY_ERR_USAGE;
    }
    if (status == WHY_ERR_NOTFOUND && options->proxy.user != NULL &&
        options->proxy.kind != WHY_PROXY_KIND_SOCKS4A) {
        cli_say("--proxy: no password for its user: set " PROXY_VARIABLE
                " or give --proxy-password-file");
        return WHY_ERR_USAGE;
    }
    options->proxy.password = status == WHY_OK ? secret->password : NULL;
    return status == WHY_ERR_USAGE ? status : WHY_OK;
}

int cli_gateway_secret_get(struct cli_secret *secret, struct cli_options *options,
                           const struct cli_secret *user)
{
    int variable, status = WHY_OK;

    memset(secret, 0, sizeof(*secret));
    variable = take_variable(GATEWAY_VARIABLE, secret->password, sizeof(secret->password));
    if (variable == WHY_ERR_USAGE)
        return WHY_ERR_USAGE;
    if (options->gateway.host == NULL)
        return WHY_OK;
    if (options->gateway_user == NULL) {
        options->gateway.credentials = user->given ? &user->credentials : NULL;
        return WHY_OK;
    }
    status = set_account(secret, of_gateway.option, options->gateway_user);
    if (status == WHY_OK)
        status = take_password(secret, &of_gateway, options->gateway_user,
                               options->gateway_password_file, variable);
    secret->given = status == WHY_OK;
    options->gateway.credentials = secret->given ? &secret->credentials : NULL;
    return status;
}
