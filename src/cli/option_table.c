/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/require.h>
#include <rdpwhy/status.h>

#include "values.h"

const struct cli_command_info cli_commands[CLI_COMMAND_COUNT] = {
    [CLI_PROBE] = {"probe", "TARGET...",
                   "Open real connections to RDP servers and show where and why they end"},
    [CLI_LICENSE] = {"license", "list|clear [HOST]",
                     "Show or remove the licenses that servers have issued"},
    [CLI_DIFF] = {"diff", "BASELINE CURRENT",
                  "Show what changed between two runs saved with -r jsonl or --save"},
    [CLI_EXPLAIN] =
        {"explain", "CODE[/EXT]|NAME|RULE|TEXT|-...",
         "Explain a code, its name, a diagnosis rule or the codes in a pasted text, offline"},
    [CLI_PCAP] = {"pcap", "FILE...",
                  "Diagnose RDP connections in existing captures (pcap, pcapng, .etl of Windows)"},
    [CLI_REPLAY] = {"replay", "FILE...", "Judge again the attempts that probe --trace recorded"},
    [CLI_SHOW] = {"show", "FILE [HOST...]",
                  "Show the full report of hosts in a run saved with --save or -r jsonl"},
    [CLI_MERGE] =
        {"merge", "[NAME=]FILE...",
         "Put saved runs from several machines or places together, and show what differs by place"},
    [CLI_HISTORY] = {"history", "add DB RUN...|report DB",
                     "Keep saved runs in a database, and show since when hosts are as they are"},
    [CLI_LIST] = {"list", "LIST", "Print the words that reports use, one list at a time"},
    [CLI_HELP] = {"help", "[COMMAND]", "Show how to use a command"},
};

const char *const cli_categories[CLI_CATEGORY_COUNT] = {
    [CLI_CAT_WHAT] = "What to try", [CLI_CAT_PACE] = "Timing and parallelism",
    [CLI_CAT_LOGON] = "Logon",      [CLI_CAT_CHECK] = "Baseline and requirements",
    [CLI_CAT_OUTPUT] = "Output",    [CLI_CAT_OTHER] = "Other",
};

/* What a row's offset is of. */
static void *member(struct cli_options *options, size_t at)
{
    return (char *)options + at;
}

static int set_flag(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    bool *flag = member(options, row->at);

    (void)argument, (void)err, (void)errlen;
    *flag = true;
    return WHY_OK;
}

/* A secret, which is not repeated. */
static int refuse_secret(struct cli_options *options, const struct cli_option *row,
                         const char *argument, char *err, size_t errlen)
{
    (void)options, (void)row, (void)argument;
    snprintf(err, errlen,
             "a password on the command line can be read by everybody: put it into "
             "RDPWHY_PASSWORD or --password-file FILE, or wait for the prompt");
    return WHY_ERR_USAGE;
}

/* How often it is given. */
static int set_count(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    unsigned *count = member(options, row->at);

    (void)argument, (void)err, (void)errlen;
    ++*count;
    return WHY_OK;
}

static int set_text(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    const char **text = member(options, row->at);

    (void)err, (void)errlen;
    *text = argument;
    return WHY_OK;
}

/* A file that is written, and not to standard output. */
/* A name that is a word, as it stands in reports. */
static int set_vantage(struct cli_options *options, const struct cli_option *row,
                       const char *argument, char *err, size_t errlen)
{
    if (!cli_value_is_vantage(argument)) {
        snprintf(err, errlen, "'%s' is not a name of 1 to 63 characters without blanks", argument);
        return WHY_ERR_USAGE;
    }
    return set_text(options, row, argument, err, errlen);
}

static int set_shard(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    return cli_value_shard(argument, member(options, row->at), err, errlen);
}

static int set_file(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    if (*argument == '\0' || strcmp(argument, "-") == 0) {
        snprintf(err, errlen, "needs the name of a file, not '%s'", argument);
        return WHY_ERR_USAGE;
    }
    return set_text(options, row, argument, err, errlen);
}

static int set_folder(struct cli_options *options, const struct cli_option *row,
                      const char *argument, char *err, size_t errlen)
{
    if (*argument == '\0') {
        snprintf(err, errlen, "the directory has no name");
        return WHY_ERR_USAGE;
    }
    return set_text(options, row, argument, err, errlen);
}

static int add_text(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    struct cli_texts *texts = member(options, row->at);

    if (texts->count == CLI_TEXTS_MAX) {
        snprintf(err, errlen, "given more than %d times", CLI_TEXTS_MAX);
        return WHY_ERR_USAGE;
    }
    texts->items[texts->count++] = argument;
    return WHY_OK;
}

