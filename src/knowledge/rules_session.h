/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_SESSION_H
#define RDPWHY_RULES_SESSION_H

#include "rules_common.h"

/* Rows for rules.c, the only file that includes this one: behind the security: settings, licensing,
 * the session, and what only several attempts show. */

#define TS_SETTING                                                                                 \
    "(Get-CimInstance -Namespace root/cimv2/TerminalServices Win32_TerminalServiceSetting)"
#define CHECK_GRACE                                                                                \
    "On the server: (Invoke-CimMethod -InputObject " TS_SETTING                                    \
    " -MethodName GetGracePeriodDays).DaysLeft; " RCM_EVENTS(                                      \
        "1004,1011,1068,1069,1128,1130") " - 1069, 1128: the grace period is over; 1068: no "      \
                                         "licensing mode is set; 1130: no license "                \
                                         "server is configured; 1004, 1011: no license could be "  \
                                         "issued"
#define CHECK_LICENSE_SERVER                                                                       \
    "On the server: " TS_SETTING " | Format-List LicensingType,LicensingName; (Invoke-CimMethod "  \
    "-InputObject " TS_SETTING " -MethodName GetSpecifiedLicenseServerList).SpecifiedLSList; "     \
    "then Test-NetConnection LICENSE_SERVER -Port 135"
#define CHECK_ADMIN_MODE                                                                           \
    "Here, whether an administrative session, which needs no license, goes through: rdpwhy probe " \
    "-l fresh,admin {target}"
#define CHECK_CLIENT_STORE                                                                         \
    "On the Windows client: Get-ChildItem HKLM:\\SOFTWARE\\Microsoft\\MSLicensing -Recurse; "      \
    "here, "                                                                                       \
    "whether the stored license is the cause: rdpwhy probe -l fresh,stored,foreign,corrupt "       \
    "{target}"
#define FIX_GRACE                                                                                  \
    "Name a license server that runs and has licenses, and set the mode (per device or per "       \
    "user): "                                                                                      \
    "in a deployment with a Connection Broker Set-RDLicenseConfiguration -Mode PerUser "           \
    "-LicenseServer NAME; on a server of its own Invoke-CimMethod -InputObject " TS_SETTING        \
    " -MethodName ChangeMode -Arguments @{LicensingType=4} and -MethodName "                       \
    "SetSpecifiedLicenseServerList -Arguments @{SpecifiedLSList=@('NAME')}, or the group policy "  \
    "of the same meaning (2: per device, 4: per user, which a workgroup cannot have; risk: low; "  \
    "the mode must fit the licenses bought)"
#define CHECK_SESSION_LOGS                                                                         \
    "On the server, at the time of this probe: " EVENTS(CORE_LOG, "97,226,227") "; " EVENTS(       \
        LSM_LOG,                                                                                   \
        "21,22,23,24,39,40") "; " RCM_EVENTS("1036,1046") " - 1036: the session could not "        \
                                                          "be made; 40: why one was "              \
                                                          "disconnected"
/* Where the same phase is passed by other offers, the server as a whole is not the trouble. */
#define WRONG_OFFER                                                                                \
    {                                                                                              \
        WHY_IF_OTHERS_PASS,                                                                        \
            "the server does not allow this offer and says so only here, by ending the "           \
            "connection: policy (xrdp with security_layer=tls does so to Standard RDP Security)"   \
    }
#define CHECK_WRONG_OFFER                                                                          \
    {                                                                                              \
        WHY_IF_OTHERS_PASS, "On the server, which security it wants: (Get-ItemProperty '" RDP_TCP  \
                            "').SecurityLayer (on xrdp: grep security_layer /etc/xrdp/xrdp.ini)"   \
    }
#define FIX_WRONG_OFFER                                                                            \
    {                                                                                              \
        WHY_IF_OTHERS_PASS,                                                                        \
            "None needed where the offers that clients make pass (risk of allowing this one: it "  \
            "may be the weaker security)"                                                          \
    }
#define CHECK_LOAD                                                                                 \
    "On the server: quser; Get-Counter '\\Memory\\Available MBytes','\\Memory\\% Committed Bytes " \
    "In Use','\\Processor(_Total)\\% Processor Time'; " EVENTS("System", "2004,2019,2020")

