/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "wire/cursor.h"
#include "wire/text.h"

#include "providers.h"

/*
 * Fields: s a UTF-16 string, d a number of 32 bits, x the same in hexadecimal, q 64 bits that say
 * nothing here, p the process that a connection belongs to, c a string with the client's address, b
 * 8 that do not either, F and l numbers of 64 and 16, S a security identifier, L and R a socket
 * address with its length before it, the computer's own and the other one. Layouts are those of the
 * manifests of Windows (airbus-cert/etl-parser; for those with a ProcessStartKey at their end
 * Siemens-Healthineers/ETWAnalyzer), of that version alone.
 */
#define FIELDS_MAX 20

#define WINDOWS_FAMILY_V4 2u
#define WINDOWS_FAMILY_V6 23u

struct layout {
    const char *fields;
    const char *names[FIELDS_MAX]; /* NULL: not told */
};

static const struct layout one_string = {"s", {"name"}};
static const struct layout tcb = {"LRxpdq", {NULL, NULL, "status", "process"}};
static const struct layout tcb_started = {"LRxpdqq", {NULL, NULL, "status", "process"}};
static const struct layout rexmit = {"qLRdd", {NULL, NULL, NULL, NULL, "retransmissions"}};
static const struct layout client_ip = {"c", {"client"}};
static const struct layout session = {"sdc", {"user", "session", "address"}};
static const struct layout user = {"sd", {"user", "session"}};
static const struct layout component = {"sx", {"component", "error"}};
static const struct layout state_machine = {
    "sdsdsdsx", {"transition", NULL, "from", NULL, "to", NULL, "event", "error"}};

static const struct layout discard = {"ddLRdd",
                                      {NULL, NULL, NULL, NULL, "INET_DISCARD_REASON", "packets"}};
/* The times of the filter's are of its own clock; the numbers of filters and layers are those that
 * `netsh wfp show state` lists. */
static const struct layout wfp_dropped = {"qLRdsSdddxbFl",
                                          {NULL, NULL, NULL, NULL, "program", NULL, NULL, NULL,
                                           NULL, "direction", NULL, "filter", "layer"}};
static const struct layout wfp_dropped_switch = {"qLRdsSdddxbFlsdd",
                                                 {NULL, NULL, NULL, NULL, "program", NULL, NULL,
                                                  NULL, NULL, "direction", NULL, "filter",
                                                  "layer"}};
static const struct layout wfp_dropped_enterprise = {"qLRdsSdddxbFlsddsqs",
                                                     {NULL, NULL, NULL, NULL, "program", NULL, NULL,
                                                      NULL, NULL, "direction", NULL, "filter",
                                                      "layer"}};
static const struct layout wfp_ipsec_dropped = {
    "qLRdsSxxdFl",
    {NULL, NULL, NULL, NULL, "program", NULL, "status", "direction", NULL, "filter", "layer"}};
static const struct layout type_code = {"sxx", {"for", "error", "status"}};
static const struct layout type_state = {"sd", {"for", "state"}};
static const struct layout protocol = {"s", {"protocol"}};
static const struct layout alert = {"d", {"alert"}};
static const struct layout alert_sent = {"dds", {"alert", "state", "target"}};
static const struct layout kind_client = {"sc", {"over", "client"}};
static const struct layout error_client = {"xc", {"error", "client"}};
static const struct layout reason = {"d", {"reason"}};
static const struct layout message_error = {"ssx", {"component", "message", "error"}};
static const struct layout authenticated = {"ssc", {"user", "domain", "address"}};
static const struct layout session_reason = {"dd", {"session", "reason"}};
static const struct layout name_value = {"sds", {"of", "value"}};
static const struct layout name_text = {"sss", {"of", "value"}};