/* Standard input can be read once. */
static int add_input(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    const struct cli_texts *inputs = member(options, row->at);

    for (size_t i = 0; i < inputs->count && inputs->count < CLI_TEXTS_MAX; i++) {
        if (strcmp(argument, "-") == 0 && strcmp(inputs->items[i], "-") == 0) {
            snprintf(err, errlen, "standard input was given twice");
            return WHY_ERR_USAGE;
        }
    }
    return add_text(options, row, argument, err, errlen);
}

static int add_requirement(struct cli_options *options, const struct cli_option *row,
                           const char *argument, char *err, size_t errlen)
{
    struct why_requirement_list list = {.count = 0};
    int status = add_text(options, row, argument, err, errlen);

    if (status == WHY_OK)
        status = why_requirements_add(&list, argument, err, errlen);
    why_requirements_clear(&list);
    return status;
}

static int set_fail_on(struct cli_options *options, const struct cli_option *row,
                       const char *argument, char *err, size_t errlen)
{
    return cli_fail_on_parse(member(options, row->at), argument, err, errlen);
}

static int set_number(struct cli_options *options, const struct cli_option *row,
                      const char *argument, char *err, size_t errlen)
{
    return cli_value_number(argument, row->min, row->max, member(options, row->at), err, errlen);
}

/* Ports separated by commas, added to those that were given before. */
static int add_ports(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    char number[8];
    unsigned port;

    for (const char *at = argument, *end;; at = end + 1) {
        end = at + strcspn(at, ",");
        if ((size_t)(end - at) >= sizeof(number)) { /* no port has so many digits */
            snprintf(err, errlen, "'%.*s' is not a port", (int)(end - at), at);
            return WHY_ERR_USAGE;
        }
        (void)snprintf(number, sizeof(number), "%.*s", (int)(end - at), at);
        if (cli_value_number(number, row->min, row->max, &port, err, errlen) != WHY_OK)
            return WHY_ERR_USAGE;
        if (options->port_count == CLI_PORTS_MAX) {
            snprintf(err, errlen, "more than %d ports", CLI_PORTS_MAX);
            return WHY_ERR_USAGE;
        }
        options->ports[options->port_count++] = (uint16_t)port;
        if (*end == '\0')
            return WHY_OK;
    }
}

static int set_seconds(struct cli_options *options, const struct cli_option *row,
                       const char *argument, char *err, size_t errlen)
{
    return cli_value_seconds(argument, row->min == 0 ? CLI_ZERO_TOO : CLI_NOT_ZERO,
                             member(options, row->at), err, errlen);
}

static int set_factor(struct cli_options *options, const struct cli_option *row,
                      const char *argument, char *err, size_t errlen)
{
    return cli_value_factor(argument, member(options, row->at), err, errlen);
}

/* Enumerations are numbers like int in every ABI, and as large. */
static void put_enum(void *to, int value)
{
    memcpy(to, &value, sizeof(value));
}
_Static_assert(sizeof(enum why_phase) == sizeof(int) && sizeof(enum why_profile) == sizeof(int) &&
                   sizeof(enum cli_color) == sizeof(int),
               "an enumeration is not as large as an int");

static int set_word(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    int value = 0;
    int status = cli_value_word(row->words, argument, strlen(argument), &value, err, errlen);

    if (status == WHY_OK)
        put_enum(member(options, row->at), value);
    return status;
}

/* auto, always, never: in the order of enum cli_color and of enum cli_progress_when. */
static int set_when(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    static const char *const words[] = {"auto", "always", "never"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(argument, words[i]) == 0) {
            put_enum(member(options, row->at), (int)i);
            return WHY_OK;
        }
    }
    snprintf(err, errlen, "'%s' is not one of auto, always, never", argument);
    return WHY_ERR_USAGE;
}

/* The first list given takes the default's place, further ones add to it. */
static int set_profiles(struct cli_options *options, const struct cli_option *row,
                        const char *argument, char *err, size_t errlen)
{
    int words[WHY_PROFILE_COUNT];
    size_t count = 0;
    int status;

    for (size_t i = 0; options->profiles_given && i < options->profile_count; i++)
        words[count++] = (int)options->profiles[i];
    status = cli_value_words(row->words, argument, words, &count, err, errlen);
    options->profile_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!why_profile_info((enum why_profile)words[i])->of_file)
            options->profiles[options->profile_count++] = (enum why_profile)words[i];
    }
    if (status != WHY_OK || options->profile_count > 0)
        return status;
    snprintf(err, errlen, "'file' is what an .rdp file brings by itself; give one as the target");
    return WHY_ERR_USAGE;
}

