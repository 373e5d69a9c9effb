/* SPDX-License-Identifier: Apache-2.0 */
#include "base/system_error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#define SYSTEM "linux"
#elif defined(__APPLE__)
#define SYSTEM "macos"
#else
#define SYSTEM "unix"
#endif

/* No system counts errors up to here; it fits an int, so that no cast makes another number of it.
 */
#define FOREIGN      0x1000000
#define UNKNOWN      (FOREIGN + 0xFFFF)
#define UNKNOWN_NAME "unknown"

/* A name that other systems have: its value is FOREIGN and its row. */
#define NOT_HERE INT32_MIN

/* Names that POSIX does not ask for, or that not every system has. */
#ifndef EMULTIHOP
#define EMULTIHOP NOT_HERE
#endif
#ifndef ENOLINK
#define ENOLINK NOT_HERE
#endif
#ifndef EHOSTDOWN
#define EHOSTDOWN NOT_HERE
#endif
#ifndef ENODATA
#define ENODATA NOT_HERE
#endif
#ifndef ENONET
#define ENONET NOT_HERE
#endif
#ifndef ENOSR
#define ENOSR NOT_HERE
#endif
#ifndef ENOSTR
#define ENOSTR NOT_HERE
#endif
#ifndef ENOTBLK
#define ENOTBLK NOT_HERE
#endif
#ifndef EPFNOSUPPORT
#define EPFNOSUPPORT NOT_HERE
#endif
#ifndef EREMOTE
#define EREMOTE NOT_HERE
#endif
#ifndef ESHUTDOWN
#define ESHUTDOWN NOT_HERE
#endif
#ifndef ESOCKTNOSUPPORT
#define ESOCKTNOSUPPORT NOT_HERE
#endif
#ifndef ETIME
#define ETIME NOT_HERE
#endif
#ifndef ETOOMANYREFS
#define ETOOMANYREFS NOT_HERE
#endif
#ifndef EUSERS
#define EUSERS NOT_HERE
#endif
#ifndef EAI_BADHINTS
#define EAI_BADHINTS NOT_HERE
#endif
#ifndef EAI_PROTOCOL
#define EAI_PROTOCOL NOT_HERE
#endif
#ifndef WHY_EAI_ADDRFAMILY
#define WHY_EAI_ADDRFAMILY NOT_HERE
#endif
#ifndef WHY_EAI_NODATA
#define WHY_EAI_NODATA NOT_HERE
#endif

struct row {
    const char *name;
    int linux_number; /* of generic Linux and glibc; 0: Linux does not have it */
    int number;       /* this system's, or NOT_HERE */
    const char *text; /* glibc's, without its locale: the same on every system */
};

/* POSIX.1-2008 <errno.h>, and what sockets of Linux and BSD report besides. EWOULDBLOCK and ENOTSUP
 * are EAGAIN and EOPNOTSUPP here: no reader tells them apart. */