static const struct why_rule_info rule_license_server_missing = {
    "license-server-missing",
    WHY_SEVERITY_ERROR,
    "The server says that it has no license server",
    TEXTS(SAY("the grace period of 120 days is over and no license server was configured"),
          SAY("the configured license server is down or cannot be reached (RPC, TCP 135 and high "
              "ports)"),
          SAY("the license server is not activated or not allowed to serve this one")),
    TEXTS(SAY(CHECK_GRACE), SAY(CHECK_LICENSE_SERVER), SAY(CHECK_ADMIN_MODE)),
    TEXTS(SAY(FIX_GRACE),
          SAY("Until then administrators get in with mstsc /admin (risk: none; two sessions at "
              "most)"),
          SAY("Deleting the GracePeriod registry key starts the period anew (risk: breaks the "
              "license terms, needs the ownership of a system key; not a cure)"))};

static const struct why_rule_info rule_license_admin_only = {
    "license-admin-only",
    WHY_SEVERITY_ERROR,
    "Administrative sessions work and ordinary ones fail in licensing: the server cannot issue "
    "licenses",
    TEXTS(SAY("the grace period of 120 days is over"),
          SAY("no license server is configured, or it cannot be reached"),
          SAY("the license server has no licenses of the configured kind left")),
    TEXTS(SAY(CHECK_GRACE), SAY(CHECK_LICENSE_SERVER),
          SAY("On the license server: the RD Licensing Manager's report, or Get-WinEvent -LogName "
              "Microsoft-Windows-TerminalServices-Licensing/Operational -MaxEvents 20 (20, 21, 22: "
              "too few licenses)")),
    TEXTS(SAY(FIX_GRACE), SAY("Buy or free licenses (risk: none)"),
          SAY("A server that is only administered needs no Session Host role: Uninstall-"
              "WindowsFeature RDS-RD-Server (risk: a restart; at most two sessions afterwards)"))};

static const struct why_rule_info rule_license_store_bad = {
    "license-store-bad",
    WHY_SEVERITY_ERROR,
    "The client's stored license is the trouble: without it licensing goes through",
    TEXTS(SAY("the stored license was damaged or belongs to another computer (cloned client)"),
          SAY("the license server that issued it is gone or was rebuilt"),
          SAY("the client may not write its license store, so it cannot be renewed")),
    TEXTS(SAY(CHECK_CLIENT_STORE),
          SAY("On the server: " RCM_EVENTS("1003") " - names the client whose license is not "
                                                   "valid")),
    TEXTS(SAY(
        "On the Windows client export and delete HKLM\\SOFTWARE\\Microsoft\\MSLicensing, then "
        "start mstsc once as administrator (risk: uses up a new temporary license where "
        "licenses are per device); FreeRDP: delete the file under ~/.config/freerdp/licenses"))};

static const struct why_rule_info rule_license_refused = {
    "license-refused",
    WHY_SEVERITY_ERROR,
    "The server refuses this client a license",
    TEXTS(SAY("no license of the configured kind is left (per device: every new client uses one)"),
          SAY("the server's licenses are for another version or mode than it needs"),
          {WHY_IF_STORED, "the license that the client brought is not accepted"}),
    TEXTS(SAY(CHECK_GRACE), SAY(CHECK_LICENSE_SERVER), {WHY_IF_STORED, CHECK_CLIENT_STORE},
          SAY(CHECK_ADMIN_MODE)),
    TEXTS(SAY(FIX_GRACE),
          SAY("Buy or revoke licenses on the license server (risk: a revoked client "
              "needs another)"),
          {WHY_IF_STORED, "Where only one client is hit, clear its license store: "
                          "HKLM\\SOFTWARE\\Microsoft\\MSLicensing (risk: uses up a new temporary "
                          "license)"})};

static const struct why_rule_info rule_license_protocol = {
    "license-protocol",
    WHY_SEVERITY_ERROR,
    "Licensing broke off with a protocol error: a message was malformed, altered or late",
    TEXTS(SAY("the server's licensing certificate is damaged (registry: X509 Certificate under "
              "Terminal Server\\RCM), so that clients cannot prove themselves"),
          SAY("the client and the server disagree on how licensing is encrypted"),
          {WHY_IF_STORED, "the license that the client brought is damaged or another's"},
          SAY("network trouble during licensing")),
    TEXTS(SAY(CHECK_GRACE), {WHY_IF_STORED, CHECK_CLIENT_STORE},
          SAY("Here, whether it is always so: rdpwhy probe --repeat 3 -p tls {target}")),
    TEXTS(
        {WHY_IF_STORED, "Clear the one client's license store where only it is hit (risk: uses up "
                        "a new temporary license)"},
        SAY("Where all clients are hit: export, then delete Certificate, X509 Certificate, X509 "
            "Certificate ID and X509 Certificate2 under HKLM\\SYSTEM\\CurrentControlSet\\Control\\"
            "Terminal Server\\RCM and restart (risk: a restart; they are made anew)"))};

