/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_TLS_H
#define RDPWHY_RULES_TLS_H

#include "rules_common.h"

/* Rows for rules.c, the only file that includes this one: negotiation failures, TLS, certificates.
 */

#define CHECK_TLS_VERSIONS                                                                         \
    "Here, version by version: rdpwhy probe -p tls1.0,tls1.1,tls1.2,tls1.3 {target} - all dead "   \
    "means certificate or key, some alive means versions or ciphers"
#define CHECK_SCHANNEL_VERSIONS                                                                    \
    "On the server, versions switched off: Get-ChildItem '" SCHANNEL_KEY                           \
    "' -Recurse | Get-ItemProperty | Format-Table PSPath,Enabled,DisabledByDefault; cipher "       \
    "suites: Get-TlsCipherSuite | Select-Object Name (on xrdp: ssl_protocols and tls_ciphers in "  \
    "/etc/xrdp/xrdp.ini)"
#define CHECK_FROM_INSIDE                                                                          \
    "From a host in the server's own network: rdpwhy probe {target} - if TLS works there, a "      \
    "device in between breaks it"
#define CHECK_XRDP_CERTIFICATE                                                                     \
    "On xrdp: certificate and key_file in /etc/xrdp/xrdp.ini, and whether the service's user may " \
    "read them: sudo -u xrdp head -c1 /etc/xrdp/key.pem; grep -i 'certificate\\|key' "             \
    "/var/log/xrdp.log | tail"

static const struct why_rule_info rule_certificate_missing = {
    "certificate-missing",
    WHY_SEVERITY_ERROR,
    "The server itself says that it has no certificate it could use for TLS",
    TEXTS(SAY("the certificate that the listener is told to use is gone, or its private key is"),
          SAY("Windows could not make its self-signed certificate (rights of the MachineKeys "
              "folder, see event 1057)"),
          SAY("an enrolment by group policy failed, and nothing was put in its place")),
    TEXTS(SAY(CHECK_BOUND_CERTIFICATE), SAY(CHECK_RCM_CERTIFICATE), SAY(CHECK_MACHINE_KEYS)),
    TEXTS(SAY(FIX_BIND_CERTIFICATE), SAY(FIX_RENEW_SELF_SIGNED), SAY(FIX_KEY_PERMISSION))};

static const struct why_rule_info rule_certificate_unusable = {
    "certificate-unusable",
    WHY_SEVERITY_ERROR,
    "Every TLS handshake dies while Standard RDP Security works: the server cannot use its "
    "certificate or the key of it",
    TEXTS(SAY("the private key of the listener's certificate cannot be read: rights of the key or "
              "of the MachineKeys folder, NETWORK SERVICE in particular"),
          SAY("the certificate was replaced or removed, and the listener still points at the old "
              "one (SSLCertificateSHA1Hash)"),
          SAY("the self-signed certificate expired and could not be renewed (event 1058)"),
          {WHY_IF_ALERT_HANDSHAKE,
           "TLS versions or cipher suites were switched off so that none is "
           "left that fits the certificate"},
          {WHY_IF_ALERT_VERSION, "the server's TLS versions do not meet this client's; the "
                                 "certificate may be well"},
          {WHY_IF_SERVER_SPOKE, "a path that loses large packets (MTU): the server had begun to "
                                "answer"},
          SAY("a device in between breaks TLS but lets Standard RDP Security through")),
    TEXTS(SAY(CHECK_SCHANNEL), SAY(CHECK_BOUND_CERTIFICATE), SAY(CHECK_RCM_CERTIFICATE),
          SAY(CHECK_MACHINE_KEYS), SAY(CHECK_TLS_VERSIONS), SAY(CHECK_FROM_INSIDE),
          SAY(CHECK_XRDP_CERTIFICATE)),
    TEXTS(SAY(FIX_KEY_PERMISSION), SAY(FIX_BIND_CERTIFICATE), SAY(FIX_RENEW_SELF_SIGNED),
          SAY("Until then clients that still allow Standard RDP Security get in (risk: that "
              "security is weak and does not prove who the server is; do not make it the cure)"))};

