/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/trace.h>

#include "wire/cursor.h"
#include "wire/ntlm.h"
#include "wire/tsgu.h"

#include "certificate.h"

/* What the events of an RD Gateway tell. */

static void set_part(struct gathering *g, char **where, const char *text, size_t len)
{
    if (*where != NULL || text == NULL)
        return;
    *where = strndup(text, len);
    g->nomem = g->nomem || *where == NULL;
}

static void set_text(struct gathering *g, char **where, const char *text)
{
    set_part(g, where, text, text != NULL ? strlen(text) : 0);
}

/* "TLSv1.3 TLS_AES_256_GCM_SHA384" */
static void set_tls(struct gathering *g, const char *text)
{
    const char *space = text != NULL ? strchr(text, ' ') : NULL;

    if (space == NULL)
        return;
    set_part(g, &g->facts->gateway.tls_version, text, (size_t)(space - text));
    set_text(g, &g->facts->gateway.tls_cipher, space + 1);
}

/* The field |name| of "401 Unauthorized; WWW-Authenticate: Negotiate, NTLM; Server: …". */
static void set_field(struct gathering *g, char **where, const char *text, const char *name)
{
    const char *at = text != NULL ? strstr(text, name) : NULL;
    const char *value = at != NULL ? at + strlen(name) : NULL, *end;

    if (value == NULL)
        return;
    end = strstr(value, "; ");
    set_part(g, where, value, end != NULL ? (size_t)(end - value) : strlen(value));
}

static void set_computer(struct gathering *g, const struct why_event *event)
{
    struct why_ntlm_challenge challenge;

    memset(&challenge, 0, sizeof(challenge));
    if (event->len == 0 ||
        !why_ntlm_challenge_read(why_cur_init(event->bytes, event->len), &challenge))
        return;
    set_text(g, &g->facts->gateway.computer,
             challenge.dns_computer[0] != '\0' ? challenge.dns_computer
                                               : challenge.netbios_computer);
}

/* For the host alone of "gw.example:443" or "[2001:db8::7]:443". */
static void see_certificate(struct gathering *g, const struct why_event *event)
{
    struct why_gateway_facts *f = &g->facts->gateway;
    char host[256] = "";
    size_t len;

    if (f->label == NULL || f->tls_version != NULL)
        return;
    len = strrchr(f->label, ':') != NULL ? (size_t)(strrchr(f->label, ':') - f->label)
                                         : strlen(f->label);
    if (len >= 2 && f->label[0] == '[' && f->label[len - 1] == ']')
        (void)snprintf(host, sizeof(host), "%.*s", (int)len - 2, f->label + 1);
    else
        (void)snprintf(host, sizeof(host), "%.*s", (int)len, f->label);
    why_facts_certificate(g, event, host, g->known_gateway, &f->has_certificate, &f->certificate);
}

static void see_response(struct gathering *g, const struct why_event *event)
{
    struct why_gateway_facts *f = &g->facts->gateway;

    if (event->dir != WHY_DIR_RECEIVED)
        return;
    if (event->value == 401)
        set_field(g, &f->schemes, event->text, "; WWW-Authenticate: ");
    set_field(g, &f->server, event->text, "; Server: ");
    set_computer(g, event);
    f->status = (unsigned)event->value;
}

static void see_packet(struct gathering *g, const struct why_event *event)
{
    struct why_gateway_facts *f = &g->facts->gateway;
    struct why_tsgu packet;

    if (event->dir != WHY_DIR_RECEIVED)
        return;
    why_tsgu_read(event->bytes, event->len, &packet);
    if (packet.has_capabilities) {
        f->has_capabilities = true;
        f->capabilities = packet.capabilities;
    }
    if (packet.has_redirection) {
        f->has_redirection = true;
        f->redirection_flags = packet.redirection_flags;
    }
    if (packet.has_idle_timeout) {
        f->has_idle_timeout = true;
        f->idle_timeout = packet.idle_timeout;
    }
    if (packet.text[0] != '\0')
        set_text(g, &f->message, packet.text);
}

/* After the first of the connections to it WebSocket was asked for no more. */
static void see_request(struct gathering *g, const struct why_event *event)
{
    struct why_gateway_facts *f = &g->facts->gateway;
    bool asks = event->text != NULL && strstr(event->text, "; Upgrade: websocket") != NULL;

    if (event->dir != WHY_DIR_SENT)
        return;
    if (f->asked_websocket && !asks && f->no_websocket == 0 && f->transport == 0)
        f->no_websocket = f->status;
    f->asked_websocket = f->asked_websocket || asks;
}

void why_facts_see_gateway(struct gathering *g, const struct why_event *event)
{
    struct why_gateway_facts *f = &g->facts->gateway;

    switch (event->kind) {
    case WHY_EV_GATEWAY:
        set_text(g, &f->label, event->text);
        break;
    case WHY_EV_CONNECTED:
        if (f->label != NULL && g->facts->proxy == NULL)
            set_text(g, &f->address, event->text);
        break;
    case WHY_EV_GATEWAY_TLS_DONE:
        set_tls(g, event->text);
        break;
    case WHY_EV_GATEWAY_CERTIFICATE:
        see_certificate(g, event);
        break;
    case WHY_EV_GATEWAY_HTTP:
        see_request(g, event);
        see_response(g, event);
        break;
    case WHY_EV_GATEWAY_LOGON:
        f->logged_on = true;
        break;
    case WHY_EV_GATEWAY_OPEN:
        f->transport = (unsigned)event->value;
        if (f->transport == 2 && f->asked_websocket && f->no_websocket == 0)
            f->no_websocket = 200; /* the upgrade was passed over */
        break;
    case WHY_EV_GATEWAY_PACKET:
        see_packet(g, event);
        break;
    default:
        break;
    }
}

void why_facts_clear_gateway(struct why_gateway_facts *f)
{
    free(f->label);
    free(f->address);
    free(f->tls_version);
    free(f->tls_cipher);
    why_certificate_clear(&f->certificate);
    free(f->schemes);
    free(f->server);
    free(f->computer);
    free(f->message);
}
