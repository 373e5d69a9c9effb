/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_REPORTED_H
#define RDPWHY_ROWS_REPORTED_H

#include <rdpwhy/knowledge.h>

/*
 * Rows for advice.c, the only file that includes this one: what people have reported of a code,
 * each with the page that says so. None of it is in a reference, and a report of one cause does not
 * rule others out: the words say who saw what, never what it is.
 */

#define TECHNET_WIKI                                                                               \
    "TechNet Wiki 37870: the client's own text (IMsRdpClient5::GetErrorDescription)"

static const struct why_code_report reported_rows[] = {
    {"mstsc", 0x4, "clients from Microsoft's store show it for very different servers",
     "github.com/MicrosoftDocs/windowsserverdocs/issues/6726; "
     "github.com/neutrinolabs/xrdp/issues/3015"},
    {"mstsc", 0x207,
     "mRemoteNG: right after the credentials were entered for a server that requires NLA",
     "github.com/mRemoteNG/mRemoteNG/issues/29"},
    {"mstsc", 0x207,
     "Microsoft's client for macOS before 10.1.8: the server lacked the CredSSP update of 2018 "
     "(CVE-2018-0886)",
     "learn.microsoft.com: What's new in the Remote Desktop client for macOS"},
    {"mstsc", 0x516,
     "seen without any other session: after a session that did not end cleanly, and where no "
     "connection came up at all",
     "learn.microsoft.com/answers/questions/1166478"},
    {"mstsc", 0x516,
     "the client from Microsoft's store cannot reach localhost, the near end of an SSH tunnel for "
     "example; mstsc.exe can",
     "serverfault.com/questions/1098656"},
    {"mstsc", 0x807,
     "Microsoft's client for macOS with an Entra account (AzureAD\\NAME); without NLA it got in",
     "github.com/MicrosoftDocs/windowsserverdocs/issues/1955"},
    {"mstsc", 0x907,
     "\"an unexpected server authentication certificate was received\": another one than the "
     "client "
     "expected",
     TECHNET_WIKI},
    {"mstsc", 0xB09,
     "\"the remote computer requires Network Level Authentication, which your computer does not "
     "support\"",
     TECHNET_WIKI},
    {"mstsc", 0xB09, "mRemoteNG with CredSSP switched off in the connection",
     "github.com/mRemoteNG/mRemoteNG/issues/875"},
    {"mstsc", 0xD06,
     "a client program with many sessions open (mRemoteNG, RDCMan, IAP Desktop) has no memory left "
     "for "
     "another; mstsc.exe still connects at the same time, so it is not the server",
     "github.com/mRemoteNG/mRemoteNG/issues/864; github.com/MicrosoftDocs/sysinternals/issues/796; "
     "github.com/GoogleCloudPlatform/iap-desktop/issues/1203"},
    {"mstsc", 0xD06,
     "xrdp sent graphics that the client could not take: drawing orders, a very large screen",
     "github.com/neutrinolabs/xrdp/issues/246; github.com/neutrinolabs/xrdp/issues/3571"},
    {"mstsc", 0xE09, "\"the remote PC doesn't support Restricted Administration mode\"",
     TECHNET_WIKI},
    {"mstsc", 0xE09,
     "a policy of the client requires Restricted Admin mode or Remote Credential Guard",
     "github.com/microsoft/wslg/issues/734"},
    {"mstsc", 0x1104,
     "\"because of a protocol error detected at the client (code 0x1104)\"; no cause was found",
     "github.com/stascorp/rdpwrap/issues/363"},
    {"mstsc", 0x1108,
     "mRemoteNG with many sessions open: it connects again once some are closed, as if the program "
     "were short of memory; some see it in turn with 3334",
     "github.com/mRemoteNG/mRemoteNG/issues/328; github.com/mRemoteNG/mRemoteNG/issues/1843"},
    {"mstsc", 0x1108, "IAP Desktop's own text: the connection to the server was lost",
     "github.com/GoogleCloudPlatform/iap-desktop: RdpDisconnectedException"},
    {"mstsc", 0x2104,
     "Microsoft's client for macOS and the self-signed certificate of an xrdp; a new certificate "
     "solved it",
     "github.com/neutrinolabs/xrdp/issues/1922"},
    {"error-info", 0x112F,
     "the server does not support the client's resolution or graphics mode; another one may work "
     "(xfreerdp: /rfx, /gfx:RFX, /gfx:AVC444)",
     "github.com/FreeRDP/FreeRDP/issues/7631; github.com/FreeRDP/FreeRDP/issues/3745"},
    {"error-info", 0x112F, "a black screen, then this, with several monitors",
     "projecteli.tistory.com/m/207"},
    {"sspi", 0x80090302,
     "an old Windows (Vista) shows it where the server's TLS versions are too new for it",
     "github.com/neutrinolabs/xrdp/issues/1172"},
    {"sspi", 0x80090308,
     "authentication_result of an Entra sign-in (aad): the server did not take the client's token",
     "github.com/FreeRDP/FreeRDP/issues/9363; github.com/FreeRDP/FreeRDP/issues/9800"},
    {"guacamole", 519,
     "Next Terminal: the server was there, and the connection's security settings did not fit",
     "github.com/next-terminal/next-terminal/issues/540"},
};

#endif /* !defined(RDPWHY_ROWS_REPORTED_H) */