static const struct why_rule_info rule_licensing_closed = {
    "licensing-closed",
    WHY_SEVERITY_ERROR,
    "The connection ended in licensing without a license error",
    TEXTS({WHY_IF_CLOSED, "the server could not finish with its license server and gave up"},
          {WHY_IF_CLOSED, "the grace period is over: some versions just close"},
          {WHY_IF_SILENT, "the server waits for its license server, which does not answer"},
          {WHY_IF_STORED, "the license that the client brought was not accepted, and it was not "
                          "told so"},
          SAY("the remote desktop service failed at that point")),
    TEXTS(SAY(CHECK_GRACE), SAY(CHECK_LICENSE_SERVER), SAY(CHECK_ADMIN_MODE),
          {WHY_IF_STORED, CHECK_CLIENT_STORE}, SAY(CHECK_SESSION_LOGS)),
    TEXTS(SAY(FIX_GRACE), SAY("Otherwise what the check shows; clearing license stores helps only "
                              "where a fresh license goes through (risk: uses up a temporary "
                              "license)"))};

static const struct why_rule_info rule_server_denied = {
    "server-denied",
    WHY_SEVERITY_ERROR,
    "The server says that it denies the connection, and gives no reason",
    TEXTS(SAY("logons are switched off or draining: change logon /query, or the farm's drain mode"),
          SAY("the server's limit of sessions or connections is reached"),
          SAY("a session or user policy of the server or its broker")),
    TEXTS(SAY("On the server: change logon /query; quser; (Get-ItemProperty '" TERMINAL_SERVER
              "') | Format-List fDenyTSConnections,TSUserEnabled,TSServerDrainMode"),
          SAY("On the server, the limit: (Get-ItemProperty '" RDP_TCP "').MaxInstanceCount"),
          SAY(CHECK_SESSION_LOGS)),
    TEXTS(SAY("change logon /enable (risk: ends the maintenance that it was switched off for)"),
          SAY("Raise the limit or log idle sessions off (risk: their work is lost)"))};

static const struct why_rule_info rule_server_out_of_memory = {
    "server-out-of-memory",
    WHY_SEVERITY_ERROR,
    "The server says that it has no memory left for the session",
    TEXTS(SAY("too many sessions or a process that eats memory"),
          SAY("the desktop heap or paged pool is used up, though memory looks free")),
    TEXTS(SAY(CHECK_LOAD),
          SAY("On the server: Get-Process | Sort-Object PM -Descending | Select-Object -First 10 "
              "Name,Id,PM,SI")),
    TEXTS(SAY("Log idle sessions off or end the process (risk: unsaved work is lost)"),
          SAY("More memory or fewer sessions (risk: none)"))};

static const struct why_rule_info rule_fips_required = {
    "fips-required",
    WHY_SEVERITY_ERROR,
    "The server's FIPS policy refuses what the client offers",
    TEXTS(SAY("the FIPS policy or encryption level 4 on the server, and a client without it")),
    TEXTS(SAY("On the server: (Get-ItemProperty 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\"
              "FipsAlgorithmPolicy').Enabled; (Get-ItemProperty '" RDP_TCP
              "').MinEncryptionLevel")),
    TEXTS(SAY("Use TLS and a client that meets the policy (risk: none)"))};

static const struct why_rule_info rule_session_failed = {
    "session-failed",
    WHY_SEVERITY_ERROR,
    "The server says that a part of the session crashed or did not start",
    TEXTS(SAY("a display driver, remote display filter or security product in the session"),
          SAY("a crash of Winlogon, CSRSS or the window manager"),
          SAY("the server is short of memory or desktop heap")),
    TEXTS(SAY("On the server: " EVENTS("Application", "1000,1001") "; " CHECK_SESSION_LOGS),
          SAY(CHECK_LOAD)),
    TEXTS(SAY("Update or remove the driver or product that the crash names (risk: a restart)"))};

