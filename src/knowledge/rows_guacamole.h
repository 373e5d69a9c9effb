/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ROWS_GUACAMOLE_H
#define RDPWHY_ROWS_GUACAMOLE_H

#include <rdpwhy/knowledge.h>

/* Rows for tables.c, the only file that includes this one. Sorted by value. */

/* Apache Guacamole manual: Guacamole protocol reference, status codes */
static const struct why_code_row guacamole_rows[] = {
    {256, "UNSUPPORTED", "the operation is not supported"},
    {512, "SERVER_ERROR", "internal error of guacd"},
    {513, "SERVER_BUSY", "guacd is busy"},
    {514, "UPSTREAM_TIMEOUT", "the RDP server did not answer guacd in time"},
    {515, "UPSTREAM_ERROR",
     "the RDP server answered guacd with an error, or with something unexpected"},
    {516, "RESOURCE_NOT_FOUND",
     "something that was asked of guacd does not exist; not mstsc's 516"},
    {517, "RESOURCE_CONFLICT", "something that was asked of guacd is in use"},
    {518, "RESOURCE_CLOSED", "something that was asked of guacd is closed"},
    {519, "UPSTREAM_NOT_FOUND", "guacd could not reach the RDP server; not mstsc's 519"},
    {520, "UPSTREAM_UNAVAILABLE", "the RDP server refused guacd's connection"},
    {521, "SESSION_CONFLICT", "the session ended because another one took its place"},
    {522, "SESSION_TIMEOUT", "the session ended because it was idle"},
    {523, "SESSION_CLOSED", "the session was closed by force"},
    {768, "CLIENT_BAD_REQUEST", "the browser's request is not valid"},
    {769, "CLIENT_UNAUTHORIZED",
     "the RDP server did not accept the credentials, or there were none"},
    {771, "CLIENT_FORBIDDEN", "the action is not allowed, even after a logon"},
    {776, "CLIENT_TIMEOUT", "the browser took too long"},
    {781, "CLIENT_OVERRUN", "the browser sent too much"},
    {783, "CLIENT_BAD_TYPE", "the browser sent data of an unexpected type"},
    {797, "CLIENT_TOO_MANY", "the user has too many connections open"},
};

#endif /* !defined(RDPWHY_ROWS_GUACAMOLE_H) */
