/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RULES_REACH_H
#define RDPWHY_RULES_REACH_H

#include "rules_common.h"

/* Rows for rules.c, the only file that includes this one: up to the negotiation's answer. */

#define CHECK_FIREWALL_SERVER                                                                      \
    "On the server: Get-NetFirewallRule -DisplayGroup 'Remote Desktop' | Format-Table "            \
    "DisplayName,Enabled,Profile,Action; Get-NetConnectionProfile (on Linux: nft list ruleset)"
#define CHECK_LISTENER                                                                             \
    "On the server: Get-NetTCPConnection -LocalPort {port} -State Listen; Get-Service "            \
    "TermService; (Get-ItemProperty '" TERMINAL_SERVER "').fDenyTSConnections - 1 means that "     \
    "Remote Desktop is off (on Linux: ss -ltnp 'sport = :{port}'; systemctl status xrdp)"
#define CHECK_OTHER_ADDRESS                                                                        \
    "Compare the name's addresses with the server's own: getent ahosts {host} here, "              \
    "Get-NetIPAddress on the server; then rdpwhy probe ADDRESS:{port}"

static const struct why_rule_info rule_name_not_resolved = {
    "name-not-resolved",
    WHY_SEVERITY_ERROR,
    "The name has no address here, so nothing was sent to the server",
    TEXTS({WHY_IF_PERMANENT, "the name is misspelt, or its record was never made or was "
                             "removed"},
          {WHY_IF_PERMANENT, "a short name whose DNS suffix this computer does not search, "
                             "or a zone that only the internal name servers have (VPN)"},
          {WHY_IF_TEMPORARY, "the name servers of this computer do not answer, or not in "
                             "time"}),
    TEXTS(SAY("Here: getent ahosts {host}; resolvectl query {host} (or: dig {host}); cat "
              "/etc/resolv.conf"),
          SAY("On a Windows client that works: Resolve-DnsName {host} - then here: rdpwhy "
              "probe ADDRESS:{port}; if that goes through, only the name is at fault")),
    TEXTS(SAY("Correct the record or the spelling, or use the full name with its domain "
              "(risk: none)"),
          {WHY_IF_TEMPORARY, "Bring the name servers or the VPN back (risk: none for the "
                             "server)"},
          SAY("Use the address in the meantime (risk: the certificate will not match it, "
              "and Kerberos falls back to NTLM)"))};

static const struct why_rule_info rule_no_route = {
    "no-route",
    WHY_SEVERITY_ERROR,
    "The network has no way to the server, so nothing reached it",
    TEXTS(SAY("the server is switched off or not on that network (no answer to ARP on the "
              "last hop)"),
          SAY("a route is missing: VPN down, wrong gateway, or an IPv6 address without IPv6 "
              "here"),
          SAY("a firewall answers in the router's name (administratively prohibited)")),
    TEXTS(SAY("Here: ip route get ADDRESS; traceroute -T -p {port} {host}; with IPv6 in "
              "doubt: rdpwhy probe -4 {target}"),
          SAY("At the hypervisor or on the console: whether the server runs and has the "
              "address")),
    TEXTS(SAY("Bring the route, the VPN or the server back (risk: none)"))};

static const struct why_rule_info rule_port_refused = {
    "port-refused",
    WHY_SEVERITY_ERROR,
    "The host answers that nothing listens on the port",
    TEXTS(SAY("Remote Desktop is off or its service does not run (fDenyTSConnections, "
              "TermService; on Linux xrdp)"),
          SAY("it listens on another port or on another address only"),
          SAY("a firewall on the way refuses in the host's name"),
          {WHY_IF_NAME, "the name leads to another computer"}),
    TEXTS(SAY(CHECK_LISTENER),
          SAY("On the server, the port that is configured: (Get-ItemProperty '" RDP_TCP
              "').PortNumber - then here: rdpwhy probe {host}:PORT"),
          {WHY_IF_NAME, CHECK_OTHER_ADDRESS}),
    TEXTS(SAY("Switch Remote Desktop on: Set-ItemProperty '" TERMINAL_SERVER
              "' fDenyTSConnections 0; Enable-NetFirewallRule -DisplayGroup 'Remote "
              "Desktop' (risk: opens the server to logons; policy may set it back)"),
          SAY("Start the service: Start-Service TermService; on Linux systemctl start xrdp "
              "(risk: none)"))};

