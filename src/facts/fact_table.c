/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/result.h>

#include "base/rfc3339.h"

#include "words.h"

/* ---- values that take more than an expression -------------------------------------------------
 */

/* The |index|th name of the bits set in |value|; bits without a name are one "0x…" behind them. */
static const char *nth_flag(uint32_t value, const struct why_flag *flags, size_t count,
                            size_t index, char *buf)
{
    for (size_t i = 0; i < count; i++) {
        if (flags[i].bit && (value & flags[i].bit) == flags[i].bit) {
            value &= ~flags[i].bit;
            if (index-- == 0)
                return flags[i].name;
        }
    }
    if (!value || index > 0)
        return NULL;
    snprintf(buf, WHY_FACT_TEXT, "0x%" PRIX32, value);
    return buf;
}

static const char *nth_protocol(uint32_t value, size_t index, char *buf)
{
    size_t count = 0;
    const struct why_flag *flags = why_protocol_flags(&count);

    if (value == 0) /* PROTOCOL_RDP is the absence of all bits */
        return index == 0 ? why_words_protocol(0, buf, WHY_FACT_TEXT) : NULL;
    return nth_flag(value, flags, count, index, buf);
}

static const char *nth_negotiation_flag(uint32_t value, size_t index, char *buf)
{
    size_t count = 0;
    const struct why_flag *flags = why_negotiation_flags(&count);

    return nth_flag(value, flags, count, index, buf);
}

static const char *nth_multitransport_flag(uint32_t value, size_t index, char *buf)
{
    size_t count = 0;
    const struct why_flag *flags = why_multitransport_flags(&count);

    return nth_flag(value, flags, count, index, buf);
}

static const char *nth_redirection_flag(uint32_t value, size_t index, char *buf)
{
    size_t count = 0;
    const struct why_flag *flags = why_redirection_flags(&count);

    return nth_flag(value, flags, count, index, buf);
}

/* Where the connection went that a redirection or an .rdp file asked for: "host:port". */
static const char *hop_target(const struct why_trace_head *head, char *buf)
{
    (void)snprintf(buf, WHY_FACT_TEXT, strchr(head->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                   head->host, (unsigned)head->port);
    return buf;
}

static const char *nth_request_flag(uint32_t value, size_t index, char *buf)
{
    size_t count = 0;
    const struct why_flag *flags = why_request_flags(&count);

    return nth_flag(value, flags, count, index, buf);
}

static const char *status_name(uint32_t status)
{
    const struct why_code_row *row = why_code_lookup(WHY_SPACE_LICENSE_ERROR, status);

    return row ? row->name : NULL;
}

static const char *desktop_size(const struct why_facts *facts, char *buf)
{
    snprintf(buf, WHY_FACT_TEXT, "%ux%u", facts->desktop_width, facts->desktop_height);
    return buf;
}

/* What a client is told not to redirect: HTTP_TUNNEL_REDIR, [MS-TSGU] 2.2.5.3.8. NULL: no more. */
static const char *nth_forbidden(const struct why_gateway_facts *g, size_t index)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } rows[] = {{0x1, "drives"},
                {0x2, "printers"},
                {0x4, "ports"},
                {0x8, "clipboard"},
                {0x10, "plug and play"}};
    const uint32_t all = 0x40000000, none = 0x80000000;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool set = (g->redirection_flags & (all | rows[i].bit)) != 0;

        if (set && (g->redirection_flags & none) == 0 && index-- == 0)
            return rows[i].name;
    }
    return NULL;
}

/* Since 1970-01-01 UTC. */
struct moment {
    int64_t seconds;
    int32_t micro; /* negative: known to the second only */
};

static struct moment moment_of_us(uint64_t us)
{
    return (struct moment){(int64_t)(us / 1000000), (int32_t)(us % 1000000)};
}

static struct moment moment_of_seconds(int64_t seconds)
{
    return (struct moment){seconds, -1};
}

/* 100 ns since 1601-01-01 UTC ([MS-DTYP] 2.3.3). */
static struct moment moment_of_filetime(uint64_t filetime)
{
    return (struct moment){(int64_t)(filetime / 10000000) - INT64_C(11644473600),
                           (int32_t)(filetime / 10 % 1000000)};
}

static const char *remark_time(const struct why_remark *remark, char *buf)
{
    struct moment moment = moment_of_us(remark->t_us);

    return remark->t_us > 0 && why_rfc3339_print(moment.seconds, moment.micro, buf) ? buf : "";
}

/* ---- the rows ---------------------------------------------------------------------------------
 */

static bool set_TEXT(struct why_fact_value *value, const char *text)
{
    value->text = text;
    return text != NULL;
}

static bool set_TEXTS(struct why_fact_value *value, const char *text)
{
    value->text = text;
    return true;
}

static bool set_NUMBER(struct why_fact_value *value, int64_t number)
{
    value->number = number;
    return true;
}

static bool set_TIME(struct why_fact_value *value, struct moment moment)
{
    value->number = moment.seconds;
    value->text = why_rfc3339_print(moment.seconds, moment.micro, value->buf) ? value->buf : NULL;
    return true;
}

