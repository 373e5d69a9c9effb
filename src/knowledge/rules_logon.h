/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_LOGON_H
#define RDPWHY_RULES_LOGON_H

#include "rules_common.h"

/* Rows for rules.c, the only file that includes this one: CredSSP and the account. */

#define CHECK_SECURITY_4625                                                                        \
    "On the server: Get-WinEvent -FilterHashtable @{LogName='Security'; Id=4625} -MaxEvents 10 | " \
    "Format-List TimeCreated,Message - Status and Sub Status tell account from password "          \
    "(0xC0000064 no such account, 0xC000006A wrong password); none at all means that the logon "   \
    "failed before the account was looked at"
#define CHECK_CORE_140                                                                             \
    "On the server: " EVENTS(CORE_LOG, "140") " - each is a rejected name or password with the "   \
                                              "client's address"
#define CHECK_AD_USER                                                                              \
    "On a domain controller: Get-ADUser NAME -Properties Enabled,LockedOut,AccountExpirationDate," \
    "PasswordExpired,PasswordLastSet,LogonWorkstations (a local account: net user NAME)"
#define CHECK_SECURE_CHANNEL                                                                       \
    "On the server: Test-ComputerSecureChannel -Verbose; nltest /dsgetdc:DOMAIN; nltest "          \
    "/sc_query:DOMAIN"

static const struct why_rule_info rule_logon_failure = {
    "logon-failure",
    WHY_SEVERITY_ERROR,
    "The server works, but it rejected account or password",
    TEXTS(SAY("the password is wrong, or was changed since it was stored"),
          SAY("the account is unknown to that server: wrong domain, or a local account meant "
              "(use COMPUTER\\NAME)"),
          {WHY_IF_DOMAIN, "the server is a member of a domain and looks a name without domain up "
                          "elsewhere than meant (use DOMAIN\\NAME)"},
          SAY("NTLM as a whole is not accepted for this account (Protected Users, policy), where "
              "Kerberos would be")),
    TEXTS(
        SAY(CHECK_SECURITY_4625), SAY(CHECK_CORE_140),
        SAY("On a Windows client, stored passwords that mstsc uses without asking: cmdkey /list")),
    TEXTS(SAY("Type the account with its domain and the password anew; on a Windows client cmdkey "
              "/delete:TERMSRV/{host} first (risk: none; every further wrong try counts towards "
              "the lockout)"))};

static const struct why_rule_info rule_account_locked = {
    "account-locked",
    WHY_SEVERITY_ERROR,
    "The account is locked out after too many wrong passwords",
    TEXTS(SAY("somebody or something goes on trying an old password: a stored credential, a "
              "service, a phone"),
          SAY("password guessing against a port that is open to the Internet")),
    TEXTS(SAY("On the domain controller that holds the PDC role: Get-WinEvent -FilterHashtable "
              "@{LogName='Security'; Id=4740} -MaxEvents 10 - names the computer the tries came "
              "from"),
          SAY(CHECK_AD_USER), SAY(CHECK_CORE_140)),
    TEXTS(SAY("Find the source first, then Unlock-ADAccount NAME (risk: unlocked without that, it "
              "locks again, or the guessing goes on)"))};

static const struct why_rule_info rule_account_disabled = {
    "account-disabled",
    WHY_SEVERITY_ERROR,
    "The account is disabled",
    TEXTS(SAY("it was disabled on purpose: left, unused, replaced"),
          SAY("the local Administrator, which current Windows clients disable by default")),
    TEXTS(SAY(CHECK_AD_USER)),
    TEXTS(SAY(
        "Use another account, or Enable-ADAccount NAME (risk: ask first why it was disabled)"))};

static const struct why_rule_info rule_account_expired = {
    "account-expired",
    WHY_SEVERITY_ERROR,
    "The account's own end date has passed",
    TEXTS(SAY("a temporary account that was not extended")),
    TEXTS(SAY(CHECK_AD_USER)),
    TEXTS(SAY("Set-ADAccountExpiration NAME -DateTime ... (risk: ask first whether it should "
              "still exist)"))};

