/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_WIN32_H
#define RDPWHY_ROWS_WIN32_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* [MS-ERREF] 2.2; learn.microsoft.com: Windows Sockets Error Codes */
static const struct why_code_row win32_rows[] = {
    {3, "ERROR_PATH_NOT_FOUND",
     "what generic look-ups print for a bare 3; has nothing to do with mstsc's reason 0x3"},
    {5, "ERROR_ACCESS_DENIED", "access denied"},
    {7, "ERROR_ARENA_TRASHED",
     "what generic look-ups print for a bare 7; has nothing to do with 0x904/0x7"},
    {53, "ERROR_BAD_NETPATH", "the network path was not found"},
    {64, "ERROR_NETNAME_DELETED", "the connection is gone"},
    {121, "ERROR_SEM_TIMEOUT", "the operation took too long"},
    {234, "ERROR_MORE_DATA",
     "an internal buffer was too small; FreeRDP's own server ends a wrong password so "
     "(0xC00700EA)"},
    {1225, "ERROR_CONNECTION_REFUSED", "the TCP connection was refused"},
    {1231, "ERROR_NETWORK_UNREACHABLE", "the network is not reachable"},
    {1232, "ERROR_HOST_UNREACHABLE", "the host is not reachable"},
    {1236, "ERROR_CONNECTION_ABORTED", "the connection was aborted by this computer"},
    {1326, "ERROR_LOGON_FAILURE", "unknown account or wrong password"},
    {1327, "ERROR_ACCOUNT_RESTRICTION", "a restriction of the account forbids the logon"},
    {1328, "ERROR_INVALID_LOGON_HOURS", "the account may not log on at this time"},
    {1330, "ERROR_PASSWORD_EXPIRED", "the password is expired"},
    {1331, "ERROR_ACCOUNT_DISABLED", "the account is disabled"},
    {1385, "ERROR_LOGON_TYPE_NOT_GRANTED", "the account lacks the right for this kind of logon"},
    {1460, "ERROR_TIMEOUT", "the operation took too long"},
    {1907, "ERROR_PASSWORD_MUST_CHANGE", "the password must be changed before the first logon"},
    {1909, "ERROR_ACCOUNT_LOCKED_OUT", "the account is locked out"},
    {10013, "WSAEACCES", "the local firewall or policy forbids the connection"},
    {10053, "WSAECONNABORTED", "the connection was aborted by this computer"},
    {10054, "WSAECONNRESET", "the connection was reset by the peer"},
    {10060, "WSAETIMEDOUT", "the TCP connection timed out"},
    {10061, "WSAECONNREFUSED", "the TCP connection was refused"},
    {10065, "WSAEHOSTUNREACH", "the host is not reachable"},
    {11001, "WSAHOST_NOT_FOUND", "the name has no address"},
};

#endif /* !defined(RDPWHY_ROWS_WIN32_H) */