static const struct why_rule_info rule_port_filtered = {
    "port-filtered",
    WHY_SEVERITY_ERROR,
    "No answer at all to the TCP connection: something drops it silently",
    TEXTS(SAY("a firewall drops the port: on the server (its rules depend on the network "
              "profile), on the way, or in the cloud's security group"),
          SAY("the host is off, and nothing on the last hop says so"),
          {WHY_IF_NAME, "the name leads to an old or another address"}),
    TEXTS(SAY("Here, whether the host answers on any port: ping -c 3 {host}; rdpwhy probe "
              "{host}:445 - `refused` or another answer means that the host is up and only "
              "{port} is filtered"),
          SAY("Whether the packets arrive: on the server pktmon filter add -p {port}; pktmon start "
              "--capture --pkt-size 0 (afterwards pktmon stop; pktmon filter remove), or "
              "tcpdump -ni any tcp port {port} - arriving means the server's own firewall "
              "drops them, not arriving means something on the way does"),
          SAY(CHECK_FIREWALL_SERVER), {WHY_IF_NAME, CHECK_OTHER_ADDRESS}),
    TEXTS(SAY("Allow the port for the clients' networks only: New-NetFirewallRule or the "
              "existing rule's scope (risk: an RDP port open to the Internet is attacked "
              "within hours; use a VPN or a gateway there)"))};

static const struct why_rule_info rule_not_rdp = {
    "not-rdp",
    WHY_SEVERITY_ERROR,
    "What answers on the port does not speak RDP",
    TEXTS(SAY("another service listens on this port, or the port number is wrong"),
          SAY("a port forwarding or load balancer leads to another service"),
          SAY("a security device answers with a page of its own")),
    TEXTS(SAY(CHECK_PORT_OWNER), SAY("Here, what it says of itself: rdpwhy probe -v {target}"),
          SAY("If nothing on the server owns the port, whatever forwards it does: follow "
              "the NAT or load balancer rule for {port}")),
    TEXTS(SAY("Probe the port that RDP is on, or correct the forwarding (risk: none)"))};

static const struct why_rule_info rule_closed_before_answer = {
    "closed-before-answer",
    WHY_SEVERITY_ERROR,
    "TCP comes up, but the connection is ended before the first byte of an answer",
    TEXTS({WHY_IF_CLOSED, "a firewall or intrusion prevention in between, or on the server, "
                          "that lets TCP up and then ends it (rule, block list, rate limit)"},
          SAY("the listener is overloaded or has no free connection (on Windows event 1006: "
              "too many half-open connections)"),
          SAY("a load balancer or port forwarding whose target is down"),
          SAY("another service has the port, one that ends what it does not understand (a web "
              "server with TLS, for instance)"),
          SAY("the RDP listener itself failed; nothing before its first PDU can be about "
              "certificate, NLA, license or password")),
    TEXTS(SAY("Whether the end comes from the server: take a capture on both sides (here: "
              "tcpdump -ni any -w out.pcap tcp port {port}); a RST that the server never "
              "sent, or whose TTL differs, is a device's"),
          SAY("On the server, whether the connection arrived: " EVENTS(
              CORE_LOG, "131") " - none at the time of this probe means that it never reached RDP"),
          SAY("On the server: " RCM_EVENTS("1006") "; Get-NetTCPConnection "
                                                   "-LocalPort {port} | Group-Object State"),
          SAY(CHECK_PORT_OWNER),
          SAY("From a host in the server's own network: rdpwhy probe {target}; if that goes "
              "through, something on the way does it"),
          SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY("Except the clients' networks in the firewall or IPS (risk: less protection "
              "from them)"),
          SAY(FIX_RESTART_TERMSERVICE))};