static const struct why_rule_info rule_password_expired = {
    "password-expired",
    WHY_SEVERITY_ERROR,
    "The password is expired or must be changed first, and NLA offers no way to change it",
    TEXTS(SAY("the password's age passed the domain's limit"),
          SAY("it was reset with \"must change at next logon\", or the account is new")),
    TEXTS(SAY(CHECK_AD_USER)),
    TEXTS(SAY("Change the password elsewhere: at a console, through a web portal, or with "
              "smbpasswd -r DOMAIN_CONTROLLER -U NAME from here (risk: none)"),
          SAY("Or set it for the user without the must-change mark (risk: the administrator then "
              "knows it)"))};

static const struct why_rule_info rule_account_restricted = {
    "account-restricted",
    WHY_SEVERITY_ERROR,
    "A restriction of the account forbids this logon, though name and password may be right",
    TEXTS(SAY("an empty password, which Windows allows at the console only"),
          SAY("logon hours, or a list of computers that does not hold the client or the server"),
          SAY("the account is in Protected Users or must use a smart card, so NTLM and passwords "
              "are refused"),
          SAY("selective authentication across a trust: the account lacks \"allowed to "
              "authenticate\" on this server")),
    TEXTS(SAY(CHECK_SECURITY_4625),
          SAY("On a domain controller: Get-ADUser NAME -Properties LogonWorkstations,logonHours,"
              "MemberOf,SmartcardLogonRequired")),
    TEXTS(SAY("Lift the one restriction that the check shows (risk: it was set for a reason)"))};

static const struct why_rule_info rule_remote_logon_denied = {
    "remote-logon-denied",
    WHY_SEVERITY_ERROR,
    "Name and password are right, but the account may not log on through Remote Desktop",
    TEXTS(
        SAY("the account is not in Remote Desktop Users (or Administrators) on that server"),
        SAY("the right \"Allow log on through Remote Desktop Services\" was taken from the group, "
            "or \"Deny log on ...\" names one of the account's groups"),
        SAY("a session collection or broker that does not list the user")),
    TEXTS(SAY("On the server: Get-LocalGroupMember 'Remote Desktop Users'; secedit /export /cfg "
              "rights.inf /areas USER_RIGHTS; Select-String 'RemoteInteractiveLogonRight' "
              "rights.inf (allow and deny)"),
          SAY(CHECK_SECURITY_4625),
          SAY("Here, that others get in: rdpwhy probe -u OTHER {target}")),
    TEXTS(SAY("Add-LocalGroupMember 'Remote Desktop Users' NAME, or correct the policy (risk: "
              "whoever is added can log on from anywhere the port is reachable)"))};

static const struct why_rule_info rule_no_logon_servers = {
    "no-logon-servers",
    WHY_SEVERITY_ERROR,
    "The server cannot reach a domain controller, so no domain account can be checked",
    TEXTS(SAY("the server's way to the domain controllers is broken: network, DNS, firewall"),
          SAY("the domain controllers are down"),
          SAY("the Netlogon service does not run on the server")),
    TEXTS(SAY(CHECK_SECURE_CHANNEL),
          SAY("On the server: Resolve-DnsName -Type SRV _ldap._tcp.dc._msdcs.DOMAIN; Get-Service "
              "Netlogon; " EVENTS("System", "5719")),
          SAY("Here, with a local account: rdpwhy probe -u 'COMPUTER\\NAME' {target} - if that is "
              "accepted, only the domain is out of reach")),
    TEXTS(SAY("Restore the way to a domain controller (risk: none); log on with a local account "
              "until then (risk: none)"))};

