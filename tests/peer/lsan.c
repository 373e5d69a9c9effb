/* SPDX-License-Identifier: Apache-2.0 */

/* Read by LeakSanitizer; built only with it. libwinpr loses the fields of an NTLM AUTHENTICATE
 * whose proof is wrong: 220 bytes for each logon that is rejected. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libwinpr3.so\n";
}