#define set_FLAGS   set_TEXTS
#define set_HEX     set_NUMBER
#define set_SKEW    set_NUMBER
#define set_BOOL    set_NUMBER
#define set_NUMBERS set_NUMBER
#define set_PHASES  set_NUMBER

#define WHY_FACT(name, object, key, kind, known, value_of, ...)                                    \
    static bool get_##name(const struct why_result *r, size_t i, struct why_fact_value *value)     \
    {                                                                                              \
        const struct why_facts *f = &r->facts;                                                     \
        const struct why_verdict *v = &r->verdict;                                                 \
        const struct why_trace_head *h = r->trace ? why_trace_head(r->trace) : NULL;               \
        const struct why_certificate *c = f->has_certificate ? &f->certificate : NULL;             \
        const struct why_ntlm_challenge *n = f->has_ntlm ? &f->ntlm : NULL;                        \
        const struct why_license_message *l = f->has_license_request ? &f->license_request : NULL; \
        const struct why_captured *w = r->captured;                                                \
        const struct why_gateway_facts *g = &f->gateway;                                           \
        const struct why_certificate *gc = g->has_certificate ? &g->certificate : NULL;            \
        char *buf = value->buf;                                                                    \
                                                                                                   \
        (void)v, (void)h, (void)c, (void)n, (void)l, (void)w, (void)i, (void)buf;                  \
        (void)g, (void)gc;                                                                         \
        return (known) && set_##kind(value, value_of);                                             \
    }
#include "facts.def"