static const struct why_rule_info rule_domain_trust_broken = {
    "domain-trust-broken",
    WHY_SEVERITY_ERROR,
    "The trust between the server and its domain, or between the domains, is broken",
    TEXTS(SAY("the server's machine password differs from the domain's, after a restored snapshot "
              "for example"),
          SAY("the server's account was deleted from the domain, or a second computer took its "
              "name"),
          SAY("the trust between the account's domain and the server's failed")),
    TEXTS(SAY(CHECK_SECURE_CHANNEL), SAY("On the server: " EVENTS("System", "3210,5722"))),
    TEXTS(SAY("Test-ComputerSecureChannel -Repair -Credential (Get-Credential) as a local "
              "administrator (risk: low; a server that shares its account with a clone breaks the "
              "clone)"))};

static const struct why_rule_info rule_ntlm_blocked = {
    "ntlm-blocked",
    WHY_SEVERITY_ERROR,
    "The server refuses NTLM; only Kerberos can log on there",
    TEXTS(SAY("the policy \"Restrict NTLM: Incoming NTLM traffic\" on the server or in the domain"),
          SAY("the server has no security package for what was offered")),
    TEXTS(SAY("On the server: (Get-ItemProperty 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\"
              "MSV1_0').RestrictReceivingNTLMTraffic; Get-WinEvent -LogName "
              "Microsoft-Windows-NTLM/Operational -MaxEvents 20")),
    TEXTS(SAY("Use a domain-joined client and the server's full name, so that Kerberos is used "
              "(risk: none)"),
          SAY("Except this server from the policy (risk: NTLM can be relayed)"))};

static const struct why_rule_info rule_clock_skew_refused = {
    "clock-skew-refused",
    WHY_SEVERITY_ERROR,
    "The logon was refused because clocks differ too much",
    TEXTS({WHY_IF_SKEW, "the server's clock is off against this computer's, as measured"},
          SAY("the server's clock is off against its domain controller's (more than five minutes "
              "by default)"),
          SAY("a domain controller's clock is off")),
    TEXTS(SAY("On the server: w32tm /query /status; w32tm /stripchart /computer:DOMAIN_CONTROLLER "
              "/samples:3 /dataonly"),
          SAY("Here: chronyc tracking (or timedatectl status)")),
    TEXTS(SAY("w32tm /resync /rediscover on the one that is off (risk: logs and tickets jump; on a "
              "virtual machine stop the host's time synchronisation first)"))};

static const struct why_rule_info rule_clock_skew = {
    "clock-skew",
    WHY_SEVERITY_WARNING,
    "The clocks of server and prober differ by more than five minutes: Kerberos will not work",
    TEXTS(SAY("the server's clock is wrong"), SAY("the clock of this computer is wrong")),
    TEXTS(
        SAY("Here: chronyc tracking (or timedatectl status); on the server: w32tm /query /status"),
        SAY("A third clock decides: rdpwhy probe another server of the same domain and compare "
            "its clock")),
    TEXTS(SAY("w32tm /resync /rediscover, or chronyc makestep, on the one that is off (risk: logs "
              "and tickets jump)"))};

static const struct why_rule_info rule_credssp_error = {
    "credssp-error",
    WHY_SEVERITY_ERROR,
    "The server ended NLA with an error code that names no cause of its own",
    TEXTS(SAY("what the code says; see rdpwhy explain CODE"),
          {WHY_IF_LOGON, "account or password: not every server sends the usual code for them"},
          {WHY_IF_NO_LOGON, "the account cannot be the cause: none had been named yet"}),
    TEXTS(SAY(CHECK_SECURITY_4625), SAY("On the server: " EVENTS(CORE_LOG, "97,131,140,226,227")),
          SAY("Where policy allows it, whether TLS without NLA goes through: rdpwhy probe -p tls "
              "{target}")),
    TEXTS(SAY("Depends on what the checks show; there is no remedy that fits all codes"))};