static const struct row errno_rows[] = {
    {"E2BIG", 7, E2BIG, "Argument list too long"},
    {"EACCES", 13, EACCES, "Permission denied"},
    {"EADDRINUSE", 98, EADDRINUSE, "Address already in use"},
    {"EADDRNOTAVAIL", 99, EADDRNOTAVAIL, "Cannot assign requested address"},
    {"EAFNOSUPPORT", 97, EAFNOSUPPORT, "Address family not supported by protocol"},
    {"EAGAIN", 11, EAGAIN, "Resource temporarily unavailable"},
    {"EALREADY", 114, EALREADY, "Operation already in progress"},
    {"EBADF", 9, EBADF, "Bad file descriptor"},
    {"EBADMSG", 74, EBADMSG, "Bad message"},
    {"EBUSY", 16, EBUSY, "Device or resource busy"},
    {"ECANCELED", 125, ECANCELED, "Operation canceled"},
    {"ECHILD", 10, ECHILD, "No child processes"},
    {"ECONNABORTED", 103, ECONNABORTED, "Software caused connection abort"},
    {"ECONNREFUSED", 111, ECONNREFUSED, "Connection refused"},
    {"ECONNRESET", 104, ECONNRESET, "Connection reset by peer"},
    {"EDEADLK", 35, EDEADLK, "Resource deadlock avoided"},
    {"EDESTADDRREQ", 89, EDESTADDRREQ, "Destination address required"},
    {"EDOM", 33, EDOM, "Numerical argument out of domain"},
    {"EDQUOT", 122, EDQUOT, "Disk quota exceeded"},
    {"EEXIST", 17, EEXIST, "File exists"},
    {"EFAULT", 14, EFAULT, "Bad address"},
    {"EFBIG", 27, EFBIG, "File too large"},
    {"EHOSTDOWN", 112, EHOSTDOWN, "Host is down"},
    {"EHOSTUNREACH", 113, EHOSTUNREACH, "No route to host"},
    {"EIDRM", 43, EIDRM, "Identifier removed"},
    {"EILSEQ", 84, EILSEQ, "Invalid or incomplete multibyte or wide character"},
    {"EINPROGRESS", 115, EINPROGRESS, "Operation now in progress"},
    {"EINTR", 4, EINTR, "Interrupted system call"},
    {"EINVAL", 22, EINVAL, "Invalid argument"},
    {"EIO", 5, EIO, "Input/output error"},
    {"EISCONN", 106, EISCONN, "Transport endpoint is already connected"},
    {"EISDIR", 21, EISDIR, "Is a directory"},
    {"ELOOP", 40, ELOOP, "Too many levels of symbolic links"},
    {"EMFILE", 24, EMFILE, "Too many open files"},
    {"EMLINK", 31, EMLINK, "Too many links"},
    {"EMSGSIZE", 90, EMSGSIZE, "Message too long"},
    {"EMULTIHOP", 72, EMULTIHOP, "Multihop attempted"},
    {"ENAMETOOLONG", 36, ENAMETOOLONG, "File name too long"},
    {"ENETDOWN", 100, ENETDOWN, "Network is down"},
    {"ENETRESET", 102, ENETRESET, "Network dropped connection on reset"},
    {"ENETUNREACH", 101, ENETUNREACH, "Network is unreachable"},
    {"ENFILE", 23, ENFILE, "Too many open files in system"},
    {"ENOBUFS", 105, ENOBUFS, "No buffer space available"},
    {"ENODATA", 61, ENODATA, "No data available"},
    {"ENODEV", 19, ENODEV, "No such device"},
    {"ENOENT", 2, ENOENT, "No such file or directory"},
    {"ENOEXEC", 8, ENOEXEC, "Exec format error"},
    {"ENOLCK", 37, ENOLCK, "No locks available"},
    {"ENOLINK", 67, ENOLINK, "Link has been severed"},
    {"ENOMEM", 12, ENOMEM, "Cannot allocate memory"},
    {"ENOMSG", 42, ENOMSG, "No message of desired type"},
    {"ENONET", 64, ENONET, "Machine is not on the network"},
    {"ENOPROTOOPT", 92, ENOPROTOOPT, "Protocol not available"},
    {"ENOSPC", 28, ENOSPC, "No space left on device"},
    {"ENOSR", 63, ENOSR, "Out of streams resources"},
    {"ENOSTR", 60, ENOSTR, "Device not a stream"},
    {"ENOSYS", 38, ENOSYS, "Function not implemented"},
    {"ENOTBLK", 15, ENOTBLK, "Block device required"},
    {"ENOTCONN", 107, ENOTCONN, "Transport endpoint is not connected"},
    {"ENOTDIR", 20, ENOTDIR, "Not a directory"},
    {"ENOTEMPTY", 39, ENOTEMPTY, "Directory not empty"},
    {"ENOTRECOVERABLE", 131, ENOTRECOVERABLE, "State not recoverable"},
    {"ENOTSOCK", 88, ENOTSOCK, "Socket operation on non-socket"},
    {"ENOTTY", 25, ENOTTY, "Inappropriate ioctl for device"},
    {"ENXIO", 6, ENXIO, "No such device or address"},
    {"EOPNOTSUPP", 95, EOPNOTSUPP, "Operation not supported"},
    {"EOVERFLOW", 75, EOVERFLOW, "Value too large for defined data type"},
    {"EOWNERDEAD", 130, EOWNERDEAD, "Owner died"},
    {"EPERM", 1, EPERM, "Operation not permitted"},
    {"EPFNOSUPPORT", 96, EPFNOSUPPORT, "Protocol family not supported"},
    {"EPIPE", 32, EPIPE, "Broken pipe"},
    {"EPROTO", 71, EPROTO, "Protocol error"},
    {"EPROTONOSUPPORT", 93, EPROTONOSUPPORT, "Protocol not supported"},
    {"EPROTOTYPE", 91, EPROTOTYPE, "Protocol wrong type for socket"},
    {"ERANGE", 34, ERANGE, "Numerical result out of range"},
    {"EREMOTE", 66, EREMOTE, "Object is remote"},
    {"EROFS", 30, EROFS, "Read-only file system"},
    {"ESHUTDOWN", 108, ESHUTDOWN, "Cannot send after transport endpoint shutdown"},
    {"ESOCKTNOSUPPORT", 94, ESOCKTNOSUPPORT, "Socket type not supported"},
    {"ESPIPE", 29, ESPIPE, "Illegal seek"},
    {"ESRCH", 3, ESRCH, "No such process"},
    {"ESTALE", 116, ESTALE, "Stale file handle"},
    {"ETIME", 62, ETIME, "Timer expired"},
    {"ETIMEDOUT", 110, ETIMEDOUT, "Connection timed out"},
    {"ETOOMANYREFS", 109, ETOOMANYREFS, "Too many references: cannot splice"},
    {"ETXTBSY", 26, ETXTBSY, "Text file busy"},
    {"EUSERS", 87, EUSERS, "Too many users"},
    {"EXDEV", 18, EXDEV, "Invalid cross-device link"},
};