const struct why_fact_row why_fact_rows[] = {
#define WHY_FACT(name, object, key, kind, known, value, ...)                                       \
    {#name, object, key, WHY_FACT_KIND_##kind, get_##name, __VA_ARGS__},
#include "facts.def"
};
const size_t why_fact_row_count = sizeof(why_fact_rows) / sizeof(why_fact_rows[0]);

const struct why_fact_row *why_fact_at(const char *path)
{
    const char *dot = strrchr(path, '.');
    size_t len = dot ? (size_t)(dot - path) : 0;

    for (size_t i = 0; i < why_fact_row_count; i++) {
        const struct why_fact_row *row = &why_fact_rows[i];
        size_t object = row->object ? strlen(row->object) : 0;

        if (object == len && (!len || memcmp(row->object, path, len) == 0) &&
            strcmp(row->key, dot ? dot + 1 : path) == 0)
            return row;
    }
    return NULL;
}

const char *why_fact_text(const struct why_fact_row *row, const struct why_result *result,
                          struct why_fact_value *value)
{
    if (!row->get(result, 0, value))
        return NULL;
    switch (row->kind) {
    case WHY_FACT_KIND_NUMBER:
    case WHY_FACT_KIND_SKEW:
    case WHY_FACT_KIND_NUMBERS:
        snprintf(value->buf, sizeof(value->buf), "%" PRId64, value->number);
        return value->buf;
    case WHY_FACT_KIND_HEX:
        snprintf(value->buf, sizeof(value->buf), "0x%" PRIX64, (uint64_t)value->number);
        return value->buf;
    case WHY_FACT_KIND_BOOL:
        return value->number ? "true" : "false";
    case WHY_FACT_KIND_PHASES:
        return NULL;
    default:
        return value->text;
    }
}

/* ---- what people read -------------------------------------------------------------------------
 */

/* clang-format off */
#define LINE(...) {.label = __VA_ARGS__} /* label, members … */
#define PART(...) {.path = __VA_ARGS__}  /* path, form, members … */

const struct why_fact_line why_fact_lines[] = {
    LINE("computer",
         .parts = {PART("ntlm.netbios_computer", "%s (NetBIOS)"),
                   PART("ntlm.dns_computer", "%s (DNS)")}),
    LINE("domain",
         .parts = {PART("ntlm.netbios_domain", "%s (NetBIOS)"),
                   PART("ntlm.dns_domain", "%s (DNS)"),
                   PART("ntlm.dns_forest", "forest %s", .where = FACT_LINE_TEXT)}),
    LINE("forest", .parts = {PART("ntlm.dns_forest")}, .where = FACT_LINE_PAGE),
    LINE("OS version", .parts = {PART("ntlm.os_version")}),
    LINE("clock", .once = true,
         .parts = {PART("ntlm.server_time", .where = FACT_LINE_TEXT), PART("ntlm.clock_skew_s")}),
    LINE("proxy", .parts = {PART("proxy.url"), PART("proxy.address", "%s")}),
    LINE("RD Gateway", .parts = {PART("gateway.host"), PART("gateway.address", "%s"),
                                 PART("gateway.transport", "by %s"), PART("gateway.computer", "on %s")}),
    LINE("gateway TLS", .parts = {PART("gateway.tls.version"), PART("gateway.tls.cipher"),
                                    PART("gateway.tls.certificate.subject", "certificate %s"),
                                    PART("gateway.tls.certificate.not_after", "until %s")}),
    LINE("gateway logon", .parts = {PART("gateway.schemes")}),
    LINE("gateway limits", .parts = {PART("gateway.idle_timeout_min", "idle timeout %s min"),
                                       PART("gateway.forbids", "no redirection of %s")}),
    LINE("gateway says", .parts = {PART("gateway.message")}),
    LINE("requested", .parts = {PART("negotiation.requested")}, .where = FACT_LINE_PAGE),
    LINE("routing", .unless = "cookie", .parts = {PART("negotiation.routing")}),
    LINE("selected", .parts = {PART("negotiation.selected")}),
    LINE("asked for", .parts = {PART("negotiation.request_flags")}),
    LINE("flags", .parts = {PART("negotiation.flags")}),
    LINE("TLS", .separator = " ", .parts = {PART("tls.version"), PART("tls.cipher")}),
    LINE("CredSSP", .parts = {PART("credssp.version", "version %s"), PART("credssp.package")}),
    LINE("KDC", .once = true,
         .parts = {PART("kerberos.kdc"), PART("kerberos.clock_skew_s", "clock %s")}),
    LINE("ticket", .parts = {PART("kerberos.ticket"), PART("kerberos.given_up", "NTLM instead: %s")}),
    /* "none" is what a server says when TLS protects the connection already */
    LINE("RDP security", .unless = "none",
         .parts = {PART("security.method"), PART("security.level", "level %s")}),
    LINE("RDP version",
         .parts = {PART("server.version"),
                   PART("server.desktop", "desktop %s", .where = FACT_LINE_TEXT)}),
    LINE("desktop", .parts = {PART("server.desktop")}, .where = FACT_LINE_PAGE),
    LINE("licensing", .separator = ": ", .where = FACT_LINE_PAGE,
         .parts = {PART("license.result", .otherwise = "unfinished"), PART("license.messages")}),
    LINE("license server", .where = FACT_LINE_PAGE,
         .parts = {PART("license.request.company"), PART("license.request.product"),
                   PART("license.request.version"), PART("license.request.scope")}),
    LINE("session", .parts = {PART("session.state"), PART("session.picture"),
                              PART("session.screenshot", "screenshot in %s", .where = FACT_LINE_TEXT)}),
    LINE("RDP over UDP", .parts = {PART("udp.result", .otherwise = "tried"),
                                   PART("udp.version", "version %s"),
                                   PART("udp.tries", "datagrams sent: %s")}),
    LINE("UDP offered", .parts = {PART("server.multitransport")}),
    LINE("redirects to", .parts = {PART("redirection.target", .otherwise = "not named"),
                                   PART("redirection.certificate_sha256",
                                        "whose certificate has the SHA-256 %s")}),
    LINE("not RDP", .parts = {PART("server.not_rdp", "looks like %s")}),
};
/* clang-format on */
const size_t why_fact_line_count = sizeof(why_fact_lines) / sizeof(why_fact_lines[0]);

static const char *skew_words(int64_t skew, char *buf)
{
    if (skew == 0)
        return "same as this computer's";
    snprintf(buf, WHY_FACT_TEXT, "%" PRIu64 " s %s this computer's",
             skew < 0 ? 0 - (uint64_t)skew : (uint64_t)skew, skew < 0 ? "behind" : "ahead of");
    return buf;
}

/* A part's value for people; NULL: it is not known. */
static const char *part_words(const struct why_fact_part *part, const struct why_result *result,
                              struct why_fact_value *value)
{
    const struct why_fact_row *row = why_fact_at(part->path);
    const char *text = why_fact_text(row, result, value);

    if (text && row->kind == WHY_FACT_KIND_SKEW)
        return skew_words(value->number, value->buf);
    return text && !*text ? part->otherwise : text;
}

/* Appends |text| in the place of "%s" in |form|. */
static void append_part(const char *separator, const char *form, const char *text, char *buf,
                        size_t len)
{
    size_t at = strlen(buf), before = form ? strcspn(form, "%") : 0;

    snprintf(buf + at, len - at, "%s%.*s%s%s", at ? separator : "", (int)before, form ? form : "",
             text, form ? form + before + 2 : "");
}

/* What follows the first element of a list. */
static void append_others(const struct why_fact_part *part, const struct why_result *result,
                          char *buf, size_t len)
{
    const struct why_fact_row *row = why_fact_at(part->path);
    struct why_fact_value value;

    if (row->kind != WHY_FACT_KIND_TEXTS && row->kind != WHY_FACT_KIND_FLAGS)
        return;
    for (size_t i = 1; row->get(result, i, &value) && value.text; i++)
        append_part(", ", NULL, value.text, buf, len);
}

void why_fact_line_text(const struct why_fact_line *line, const struct why_result *result,
                        char *buf, size_t len)
{
    *buf = '\0';
    for (size_t i = 0; i < WHY_FACT_PARTS && line->parts[i].path; i++) {
        const struct why_fact_part *part = &line->parts[i];
        struct why_fact_value value;
        const char *text = part->where == FACT_LINE_PAGE ? NULL : part_words(part, result, &value);

        if (i == 0 && text && line->unless && strcmp(text, line->unless) == 0)
            return;
        if (text) {
            append_part(line->separator ? line->separator : ", ", part->form, text, buf, len);
            append_others(part, result, buf, len);
        }
    }
}
