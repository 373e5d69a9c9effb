/* SPDX-License-Identifier: Apache-2.0 */
#include "redirected.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

static bool has(const struct redirected *r, enum why_redirection_field field)
{
    return r->packet.fields[field].len > 0;
}

/* An encrypted password is the target's to read, in RDSTLS and nowhere else: as a text it would be
 * a wrong password, and a logon that fails. */
static bool is_encrypted(const struct redirected *r)
{
    return (r->packet.flags & WHY_LB_PASSWORD_IS_ENCRYPTED) != 0 &&
           has(r, WHY_REDIRECTION_PASSWORD);
}

/* Account, domain and password: each the redirection's where it has one, else the user's. The
 * account that an encrypted password belongs to is RDSTLS's alone. */
static void choose_credentials(struct redirected *r, const struct why_credentials *own)
{
    bool named = has(r, WHY_REDIRECTION_USERNAME);

    why_redirection_text(&r->packet, WHY_REDIRECTION_USERNAME, r->user, sizeof(r->user));
    why_redirection_text(&r->packet, WHY_REDIRECTION_DOMAIN, r->domain, sizeof(r->domain));
    if (is_encrypted(r)) {
        r->has_credentials = r->rdstls;
        r->credentials = (struct why_credentials){
            .user = named || own == NULL ? r->user : own->user,
            .domain = named || own == NULL ? r->domain : own->domain,
        };
        return;
    }
    if (own != NULL)
        r->credentials = *own;
    why_redirection_text(&r->packet, WHY_REDIRECTION_PASSWORD, r->password, sizeof(r->password));
    r->has_credentials = own != NULL || (named && r->password[0] != '\0');
    if (named)
        r->credentials.user = r->user;
    if (named || has(r, WHY_REDIRECTION_DOMAIN))
        r->credentials.domain = r->domain;
    if (r->password[0] != '\0')
        r->credentials.password = r->password;
    if (r->credentials.domain == NULL)
        r->credentials.domain = "";
}

bool why_redirected_read(struct redirected *r, const struct why_attempt *attempt, bool offers_tls)
{
    memset(r, 0, sizeof(*r));
    if (attempt->redirection.data == NULL)
        return true;
    if (!why_redirection_read(attempt->redirection.data, attempt->redirection.len, &r->packet))
        return false;
    r->any = true;
    /* Whatever the profile offers besides: RDSTLS runs within TLS. */
    r->rdstls = is_encrypted(r) && offers_tls;
    choose_credentials(r, attempt->credentials);
    return true;
}

static bool set_bytes(const struct redirected *r, enum why_redirection_field field,
                      rdpSettings *settings, FreeRDP_Settings_Keys_Pointer key)
{
    return !has(r, field) ||
           freerdp_settings_set_pointer_len(settings, key, r->packet.fields[field].data,
                                            r->packet.fields[field].len);
}

/* Of the settings' user and domain RDSTLS alone is made here: CredSSP asks for its own. */
static bool set_rdstls(const struct redirected *r, rdpSettings *settings)
{
    return freerdp_settings_set_bool(settings, FreeRDP_RdstlsSecurity, TRUE) &&
           freerdp_settings_set_uint32(settings, FreeRDP_RedirectionFlags, r->packet.flags) &&
           freerdp_settings_set_string(settings, FreeRDP_Username, r->credentials.user) &&
           freerdp_settings_set_string(settings, FreeRDP_Domain, r->credentials.domain) &&
           set_bytes(r, WHY_REDIRECTION_PASSWORD, settings, FreeRDP_RedirectionPassword) &&
           set_bytes(r, WHY_REDIRECTION_GUID, settings, FreeRDP_RedirectionGuid);
}

bool why_redirected_set(const struct redirected *r, rdpSettings *settings)
{
    if (!r->any)
        return true;
    return freerdp_settings_set_uint32(settings, FreeRDP_RedirectedSessionId,
                                       r->packet.session_id) &&
           set_bytes(r, WHY_REDIRECTION_LOAD_BALANCE_INFO, settings, FreeRDP_LoadBalanceInfo) &&
           (!r->rdstls || set_rdstls(r, settings));
}

bool why_redirected_drop(const struct redirected *r, rdpSettings *settings)
{
    return !r->rdstls ||
           (freerdp_settings_set_pointer_len(settings, FreeRDP_RedirectionPassword, NULL, 0) &&
            freerdp_settings_set_string(settings, FreeRDP_Username, NULL) &&
            freerdp_settings_set_string(settings, FreeRDP_Domain, NULL));
}

void why_redirected_clear(struct redirected *r)
{
    OPENSSL_cleanse(r, sizeof(*r));
}

void why_redirected_keep(struct why_license_data *to, const uint8_t *packet, size_t len)
{
    if (to == NULL || to->data != NULL || len == 0)
        return;
    to->data = malloc(len);
    if (to->data == NULL)
        return;
    memcpy(to->data, packet, len);
    to->len = len;
}