static int set_license_modes(struct cli_options *options, const struct cli_option *row,
                             const char *argument, char *err, size_t errlen)
{
    int words[WHY_LICENSE_MODE_COUNT];
    size_t count = 0;
    int status;

    for (size_t i = 0; options->license_modes_given && i < options->license_mode_count; i++)
        words[count++] = (int)options->license_modes[i];
    status = cli_value_words(row->words, argument, words, &count, err, errlen);
    for (size_t i = 0; i < count; i++)
        options->license_modes[i] = (enum why_license_mode)words[i];
    options->license_mode_count = count;
    return status;
}

static int set_user(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    const char *name = strchr(argument, '\\');

    name = name ? name + 1 : argument;
    if (*name == '\0') {
        snprintf(err, errlen, "'%s' has no user name", argument);
        return WHY_ERR_USAGE;
    }
    return set_text(options, row, argument, err, errlen);
}

/* A text that is not empty and has no control characters. */
static int set_name(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    for (const char *c = argument; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            snprintf(err, errlen, "control character in '%s'", argument);
            return WHY_ERR_USAGE;
        }
    }
    if (*argument == '\0' || strlen(argument) > 255) {
        snprintf(err, errlen, "%s", *argument == '\0' ? "is empty" : "longer than 255 bytes");
        return WHY_ERR_USAGE;
    }
    return set_text(options, row, argument, err, errlen);
}

/* What stands behind the host: nothing, or a colon and a port. */
static bool is_port(const char *text)
{
    char *end;
    unsigned long port;

    if (*text == '\0')
        return true;
    port = text[0] == ':' && text[1] >= '0' && text[1] <= '9' ? strtoul(text + 1, &end, 10) : 0;
    return port > 0 && port <= UINT16_MAX && *end == '\0';
}

static int set_kdc(struct cli_options *options, const struct cli_option *row, const char *argument,
                   char *err, size_t errlen)
{
    const char *bracket = *argument == '[' ? strchr(argument, ']') : NULL;
    const char *colon = strchr(argument, ':');
    bool bare = *argument != '[' && (!colon || strchr(colon + 1, ':')); /* a bare IPv6 address */

    if (bracket ? bracket == argument + 1 || !is_port(bracket + 1)
                : !bare && (*argument == '[' || colon == argument || !is_port(colon))) {
        snprintf(err, errlen, "'%s' is no HOST or HOST:PORT", argument);
        return WHY_ERR_USAGE;
    }
    return set_name(options, row, argument, err, errlen);
}

static int set_kdc_proxy(struct cli_options *options, const struct cli_option *row,
                         const char *argument, char *err, size_t errlen)
{
    struct why_kdc_proxy proxy;
    const char *problem = why_kdc_proxy_parse(argument, &proxy);

    if (problem) {
        snprintf(err, errlen, "'%.200s' %s", argument, problem);
        return WHY_ERR_USAGE;
    }
    return set_name(options, row, argument, err, errlen);
}

/* What load balancers are told, which is one line. */
static int set_routing(struct cli_options *options, enum why_routing_kind kind,
                       const char *argument, char *err, size_t errlen)
{
    const char *problem;

    options->routing = (struct why_routing){.kind = kind, .text = argument};
    problem = why_routing_problem(&options->routing);
    if (problem == NULL)
        return WHY_OK;
    snprintf(err, errlen, "'%s' %s", argument, problem);
    return WHY_ERR_USAGE;
}

static int set_cookie(struct cli_options *options, const struct cli_option *row,
                      const char *argument, char *err, size_t errlen)
{
    (void)row;
    options->cookie = argument;
    return set_routing(options, WHY_ROUTING_COOKIE, argument, err, errlen);
}

static int set_no_cookie(struct cli_options *options, const struct cli_option *row,
                         const char *argument, char *err, size_t errlen)
{
    (void)row;
    options->no_cookie = true;
    return set_routing(options, WHY_ROUTING_NONE, argument, err, errlen);
}

static int set_token(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    (void)row;
    options->load_balance_info = argument;
    return set_routing(options, WHY_ROUTING_TOKEN, argument, err, errlen);
}

static int set_vm(struct cli_options *options, const struct cli_option *row, const char *argument,
                  char *err, size_t errlen)
{
    if (why_is_guid(argument, strlen(argument)))
        return set_text(options, row, argument, err, errlen);
    snprintf(err, errlen, "'%s' is not a GUID (01234567-89ab-cdef-0123-456789abcdef)", argument);
    return WHY_ERR_USAGE;
}