static const struct why_rule_info rule_broker_error = {
    "broker-error",
    WHY_SEVERITY_ERROR,
    "The connection broker could not hand the client to a session host",
    TEXTS(SAY("no session host of the collection is up or takes logons"),
          SAY("the virtual machine could not be started or has no address"),
          SAY("the user may not use the collection")),
    TEXTS(SAY("On the broker: Get-RDSessionHost -CollectionName NAME; Get-WinEvent -LogName "
              "Microsoft-Windows-TerminalServices-SessionBroker/Operational -MaxEvents 20"),
          SAY("Here, the host itself: rdpwhy probe SESSIONHOST")),
    TEXTS(SAY("Bring a session host back: Set-RDSessionHost -NewConnectionAllowed Yes (risk: ends "
              "its maintenance)"))};

static const struct why_rule_info rule_session_replaced = {
    "session-replaced",
    WHY_SEVERITY_WARNING,
    "Another connection took the session over while this one was made",
    TEXTS(SAY("somebody is connected with the same account, and the server allows it one session")),
    TEXTS(SAY("On the server: quser; (Get-ItemProperty '" TERMINAL_SERVER
              "').fSingleSessionPerUser")),
    TEXTS(SAY("Use an account of one's own (risk: none), or allow several sessions per user (risk: "
              "profiles and programs may not stand it)"))};

static const struct why_rule_info rule_session_ended = {
    "session-ended",
    WHY_SEVERITY_WARNING,
    "The server ended the session on purpose: a limit, an administrator, or a logoff",
    TEXTS(SAY("what the code says: an idle or time limit, an administrator's tool, or a logoff")),
    TEXTS(SAY("On the server: " EVENTS(
        LSM_LOG, "23,24,39,40") "; Get-ItemProperty "
                                "'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal "
                                "Services' | Format-List "
                                "MaxIdleTime,MaxConnectionTime,MaxDisconnectionTime")),
    TEXTS(SAY("Raise the limit, or ask who ended it (risk: none)"))};

static const struct why_rule_info rule_error_info = {
    "error-info",
    WHY_SEVERITY_ERROR,
    "The server itself told why it ended the connection, by a code that has no rule of its own",
    TEXTS(SAY("what the code says; codes from 0x1000 on are protocol errors: the server could not "
              "make sense of a message")),
    TEXTS(SAY("Here: rdpwhy explain CODE"), SAY(CHECK_SESSION_LOGS),
          SAY("Whether another client is hit too: the same code for all points at the server or "
              "the way, for one at that client")),
    TEXTS(SAY("Depends on the code (risk: -)"))};

static const struct why_rule_info rule_salted_mac = {
    "salted-mac-refused",
    WHY_SEVERITY_WARNING,
    "The server drops Standard RDP Security with salted checksums; without the salt it goes on",
    TEXTS(SAY("a server that checks salted MACs wrongly: xrdp 0.9.21 does (Debian 12)")),
    TEXTS(
        SAY("Here, side by side: rdpwhy probe -v -p rdp {target} - shows the first try and the one "
            "without the salt"),
        SAY("On xrdp: xrdp --version")),
    TEXTS(SAY("Use TLS (xrdp: security_layer=tls or negotiate) (risk: needs a certificate)"),
          SAY("Update xrdp (risk: ends sessions)"))};

static const struct why_rule_info rule_closed_in_basic_settings = {
    "closed-in-basic-settings",
    WHY_SEVERITY_ERROR,
    "The server ends the connection on the first message behind the security",
    TEXTS(WRONG_OFFER,
          {WHY_IF_NONE_PASSES | WHY_IF_CLOSED,
           "the server refuses at this point because it is full, draining or starting"},
          {WHY_IF_NONE_PASSES, "a gateway or TLS proxy whose RDP server behind it is down"},
          {WHY_IF_SILENT, "the server hangs, or is under so much load that it does not answer"},
          SAY("the server does not stand something in the client's settings")),
    TEXTS(
        CHECK_WRONG_OFFER, SAY(CHECK_SESSION_LOGS), {WHY_IF_NONE_PASSES, CHECK_LOAD},
        SAY("Here, whether it is always so and for every offer: rdpwhy probe --repeat 3 {target}"),
        SAY(CHECK_XRDP_LOG)),
    TEXTS(FIX_WRONG_OFFER, {WHY_IF_NONE_PASSES, FIX_RESTART_TERMSERVICE})};

