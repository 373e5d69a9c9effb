/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/status.h>

const char *why_strstatus(int status)
{
    switch (status) {
    case WHY_OK:
        return "no error";
    case WHY_ERR_NOMEM:
        return "out of memory";
    case WHY_ERR_USAGE:
        return "wrong input";
    case WHY_ERR_IO:
        return "input or output failed";
    case WHY_ERR_LIBRARY:
        return "a library could not be set up";
    case WHY_ERR_INTERRUPTED:
        return "interrupted";
    case WHY_ERR_MALFORMED:
        return "the data is malformed";
    case WHY_ERR_NOTFOUND:
        return "not found";
    case WHY_ERR_AGAIN:
        return "not yet";
    default:
        return "unknown status";
    }
}
