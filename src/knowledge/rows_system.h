/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_SYSTEM_H
#define RDPWHY_ROWS_SYSTEM_H

#include <errno.h>
#include <netdb.h>

#include <rdpwhy/knowledge.h>

#include "base/system_error.h"

/*
 * Rows for tables.c, the only file that includes this one. The values are this system's own and
 * differ from one to the next; that is why they are not sorted. src/base/system_error.c has all
 * names; here are those that something can be said of.
 */

/* POSIX.1-2008 <errno.h>: what sockets report */
static const struct why_code_row errno_rows[] = {
    {EPERM, "EPERM", "a local firewall or policy forbids the connection"},
    {EINTR, "EINTR", "interrupted by a signal"},
    {ENOMEM, "ENOMEM", "this computer is out of memory"},
    {EACCES, "EACCES", "a local firewall or policy forbids the connection"},
    {EINVAL, "EINVAL", "not valid for this socket or address"},
    {ENFILE, "ENFILE", "too many open files on this computer"},
    {EMFILE, "EMFILE", "too many open files in this process"},
    {EPIPE, "EPIPE", "the connection was closed before we sent"},
    {EPROTO, "EPROTO", "protocol error"},
    {EAFNOSUPPORT, "EAFNOSUPPORT", "this computer does not have the address family"},
    {EADDRINUSE, "EADDRINUSE", "the local address is in use; also: no local port is free"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL", "the local address is not there; also: no local port is free"},
    {ENETDOWN, "ENETDOWN", "the network interface is down"},
    {ENETUNREACH, "ENETUNREACH", "there is no route to the network"},
    {ENETRESET, "ENETRESET", "the network dropped the connection"},
    {ECONNABORTED, "ECONNABORTED", "the connection was aborted by this computer"},
    {ECONNRESET, "ECONNRESET", "the peer, or something in between, reset the connection (RST)"},
    {ENOBUFS, "ENOBUFS", "this computer has no buffer space left"},
    {ENOTCONN, "ENOTCONN", "the socket is not connected"},
    {ETIMEDOUT, "ETIMEDOUT", "no answer within the time TCP waits"},
    {ECONNREFUSED, "ECONNREFUSED", "nothing listens on that port, or a firewall says so (RST)"},
#ifdef EHOSTDOWN
    {EHOSTDOWN, "EHOSTDOWN", "the host is down: it does not answer on its own network"},
#endif
    {EHOSTUNREACH, "EHOSTUNREACH",
     "there is no route to the host, or a firewall rejects the packets"},
};

/* RFC 3493 6.1 and POSIX.1-2008 <netdb.h>: what getaddrinfo reports */
static const struct why_code_row resolver_rows[] = {
    {EAI_AGAIN, "EAI_AGAIN", "no name server answered for now"},
    {EAI_BADFLAGS, "EAI_BADFLAGS", "internal error: flags not valid"},
    {EAI_FAIL, "EAI_FAIL", "the name server failed for good"},
    {EAI_FAMILY, "EAI_FAMILY", "the address family is not supported"},
    {EAI_MEMORY, "EAI_MEMORY", "this computer is out of memory"},
    {EAI_NONAME, "EAI_NONAME", "the name is not known"},
    {EAI_OVERFLOW, "EAI_OVERFLOW", "the answer does not fit"},
    {EAI_SERVICE, "EAI_SERVICE", "the port is not known for this kind of socket"},
    {EAI_SOCKTYPE, "EAI_SOCKTYPE", "the kind of socket is not supported"},
    {EAI_SYSTEM, "EAI_SYSTEM", "a system error, see errno"},
#ifdef WHY_EAI_NODATA
    {WHY_EAI_NODATA, "EAI_NODATA", "the name is known but has no address"},
#endif
#ifdef WHY_EAI_ADDRFAMILY
    {WHY_EAI_ADDRFAMILY, "EAI_ADDRFAMILY", "the name has no address of the family asked for"},
#endif
};

#endif /* !defined(RDPWHY_ROWS_SYSTEM_H) */
