/* SPDX-License-Identifier: Apache-2.0 */
#include "target_text.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#define NAME_MAX_CHARS  253u /* RFC 1035 2.3.4, without the final dot */
#define LABEL_MAX_CHARS 63u
#define ZONE_MAX        63u
#define QUOTED_MAX      80u /* of the text, in a message */

struct parser {
    const char *text; /* all of it, for messages */
    char *err;
    size_t errlen;
};

/* The second byte of a C1 control character in UTF-8, which terminals obey like ESC [. */
static bool is_c1(char c)
{
    return (unsigned char)c >= 0x80 && (unsigned char)c <= 0x9F;
}

/*
 * Puts 'target "text": |problem|' into the message. Control characters become "?", so that a list
 * of targets cannot write to the terminal what it wants.
 */
static int fail(const struct parser *p, const char *problem)
{
    char quoted[QUOTED_MAX + 1];
    size_t i;

    for (i = 0; i < QUOTED_MAX && p->text[i] != '\0'; i++) {
        unsigned char c = (unsigned char)p->text[i];

        quoted[i] = c < ' ' || c == 0x7F || (c == 0xC2 && is_c1(p->text[i + 1])) ||
                            (i > 0 && (unsigned char)p->text[i - 1] == 0xC2 && is_c1(p->text[i]))
                        ? '?'
                        : p->text[i];
    }
    quoted[i] = '\0';
    if (p->errlen > 0)
        snprintf(p->err, p->errlen, "target \"%s%s\": %s", quoted, p->text[i] == '\0' ? "" : "...",
                 problem);
    return WHY_ERR_USAGE;
}

static bool is_ipv4(const char *host)
{
    struct in_addr address;

    return inet_pton(AF_INET, host, &address) == 1;
}

bool why_ipv6_canonical(const char *host, char *buf, size_t len)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr binary;
    const char *zone = strchr(host, '%');
    size_t n = zone == NULL ? strlen(host) : (size_t)(zone - host);

    if (n >= sizeof(address))
        return false;
    memcpy(address, host, n);
    address[n] = '\0';
    if (inet_pton(AF_INET6, address, &binary) != 1)
        return false;
    if (zone != NULL && (zone[1] == '\0' || strlen(zone + 1) > ZONE_MAX))
        return false;
    if (inet_ntop(AF_INET6, &binary, address, sizeof(address)) == NULL)
        return false;
    return (size_t)snprintf(buf, len, "%s%s", address, zone == NULL ? "" : zone) < len;
}

static bool is_ipv6(const char *host)
{
    char canonical[INET6_ADDRSTRLEN + ZONE_MAX + 2];

    return why_ipv6_canonical(host, canonical, sizeof(canonical));
}

/* The number that |text| is, or -1: no number; -2: more than |max|. */
static long parse_number(const char *text, long max)
{
    long value = 0;

    if (*text == '\0')
        return -1;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return -1;
    }
    for (; *text != '\0'; text++) {
        value = value * 10 + (*text - '0');
        if (value > max)
            return -2;
    }
    return value;
}

static int set_port(const struct parser *p, const char *text, struct why_target_text *out)
{
    long port = parse_number(text, 65535);

    if (*text == '\0')
        return fail(p, "the port after the colon is missing");
    if (port == -1)
        return fail(p, "the port is not a number");
    if (port == -2)
        return fail(p, "the port is above 65535");
    if (port == 0)
        return fail(p, "the port must not be 0");
    out->port = (uint16_t)port;
    out->has_port = true;
    return WHY_OK;
}

/* Copies |len| bytes of |host|; what is checked is left to the caller. */
static int set_host(const struct parser *p, const char *host, size_t len,
                    struct why_target_text *out)
{
    if (len == 0)
        return fail(p, "the host is empty");
    if (len >= sizeof(out->host))
        return fail(p, "the host name is longer than 253 characters");
    memcpy(out->host, host, len);
    out->host[len] = '\0';
    return WHY_OK;
}

/*
 * The limits of DNS names. Characters are counted, not bytes: names in other scripts are passed on
 * to the resolver as UTF-8.
 */
static int check_name(const struct parser *p, const char *name)
{
    size_t all = 0, label = 0;

    for (const char *c = name; *c != '\0'; c++) {
        if (((unsigned char)*c & 0xC0) == 0x80)
            continue;
        if (*c == '.' && label == 0)
            return fail(p, "the host name has an empty label");
        label = *c == '.' ? 0 : label + 1;
        if (label > LABEL_MAX_CHARS)
            return fail(p, "a label of the host name is longer than 63 characters");
        all += *c == '.' && c[1] == '\0' ? 0 : 1;
    }
    if (all > NAME_MAX_CHARS)
        return fail(p, "the host name is longer than 253 characters");
    return WHY_OK;
}

