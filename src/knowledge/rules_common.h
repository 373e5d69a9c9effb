/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_COMMON_H
#define RDPWHY_RULES_COMMON_H

#include <rdpwhy/rules.h>

/* What several rules say alike. The rows themselves are in the rules_*.h beside this file. */

#define TEXTS(...)                                                                                 \
    (const struct why_rule_text[])                                                                 \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0, NULL                                                                                \
        }                                                                                          \
    }
#define SAY(text)                                                                                  \
    {                                                                                              \
        0, text                                                                                    \
    }

/* Event logs of Windows. The provider's long names are cut to what Get-WinEvent needs. */
#define EVENTS(log, ids)                                                                           \
    "Get-WinEvent -FilterHashtable @{LogName='" log "'; Id=" ids "} -MaxEvents 20"
#define SCHANNEL_EVENTS                                                                            \
    "Get-WinEvent -FilterHashtable @{LogName='System'; ProviderName='Schannel'; "                  \
    "Id=36870,36871,36874,36887,36888} -MaxEvents 20"
/* Over all logs of the provider. */
#define RCM_EVENTS(ids)                                                                            \
    "Get-WinEvent -FilterHashtable "                                                               \
    "@{ProviderName='Microsoft-Windows-TerminalServices-RemoteConnectionManager'; Id=" ids         \
    "} -MaxEvents 20"
#define LSM_LOG         "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
#define CORE_LOG        "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational"
#define RDP_TCP         "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp"
#define TERMINAL_SERVER "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server"
#define SCHANNEL_KEY                                                                               \
    "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols"

#define CHECK_PORT_OWNER                                                                           \
    "On the server, who listens: Get-Process -Id (Get-NetTCPConnection -LocalPort {port} -State "  \
    "Listen).OwningProcess (on Linux: ss -ltnp 'sport = :{port}')"
#define CHECK_XRDP_LOG "On xrdp: grep -iE 'error|warn' /var/log/xrdp.log | tail -40"

/* Which certificate the listener uses, and whether its key is there. */
#define CHECK_BOUND_CERTIFICATE                                                                    \
    "On the server, which certificate the listener is told to use: (Get-ItemProperty '" RDP_TCP    \
    "').SSLCertificateSHA1Hash; then whether it has its key: Get-ChildItem "                       \
    "'Cert:\\LocalMachine\\Remote Desktop',Cert:\\LocalMachine\\My | Format-List "                 \
    "Thumbprint,NotAfter,HasPrivateKey"
#define CHECK_SCHANNEL                                                                             \
    "On the server: " SCHANNEL_EVENTS                                                              \
    " - 36870: the private key cannot be read; 36871: the TLS credential could not be made; "      \
    "36874: no cipher suite or version in common; 36887: the client sent an alert; 36888: the "    \
    "server sent one, with its number"
#define CHECK_RCM_CERTIFICATE                                                                      \
    "On the server: " RCM_EVENTS(                                                                  \
        "1051,1053,1054,1055,1056,1057,1058,1059,1064,1065") " - 1055: the private key of the "    \
                                                             "configured certificate cannot be "   \
                                                             "read; 1057 and 1058: the "           \
                                                             "self-signed certificate could not "  \
                                                             "be made or renewed, with the "       \
                                                             "reason (access denied points at "    \
                                                             "MachineKeys); 1051, 1053, 1054: "    \
                                                             "the "                                \
                                                             "configured certificate is "          \
                                                             "unusable, "                          \
                                                             "expired, or not made for servers"
#define CHECK_MACHINE_KEYS                                                                         \
    "On the server, who may read the keys: icacls "                                                \
    "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys - and for the listener's own key that "  \
    "NETWORK SERVICE has read access"
#define FIX_RENEW_SELF_SIGNED                                                                      \
    "Let Windows make a new self-signed certificate: delete the one in 'Cert:\\LocalMachine\\"     \
    "Remote Desktop', then Restart-Service TermService -Force (risk: ends every remote session "   \
    "on the server; clients that remembered the old certificate warn once)"
#define FIX_BIND_CERTIFICATE                                                                       \
    "Bind a valid certificate that has its private key: $t = Get-CimInstance -Namespace "          \
    "root/cimv2/TerminalServices Win32_TSGeneralSetting; Set-CimInstance $t -Property "            \
    "@{SSLCertificateSHA1Hash='THUMBPRINT'} (risk: low; counts for new connections; a group "      \
    "policy with a certificate template overrides it)"
#define FIX_KEY_PERMISSION                                                                         \
    "Give NETWORK SERVICE read access to the certificate's private key (certlm.msc, All Tasks, "   \
    "Manage Private Keys) and restore the default rights of the MachineKeys folder (risk: too "    \
    "wide a right exposes the machine's keys; note the old rights first: icacls ... /save)"
#define FIX_RESTART_TERMSERVICE                                                                    \
    "Restart-Service TermService -Force (risk: ends every remote session on the server)"

#endif /* !defined(RDPWHY_RULES_COMMON_H) */
