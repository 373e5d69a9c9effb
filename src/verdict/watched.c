/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <stdio.h>
#include <string.h>

/* What a session that was watched comes to. */

/*
 * What xrdp writes into its log window (xrdp/xrdp_mm.c, xup/xup.c, vnc/vnc.c;
 * scp_login_status_to_str of 0.10), and the labels of its login window (xrdp/xrdp_login_wnd.c). A
 * failure decides wherever it stands: the lines before it tell of steps that went well.
 */
static const struct {
    const char *text;
    enum why_session_answer answer;
} lines[] = {
    {"login failed", WHY_SESSION_REJECTED},
    {"Error connecting to sesman", WHY_SESSION_NO_MANAGER},
    {"Error connecting to user session", WHY_SESSION_FAILED},
    {"Can't create session", WHY_SESSION_FAILED},
    {"connection problem, giving up", WHY_SESSION_FAILED},
    {"error - problem connecting", WHY_SESSION_FAILED},
    {"some problem", WHY_SESSION_FAILED},
};

/* The line in which |text| stands, or NULL. */
static const char *find_line(const struct why_session_facts *s, const char *text)
{
    const char *at = s->text != NULL ? strstr(s->text, text) : NULL;

    while (at != NULL && at > s->text && at[-1] != '\n')
        at--;
    return at;
}

/* The first of the failures that the screen's text tells of. */
static size_t find_failure(const struct why_session_facts *s)
{
    size_t i = 0;

    while (i < sizeof(lines) / sizeof(lines[0]) && find_line(s, lines[i].text) == NULL)
        i++;
    return i;
}

/* [MS-RDPBCGR] 2.2.10.1.1.4.1.1, ErrorNotificationType: an NTSTATUS, or one of these. */
#define MSG_DISCONNECT_REFUSED 0xfffffff9u
#define MSG_NO_PERMISSION      0xfffffffau
#define MSG_SESSION_TERMINATE  0xfffffffdu
#define IS_NTSTATUS_ERROR(n)   (((n) >> 28) == 0xcu)

static bool is_denied(const struct why_session_facts *s)
{
    return s->has_notice &&
           (s->notice_type == MSG_NO_PERMISSION || s->notice_type == MSG_DISCONNECT_REFUSED ||
            IS_NTSTATUS_ERROR(s->notice_type));
}

static enum why_session_answer by_picture(const struct why_session_facts *s)
{
    if (s->colors <= 1 && s->incomplete)
        return WHY_SESSION_UNKNOWN;
    if (s->colors <= 1)
        return s->colors == 0 ? WHY_SESSION_NONE : WHY_SESSION_BLANK;
    if (find_line(s, "login successful") != NULL || find_line(s, "session is available") != NULL)
        return WHY_SESSION_LOGGED_ON;
    return find_line(s, "username") != NULL ? WHY_SESSION_PROMPT : WHY_SESSION_PICTURE;
}

enum why_session_answer why_session_answer(const struct why_session_facts *s)
{
    size_t failure = find_failure(s);

    if (is_denied(s))
        return WHY_SESSION_REJECTED;
    if (failure < sizeof(lines) / sizeof(lines[0]))
        return lines[failure].answer;
    if (s->has_notice && s->notice_type == MSG_SESSION_TERMINATE)
        return WHY_SESSION_FAILED;
    return s->logged_on ? WHY_SESSION_LOGGED_ON : by_picture(s);
}

const char *why_session_name(enum why_session_answer answer)
{
    static const char *const names[] = {
        [WHY_SESSION_UNKNOWN] = "unknown",
        [WHY_SESSION_BLANK] = "blank",
        [WHY_SESSION_PICTURE] = "picture",
        [WHY_SESSION_PROMPT] = "login-window",
        [WHY_SESSION_LOGGED_ON] = "logged-on",
        [WHY_SESSION_REJECTED] = "rejected",
        [WHY_SESSION_NO_MANAGER] = "no-session-manager",
        [WHY_SESSION_FAILED] = "failed",
        [WHY_SESSION_NONE] = "nothing",
    };

    return (size_t)answer < sizeof(names) / sizeof(names[0]) ? names[answer] : NULL;
}

void why_session_line(const struct why_session_facts *s, char *buf, size_t len)
{
    size_t failure = find_failure(s);
    const char *line =
        failure < sizeof(lines) / sizeof(lines[0]) ? find_line(s, lines[failure].text) : NULL;

    (void)snprintf(buf, len, "%.*s", line != NULL ? (int)strcspn(line, "\n") : 0,
                   line != NULL ? line : "");
}
