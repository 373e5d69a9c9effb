/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>

#include "json_text.h"
#include "page.h"
#include "words.h"

#define LABEL_WIDTH 15
#define TEXT_MAX    1024

/* Appends to |buf|; what does not fit is cut. */
#define APPEND(buf, ...)                                                                           \
    do {                                                                                           \
        size_t at_ = strlen(buf);                                                                  \
        snprintf((buf) + at_, TEXT_MAX - at_, __VA_ARGS__);                                        \
    } while (0)

/* One fact of the server in words; |buf| stays "" where it is not known. */
typedef void describe_fn(const struct why_facts *facts, char *buf);

static void describe_name(const char *netbios, const char *dns, char *buf)
{
    if (*netbios)
        APPEND(buf, "%s (NetBIOS)", netbios);
    if (*dns)
        APPEND(buf, "%s%s (DNS)", *buf ? ", " : "", dns);
}

static void describe_computer(const struct why_facts *facts, char *buf)
{
    if (facts->has_ntlm)
        describe_name(facts->ntlm.netbios_computer, facts->ntlm.dns_computer, buf);
}

static void describe_domain(const struct why_facts *facts, char *buf)
{
    if (!facts->has_ntlm)
        return;
    describe_name(facts->ntlm.netbios_domain, facts->ntlm.dns_domain, buf);
    if (*facts->ntlm.dns_forest)
        APPEND(buf, "%sforest %s", *buf ? ", " : "", facts->ntlm.dns_forest);
}

static void describe_os(const struct why_facts *facts, char *buf)
{
    char version[32];

    if (facts->has_ntlm)
        APPEND(buf, "%s", why_words_os_version(&facts->ntlm, version, sizeof(version)));
}

static void describe_clock(const struct why_facts *facts, char *buf)
{
    char time[WHY_TIME_TEXT];
    int64_t skew = facts->clock_skew_s;

    if (!facts->has_ntlm || !facts->ntlm.has_timestamp)
        return;
    if (why_time_text(why_time_of_filetime(facts->ntlm.timestamp), time))
        APPEND(buf, "%s", time);
    if (facts->has_clock_skew && skew == 0)
        APPEND(buf, "%sthe same as here", *buf ? ", " : "");
    else if (facts->has_clock_skew)
        APPEND(buf, "%s%" PRIu64 " s %s ours", *buf ? ", " : "",
               skew < 0 ? 0 - (uint64_t)skew : (uint64_t)skew, skew < 0 ? "behind" : "ahead of");
}

static void describe_selected(const struct why_facts *facts, char *buf)
{
    char word[16];

    if (facts->has_confirm)
        APPEND(buf, "%s", why_words_protocol(facts->selected_protocol, word, sizeof(word)));
}

static void describe_tls(const struct why_facts *facts, char *buf)
{
    if (facts->tls_version)
        APPEND(buf, "%s", facts->tls_version);
    if (facts->tls_cipher)
        APPEND(buf, "%s%s", *buf ? " " : "", facts->tls_cipher);
}

static void describe_credssp(const struct why_facts *facts, char *buf)
{
    if (facts->credssp_version > 0)
        APPEND(buf, "version %" PRIu32, facts->credssp_version);
}

/* Method 0 is what a server says when TLS protects the connection already. */
static void describe_security(const struct why_facts *facts, char *buf)
{
    char method[16], level[16];

    if (facts->has_server_security && facts->encryption_method != 0)
        APPEND(buf, "%s, level %s",
               why_words_method(facts->encryption_method, method, sizeof(method)),
               why_words_level(facts->encryption_level, level, sizeof(level)));
}

static void describe_core(const struct why_facts *facts, char *buf)
{
    if (facts->has_server_core)
        APPEND(buf, "0x%" PRIX32, facts->server_version);
    if (facts->has_desktop)
        APPEND(buf, "%sdesktop %ux%u", *buf ? ", " : "", facts->desktop_width,
               facts->desktop_height);
}