static const struct row {
    enum etl_provider provider;
    uint16_t id;
    uint8_t version;
    const struct layout *layout;
    const char *what;
    enum why_sign sign;
} rows[] = {
    {ETL_TCPIP, 1002, 0, &rexmit, "connection requested", WHY_SIGN_NONE},
    {ETL_TCPIP, 1017, 0, &tcb, "connection accepted", WHY_SIGN_NONE},
    {ETL_TCPIP, 1017, 1, &tcb_started, "connection accepted", WHY_SIGN_NONE},
    {ETL_TCPIP, 1033, 0, &tcb, "connected", WHY_SIGN_NONE},
    {ETL_TCPIP, 1033, 1, &tcb_started, "connected", WHY_SIGN_NONE},
    {ETL_TCPIP, 1034, 0, &tcb, "connecting failed", WHY_SIGN_NONE},
    {ETL_TCPIP, 1034, 1, &tcb_started, "connecting failed", WHY_SIGN_NONE},
    {ETL_TCPIP, 1039, 0, &tcb, "a process asked to abort the connection", WHY_SIGN_NONE},
    {ETL_TCPIP, 1039, 1, &tcb_started, "a process asked to abort the connection", WHY_SIGN_NONE},
    {ETL_TCPIP, 1040, 0, &tcb, "connection aborted", WHY_SIGN_NONE},
    {ETL_TCPIP, 1040, 1, &tcb_started, "connection aborted", WHY_SIGN_NONE},
    {ETL_TCPIP, 1043, 0, &tcb, "disconnected", WHY_SIGN_NONE},
    {ETL_TCPIP, 1043, 1, &tcb_started, "disconnected", WHY_SIGN_NONE},
    {ETL_TCPIP, 1045, 0, &tcb, "connecting timed out", WHY_SIGN_OTHER},
    {ETL_TCPIP, 1046, 0, &tcb, "disconnected: retransmissions got no answer", WHY_SIGN_OTHER},
    {ETL_TCPIP, 1047, 0, &tcb, "disconnected: keep-alives got no answer", WHY_SIGN_NONE},
    {ETL_TCPIP, 1183, 0, &rexmit, "connecting failed: an RST came", WHY_SIGN_NONE},
    {ETL_TCPIP, 1184, 0, &rexmit, "connection ended: an RST came", WHY_SIGN_NONE},
    {ETL_TCPIP, 1185, 0, &rexmit, "connection ended: a SYN came", WHY_SIGN_NONE},
    {ETL_TCPIP, 1186, 0, &rexmit, "the SYN is sent again", WHY_SIGN_NONE},
    {ETL_TCPIP, 1187, 0, &rexmit, "data is sent again", WHY_SIGN_NONE},
    {ETL_TCPIP, 1200, 0, &tcb, "disconnected: the other side's window stayed closed",
     WHY_SIGN_OTHER},
    {ETL_TCPIP, 1214, 0, &discard, "packets dropped", WHY_SIGN_NONE},
    {ETL_TCPIP, 1201, 0, &tcb, "disconnected: the other side did not close", WHY_SIGN_NONE},

    {ETL_WFP, 1001, 0, &wfp_dropped, "a packet was dropped by a filter", WHY_SIGN_FILTER},
    {ETL_WFP, 1001, 1, &wfp_dropped_switch, "a packet was dropped by a filter", WHY_SIGN_FILTER},
    {ETL_WFP, 1001, 2, &wfp_dropped_enterprise, "a packet was dropped by a filter",
     WHY_SIGN_FILTER},
    {ETL_WFP, 1003, 0, &wfp_ipsec_dropped, "a packet was dropped by IPsec", WHY_SIGN_FILTER},

    {ETL_SCHANNEL, 36870, 0, &type_code, "the private key of the certificate cannot be used",
     WHY_SIGN_KEY},
    {ETL_SCHANNEL, 36871, 0, &type_state, "TLS credentials cannot be created", WHY_SIGN_OTHER},
    {ETL_SCHANNEL, 36874, 0, &protocol, "client and server have no cipher suite in common",
     WHY_SIGN_CIPHER},
    {ETL_SCHANNEL, 36887, 0, &alert, "TLS alert received", WHY_SIGN_OTHER},
    {ETL_SCHANNEL, 36888, 0, &alert_sent, "TLS alert sent", WHY_SIGN_OTHER},

    {ETL_RDPCORETS, 65, 0, &one_string, "connection created", WHY_SIGN_NONE},
    {ETL_RDPCORETS, 97, 0, &component, "a component failed", WHY_SIGN_OTHER},
    {ETL_RDPCORETS, 103, 0, &reason, "disconnected", WHY_SIGN_NONE},
    {ETL_RDPCORETS, 131, 0, &kind_client, "connection accepted", WHY_SIGN_NONE},
    {ETL_RDPCORETS, 139, 0, &error_client, "the security layer found an error and disconnected",
     WHY_SIGN_OTHER},
    {ETL_RDPCORETS, 140, 0, &client_ip, "wrong user name or password", WHY_SIGN_ACCOUNT},
    {ETL_RDPCORETS, 226, 0, &state_machine, "an error in a change of state", WHY_SIGN_OTHER},
    {ETL_RDPCORETS, 228, 0, &message_error, "message", WHY_SIGN_NONE},

    {ETL_CONNECTION_MANAGER, 261, 0, &one_string, "a listener received a connection",
     WHY_SIGN_NONE},
    {ETL_CONNECTION_MANAGER, 1149, 0, &authenticated, "user authenticated", WHY_SIGN_NONE},

    {ETL_SESSION_MANAGER, 20, 0, &component, "sending a message failed", WHY_SIGN_OTHER},
    {ETL_SESSION_MANAGER, 21, 0, &session, "logged on", WHY_SIGN_NONE},
    {ETL_SESSION_MANAGER, 23, 0, &user, "logged off", WHY_SIGN_NONE},
    {ETL_SESSION_MANAGER, 24, 0, &session, "session disconnected", WHY_SIGN_NONE},
    {ETL_SESSION_MANAGER, 25, 0, &session, "session connected again", WHY_SIGN_NONE},
    {ETL_SESSION_MANAGER, 40, 0, &session_reason, "session disconnected", WHY_SIGN_NONE},

    {ETL_CLIENT, 226, 0, &state_machine, "an error in a change of state", WHY_SIGN_OTHER},
    {ETL_CLIENT, 1024, 0, &name_text, "connecting", WHY_SIGN_NONE},
    {ETL_CLIENT, 1026, 0, &name_value, "disconnected", WHY_SIGN_NONE},
};

