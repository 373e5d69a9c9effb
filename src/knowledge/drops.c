/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <stddef.h>

/* PKTMON_DROP_REASON in Microsoft's documentation of pktmon for SDN. */
static const struct {
    uint32_t reason;
    const char *name;
} drops[] = {
    {8, "filtered by the virtual switch"},
    {9, "VLAN that is not allowed"},
    {11, "unknown MAC address"},
    {12, "security policy of the virtual switch"},
    {15, "IPsec policy"},
    {16, "spoofed MAC address"},
    {34, "packet filter"},
    {907, "no route"},
    {909, "inspection at the IP layer (Windows Filtering Platform)"},
    {911, "administratively prohibited at the IP layer"},
    {915, "address unreachable"},
    {919, "taken by a filter at the IP layer"},
    {920, "larger than the path takes, and must not be fragmented"},
    {922, "address resolution got no answer"},
    {923, "address resolution failed"},
    {924, "connection security rule (IPsec)"},
    {945, "administratively prohibited at the IP layer"},
    {1204, "nothing listens on that port"},
    {1207, "inspection of received data (Windows Firewall or a security product)"},
    {1229, "listener takes no more connections for now"},
    {1230, "protection against SYN floods"},
    {1231, "inspection of new connections (Windows Firewall or a security product)"},
    {1232, "redirection of new connections (Windows Filtering Platform)"},
};

const char *why_drop_name(uint32_t reason)
{
    for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
        if (drops[i].reason == reason)
            return drops[i].name;
    }
    return NULL;
}