static void describe_redirection(const struct why_facts *facts, char *buf)
{
    if (facts->has_redirection)
        APPEND(buf, "%s", *facts->redirection_target ? facts->redirection_target : "not named");
}

static void describe_foreign(const struct why_facts *facts, char *buf)
{
    if (facts->foreign)
        APPEND(buf, "looks like %s", facts->foreign);
}

static const struct {
    const char *label;
    describe_fn *describe;
    bool once; /* changes from attempt to attempt by itself: the first will do */
} rows[] = {
    {"computer", describe_computer, false}, {"domain", describe_domain, false},
    {"OS version", describe_os, false},     {"clock", describe_clock, true},
    {"selected", describe_selected, false}, {"TLS", describe_tls, false},
    {"CredSSP", describe_credssp, false},   {"RDP security", describe_security, false},
    {"RDP version", describe_core, false},  {"redirects to", describe_redirection, false},
    {"not RDP", describe_foreign, false},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Whether an attempt before |index| told the same. */
static bool told_before(const struct why_host *host, size_t row, size_t index, const char *text)
{
    for (size_t i = 0; i < index; i++) {
        char earlier[TEXT_MAX] = "";

        rows[row].describe(&host->results[i]->facts, earlier);
        if (strcmp(earlier, text) == 0)
            return true;
    }
    return false;
}

/* The steps from |first| on that told |text|, in brackets. */
static void append_steps(const struct why_host *host, size_t row, size_t first, char *text)
{
    char told[TEXT_MAX];
    const char *separator = " (";

    snprintf(told, sizeof(told), "%s", text);
    for (size_t i = first; i < host->count; i++) {
        char other[TEXT_MAX] = "", step[64];

        rows[row].describe(&host->results[i]->facts, other);
        if (strcmp(other, told) != 0)
            continue;
        why_words_step(host->results[i], step, sizeof(step));
        APPEND(text, "%s%s", separator, step);
        separator = ", ";
    }
    APPEND(text, ")");
}

static size_t count_values(const struct why_host *host, size_t row)
{
    size_t count = 0;

    for (size_t i = 0; i < host->count; i++) {
        char text[TEXT_MAX] = "";

        rows[row].describe(&host->results[i]->facts, text);
        count += *text && !told_before(host, row, i, text);
    }
    return count;
}

static void put_fact(struct page *page, const struct why_host *host, size_t row, bool *heading)
{
    bool several = !rows[row].once && count_values(host, row) > 1;

    for (size_t i = 0; i < host->count; i++) {
        char text[TEXT_MAX] = "";

        rows[row].describe(&host->results[i]->facts, text);
        if (!*text || told_before(host, row, i, text))
            continue;
        if (several)
            append_steps(host, row, i, text);
        if (!*heading)
            why_page_heading(page, "Server");
        *heading = true;
        why_page_field(page, 2, LABEL_WIDTH, rows[row].label, text);
        if (rows[row].once)
            return;
    }
}

/* "xrdp (certain)", and why. */
static void put_kind(struct page *page, const struct why_server_kind *kind, bool *heading)
{
    char text[TEXT_MAX] = "";

    if (kind->kind == WHY_KIND_UNKNOWN)
        return;
    APPEND(text, "%s%s", kind->certain ? "" : "likely ", why_kind_words(kind->kind));
    for (size_t i = 0; i < kind->evidence_count; i++)
        APPEND(text, "%s%s", i == 0 ? ": " : "; ", kind->evidence[i]);
    why_page_heading(page, "Server");
    *heading = true;
    why_page_field(page, 2, LABEL_WIDTH, "kind", text);
}

void why_text_server(struct page *page, const struct why_host *host)
{
    bool heading = false;

    put_kind(page, &host->kind, &heading);
    for (size_t i = 0; i < ROWS; i++)
        put_fact(page, host, i, &heading);
}