/* An error or a warning whose fields no source describes: the event is named, no more is said. */
static enum etl_words name_only(enum etl_provider provider, const struct etl_event *event,
                                struct why_etl_event *out)
{
    static const char *const levels[] = {NULL, "a critical error that is not read here",
                                         "an error that is not read here",
                                         "a warning that is not read here"};

    if (provider < ETL_WFP || provider == ETL_OTHER || event->level == 0 || event->level > 3)
        return ETL_NO_WORDS;
    out->what = levels[event->level];
    out->sign = event->level < 3 ? WHY_SIGN_OTHER : WHY_SIGN_NONE;
    return ETL_WORDS;
}

static void add_value(struct why_etl_event *out, const char *name, const char *value)
{
    size_t len = strlen(out->values);

    if (name != NULL && *value != '\0')
        (void)snprintf(out->values + len, sizeof(out->values) - len, "%s%s %s", len > 0 ? ", " : "",
                       name, value);
}

/* A UTF-16 string with its NUL. */
static void take_string(struct why_cursor *c, char *text, size_t len)
{
    struct why_cursor string = *c;

    *text = '\0';
    while (!c->failed && why_cur_u16le(c) != 0)
        continue;
    if (!c->failed)
        why_text_utf16le(string, text, len);
}

/* A SOCKADDR of Windows, whose families have numbers of their own. */
static void take_address(struct why_cursor *c, char *text, size_t len)
{
    struct why_cursor a = why_cur_sub(c, why_cur_u32le(c));
    unsigned family = why_cur_u16le(&a), port = why_cur_u16be(&a);
    bool v6 = family == WINDOWS_FAMILY_V6;
    struct why_cursor bytes;
    char host[INET6_ADDRSTRLEN];

    if (v6)
        why_cur_skip(&a, 4); /* the flow */
    bytes = why_cur_sub(&a, v6 ? 16 : 4);
    if ((!v6 && family != WINDOWS_FAMILY_V4) || bytes.failed ||
        inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.base + bytes.pos, host, sizeof(host)) == NULL) {
        c->failed = true;
        return;
    }
    (void)snprintf(text, len, v6 ? "[%s]:%u" : "%s:%u", host, port);
}

/* [MS-DTYP] 2.4.2.2: a revision, how many numbers, who they are of, the numbers. */
static void skip_identifier(struct why_cursor *c)
{
    unsigned count;

    why_cur_skip(c, 1);
    count = why_cur_u8(c);
    why_cur_skip(c, 6 + (size_t)count * 4);
}

static void take_number(struct why_cursor *c, char kind, const char *name,
                        struct why_etl_event *out)
{
    uint64_t value = kind == 'F'   ? why_cur_u64le(c)
                     : kind == 'l' ? why_cur_u16le(c)
                                   : why_cur_u32le(c);
    char text[24];

    (void)snprintf(text, sizeof(text), kind == 'x' ? "0x%08" PRIx64 : "%" PRIu64, value);
    add_value(out, name, text);
    if (kind == 'p')
        out->owner = (uint32_t)value;
}

static void take_field(struct why_cursor *c, char kind, const char *name, struct why_etl_event *out)
{
    char text[160];

    switch (kind) {
    case 's':
    case 'c':
        take_string(c, text, sizeof(text));
        add_value(out, name, text);
        if (kind == 'c')
            (void)snprintf(out->remote, sizeof(out->remote), "%.*s", (int)sizeof(out->remote) - 1,
                           text);
        return;
    case 'L':
        take_address(c, out->local, sizeof(out->local));
        return;
    case 'R':
        take_address(c, out->remote, sizeof(out->remote));
        return;
    case 'S':
        skip_identifier(c);
        return;
    case 'b':
    case 'q':
        why_cur_skip(c, kind == 'b' ? 1 : 8);
        return;
    default:
        take_number(c, kind, name, out);
    }
}

static enum etl_words read_fields(const struct etl_event *event, const struct layout *layout,
                                  struct why_etl_event *out)
{
    struct why_cursor c = why_cur_init(event->data, event->len);

    for (size_t i = 0; layout->fields[i] != '\0'; i++)
        take_field(&c, layout->fields[i], layout->names[i], out);
    return c.failed || why_cur_left(&c) > 0 ? ETL_WORDS_UNREADABLE : ETL_WORDS;
}

enum etl_words why_etl_words_take(const struct etl_event *event, struct why_etl_event *out)
{
    enum etl_provider provider = why_etl_provider(event->provider);
    bool known = false;

    memset(out, 0, sizeof(*out));
    out->provider = why_etl_provider_name(provider);
    out->id = event->id;
    /* Of drivers' events it is the process that just ran. */
    out->process = provider > ETL_WFP ? event->process : 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].provider != provider || rows[i].id != event->id)
            continue;
        known = true;
        out->what = rows[i].what;
        out->sign = rows[i].sign;
        if (rows[i].version == event->version)
            return read_fields(event, rows[i].layout, out);
    }
    return known ? ETL_WORDS_UNREADABLE : name_only(provider, event, out);
}
