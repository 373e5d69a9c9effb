/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <stddef.h>

#include "client.h"
#include "redirected.h"

/* CredSSP at once, in which the client has nothing to choose. */
static struct why_profile_info of_console(struct why_profile_info info)
{
    const struct why_profile_info *nla = why_profile_info(WHY_PROFILE_NLA);

    info.rdp = info.tls = info.ext = info.aad = false;
    info.nla = true;
    info.requested = nla->requested;
    return info;
}

/* Only with Kerberos can the client answer for the account. */
static void delegate(struct why_profile_info *info, enum why_delegation delegation)
{
    info->delegation = delegation;
    if (delegation == WHY_DELEGATE_REDIRECTED)
        info->package = WHY_PACKAGE_KERBEROS;
}

struct why_profile_info why_attempt_offer(const struct why_attempt *attempt)
{
    struct why_profile_info info = *why_profile_info(attempt->step.profile);

    if (!info.of_file)
        return info;
    if (attempt->preconnection.direct)
        return of_console(info);
    info.rdp = attempt->file.rdp;
    info.tls = attempt->file.tls;
    info.nla = attempt->file.nla;
    info.ext = attempt->file.ext;
    info.aad = attempt->file.aad;
    info.requested = attempt->file.requested;
    delegate(&info, attempt->file.nla ? attempt->file.delegation : WHY_DELEGATE_PASSWORD);
    return info;
}

/* Exactly one offer (DESIGN, fact 5); the X.224 negotiation itself always takes place, with a
 * console of Hyper-V within CredSSP. */
static bool set_security(rdpSettings *s, const struct why_profile_info *info, bool direct)
{
    return freerdp_settings_set_bool(s, FreeRDP_NegotiateSecurityLayer, !direct) &&
           freerdp_settings_set_bool(s, FreeRDP_VmConnectMode, direct) &&
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
           freerdp_settings_set_bool(
               s, FreeRDP_ConsoleSession,
               why_license_mode_info(attempt->step.license_mode)->console ||
                   (why_profile_info(attempt->step.profile)->of_file && attempt->file.console));
}

/*
 * What the server is to get of the account. In Restricted Admin mode the password credentials are
 * empty; what goes into Client Info is taken away when CredSSP is over (logon.c).
 */
static bool set_delegation(rdpSettings *s, enum why_delegation delegation)
{
    bool nothing = delegation == WHY_DELEGATE_NOTHING;

    return freerdp_settings_set_bool(s, FreeRDP_RestrictedAdminModeRequired, nothing) &&
           freerdp_settings_set_bool(s, FreeRDP_DisableCredentialsDelegation, nothing) &&
           freerdp_settings_set_bool(s, FreeRDP_RemoteCredentialGuard,
                                     delegation == WHY_DELEGATE_REDIRECTED);
}

/* Nothing that only matters once a session is used, unless one is to be watched. */
static bool set_session(rdpSettings *s, enum why_phase until)
{
    bool watched = until == WHY_PHASE_SESSION;

    return freerdp_settings_set_bool(s, FreeRDP_SoftwareGdi, watched) &&
           freerdp_settings_set_bool(s, FreeRDP_DeactivateClientDecoding, !watched) &&
           (!watched ||
            (freerdp_settings_set_bool(s, FreeRDP_BitmapCacheEnabled, TRUE) &&
             freerdp_settings_set_bool(s, FreeRDP_AllowUnanouncedOrdersFromServer, TRUE)));
}

/*
 * [MS-RDPBCGR] 2.2.1.1: what load balancers choose by. As a routing token, which libfreerdp writes
 * as it is: its own cookie is made of the account that also goes into Client Info.
 */
static bool set_routing(rdpSettings *s, const struct why_attempt *attempt)
{
    static const struct why_routing account = {.kind = WHY_ROUTING_ACCOUNT};
    const struct why_routing token = {.kind = WHY_ROUTING_TOKEN, .text = attempt->file.token};
    const struct why_credentials named = {.user = attempt->file.user, .domain = ""};
    const struct why_routing *routing = &attempt->routing;
    char line[ROUTING_SIZE];
    size_t len;

    if (attempt->of_file && attempt->file.token != NULL && routing->kind == WHY_ROUTING_ACCOUNT)
        routing = &token;
    if (attempt->variation == WHY_VARIATION_WITH_COOKIE)
        routing = &account;
    len = why_client_routing(
        routing, attempt->credentials == NULL && attempt->of_file ? &named : attempt->credentials,
        line);

    return len == 0 || attempt->preconnection.direct ||
           freerdp_settings_set_pointer_len(s, FreeRDP_LoadBalanceInfo, line, len);
}

static bool set_preconnection(rdpSettings *s, const struct why_preconnection *preconnection)
{
    return preconnection->blob == NULL ||
           (freerdp_settings_set_bool(s, FreeRDP_SendPreconnectionPdu, TRUE) &&
            freerdp_settings_set_string(s, FreeRDP_PreconnectionBlob, preconnection->blob));
}

rdpSettings *why_settings_for(const struct why_engine *engine, const struct why_attempt *attempt,
                              const char *store)
{
    const struct why_profile_info info = why_attempt_offer(attempt);
    rdpSettings *s = freerdp_settings_clone(engine->template);

    if (s == NULL)
        return NULL;
    if (!set_security(s, &info, attempt->preconnection.direct) ||
        !set_delegation(s, info.delegation) || !set_target(s, attempt, store) ||
        !set_license(s, engine, attempt) || !set_session(s, attempt->until) ||
        !set_routing(s, attempt) || !set_preconnection(s, &attempt->preconnection) ||
        !why_redirected_set(attempt->redirected_by, s) || !why_client_set_face(s)) {
        freerdp_settings_free(s);
        return NULL;
    }
    return s;
}