static const struct why_rule_info rule_nla_certificate_broken = {
    "nla-certificate-broken",
    WHY_SEVERITY_ERROR,
    "The server insists on TLS or NLA, and every TLS handshake dies: nobody can log on remotely",
    TEXTS(SAY("the private key of the listener's certificate cannot be read: rights of the key or "
              "of the MachineKeys folder, NETWORK SERVICE in particular"),
          SAY("the certificate was replaced or removed, and the listener still points at the old "
              "one (SSLCertificateSHA1Hash)"),
          SAY("the self-signed certificate expired and could not be renewed (event 1058)"),
          {WHY_IF_ALERT_HANDSHAKE,
           "TLS versions or cipher suites were switched off so that none is "
           "left that fits the certificate"},
          {WHY_IF_ALERT_VERSION, "the server's TLS versions do not meet this client's; the "
                                 "certificate may be well"},
          SAY("a device in between breaks TLS")),
    TEXTS(SAY(CHECK_SCHANNEL), SAY(CHECK_BOUND_CERTIFICATE), SAY(CHECK_RCM_CERTIFICATE),
          SAY(CHECK_MACHINE_KEYS), SAY(CHECK_FROM_INSIDE)),
    TEXTS(SAY(FIX_KEY_PERMISSION), SAY(FIX_BIND_CERTIFICATE), SAY(FIX_RENEW_SELF_SIGNED),
          SAY("To get in meanwhile use the console, PowerShell remoting, or PsExec (risk: none); "
              "switching NLA off does not help while TLS is required, for TLS is what fails"))};

static const struct why_rule_info rule_client_certificate_required = {
    "client-certificate-required",
    WHY_SEVERITY_ERROR,
    "The server or a gateway before it demands a TLS certificate of the client",
    TEXTS(SAY("a gateway or TLS proxy before the server authenticates its clients by certificate; "
              "Windows' RDP listener itself does not")),
    TEXTS(SAY("Whose certificate answers: rdpwhy probe -v -p tls {target}; compare it with the one "
              "on the server: Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop'"),
          SAY(CHECK_FROM_INSIDE)),
    TEXTS(SAY("Connect by the client that the gateway expects, or go past it (risk: the gateway is "
              "there for protection)"))};

static const struct why_rule_info rule_tls_fails = {
    "tls-fails",
    WHY_SEVERITY_ERROR,
    "The TLS handshake dies in every attempt that comes so far",
    TEXTS(
        {WHY_IF_ALERT_VERSION, "the server does not know any TLS version that this client offers"},
        {WHY_IF_ALERT_HANDSHAKE, "no cipher suite or signature algorithm in common"},
        {WHY_IF_ALERT_NAME, "the server does not answer to the name it was asked for (SNI)"},
        {WHY_IF_KEY_SUSPECT,
         "the certificate or its private key is unusable (rights of MachineKeys, "
         "replaced, expired and not renewed)"},
        {WHY_IF_SILENT, "a path that loses large packets (MTU), or a server under so much load "
                        "that TLS takes too long"},
        SAY("a firewall, proxy or intrusion prevention that takes offence at TLS on this port")),
    TEXTS(
        SAY("Here: rdpwhy probe -p rdp,tls1.0,tls1.1,tls1.2,tls1.3 {target} - `rdp` alive and all "
            "of TLS dead means certificate or key; some TLS versions alive means versions or "
            "ciphers; nothing alive points at the way or the whole service"),
        SAY(CHECK_SCHANNEL), {WHY_IF_KEY_SUSPECT, CHECK_BOUND_CERTIFICATE},
        {WHY_IF_ALERT, CHECK_SCHANNEL_VERSIONS},
        {WHY_IF_SILENT, "Here, whether large packets pass: ping -M do -s 1372 -c 3 {host}"},
        SAY(CHECK_FROM_INSIDE), SAY(CHECK_XRDP_CERTIFICATE)),
    TEXTS({WHY_IF_KEY_SUSPECT, FIX_KEY_PERMISSION}, {WHY_IF_KEY_SUSPECT, FIX_BIND_CERTIFICATE},
          {WHY_IF_SILENT,
           "Lower the MTU on the way or allow ICMP \"fragmentation needed\" (risk: none)"},
          {WHY_IF_ALERT, "Allow TLS 1.2 with current cipher suites on the server, then restart it "
                         "(risk: a restart; none for current clients)"})};

