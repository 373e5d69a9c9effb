/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <stddef.h>

#include "client.h"
#include "session.h"

/* Exactly one offer (DESIGN, fact 5); the X.224 negotiation itself always takes place. */
static bool set_security(rdpSettings *s, const struct why_profile_info *info)
{
    return freerdp_settings_set_bool(s, FreeRDP_NegotiateSecurityLayer, TRUE) &&
           freerdp_settings_set_bool(s, FreeRDP_RdpSecurity, info->rdp) &&
           freerdp_settings_set_bool(s, FreeRDP_TlsSecurity, info->tls) &&
           freerdp_settings_set_bool(s, FreeRDP_NlaSecurity, info->nla) &&
           freerdp_settings_set_bool(s, FreeRDP_ExtSecurity, info->ext) &&
           freerdp_settings_set_bool(s, FreeRDP_RdstlsSecurity, info->rdstls) &&
           freerdp_settings_set_bool(s, FreeRDP_AadSecurity, info->aad);
}

/* Some servers reject them (DESIGN, fact 15), which is found out with a second try; an account that
 * goes into Client Info has none. */
static bool salts_macs(const struct why_attempt *attempt)
{
    return attempt->variation != WHY_VARIATION_NO_SALTED_MAC &&
           (attempt->until != WHY_PHASE_SESSION || attempt->credentials == NULL);
}

static bool set_target(rdpSettings *s, const struct why_attempt *attempt, const char *store)
{
    return freerdp_settings_set_string(s, FreeRDP_ServerHostname, attempt->target->host) &&
           freerdp_settings_set_uint32(s, FreeRDP_ServerPort, attempt->target->port) &&
           freerdp_settings_set_string(s, FreeRDP_ConfigPath, store) &&
           /* NTLM only, unless a ticket is there before it is asked for (logon.c, fact 12). */
           freerdp_settings_set_string(s, FreeRDP_AuthenticationPackageList, "!kerberos") &&
           freerdp_settings_set_uint32(s, FreeRDP_TcpAckTimeout,
                                       (UINT32)(attempt->timeout_us / 1000u)) &&
           freerdp_settings_set_bool(s, FreeRDP_AutoLogonEnabled, FALSE) &&
           /* The environment's proxy variables are no order to write to this port. */
           freerdp_settings_set_uint32(s, FreeRDP_ProxyType, PROXY_TYPE_IGNORE) &&
           freerdp_settings_set_bool(s, FreeRDP_SaltedChecksum, salts_macs(attempt));
}

/* The hardware ID is made of the client name: another name is another computer's license. */
const char *why_settings_client_name(const struct why_engine *engine,
                                     const struct why_attempt *attempt)
{
    const char *foreign = why_license_mode_info(attempt->step.license_mode)->foreign_name;

    return foreign != NULL ? foreign : why_engine_client_name(engine);
}

static bool set_license(rdpSettings *s, const struct why_engine *engine,
                        const struct why_attempt *attempt)
{
    return freerdp_settings_set_string(s, FreeRDP_ClientHostname,
                                       why_settings_client_name(engine, attempt)) &&
           freerdp_settings_set_bool(s, FreeRDP_ConsoleSession,
                                     why_license_mode_info(attempt->step.license_mode)->console);
}

/* Nothing that only matters once a session is used, unless one is to be watched. */
static bool set_session(rdpSettings *s, enum why_phase until)
{
    if (until == WHY_PHASE_SESSION)
        return why_session_set(s);
    return freerdp_settings_set_bool(s, FreeRDP_SoftwareGdi, FALSE) &&
           freerdp_settings_set_bool(s, FreeRDP_DeactivateClientDecoding, TRUE);
}

/*
 * [MS-RDPBCGR] 2.2.1.1: what load balancers choose by. As a routing token, which libfreerdp writes
 * as it is: its own cookie is made of the account that also goes into Client Info.
 */
static bool set_routing(rdpSettings *s, const struct why_attempt *attempt)
{
    static const struct why_routing account = {.kind = WHY_ROUTING_ACCOUNT};
    char line[ROUTING_SIZE];
    size_t len = why_client_routing(
        attempt->variation == WHY_VARIATION_WITH_COOKIE ? &account : &attempt->routing,
        attempt->credentials, line);

    return len == 0 || freerdp_settings_set_pointer_len(s, FreeRDP_LoadBalanceInfo, line, len);
}

rdpSettings *why_settings_for(const struct why_engine *engine, const struct why_attempt *attempt,
                              const char *store)
{
    rdpSettings *s = freerdp_settings_clone(engine->template);

    if (s == NULL)
        return NULL;
    if (!set_security(s, why_profile_info(attempt->step.profile)) ||
        !set_target(s, attempt, store) || !set_license(s, engine, attempt) ||
        !set_session(s, attempt->until) || !set_routing(s, attempt) || !why_client_set_face(s)) {
        freerdp_settings_free(s);
        return NULL;
    }
    return s;
}