/* [v6] or [v6]:port */
static int parse_bracketed(const struct parser *p, const char *rest, struct why_target_text *out)
{
    const char *close = strchr(rest, ']');
    int status;

    if (close == NULL)
        return fail(p, "the closing bracket is missing");
    status = set_host(p, rest + 1, (size_t)(close - rest - 1), out);
    if (status != WHY_OK)
        return status;
    if (!is_ipv6(out->host))
        return fail(p, "the text in brackets is not an IPv6 address");
    if (close[1] == ':')
        return set_port(p, close + 2, out);
    if (close[1] != '\0')
        return fail(p, "only a colon and a port may follow the closing bracket");
    return WHY_OK;
}

/* address/prefix or, for IPv4, address/prefix:port */
static int parse_range(const struct parser *p, const char *rest, struct why_target_text *out)
{
    const char *slash = strchr(rest, '/');
    const char *colon = strchr(slash, ':');
    char digits[8];
    size_t len = colon == NULL ? strlen(slash + 1) : (size_t)(colon - slash - 1);
    bool ipv6;
    long prefix;
    int status = set_host(p, rest, (size_t)(slash - rest), out);

    if (status != WHY_OK)
        return status;
    ipv6 = is_ipv6(out->host);
    if (!ipv6 && !is_ipv4(out->host))
        return fail(p, "a target has no path, and a range begins with an address");
    if (ipv6 && strchr(out->host, '%') != NULL)
        return fail(p, "a range cannot have a zone");
    if (len >= sizeof(digits))
        return fail(p, "the prefix length of the range is not a number");
    memcpy(digits, slash + 1, len);
    digits[len] = '\0';
    prefix = parse_number(digits, ipv6 ? 128 : 32);
    if (prefix == -1)
        return fail(p, "the prefix length of the range is not a number");
    if (prefix == -2)
        return fail(p, ipv6 ? "the prefix length of the range is above 128"
                            : "the prefix length of the range is above 32");
    if (prefix < (ipv6 ? 112 : 16))
        return fail(p, "the range has more than 65536 addresses");
    out->prefix = (int)prefix;
    return colon == NULL ? WHY_OK : set_port(p, colon + 1, out);
}

/* host, host:port or a bare IPv6 address */
static int parse_plain(const struct parser *p, const char *rest, struct why_target_text *out)
{
    const char *colon = strchr(rest, ':');
    int status;

    if (colon != NULL && strchr(colon + 1, ':') != NULL) {
        status = set_host(p, rest, strlen(rest), out);
        if (status == WHY_OK && !is_ipv6(out->host))
            status = fail(p, "more than one colon, but not an IPv6 address; write an IPv6 address "
                             "with a port as [address]:port");
        return status;
    }
    status = set_host(p, rest, colon == NULL ? strlen(rest) : (size_t)(colon - rest), out);
    if (status == WHY_OK && colon != NULL)
        status = set_port(p, colon + 1, out);
    if (status == WHY_OK)
        status = check_name(p, out->host);
    return status;
}

/* What only looks like a range: addresses with a dash ("192.0.2.1-20"). A name may have a dash. */
static bool is_dash_range(const char *text)
{
    return strchr(text, '-') != NULL && strchr(text, '.') != NULL &&
           text[strspn(text, "0123456789.-")] == '\0';
}

/* What people write who know it from other programs, and no name server can know. */
static int check_habits(const struct parser *p)
{
    if (strcmp(p->text, "-") == 0)
        return fail(p, "a target is a host; to read targets from standard input, use --input -");
    if (strchr(p->text, ',') != NULL)
        return fail(p, "it contains a comma; separate targets with spaces, or give each a line of "
                       "--input");
    if (strchr(p->text, '*') != NULL)
        return fail(p, "wildcards cannot be looked up; name each host, or give a range as "
                       "192.0.2.0/24");
    if (is_dash_range(p->text))
        return fail(p, "a range is written with a prefix length: 192.0.2.0/24");
    return WHY_OK;
}

static int check_characters(const struct parser *p)
{
    for (const char *c = p->text; *c != '\0'; c++) {
        if (*c == ' ')
            return fail(p, "it contains a space");
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return fail(p, "it contains a control character");
        if (*c == '@')
            return fail(p, "a target has no user; use --user");
    }
    return WHY_OK;
}

