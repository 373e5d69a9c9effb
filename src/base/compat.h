/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_BASE_COMPAT_H
#define RDPWHY_BASE_COMPAT_H

#include <sys/socket.h>

/* macOS has none: sockets of connections have SO_NOSIGPIPE there, and the process ignores SIGPIPE.
 */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

#endif /* !defined(RDPWHY_BASE_COMPAT_H) */