static const struct why_rule_info rule_silent_listener = {
    "silent-listener",
    WHY_SEVERITY_ERROR,
    "TCP comes up, but the server never answers the first RDP message",
    TEXTS(SAY("the listener hangs or is overloaded: the kernel accepts, the service does not "
              "(no thread, no memory, processor at its limit)"),
          SAY("a load balancer, proxy or port forwarding accepts for a server that is not "
              "there"),
          SAY("another service has the port, one that waits for something else than RDP"),
          SAY("a security device holds the connection (tar pit, inspection)")),
    TEXTS(SAY("Here, whether it is always so: rdpwhy probe --repeat 5 -p rdp {target} - "
              "some answers mean overload, none means a hang or a forwarder"),
          SAY("On the server: Get-NetTCPConnection -LocalPort {port} | Group-Object State; "
              "Get-Counter '\\Processor(_Total)\\% Processor Time','\\Memory\\Available "
              "MBytes'; quser (on Linux: ss -ltn 'sport = :{port}' - Recv-Q at its limit "
              "is a full backlog)"),
          SAY("On the server, whether RDP saw the connection: " EVENTS(
              CORE_LOG, "131,65") " - none means that something before it accepted"),
          SAY(CHECK_PORT_OWNER), SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY(FIX_RESTART_TERMSERVICE "; on xrdp systemctl restart xrdp (risk: the same)"),
          SAY("Correct the forwarding's target (risk: none)"))};

static const struct why_rule_info rule_negotiation_refused = {
    "negotiation-refused",
    WHY_SEVERITY_ERROR,
    "The server answers the connection request with a refusal or with what RDP does not "
    "know there",
    TEXTS(SAY("a gateway, broker or proxy that wants a routing token or cookie it does not "
              "know"),
          SAY("the RDP server's own policy or fault; it gives no reason at this point"),
          SAY("a device in between that rewrites the answer")),
    TEXTS(SAY("Here, the bytes: rdpwhy probe -v -p rdp {target}"),
          SAY("On the server: " EVENTS(CORE_LOG, "97,131,226,227")),
          SAY("From the server's own network: rdpwhy probe {target}"), SAY(CHECK_XRDP_LOG)),
    TEXTS(SAY("Go to the server past the gateway to tell the two apart; what follows "
              "depends on which it is (risk: none)"))};

static const struct why_rule_info rule_offer_closed = {
    "offer-closed",
    WHY_SEVERITY_WARNING,
    "Some offers are ended without an answer while others are answered",
    TEXTS(SAY("the server ends what it does not allow without saying so: policy, told "
              "rudely"),
          SAY("an intrusion prevention rule on certain connection requests"),
          SAY("chance: overload, a limit on connections, or one bad server of several behind the "
              "address; each offer was made once only"),
          SAY("a fault of the server with these offers; mstsc is hit only where it makes "
              "them (`negotiate`)")),
    TEXTS(SAY("Here, policy or chance: rdpwhy probe --repeat 5 {target} - policy ends the same "
              "offers each time, chance ends others"),
          SAY("From a host in the server's own network: rdpwhy probe {target} - the same "
              "picture means that the server does it"),
          SAY("On the server: (Get-ItemProperty '" RDP_TCP
              "') | Format-List SecurityLayer,UserAuthentication,MinEncryptionLevel")),
    TEXTS(SAY("None needed where `negotiate` goes through; else make server or device "
              "accept what the clients offer (risk: weaker offers are easier to attack)"))};

static const struct why_rule_info rule_some_addresses_fail = {
    "some-addresses-fail",
    WHY_SEVERITY_WARNING,
    "The name has several addresses, and not all of them take the connection",
    TEXTS(SAY("an old or wrong address is still in DNS: clients that take it first wait or "
              "fail, \"use the IP address\" helps them"),
          SAY("the server listens on IPv4 only, or its firewall knows one family only"),
          SAY("one of several servers behind the name is down")),
    TEXTS(SAY("Here, one by one: getent ahosts {host}; rdpwhy probe ADDRESS:{port}; rdpwhy "
              "probe -4 {target}; rdpwhy probe -6 {target}"),
          SAY("On the server: Get-NetIPAddress; Get-NetTCPConnection -LocalPort {port} "
              "-State Listen")),
    TEXTS(SAY("Remove the stale record, or open the port on that address too (risk: none "
              "for the server; caches keep the record for its TTL)"))};

#endif /* !defined(RDPWHY_RULES_REACH_H) */
