/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include "base/text.h"

/* Matchers: sessions that were watched (--until session). */

static bool comes_to(const struct why_result *r, enum why_session_answer answer)
{
    return r->facts.session.watched && why_session_answer(&r->facts.session) == answer;
}

/* What the server wrote on the screen, and the steps of its logon that went well before. */
static void add_screen(struct finding_builder *b, const struct why_result *r)
{
    char line[128];

    why_session_line(&r->facts.session, line, sizeof(line));
    if (line[0] != '\0')
        add_fact(b, "the server wrote on the screen: \"%s\"", line);
    if (r->facts.session.has_notice)
        add_fact(b, "Save Session Info: notification 0x%X, data 0x%X",
                 (unsigned)r->facts.session.notice_type, (unsigned)r->facts.session.notice_data);
}

static bool has_no_manager(const struct why_result *r)
{
    return comes_to(r, WHY_SESSION_NO_MANAGER);
}

bool why_match_session_manager_down(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, has_no_manager);

    if (r == NULL)
        return false;
    add_screen(b, r);
    summarize(b, "The RDP service works, but it cannot reach its session manager: nobody can log "
                 "on");
    return true;
}

static bool is_denied(const struct why_result *r)
{
    return comes_to(r, WHY_SESSION_REJECTED);
}

bool why_match_session_logon_denied(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_denied);

    if (r == NULL)
        return false;
    add_screen(b, r);
    summarize(b, "%s", why_rule_info(b->rule)->meaning);
    return true;
}

static bool is_not_started(const struct why_result *r)
{
    return comes_to(r, WHY_SESSION_FAILED);
}

bool why_match_session_not_started(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_not_started);

    if (r == NULL)
        return false;
    add_screen(b, r);
    summarize(b, "%s", why_rule_info(b->rule)->meaning);
    return true;
}

static bool ends_at_once(const struct why_result *r)
{
    return r->facts.session.watched && why_ended_wordless(r, WHY_PHASE_SESSION);
}

bool why_match_session_ends_at_once(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, ends_at_once);
    char after[32];

    if (r == NULL)
        return false;
    if (r->verdict.duration_us > r->facts.session.active_us && r->facts.session.active_us > 0) {
        why_duration_text(r->verdict.duration_us - r->facts.session.active_us, after,
                          sizeof(after));
        add_fact(b, "it ended %s after it had begun", after);
    }
    summarize(b, "%s", why_rule_info(b->rule)->meaning);
    return true;
}

/* [MS-RDPBCGR] 2.2.5.2: what a server says while a session is being prepared. */
static const char *status_words(uint32_t status)
{
    static const struct {
        uint32_t status;
        const char *words;
    } rows[] = {
        {0x401, "it is finding the destination"},
        {0x402, "it is loading the destination"},
        {0x403, "it is bringing the session online"},
        {0x404, "it is redirecting to the destination"},
        {0x501, "the virtual machine is being loaded"},
        {0x502, "the virtual machine is being woken"},
        {0x503, "the virtual machine is being started"},
        {0x504, "it is waiting for the virtual machine to start"},
        {0x505, "it is trying again to start the virtual machine"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status)
            return rows[i].words;
    }
    return "a status that rdpwhy does not know";
}

static bool is_not_drawn(const struct why_result *r)
{
    return comes_to(r, WHY_SESSION_NONE) && r->verdict.outcome == WHY_OUTCOME_STOPPED;
}

bool why_match_session_not_drawn(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_not_drawn);

    if (r == NULL)
        return false;
    if (r->facts.session.has_status)
        add_fact(b, "the server's last status is 0x%X: %s", (unsigned)r->facts.session.status,
                 status_words(r->facts.session.status));
    summarize(b, "The session is up, but the server draws nothing in it%s%s",
              r->facts.session.has_status ? ": " : "",
              r->facts.session.has_status ? status_words(r->facts.session.status) : "");
    return true;
}

/* Also where the server has said that somebody is logged on. */
static bool is_blank(const struct why_result *r)
{
    return r->facts.session.watched && r->facts.session.colors == 1 &&
           !r->facts.session.incomplete && r->facts.session.text == NULL &&
           r->verdict.phase == WHY_PHASE_SESSION && !ends_at_once(r);
}

bool why_match_session_blank(const struct host_results *h, struct finding_builder *b)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, is_blank);

    if (r == NULL)
        return false;
    add_fact(b, "the last picture: %.100s", r->facts.session.picture);
    add_fact(b, "%s",
             r->facts.session.logged_on ? "Save Session Info says that the account is logged on"
             : r->facts.session.account_sent || r->facts.authenticated
                 ? "an account was sent, and the server did not say whether it is logged on"
                 : "no account was sent");
    summarize(b, "The session is up, but its screen is %s",
              r->facts.session.picture != NULL && strstr(r->facts.session.picture, "#000000")
                  ? "black"
                  : "of one color");
    return true;
}