/* RFC 3493 6.1, POSIX.1-2008 <netdb.h>, and glibc's and BSD's own. */
static const struct row resolver_rows[] = {
    {"EAI_ADDRFAMILY", -9, WHY_EAI_ADDRFAMILY, "Address family for hostname not supported"},
    {"EAI_AGAIN", -3, EAI_AGAIN, "Temporary failure in name resolution"},
    {"EAI_BADFLAGS", -1, EAI_BADFLAGS, "Bad value for ai_flags"},
    {"EAI_BADHINTS", 0, EAI_BADHINTS, "Bad hints"},
    {"EAI_FAIL", -4, EAI_FAIL, "Non-recoverable failure in name resolution"},
    {"EAI_FAMILY", -6, EAI_FAMILY, "ai_family not supported"},
    {"EAI_MEMORY", -10, EAI_MEMORY, "Memory allocation failure"},
    {"EAI_NODATA", -5, WHY_EAI_NODATA, "No address associated with hostname"},
    {"EAI_NONAME", -2, EAI_NONAME, "Name or service not known"},
    {"EAI_OVERFLOW", -12, EAI_OVERFLOW, "Result too large for supplied buffer"},
    {"EAI_PROTOCOL", 0, EAI_PROTOCOL, "Resolved protocol is unknown"},
    {"EAI_SERVICE", -8, EAI_SERVICE, "Servname not supported for ai_socktype"},
    {"EAI_SOCKTYPE", -7, EAI_SOCKTYPE, "ai_socktype not supported"},
    {"EAI_SYSTEM", -11, EAI_SYSTEM, "System error"},
};

struct table {
    const struct row *rows;
    size_t count;
};
#define ROWS(rows) ((struct table){rows, sizeof(rows) / sizeof((rows)[0])})

static struct table table_of(enum why_code_space space)
{
    if (space == WHY_SPACE_ERRNO)
        return ROWS(errno_rows);
    return space == WHY_SPACE_RESOLVER ? ROWS(resolver_rows) : (struct table){NULL, 0};
}

static int64_t value_of(const struct table *table, const struct row *row)
{
    return row->number != NOT_HERE ? row->number : FOREIGN + (row - table->rows);
}

static const struct row *find(const struct table *table, int64_t value)
{
    for (size_t i = 0; i < table->count; i++) {
        if (value_of(table, &table->rows[i]) == value)
            return &table->rows[i];
    }
    return NULL;
}

bool why_system_error_space(enum why_code_space space)
{
    return space == WHY_SPACE_ERRNO || space == WHY_SPACE_RESOLVER;
}

bool why_system_error_is_elsewhere(int64_t value)
{
    return value >= FOREIGN && value <= UNKNOWN;
}

const char *why_system_error_name(enum why_code_space space, int64_t value)
{
    struct table table = table_of(space);
    const struct row *row = find(&table, value);

    return row != NULL ? row->name : NULL;
}

const char *why_system_error_text(enum why_code_space space, int64_t value)
{
    struct table table = table_of(space);
    const struct row *row = find(&table, value);

    return row != NULL ? row->text : "an error that has no name";
}

const char *why_system_error_write(enum why_code_space space, int64_t value, char *buf)
{
    const char *name = why_system_error_name(space, value);

    if (name != NULL)
        return name;
    if (why_system_error_is_elsewhere(value))
        return UNKNOWN_NAME;
    (void)snprintf(buf, WHY_SYSTEM_ERROR_MAX, SYSTEM ":%" PRId64, value);
    return buf;
}

/* "linux:133": true where it is of this system. */
static bool own_number(const char *name, int64_t *value)
{
    const char *digits = name + strlen(SYSTEM ":");
    char *end;
    long long number;

    if (strncmp(name, SYSTEM ":", strlen(SYSTEM ":")) != 0)
        return false;
    number = strtoll(digits, &end, 10);
    *value = number;
    return end != digits && *end == '\0' && !why_system_error_is_elsewhere(number);
}

int64_t why_system_error_read(enum why_code_space space, const char *name)
{
    struct table table = table_of(space);
    int64_t value;

    for (size_t i = 0; i < table.count; i++) {
        if (strcmp(table.rows[i].name, name) == 0)
            return value_of(&table, &table.rows[i]);
    }
    return own_number(name, &value) ? value : UNKNOWN;
}

int64_t why_system_error_linux(enum why_code_space space, int64_t number)
{
    struct table table = table_of(space);

    for (size_t i = 0; number != 0 && i < table.count; i++) {
        if (table.rows[i].linux_number == number)
            return value_of(&table, &table.rows[i]);
    }
#ifdef __linux__
    return why_system_error_is_elsewhere(number) ? UNKNOWN : number;
#else
    return number == 0 ? 0 : UNKNOWN;
#endif
}

size_t why_system_error_count(enum why_code_space space)
{
    return table_of(space).count;
}

const char *why_system_error_at(enum why_code_space space, size_t index)
{
    struct table table = table_of(space);

    return index < table.count ? table.rows[index].name : NULL;
}