/* Passes over "rdp://" and takes the slash at the end away. |rest| is of the text's size. */
static int strip_scheme(const struct parser *p, char *rest)
{
    char *separator = strstr(rest, "://");
    size_t len;

    if (separator == NULL)
        return WHY_OK;
    if (separator - rest != 3 || (rest[0] | 0x20) != 'r' || (rest[1] | 0x20) != 'd' ||
        (rest[2] | 0x20) != 'p')
        return fail(p, "the only known scheme is rdp://");
    memmove(rest, separator + 3, strlen(separator + 3) + 1);
    len = strlen(rest);
    if (len > 0 && rest[len - 1] == '/')
        rest[len - 1] = '\0';
    if (strpbrk(rest, "/?#") != NULL)
        return fail(p, "a target has no path");
    return WHY_OK;
}

/* Takes "?vmid=GUID" off the end: a console of Hyper-V, on its own port unless told otherwise. */
static int strip_vm(const struct parser *p, char *rest, struct why_target_text *out)
{
    char *query = strchr(rest, '?');
    const char *guid;

    out->vm[0] = '\0';
    if (query == NULL)
        return WHY_OK;
    guid = query + sizeof(WHY_VM_QUERY) - 1;
    if (strncmp(query, WHY_VM_QUERY, sizeof(WHY_VM_QUERY) - 1) != 0)
        return fail(p, "only ?vmid=GUID may follow a target");
    if (!why_is_guid(guid, strlen(guid)))
        return fail(p, "the virtual machine is not a GUID: "
                       "?vmid=01234567-89ab-cdef-0123-456789abcdef");
    snprintf(out->vm, sizeof(out->vm), "%s", guid);
    out->port = WHY_HYPER_V_PORT;
    *query = '\0';
    return WHY_OK;
}

int why_target_check_family(const char *text, const struct why_target_text *target, int family,
                            char *err, size_t errlen)
{
    struct parser p = {text, err, errlen};

    if (family == AF_INET && is_ipv6(target->host))
        return fail(&p, "an IPv6 address, but --ipv4 allows only IPv4");
    if (family == AF_INET6 && is_ipv4(target->host))
        return fail(&p, "an IPv4 address, but --ipv6 allows only IPv6");
    return WHY_OK;
}

/* RFC 4007 11: an address that every network has is reached through the one that the zone names. */
static int check_zone(const struct parser *p, const struct why_target_text *out)
{
    struct in6_addr address;

    if (inet_pton(AF_INET6, out->host, &address) != 1 || !IN6_IS_ADDR_LINKLOCAL(&address))
        return WHY_OK;
    return fail(p, "a link-local address needs its zone, the network interface: fe80::1%eth0");
}

int why_target_parse(const char *text, struct why_target_text *out, char *err, size_t errlen)
{
    struct parser p = {text, err, errlen};
    char rest[WHY_HOST_SIZE + sizeof("rdp://[]:65535/" WHY_VM_QUERY) + sizeof(out->vm)];
    int status;

    out->port = WHY_DEFAULT_PORT;
    out->has_port = false;
    out->prefix = -1;
    if (*text == '\0')
        return fail(&p, "the host is empty");
    status = check_characters(&p);
    if (status == WHY_OK)
        status = check_habits(&p);
    if (status != WHY_OK)
        return status;
    if (strlen(text) >= sizeof(rest))
        return fail(&p, "the host name is longer than 253 characters");
    memcpy(rest, text, strlen(text) + 1);
    status = strip_vm(&p, rest, out);
    if (status == WHY_OK)
        status = strip_scheme(&p, rest);
    if (status != WHY_OK)
        return status;

    if (rest[0] == '[') {
        status = parse_bracketed(&p, rest, out);
        return status == WHY_OK ? check_zone(&p, out) : status;
    }
    if (strpbrk(rest, "[]") != NULL)
        return fail(&p, "a bracket is in the wrong place");
    if (strchr(rest, '/') != NULL)
        return parse_range(&p, rest, out);
    status = parse_plain(&p, rest, out);
    return status == WHY_OK ? check_zone(&p, out) : status;
}

bool why_target_names_port(const char *place)
{
    const char *bracket = strrchr(place, ']'), *colon = strchr(bracket ? bracket : place, ':');

    return colon != NULL && (bracket != NULL || strchr(colon + 1, ':') == NULL);
}

const char *why_target_problem(const char *message)
{
    const char *problem = strstr(message, "\": ");

    return problem != NULL ? problem + 3 : message;
}