static const struct why_rule_info rule_credssp_closed = {
    "credssp-closed",
    WHY_SEVERITY_ERROR,
    "TLS works, but the server ends NLA without an error code",
    TEXTS({WHY_IF_LOGON | WHY_IF_CLOSED, "account or password: some servers, FreeRDP 2 among them, "
                                         "just close on a wrong one"},
          {WHY_IF_LOGON, "the server could not ask a domain controller in time"},
          {WHY_IF_PROVEN, "not the password: the server had accepted the proof of it; what follows "
                          "is whether the account may log on, and the making of its session"},
          {WHY_IF_NO_LOGON, "NTLM is switched off on the server, or its security package is "
                            "broken; no account had been named yet"},
          {WHY_IF_NO_LOGON, "a TLS proxy in between that does not know CredSSP"},
          SAY("the process that does NLA on the server (LSASS) hangs or is overloaded")),
    TEXTS(
        SAY(CHECK_SECURITY_4625), SAY("On the server: " EVENTS(CORE_LOG, "97,131,140,226,227")),
        SAY("Whose certificate answers: rdpwhy probe -v -p tls {target}; compare its SHA-256 with "
            "the server's own certificate"),
        SAY("Where policy allows it, whether TLS without NLA goes through: rdpwhy probe -p tls "
            "{target}")),
    TEXTS(SAY("Depends on which check answers; switching NLA off only to get in exposes the logon "
              "screen to everybody (risk: high on an open port)"))};

static const struct why_rule_info rule_public_key_mismatch = {
    "public-key-mismatch",
    WHY_SEVERITY_ERROR,
    "NLA proves that client and server did not see the same certificate: something ends TLS in "
    "between",
    TEXTS(SAY("TLS inspection, a proxy or a load balancer that ends TLS with a certificate of its "
              "own"),
          SAY("an attack by somebody in the middle"),
          SAY("a server that changed its certificate while the connection was made, or a faulty "
              "one")),
    TEXTS(SAY("Compare the SHA-256 that rdpwhy shows with the server's own: Get-ChildItem "
              "'Cert:\\LocalMachine\\Remote Desktop' | ForEach-Object { $_.GetCertHashString("
              "'SHA256') }"),
          SAY("From a host in the server's own network: rdpwhy probe -u NAME {target} - if it goes "
              "through there, the device is on the way between")),
    TEXTS(SAY("Except RDP from TLS inspection (risk: none for RDP; NLA is built so that it cannot "
              "be inspected)"))};

static const struct why_rule_info rule_credssp_outdated = {
    "credssp-outdated",
    WHY_SEVERITY_WARNING,
    "The server's CredSSP is older than version 5: patched Windows clients refuse it (\"encryption "
    "oracle remediation\")",
    TEXTS(SAY("the server lacks the CredSSP update of 2018 (CVE-2018-0886)"),
          SAY("a third-party server with an old CredSSP")),
    TEXTS(SAY("On the server: Get-HotFix | Sort-Object InstalledOn | Select-Object -Last 5; "
              "(Get-Item C:\\Windows\\System32\\credssp.dll).VersionInfo.FileVersion"),
          SAY("On the client, what it allows: (Get-ItemProperty "
              "'HKLM:\\SOFTWARE\\Microsoft\\Windows\\"
              "CurrentVersion\\Policies\\System\\CredSSP\\Parameters').AllowEncryptionOracle")),
    TEXTS(SAY("Update the server (risk: a restart)"),
          SAY("AllowEncryptionOracle=2 on the client only long enough to do that (risk: opens the "
              "client to the attack that the update closes)"))};

static const struct why_rule_info rule_fresh_credentials = {
    "fresh-credentials-required",
    WHY_SEVERITY_ERROR,
    "The server takes no stored password: it must be typed",
    TEXTS(SAY("the policy \"Always prompt for password upon connection\" on the server "
              "(fPromptForPassword)")),
    TEXTS(SAY("On the server: Get-ItemProperty 'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\"
              "Terminal Services' | Format-List fPromptForPassword")),
    TEXTS(SAY("Type the password; on a Windows client remove the stored one: cmdkey "
              "/delete:TERMSRV/{host} (risk: none)"))};

#endif /* !defined(RDPWHY_RULES_LOGON_H) */