static const struct why_rule_info rule_tls_alert_later = {
    "tls-alert-later",
    WHY_SEVERITY_ERROR,
    "TLS was up, and the server ended the connection with a TLS alert afterwards",
    TEXTS(SAY("bytes were damaged or altered on the way (bad_record_mac, decode_error): a faulty "
              "network card or its offloading, a device in between"),
          SAY("the server's process failed at that point (internal_error)"),
          SAY("a TLS proxy before the server lost the server behind it")),
    TEXTS(SAY("Here, whether it is always so and always there: rdpwhy probe --repeat 5 -p tls "
              "{target} - damage on the way strikes in changing places"),
          SAY(CHECK_SCHANNEL), SAY(CHECK_FROM_INSIDE), SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY("Depends on which check answers; the certificate and its key are not the cause, for "
              "the handshake needed them (risk: -)"))};

static const struct why_rule_info rule_negotiation_failure = {
    "negotiation-failure",
    WHY_SEVERITY_ERROR,
    "The server refuses every security that was offered, in the protocol's own words",
    TEXTS(SAY("the security layer that the server demands was not among those tried"),
          SAY("the server's settings contradict each other (security layer, NLA, encryption level; "
              "on Windows event 1050)")),
    TEXTS(SAY("Here: rdpwhy probe {target} - tries all usual offers"),
          SAY("On the server: (Get-ItemProperty '" RDP_TCP "') | Format-List "
              "SecurityLayer,UserAuthentication,MinEncryptionLevel; " RCM_EVENTS("1050"))),
    TEXTS(SAY("Let the client offer what the server demands (risk: none), or correct the server's "
              "settings (risk: a weaker layer is easier to attack)"))};

static const struct why_rule_info rule_nla_required = {
    "nla-required",
    WHY_SEVERITY_INFO,
    "The server admits nobody without Network Level Authentication; that is policy and sound",
    TEXTS(SAY("UserAuthentication is 1 on the listener, the default of current Windows"),
          SAY("a group policy demands it (Require user authentication by using NLA)")),
    TEXTS(SAY("On the server: (Get-ItemProperty '" RDP_TCP "').UserAuthentication"),
          SAY("Here, whether NLA itself works: rdpwhy probe -p negotiate,nla {target}")),
    TEXTS(
        SAY("Use a client that does NLA (CredSSP); rdesktop and very old clients cannot"),
        SAY("Switching NLA off would let such clients in (risk: anybody who reaches the port gets "
            "a logon screen and the server's resources before authenticating)"))};

static const struct why_rule_info rule_tls_required = {
    "tls-required",
    WHY_SEVERITY_INFO,
    "The server refuses Standard RDP Security and wants TLS; that is policy and sound",
    TEXTS(SAY("SecurityLayer is 2 on the listener, or xrdp has security_layer=tls")),
    TEXTS(SAY("On the server: (Get-ItemProperty '" RDP_TCP
              "').SecurityLayer (on xrdp: grep security_layer /etc/xrdp/xrdp.ini)")),
    TEXTS(SAY("None needed; allowing Standard RDP Security would help only very old clients (risk: "
              "its encryption is weak and does not prove who the server is)"))};