static const struct why_rule_info rule_closed_in_channel_join = {
    "closed-in-channel-join",
    WHY_SEVERITY_ERROR,
    "The server ends the connection while channels are joined",
    TEXTS(WRONG_OFFER,
          {WHY_IF_NONE_PASSES, "the session host has no free session or could not make one"},
          {WHY_IF_SILENT, "the server hangs, or is under so much load that it does not answer"},
          SAY("a fault of the server with the channels that the client asks for")),
    TEXTS(CHECK_WRONG_OFFER, SAY(CHECK_SESSION_LOGS), {WHY_IF_NONE_PASSES, CHECK_LOAD},
          SAY(CHECK_XRDP_LOG)),
    TEXTS(FIX_WRONG_OFFER,
          {WHY_IF_NONE_PASSES,
           "Log idle sessions off (risk: unsaved work is lost), or: " FIX_RESTART_TERMSERVICE})};

static const struct why_rule_info rule_closed_after_client_info = {
    "closed-after-client-info",
    WHY_SEVERITY_ERROR,
    "The server ends the connection once it has read who wants to log on",
    TEXTS(
        WRONG_OFFER,
        {WHY_IF_NONE_PASSES | WHY_IF_CLOSED,
         "the server refuses the user or the session at this point: limits, drain mode, autologon "
         "not allowed"},
        {WHY_IF_SILENT, "the server hangs, or is under so much load that it does not answer"},
        SAY("a fault in the encryption of Standard RDP Security, where that is in use"),
        {WHY_IF_NONE_PASSES, "its licensing part could not start"}),
    TEXTS(
        CHECK_WRONG_OFFER, SAY(CHECK_SESSION_LOGS),
        SAY("Here, side by side: rdpwhy probe -p rdp,tls {target} - only `rdp` dead points at its "
            "encryption"),
        SAY(CHECK_GRACE), SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY("Depends on which check answers (risk: -)"))};

static const struct why_rule_info rule_closed_before_active = {
    "closed-before-active",
    WHY_SEVERITY_ERROR,
    "Licensing is through, but the session does not come up",
    TEXTS(SAY("the server could not make the session: limits, memory, desktop heap"),
          SAY("the user's profile or the session's programs fail (logon scripts, shell)"),
          SAY("a display driver, remote display filter or security product in the session"),
          {WHY_IF_SILENT, "it hangs there rather than fails: driver, or a service it waits for"}),
    TEXTS(SAY(CHECK_SESSION_LOGS), SAY(CHECK_LOAD),
          SAY("Whether another account gets in: rdpwhy probe -u OTHER {target}"),
          SAY("On xrdp: cat /var/log/xrdp-sesman.log; ~/.xorgxrdp.*.log of that user")),
    TEXTS(SAY("Free sessions or memory (risk: unsaved work is lost)"),
          SAY("Rename the user's profile, or disable the driver that the events name (risk: the "
              "user starts with an empty profile; a restart)"))};

static const struct why_rule_info rule_protocol_violation = {
    "protocol-violation",
    WHY_SEVERITY_ERROR,
    "The server sent what RDP does not allow at that point",
    TEXTS(SAY("a device in between alters or injects data"),
          SAY("a gateway answers in words of its own (an error page) behind TLS"),
          SAY("a fault of the server")),
    TEXTS(
        SAY("Here, the bytes: rdpwhy probe -v {target}"),
        SAY("From a host in the server's own network: rdpwhy probe {target} - if it goes through, "
            "the device is on the way between"),
        SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY("Except the connection from inspection, or update the server (risk: a restart)"))};

static const struct why_rule_info rule_flaky = {
    "flaky",
    WHY_SEVERITY_WARNING,
    "The same step sometimes works and sometimes does not",
    TEXTS(SAY("overload: the server or a device before it drops what is too much"),
          SAY("several servers behind one name, of which not all work"),
          SAY("packet loss or a device with a full connection table"),
          SAY("a service that is restarted or crashes again and again")),
    TEXTS(SAY("Here, more of it: rdpwhy probe --repeat 20 -p tls {target}; per address where the "
              "name "
              "has several: getent ahosts {host}"),
          SAY(CHECK_LOAD),
          SAY("On the server: " EVENTS("System", "7031,7034,6005") " - services that "
                                                                   "ended")),
    TEXTS(SAY("Take the failing member out, or relieve the server (risk: less capacity)"))};

