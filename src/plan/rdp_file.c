/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/status.h>

#include "target_text.h"

void why_rdp_file_free(struct why_rdp_file *file)
{
    for (size_t i = 0; file != NULL && i < file->count; i++)
        free(file->items[i].text);
    if (file != NULL)
        free(file->items);
    free(file);
}

void why_target_clear(struct why_target *target)
{
    free(target->host);
    free(target->label);
    why_rdp_file_free(target->file);
    *target = (struct why_target){.host = NULL};
}

const char *why_file_value(const char *setting, const char *name)
{
    size_t len = strlen(name);

    return strncasecmp(setting, name, len) == 0 ? setting + len : NULL;
}

/* As mstsc and FreeRDP offer it where the file says nothing: TLS, CredSSP, CredSSP with early user
 * authorization; and Standard RDP Security is gone on with. */
struct why_file_offer why_file_offer_init(void)
{
    return (struct why_file_offer){
        .rdp = true,
        .tls = true,
        .nla = true,
        .ext = true,
        .requested = WHY_PROTOCOL_SSL | WHY_PROTOCOL_HYBRID | WHY_PROTOCOL_HYBRID_EX,
        .authentication_level = 3,
    };
}

static void without_credssp(struct why_file_offer *o, const char *value)
{
    if (atoi(value) != 0 || o->aad)
        return;
    o->nla = o->ext = false;
    o->requested = WHY_PROTOCOL_SSL;
}

/* FreeRDP then offers nothing else. */
static void with_entra(struct why_file_offer *o, const char *value)
{
    if (atoi(value) == 0)
        return;
    o->rdp = o->tls = o->nla = o->ext = false;
    o->aad = true;
    o->requested = WHY_PROTOCOL_RDSAAD;
}

static void as_administrator(struct why_file_offer *o, const char *value)
{
    o->console = atoi(value) != 0;
}

static void with_token(struct why_file_offer *o, const char *value)
{
    o->token = *value != '\0' ? value : NULL;
}

static void as_user(struct why_file_offer *o, const char *value)
{
    o->user = *value != '\0' ? value : NULL;
}

static void with_blob(struct why_file_offer *o, const char *value)
{
    o->blob = *value != '\0' ? value : NULL;
    o->names_machine = false;
}

static void with_machine(struct why_file_offer *o, const char *value)
{
    if (*value == '\0')
        return;
    o->blob = value;
    o->names_machine = true;
}

static void without_negotiation(struct why_file_offer *o, const char *value)
{
    o->unnegotiated = atoi(value) == 0;
}

static void with_kdc_proxy(struct why_file_offer *o, const char *value)
{
    o->kdc_proxy = *value != '\0' ? value : NULL;
}

static void delegate(struct why_file_offer *o, const char *value, enum why_delegation delegation)
{
    if (atoi(value) != 0)
        o->delegation = delegation;
    else if (o->delegation == delegation)
        o->delegation = WHY_DELEGATE_PASSWORD;
}

static void as_restricted_admin(struct why_file_offer *o, const char *value)
{
    delegate(o, value, WHY_DELEGATE_NOTHING);
}

static void with_remote_guard(struct why_file_offer *o, const char *value)
{
    delegate(o, value, WHY_DELEGATE_REDIRECTED);
}

static void with_level(struct why_file_offer *o, const char *value)
{
    o->authentication_level = atoi(value);
}

void why_file_offer_see(struct why_file_offer *offer, const char *setting)
{
    static const struct {
        const char *name;
        void (*take)(struct why_file_offer *offer, const char *value);
    } rows[] = {
        {"enablecredsspsupport:i:", without_credssp},
        {"enablerdsaadauth:i:", with_entra},
        {"administrative session:i:", as_administrator},
        {"connect to console:i:", as_administrator},
        {"loadbalanceinfo:s:", with_token},
        {"username:s:", as_user},
        {"pcb:s:", with_blob},
        {"vmid:s:", with_machine},
        {"negotiate security layer:i:", without_negotiation},
        {"kdcproxyname:s:", with_kdc_proxy},
        {"restrictedlogon:i:", as_restricted_admin},
        {"redirectedauthentication:i:", with_remote_guard},
        {"authentication level:i:", with_level},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *value = why_file_value(setting, rows[i].name);

        if (value != NULL)
            rows[i].take(offer, value);
    }
}

struct why_file_offer why_file_offer_of_file(const struct why_rdp_file *file)
{
    struct why_file_offer offer = why_file_offer_init();

    for (size_t i = 0; file != NULL && i < file->count; i++) {
        if (file->items[i].use == WHY_FILE_USED)
            why_file_offer_see(&offer, file->items[i].text);
    }
    return offer;
}

/* Without CredSSP there is nothing that could follow at once. */
bool why_file_is_direct(const struct why_file_offer *offer)
{
    return why_file_is_console(offer) || (offer->unnegotiated && offer->nla);
}

bool why_file_is_console(const struct why_file_offer *offer)
{
    return offer->names_machine || (offer->blob != NULL && offer->unnegotiated && offer->nla);
}

int why_target_of_address(const char *address, uint16_t port, struct why_target *target, char *err,
                          size_t errlen)
{
    struct why_target_text parsed;
    char message[512] = "";

    if (why_target_parse(address, &parsed, message, sizeof(message)) != WHY_OK) {
        (void)snprintf(err, errlen, "full address: %s", why_target_problem(message));
        return WHY_ERR_USAGE;
    }
    if (parsed.prefix >= 0) {
        (void)snprintf(err, errlen, "full address: it is a range");
        return WHY_ERR_USAGE;
    }
    if (port != 0 && !why_target_names_port(address))
        parsed.port = port;
    *target = (struct why_target){.host = strdup(parsed.host), .port = parsed.port};
    return target->host != NULL ? WHY_OK : WHY_ERR_NOMEM;
}