static const struct why_rule_info rule_standard_security_only = {
    "standard-security-only",
    WHY_SEVERITY_WARNING,
    "The server does Standard RDP Security only: clients that demand TLS or NLA cannot connect",
    TEXTS(SAY("SecurityLayer is 0 on the listener, or xrdp has security_layer=rdp"),
          SAY("a very old server"),
          SAY("xrdp could not load its certificate and fell back (see its log)")),
    TEXTS(SAY("On the server: (Get-ItemProperty '" RDP_TCP
              "').SecurityLayer (on xrdp: grep security_layer /etc/xrdp/xrdp.ini)"),
          SAY(CHECK_XRDP_CERTIFICATE)),
    TEXTS(SAY("Set SecurityLayer to 2 (xrdp: security_layer=negotiate) once a certificate is there "
              "(risk: clients that know no TLS are shut out; without a usable certificate "
              "everybody is)"))};

static const struct why_rule_info rule_nla_not_offered = {
    "nla-not-offered",
    WHY_SEVERITY_INFO,
    "The server does not do NLA; it selects TLS instead",
    TEXTS(SAY("the server knows no CredSSP: xrdp, for example"),
          SAY("NLA cannot be used on the server: no usable security package")),
    TEXTS(SAY("Here: rdpwhy probe -p negotiate,tls,nla {target}"),
          SAY("On the server: (Get-ItemProperty '" RDP_TCP
              "') | Format-List SecurityLayer,UserAuthentication")),
    TEXTS(
        SAY("None for clients that accept TLS; a client that insists on NLA must allow TLS (risk: "
            "the logon screen is reached before authenticating)"))};

static const struct why_rule_info rule_tls_old_only = {
    "tls-old-only",
    WHY_SEVERITY_WARNING,
    "Only old TLS versions work: current clients, which start at TLS 1.2, are shut out",
    TEXTS(SAY("an old system without TLS 1.2 (before Windows 8 and Server 2012 without updates)"),
          SAY("TLS 1.2 is switched off in Schannel's registry keys"),
          SAY("the certificate's key or signature fits no TLS 1.2 cipher suite that is left")),
    TEXTS(SAY(CHECK_SCHANNEL_VERSIONS), SAY(CHECK_SCHANNEL)),
    TEXTS(SAY("Enable TLS 1.2 for the server side and restart (risk: a restart; on Server 2008 R2 "
              "the update KB3080079 must be there first)"))};

static const struct why_rule_info rule_tls_new_only = {
    "tls-new-only",
    WHY_SEVERITY_INFO,
    "Old TLS versions are off; clients that know nothing newer cannot connect",
    TEXTS(SAY("TLS 1.0 and 1.1 are switched off by policy or by the system's defaults")),
    TEXTS(SAY(CHECK_SCHANNEL_VERSIONS)),
    TEXTS(SAY("None needed; update the old client rather than the server's policy (risk of "
              "enabling old versions: known weaknesses)"))};

static const struct why_rule_info rule_certificate_expired = {
    "certificate-expired",
    WHY_SEVERITY_WARNING,
    "The server's certificate is expired; mstsc warns, and clients that check strictly refuse",
    TEXTS({WHY_IF_SELF_SIGNED, "Windows could not renew its self-signed certificate: rights of the "
                               "MachineKeys folder (events 1057, 1058), or the service was not "
                               "restarted for long"},
          {WHY_IF_CA_SIGNED, "nobody renewed it, or the enrolment by policy failed (event 1064)"},
          {WHY_IF_CA_SIGNED, "it was renewed, but the listener still uses the old one "
                             "(SSLCertificateSHA1Hash)"},
          SAY("the clock of this computer is wrong")),
    TEXTS(SAY(CHECK_BOUND_CERTIFICATE), SAY(CHECK_RCM_CERTIFICATE),
          SAY("Here, the clock: timedatectl status; chronyc tracking")),
    TEXTS({WHY_IF_SELF_SIGNED, FIX_RENEW_SELF_SIGNED}, {WHY_IF_CA_SIGNED, FIX_BIND_CERTIFICATE})};