static int set_blob(struct cli_options *options, const struct cli_option *row, const char *argument,
                    char *err, size_t errlen)
{
    const char *problem = why_blob_problem(argument);

    if (problem == NULL)
        return set_text(options, row, argument, err, errlen);
    snprintf(err, errlen, "'%.60s' %s", argument, problem);
    return WHY_ERR_USAGE;
}

static int set_proxy(struct cli_options *options, const struct cli_option *row,
                     const char *argument, char *err, size_t errlen)
{
    (void)row;
    why_proxy_clear(&options->proxy);
    options->proxy_url = argument;
    return why_proxy_parse(argument, &options->proxy, err, errlen);
}

static int set_gateway(struct cli_options *options, const struct cli_option *row,
                       const char *argument, char *err, size_t errlen)
{
    enum why_gateway_transport transport = options->gateway.transport;
    int status;

    (void)row;
    why_gateway_clear(&options->gateway);
    status = why_gateway_parse(argument, &options->gateway, err, errlen);
    options->gateway.transport = transport;
    return status;
}

static int set_gateway_transport(struct cli_options *options, const struct cli_option *row,
                                 const char *argument, char *err, size_t errlen)
{
    int transport = why_gateway_transport_find(argument);

    (void)row;
    if (transport < 0) {
        snprintf(err, errlen, "'%s' is not one of auto, websocket, http", argument);
        return WHY_ERR_USAGE;
    }
    options->gateway.transport = (enum why_gateway_transport)transport;
    options->gateway_transport_given = true;
    return WHY_OK;
}

static int set_proxy_resolve(struct cli_options *options, const struct cli_option *row,
                             const char *argument, char *err, size_t errlen)
{
    (void)row;
    options->proxy_resolve = argument;
    if (strcmp(argument, "local") == 0 || strcmp(argument, "proxy") == 0)
        return WHY_OK;
    snprintf(err, errlen, "'%s' is not one of local, proxy", argument);
    return WHY_ERR_USAGE;
}

/* Two reports into one place would overwrite each other. */
static bool is_taken(const struct cli_options *options, const char *file)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const char *other = options->reports[i].file;

        if (!other || !file ? other == file : strcmp(other, file) == 0)
            return true;
    }
    return false;
}

static int add_report(struct cli_options *options, const struct cli_option *row,
                      const char *argument, char *err, size_t errlen)
{
    size_t len = strcspn(argument, "=");
    const char *file = argument[len] == '=' ? argument + len + 1 : NULL;
    const struct why_report_format *format = NULL;
    char name[32];

    (void)row;
    if (len < sizeof(name)) {
        memcpy(name, argument, len);
        name[len] = '\0';
        format = why_report_format_find(name);
    }
    if (file && strcmp(file, "-") == 0)
        file = NULL;
    if (!format)
        snprintf(err, errlen, "unknown format '%.*s' (try: rdpwhy list formats)", (int)len,
                 argument);
    else if (file && *file == '\0')
        snprintf(err, errlen, "'%s' has no file name", argument);
    else if (is_taken(options, file))
        snprintf(err, errlen, "two reports go to %s", file ? file : "standard output");
    else if (options->report_count == CLI_REPORTS_MAX)
        snprintf(err, errlen, "given more than %d times", CLI_REPORTS_MAX);
    else {
        options->reports[options->report_count++] = (struct cli_report){format, file};
        return WHY_OK;
    }
    return WHY_ERR_USAGE;
}

static const struct cli_words profile_words = {WHY_VOCAB_PROFILE, "profile", "profiles"};
static const struct cli_words license_words = {WHY_VOCAB_LICENSE_MODE, "license mode", "licenses"};
static const struct cli_words phase_words = {WHY_VOCAB_PHASE, "phase", "phases"};

#define PROBE   CLI_FOR(CLI_PROBE)
#define EXPLAIN CLI_FOR(CLI_EXPLAIN)
#define DIFF    CLI_FOR(CLI_DIFF)
#define STORE   (CLI_FOR(CLI_PROBE) | CLI_FOR(CLI_LICENSE))
#define PCAP    CLI_FOR(CLI_PCAP)
#define OFFLINE (CLI_FOR(CLI_PCAP) | CLI_FOR(CLI_REPLAY) | CLI_FOR(CLI_SHOW) | CLI_FOR(CLI_MERGE))
#define HISTORY CLI_FOR(CLI_HISTORY)
#define ALL     (2 * CLI_GLOBAL - 1) /* every command, and in place of one */

/* The names of the profiles that are tried by default, a comma before each. */
static const char default_profiles[] = ""
#define IN_DEFAULT_true(name)                  "," name
#define IN_DEFAULT_false(name)                 ""
#define WHY_PROFILE(id, name, is_default, ...) IN_DEFAULT_##is_default(name)
#include <rdpwhy/vocab.def>
    ;

