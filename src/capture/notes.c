/* SPDX-License-Identifier: Apache-2.0 */
#include "notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "base/grow.h"
#include "progress/reading.h"

/* Encrypted PDUs that are kept; a session's flood of them says nothing of its handshake. */
#define PDUS_MAX 64

/* Events of our own side: nothing of them passes on the wire. */
static bool is_own(const struct why_event *event)
{
    switch (event->kind) {
    case WHY_EV_FIN: /* what our side took for one, where the packets have none */
        return event->text != NULL && (strcmp(event->text, WHY_CLOSE_NOTIFY) == 0 ||
                                       strcmp(event->text, WHY_GATEWAY_CLOSED) == 0);
    case WHY_EV_RESOLVE:
    case WHY_EV_RESOLVED:
    case WHY_EV_RESOLVE_FAILED:
    case WHY_EV_DIAL:
    case WHY_EV_DIAL_FAILED:
    case WHY_EV_PROXY:
    case WHY_EV_PROXY_REQUEST:
    case WHY_EV_PROXY_DONE:
    case WHY_EV_PROXY_SOCKS:
    case WHY_EV_PROXY_HTTP:
    case WHY_EV_PROXY_ACCOUNT:
    case WHY_EV_PROXY_FAILED:
    case WHY_EV_GATEWAY:
    case WHY_EV_GATEWAY_TLS_ERROR:
    case WHY_EV_GATEWAY_LOGON:
    case WHY_EV_GATEWAY_FAILED:
    case WHY_EV_FILE:
    case WHY_EV_TLS_ERROR:
    case WHY_EV_LIBRARY_ERROR:
    case WHY_EV_KERBEROS_START:
    case WHY_EV_KDC:
    case WHY_EV_KDC_REQUEST:
    case WHY_EV_KDC_TICKET:
    case WHY_EV_KERBEROS_REFUSED:
    case WHY_EV_KERBEROS_FAILED:
    case WHY_EV_KDC_FAILED:
    case WHY_EV_KERBEROS_GIVEN_UP:
    case WHY_EV_AUTHENTICATION:
    case WHY_EV_REDIAL_REFUSED:
    case WHY_EV_NET_ERROR:
    case WHY_EV_DEADLINE:
    case WHY_EV_CANCELLED:
    case WHY_EV_REACHED:
    case WHY_EV_STOP:
    case WHY_EV_SKIPPED:
    case WHY_EV_FAILED:
    case WHY_EV_CLOSE:
    case WHY_EV_PICTURE:
    case WHY_EV_SCREEN_TEXT:
        return true;
    default:
        return false;
    }
}

static bool is_encrypted(const struct why_result *result, size_t event)
{
    size_t count;
    const struct why_read_pdu *pdus = why_reading_of(result->reading, event, &count);

    return pdus != NULL && pdus->encrypted;
}

static struct why_trace *own_side(const struct why_result *result)
{
    struct why_trace *own = why_trace_new(why_trace_head(result->trace));
    size_t pdus = 0;

    if (own == NULL)
        return NULL;
    for (size_t i = 0; i < why_trace_count(result->trace); i++) {
        const struct why_event *event = why_trace_at(result->trace, i);
        bool encrypted = pdus < PDUS_MAX && is_encrypted(result, i);

        pdus += encrypted;
        if ((encrypted || is_own(event)) && why_trace_append(own, event) != WHY_OK) {
            why_trace_free(own);
            return NULL;
        }
    }
    return own;
}

static int add(struct notes *notes, const char *text, size_t len)
{
    char *copy = strndup(text, len);

    if (copy == NULL ||
        !why_grow(&notes->texts, &notes->capacity, notes->count + 1, sizeof(*notes->texts))) {
        free(copy);
        return WHY_ERR_NOMEM;
    }
    notes->texts[notes->count++] = copy;
    return WHY_OK;
}

/* Cuts at line ends. A line that is too long for a text would leave the trace incomplete: then
 * there are no notes. */
static int cut(struct notes *notes, const char *text, size_t max)
{
    size_t left = strlen(text);

    while (left > 0) {
        size_t part = left;

        if (part > max) {
            part = max;
            while (part > 0 && text[part - 1] != '\n')
                part--;
            if (part == 0) {
                why_notes_clear(notes);
                return WHY_OK;
            }
        }
        if (add(notes, text, part - (text[part - 1] == '\n' ? 1 : 0)) != WHY_OK)
            return WHY_ERR_NOMEM;
        text += part;
        left -= part;
    }
    return WHY_OK;
}

int why_notes_make(struct notes *notes, const struct why_result *result, size_t max)
{
    struct why_trace *own = own_side(result);
    char *text = NULL;
    size_t len = 0;
    FILE *out = own != NULL ? open_memstream(&text, &len) : NULL;
    int status = WHY_ERR_NOMEM;

    *notes = (struct notes){NULL, 0, 0};
    if (out != NULL) {
        status = why_trace_write(out, own);
        if (fclose(out) != 0)
            status = WHY_ERR_NOMEM;
    }
    if (status == WHY_OK)
        status = cut(notes, text, max);
    if (status != WHY_OK)
        why_notes_clear(notes);
    free(text);
    why_trace_free(own);
    return status;
}

void why_notes_clear(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free(notes->texts[i]);
    free(notes->texts);
    *notes = (struct notes){NULL, 0, 0};
}