static const struct why_rule_info rule_certificate_not_yet_valid = {
    "certificate-not-yet-valid",
    WHY_SEVERITY_WARNING,
    "The server's certificate is not valid yet",
    TEXTS(SAY("the server's clock was wrong when the certificate was made, or it is now"),
          SAY("the clock of this computer is wrong"),
          SAY("the wrong certificate is bound, one that was issued for later")),
    TEXTS(SAY("Both clocks: timedatectl status here, w32tm /query /status on the server"),
          SAY(CHECK_BOUND_CERTIFICATE)),
    TEXTS(SAY("Correct the clock (risk: Kerberos tickets and logs jump with it), then, if need "
              "be: " FIX_RENEW_SELF_SIGNED))};

static const struct why_rule_info rule_certificate_weak = {
    "certificate-weak",
    WHY_SEVERITY_WARNING,
    "The certificate's key or signature is too weak for current clients",
    TEXTS(SAY("an old certificate template or an old self-signed certificate")),
    TEXTS(SAY("Here, key and signature: rdpwhy probe -v -p tls {target}"),
          SAY(CHECK_BOUND_CERTIFICATE)),
    TEXTS(SAY(FIX_BIND_CERTIFICATE), SAY(FIX_RENEW_SELF_SIGNED))};

static const struct why_rule_info rule_certificate_name_mismatch = {
    "certificate-name-mismatch",
    WHY_SEVERITY_WARNING,
    "The certificate is not for the name that was asked for; mstsc warns, strict clients refuse",
    TEXTS({WHY_IF_NAME, "the client uses another name of the server than the certificate does "
                        "(short name, alias, load balancer's name)"},
          {WHY_IF_NAME, "the name leads to another server than intended"},
          SAY("the target was given by its address, which certificates rarely hold"),
          SAY("the certificate was issued before the server was renamed")),
    TEXTS(
        SAY("Which names it holds: rdpwhy probe -v -p tls {target} (names); which name the server "
            "has: [System.Net.Dns]::GetHostByName('').HostName on the server"),
        {WHY_IF_NAME, "Whether the name leads to that server: compare its addresses, getent "
                      "ahosts {host}"}),
    TEXTS(SAY("Connect by a name that the certificate holds (risk: none)"),
          SAY("Issue a certificate with the names that are used, and: " FIX_BIND_CERTIFICATE))};

static const struct why_rule_info rule_certificate_expiring = {
    "certificate-expiring",
    WHY_SEVERITY_WARNING,
    "The certificate expires within 30 days",
    TEXTS({WHY_IF_SELF_SIGNED, "Windows renews its self-signed certificate itself, unless the "
                               "rights of the MachineKeys folder keep it from doing so"},
          {WHY_IF_CA_SIGNED, "the renewal is due, by hand or by policy"}),
    TEXTS(SAY(CHECK_BOUND_CERTIFICATE), SAY(CHECK_RCM_CERTIFICATE)),
    TEXTS(SAY("Renew it in time and bind the new one: " FIX_BIND_CERTIFICATE))};

static const struct why_rule_info rule_certificates_differ = {
    "certificates-differ",
    WHY_SEVERITY_WARNING,
    "Attempts on the same target saw different certificates: more than one party answers",
    TEXTS(SAY("several servers behind one name or address (load balancing, a farm)"),
          SAY("TLS inspection on part of the connections"),
          SAY("the certificate was changed while the probe ran")),
    TEXTS(SAY("Whether the addresses differ: getent ahosts {host}; then rdpwhy probe -v -p tls "
              "--repeat 5 ADDRESS:{port} for each"),
          SAY("On each server: Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop' | Format-List "
              "Thumbprint,NotBefore - a certificate that no server has belongs to an interceptor")),
    TEXTS(SAY("For a farm give all members one certificate with the farm's name (risk: its key is "
              "then on all of them); against inspection except RDP from it (risk: none for RDP, "
              "NLA cannot work through it)"))};

#endif /* !defined(RDPWHY_RULES_TLS_H) */