static const struct why_rule_info rule_slow = {
    "slow",
    WHY_SEVERITY_WARNING,
    "One phase takes most of the time",
    TEXTS(
        SAY("resolve: a name server that does not answer; connect: packets lost on the way, or a "
            "full backlog"),
        SAY("tls: a slow or overloaded server, or a revocation check that times out; credssp: a "
            "domain controller that is slow or far away"),
        SAY("licensing: a license server that does not answer; capabilities: a session that starts "
            "slowly")),
    TEXTS(SAY("Here, whether it is always so: rdpwhy probe --repeat 5 {target}"), SAY(CHECK_LOAD),
          SAY("credssp on the server: nltest /dsgetdc:DOMAIN; Measure-Command { nltest "
              "/sc_query:DOMAIN }")),
    TEXTS(SAY("Depends on the phase named above (risk: -)"))};

static const struct why_rule_info rule_redirected = {
    "redirected",
    WHY_SEVERITY_INFO,
    "The server sends the client on to another: a broker at work",
    TEXTS(SAY("a connection broker or load balancer assigns a session host")),
    TEXTS(
        SAY("Here, the server it names: rdpwhy probe ADDRESS - that is where the session is made"),
        SAY("On the broker: Get-RDUserSession; Get-RDSessionHost -CollectionName NAME")),
    TEXTS(SAY("None needed; what fails after the redirection fails on that other server"))};

static const struct why_rule_info rule_finalization_incomplete = {
    "finalization-incomplete",
    WHY_SEVERITY_INFO,
    "The server left out a part of the connection finalization",
    TEXTS(SAY(
        "a server that does not follow the specification to the letter ([MS-RDPBCGR] 1.3.1.1)")),
    TEXTS(SAY("Here, what came and what did not: rdpwhy probe -v {target}"),
          SAY("Whether mstsc minds: connect with it; it need not")),
    TEXTS(SAY("None needed where clients get in"))};

static const struct why_rule_info rule_everything_works = {
    "everything-works",
    WHY_SEVERITY_INFO,
    "Everything that was tried works, or is refused by policy as it should be",
    TEXTS(SAY("if mstsc still fails, it differs from this probe in account, stored credentials, "
              "policy, gateway, or the network it comes from")),
    TEXTS(SAY("Here, with the account: rdpwhy probe -u 'DOMAIN\\NAME' {target}"),
          SAY("From the network of the client that fails: rdpwhy probe {target}"),
          SAY("On the Windows client: cmdkey /list; Get-ItemProperty 'HKLM:\\SOFTWARE\\Policies\\"
              "Microsoft\\Windows\\CredentialsDelegation'; and whether mstsc goes through an RD "
              "Gateway (Advanced)")),
    TEXTS(SAY("None needed on this server"))};

static const struct why_rule_info rule_unexplained = {
    "unexplained",
    WHY_SEVERITY_WARNING,
    "An attempt ended in a way for which no rule here knows a cause",
    TEXTS(SAY("not known: the verdict says what was seen, and nothing else in this run points at a "
              "cause")),
    TEXTS(SAY("Here, everything that passed: rdpwhy probe -v {target}"),
          SAY("Here, other offers, for what differs: rdpwhy probe {target}"),
          SAY(CHECK_SESSION_LOGS), SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY("Depends on what the checks show (risk: -)"))};

static const struct why_rule_info rule_not_measured = {
    "not-measured",
    WHY_SEVERITY_INFO,
    "Some attempts were not made or failed on this side: they say nothing about the server",
    TEXTS({WHY_IF_FAILED_HERE,
           "this computer lacks descriptors, ports or memory, or the library here "
           "failed"},
          SAY("what was not made has its reason with it: an earlier answer made it pointless, no "
              "license is stored, the library here cannot do it, or the account is not tried "
              "again, since accounts lock")),
    TEXTS(SAY("Here: rdpwhy --version; ulimit -n; rdpwhy probe -v {target}")),
    TEXTS(SAY("Remove what keeps it from being measured, then probe again (risk: none)"))};

#endif /* !defined(RDPWHY_RULES_SESSION_H) */