#define AT(member_)    .at = offsetof(struct cli_options, member_)
#define GIVEN(member_) .given = offsetof(struct cli_options, member_)

/* clang-format off */
const struct cli_option cli_option_table[] = {
    {"profile", 'p', PROBE, CLI_CAT_WHAT, CLI_ARG_PROFILES, "NAME[,NAME]",
     "Security profiles to offer, each in its own connection; `all` for every profile",
     default_profiles + 1, NULL, set_profiles, .words = &profile_words, GIVEN(profiles_given)},
    {"license", 'l', PROBE, CLI_CAT_WHAT, CLI_ARG_LICENSES, "MODE[,MODE]",
     "License modes to try; `all` for every mode", "fresh", NULL,
     set_license_modes, .words = &license_words, GIVEN(license_modes_given)},
    {"license-store", '\0', STORE, CLI_CAT_WHAT, CLI_ARG_FOLDER, "DIR",
     "Store the licenses that servers issue in DIR, and read the licenses for the modes stored, corrupt and foreign from there; DIR may also be FreeRDP's own folder",
     NULL, "rdpwhy/licenses in XDG_STATE_HOME", set_folder, AT(license_store)},
    {"until", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_PHASE, "PHASE",
     "Stop on purpose once this phase is confirmed. session: keep the session that begins for the time of --watch; of a host's attempts with --user, the one that logs on",
     NULL, "session with --user, otherwise active",
     set_word, AT(until), .words = &phase_words, GIVEN(until_given)},
    {"cookie", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_USER, "NAME",
     "Send NAME to load balancers as the routing cookie (mstshash)",
     NULL, "the first nine characters of the account with --user, otherwise rdpwhy",
     set_cookie, .at = 0},
    {"no-cookie", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "Send neither a routing cookie nor a token. If the connection is then closed before any answer, it is tried once more with the cookie",
     NULL, NULL, set_no_cookie, .at = 0},
    {"load-balance-info", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_USER, "TEXT",
     "Send TEXT as the routing token in place of the cookie: what loadbalanceinfo:s: in an .rdp file says",
     NULL, NULL, set_token, .at = 0},
    {"restricted-admin", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "Offer Restricted Admin mode as well (profile restricted-admin), in which the server gets no password",
     NULL, NULL, set_flag, AT(restricted_admin)},
    {"remote-guard", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "Offer Remote Credential Guard as well (profile remote-guard). The attempt stops once the server has accepted the ticket",
     NULL, NULL, set_flag, AT(remote_guard)},
    {"proxy", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "URL",
     "Connect to the targets through this proxy: socks5://, socks4a:// or http:// (CONNECT), then [USER@]HOST[:PORT]. The proxy looks the targets' names up. Its password comes from RDPWHY_PROXY_PASSWORD or --proxy-password-file. Kerberos KDCs are asked without it",
     NULL, "no proxy, whatever the environment says", set_proxy, .at = 0},
    {"proxy-password-file", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Read the proxy's password from the first line of FILE", NULL, NULL, set_text, AT(proxy_password_file)},
    {"proxy-resolve", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "WHO",
     "Who looks the targets' names up: proxy, or local (this computer, which gives the proxy the first address)",
     NULL, "proxy", set_proxy_resolve, .at = 0},
    {"gateway", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "HOST[:PORT]",
     "Connect to the targets through this RD Gateway. It looks the targets' names up. Without an account it is asked what it says before a logon",
     NULL, "none; port 443 where there is no other", set_gateway, .at = 0},
    {"gateway-user", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "USER",
     "Log on to the gateway as USER. Its password comes from RDPWHY_GATEWAY_PASSWORD, --gateway-password-file or a prompt",
     NULL, "as --user, with the same password", set_text, AT(gateway_user)},
    {"gateway-password-file", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Read the password of --gateway-user from the first line of FILE", NULL, NULL, set_text, AT(gateway_password_file)},
    {"gateway-transport", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "HOW",
     "How packets pass to the gateway: websocket, http (two connections), or auto: WebSocket, and HTTP where that is not granted",
     NULL, "auto", set_gateway_transport, .at = 0},
    {"follow", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "Follow the redirections of brokers and load balancers, at most three in a row; with --user they are followed unless told otherwise",
     NULL, NULL, set_flag, AT(follow)},
    {"no-follow", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "End an attempt with the server's redirection",
     NULL, NULL, set_flag, AT(no_follow)},
    {"udp", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "See whether RDP over UDP gets through: send each host, behind its first connection, at most three datagrams to the same port and wait a second for the answer to each; with --until session this is done unless told otherwise",
     NULL, NULL, set_flag, AT(udp)},
    {"no-udp", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "Send no UDP datagrams",
     NULL, NULL, set_flag, AT(no_udp)},
    {"vmconnect", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "GUID",
     "Connect to the console of the virtual machine with this GUID on a Hyper-V host, as VMConnect does: port 2179, the GUID first, then CredSSP at once (profile nla). A target can name its own: HOST:2179?vmid=GUID",
     NULL, NULL, set_vm, AT(vmconnect)},
    {"pcb", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "TEXT",
     "Send TEXT in a preconnection PDU before everything else: what pcb:s: in an .rdp file says",
     NULL, NULL, set_blob, AT(pcb)},
    {"input", 'i', PROBE, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Read targets from FILE, one per line, with # comments; - is standard input; repeatable. Lines that are not targets are reported by number and skipped",
     NULL, NULL, add_input, AT(inputs)},
    {"strict", '\0', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL,
     "Stop before sending anything if a line of --input is not a target",
     NULL, NULL, set_flag, AT(strict)},
    {"resume", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Continue an interrupted run: skip the hosts that are in FILE, its jsonl report. Profiles, license modes, --until and the cookie or token must be the same. Repeat the option if the run was interrupted more than once",
     NULL, NULL, add_text, AT(resumes)},
    {"shard", '\0', PROBE, CLI_CAT_WHAT, CLI_ARG_WORD, "I/N",
     "Probe only part I of N of the targets; which part a target is in depends on nothing but its name and port, so that N machines with the same list probe each target once",
     NULL, "all targets", set_shard, AT(shard)},
    {"ipv4", '4', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL, "Use IPv4 addresses only",
     NULL, NULL, set_flag, AT(only_ipv4)},
    {"ipv6", '6', PROBE, CLI_CAT_WHAT, CLI_NO_ARGUMENT, NULL, "Use IPv6 addresses only",
     NULL, NULL, set_flag, AT(only_ipv6)},

    {"timeout", 't', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "Timeout for one whole attempt", "15", NULL,
     set_seconds, AT(timeout_us), .min = 1, GIVEN(timeout_given)},
    {"connect-timeout", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "Timeout for the TCP connection", "5", NULL,
     set_seconds, AT(connect_timeout_us), .min = 1, GIVEN(connect_timeout_given)},
    {"linger", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "How long to listen after the Font Map for a server that ends the session right away; 0 to stop at the Font Map", "0.2", NULL, set_seconds, AT(linger_us)},
    {"watch", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "How long to watch a session (--until session), on top of --timeout", "5", NULL, set_seconds, AT(watch_us), .min = 1, GIVEN(watch_given)},
    {"jobs", 'j', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "Attempts at the same time over all hosts; connections that are not up yet do not count",
     NULL, "1 for one host, otherwise 32 per core and at most 256, fewer if memory or open files are short",
     set_number, AT(jobs), .min = 1, .max = 10000},
    {"per-host", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "Attempts at the same time on one host", "1", NULL,
     set_number, AT(per_host), .min = 1, .max = 1000},
    {"pause", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "MS",
     "Leave a host alone for MS milliseconds after each connection, because servers made for one session suffer from faster ones; other hosts are probed meanwhile",
     "100", NULL, set_number, AT(pause_ms), .max = 60000},
    {"second-try", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_SECONDS, "SECONDS",
     "Make an attempt once more after SECONDS if it ended without a word of the server's and no other attempt on the host ended like it, because that may be chance; never after an account was sent or a license issued; 0 for no second try",
     "1", NULL, set_seconds, AT(second_try_us)},
    {"rate", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "New connections per second over all hosts", NULL, "no limit",
     set_number, AT(rate), .min = 1, .max = 1000000},
    {"repeat", '\0', PROBE, CLI_CAT_PACE, CLI_ARG_NUMBER, "N",
     "Make every attempt N times", "1", NULL,
     set_number, AT(repeat), .min = 1, .max = 10000, GIVEN(repeat_given)},

    {"user", 'u', PROBE, CLI_CAT_LOGON, CLI_ARG_USER, "[DOMAIN\\]USER",
     "Log on as this user if a profile needs it, at most once per host. The password comes from "
     "RDPWHY_PASSWORD, --password-file or a prompt, never from the command line",
     NULL, NULL, set_user, AT(user)},
    {"password-file", '\0', PROBE, CLI_CAT_LOGON, CLI_ARG_FILE, "FILE",
     "Read the password from the first line of FILE", NULL, NULL, set_text, AT(password_file)},

    {"force-logon", '\0', PROBE, CLI_CAT_LOGON, CLI_NO_ARGUMENT, NULL,
     "Log on with the password although the account is one of Entra ID (AzureAD\\USER), which NTLM does not know: the logon fails, and counts towards a lockout",
     NULL, NULL, set_flag, AT(force_logon)},
    {"realm", '\0', PROBE, CLI_CAT_LOGON, CLI_ARG_WORD, "REALM",
     "Kerberos realm of the account, if its name does not tell (USER@REALM)",
     NULL, "that of the account, or of krb5.conf", set_name, AT(realm)},
    {"kdc", '\0', PROBE, CLI_CAT_LOGON, CLI_ARG_WORD, "HOST[:PORT]",
     "Ask this KDC (domain controller) for Kerberos tickets; each has the time of --connect-timeout to answer",
     NULL, "those of krb5.conf, or of the realm's DNS SRV records", set_kdc, AT(kdc)},
    {"kdc-proxy", '\0', PROBE, CLI_CAT_LOGON, CLI_ARG_WORD, "URL",
     "Ask the KDC through this proxy ([MS-KKDCP]: an RD Gateway, for example), which is https://HOST[:PORT][/PATH]. Its certificate must be for HOST and trusted by this computer or --ca",
     NULL, "none; port 443 and /KdcProxy if the URL does not name them", set_kdc_proxy, AT(kdc_proxy)},
    {"ccache", '\0', PROBE, CLI_CAT_LOGON, CLI_ARG_FILE, "FILE",
     "Log on with the Kerberos ticket in FILE, a ticket cache, which is only read. A password is then not needed, and without one an attempt stops once the server has accepted the ticket",
     NULL, "KRB5CCNAME, if there is no password", set_name, AT(ccache)},
    {"password", '\0', ALL, CLI_CAT_LOGON, CLI_ARG_SECRET, NULL, NULL, NULL, NULL, refuse_secret,
     .at = 0},

    {"baseline", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Repeat the run saved in FILE, with the same targets and attempts, and show what changed. The formats text, jsonl and junit then show the changes and the requirements that are not met, and the exit code is that of diff",
     NULL, NULL, set_text, AT(baseline)},
    {"ca", '\0', PROBE | OFFLINE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Trust the certificate authorities in FILE (PEM or DER) as well as those of this computer when a server's certificate is judged; repeatable",
     NULL, NULL, add_text, AT(ca_files)},
    {"save", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Save the run as JSON Lines for diff and --baseline; FILE is replaced when the run is complete", NULL, NULL, set_file, AT(save)},
    {"vantage", '\0', PROBE, CLI_CAT_OUTPUT, CLI_ARG_WORD, "NAME",
     "Name the place that this run looks from, in all its records; merge tells runs from different places apart by it", NULL, "the name of this computer",
     set_vantage, AT(vantage)},
    {"require", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_REQUIREMENT, "RULE",
     "State what a server must meet (nla, tls>=1.2, cert-days>=30 ...). A host that does not meet RULE gets an error finding, and the exit code is 1; repeatable (see: rdpwhy list requirements)", NULL, NULL,
     add_requirement, AT(requirements)},
    {"require-file", '\0', PROBE, CLI_CAT_CHECK, CLI_ARG_FILE, "FILE",
     "Read requirements from FILE, one per line, with # comments; - is standard input; repeatable",
     NULL, NULL, add_text, AT(require_files)},
    {"fail-on", '\0', PROBE | OFFLINE, CLI_CAT_CHECK, CLI_ARG_FAIL_ON, "STATE|SEVERITY",
     "Exit with code 1 if a host has this state (degraded, broken, unreachable), a finding of this severity (info, warning, error), or worse",
     "degraded", NULL, set_fail_on, AT(fail_on), GIVEN(fail_on_given)},
    {"allow-partial", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_NO_ARGUMENT, NULL,
     "Accept a saved run that was interrupted, and use the part that is there",
     NULL, NULL, set_flag, AT(allow_partial)},
    {"slower-factor", '\0', PROBE | DIFF | HISTORY, CLI_CAT_CHECK, CLI_ARG_NUMBER, "FACTOR",
     "Report a phase as slower if its median over the repeats (--repeat in both runs) is more than FACTOR times the old one; history: over the last five attempts, against the twenty before", "2", NULL, set_factor, AT(slower_percent)},
    {"slower-floor", '\0', PROBE | DIFF | HISTORY, CLI_CAT_CHECK, CLI_ARG_SECONDS, "SECONDS",
     "and only if it is also at least SECONDS slower (with --slower-factor)", "0.25", NULL, set_seconds, AT(slower_floor_us), .min = 1},
    {"skew-limit", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_ARG_NUMBER, "SECONDS",
     "Report a clock that is newly off by more than SECONDS as worse", "300", NULL,
     set_number, AT(skew_limit), .max = 100000000},
    {"days-limit", '\0', PROBE | DIFF, CLI_CAT_CHECK, CLI_ARG_NUMBER, "DAYS",
     "Report a certificate that newly has fewer than DAYS left as worse", "14", NULL,
     set_number, AT(days_limit), .max = 100000},

    {"report", 'r', PROBE | DIFF | EXPLAIN | HISTORY | OFFLINE, CLI_CAT_OUTPUT, CLI_ARG_REPORT,
     "FORMAT[=FILE]",
     "Write a report in this format to standard output or to FILE; repeatable",
     NULL, "text on standard output", add_report, .at = 0},
    {"trace", '\0', PROBE | PCAP, CLI_CAT_OUTPUT, CLI_ARG_FILE, "FILE",
     "Write the timeline of every attempt to FILE, with secrets blanked out", NULL, NULL,
     set_file, AT(trace_file)},
    {"capture", '\0', PROBE, CLI_CAT_OUTPUT, CLI_ARG_FOLDER, "DIR",
     "Write the packets of every attempt, with the TLS secrets that decrypt them, to a pcapng file in DIR (created if missing); needs no privileges",
     NULL, NULL, set_folder, AT(capture_dir)},
    {"screenshot", '\0', PROBE, CLI_CAT_OUTPUT, CLI_ARG_FOLDER, "DIR",
     "Write the last picture of every session that is watched to a PNG file in DIR (created if missing), and a small one for the HTML page. It shows what is on the screen, which may be confidential",
     NULL, NULL, set_folder, AT(screenshot_dir)},
    {"keys", '\0', PCAP, CLI_CAT_WHAT, CLI_ARG_FILE, "FILE",
     "Read TLS secrets from FILE, in the format of SSLKEYLOGFILE, in addition to those in the capture; repeatable",
     NULL, NULL, add_text, AT(key_files)},
    {"port", '\0', PCAP, CLI_CAT_WHAT, CLI_ARG_NUMBER, "PORT[,PORT]",
     "Take PORT for RDP's, as 3389: connections to it that fail before RDP begins, or that are something else, are told as well; repeatable",
     NULL, NULL, add_ports, .min = 1, .max = 65535},
    {"write", '\0', PCAP, CLI_CAT_OUTPUT, CLI_ARG_FILE, "FILE",
     "Write the packets of the RDP connections to FILE, in pcapng format, with comments where a connection begins and ends",
     NULL, NULL, set_file, AT(write_file)},
    {"quiet", 'q', PROBE | DIFF | HISTORY | OFFLINE, CLI_CAT_OUTPUT, CLI_NO_ARGUMENT, NULL,
     "One line per host, no remarks", NULL, NULL, set_flag, AT(quiet)},
    {"verbose", 'v', PROBE | DIFF | HISTORY | OFFLINE, CLI_CAT_OUTPUT, CLI_NO_ARGUMENT, NULL,
     "Show the details of every host; twice: all messages of every attempt, too", NULL, NULL, set_count, AT(verbose)},
    {"progress", '\0', PROBE, CLI_CAT_OUTPUT, CLI_ARG_COLOR, "WHEN",
     "Show progress on standard error: auto (on a terminal, if there is more than one host), always, never; SIGUSR1 prints one line in any case",
     "auto", NULL, set_when, AT(progress)},
    {"color", '\0', PROBE | DIFF | EXPLAIN | HISTORY | OFFLINE, CLI_CAT_OUTPUT, CLI_ARG_COLOR, "WHEN",
     "Color the text report: auto (on a terminal, unless NO_COLOR is set), always, never",
     "auto", NULL, set_when, AT(color)},

    {"help", 'h', ALL, CLI_CAT_OTHER, CLI_NO_ARGUMENT, NULL, "Print this help",
     NULL, NULL, set_flag, AT(help)},
    {"version", 'V', CLI_GLOBAL, CLI_CAT_OTHER, CLI_NO_ARGUMENT, NULL,
     "Print the versions of rdpwhy and its libraries", NULL, NULL, set_flag, AT(version)},
};
/* clang-format on */
const size_t cli_option_count = sizeof(cli_option_table) / sizeof(cli_option_table[0]);

_Static_assert(sizeof(cli_option_table) / sizeof(cli_option_table[0]) <= CLI_OPTIONS_MAX,
               "the parser has no room for them");
