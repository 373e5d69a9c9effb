"""The fault server sends nothing that the client has not said it can take, and ends a client that
breaks a rule. A server that forgot to would let every other test pass, so clients that say less,
and clients that are wrong, are put to it here: one that is written by hand, and rdpwhy with a bit
cleared on its way.
"""

import struct

import raw_client
from raw_client import Over, RawClient
from servers import LiveTest, Peer, environment, main, probe
from test_faults import TIMEOUT, Spoiler

# what the client's blocks stand behind, and from there to the first byte of earlyCapabilityFlags
BLOCKS, EARLY = b"Duca", 150


def data_type(pdu):
    """pduType2 of a data PDU on the I/O channel, None where it is something else."""
    if len(pdu) < 33 or pdu[7] != 0x68 or struct.unpack_from("<H", pdu, 17)[0] & 0xF != 7:
        return None
    return pdu[29]


def security_flags(pdu):
    return struct.unpack_from("<H", pdu, 15)[0] if len(pdu) >= 19 and pdu[7] == 0x68 else 0


def share_type(pdu):
    return struct.unpack_from("<H", pdu, 17)[0] & 0xF if len(pdu) >= 21 and pdu[7] == 0x68 else 0


class Said(LiveTest):
    """What the client says decides what it is told."""

    def after_client_info(self, fault, **said):
        """What comes, and how it ends, after the client's Client Info."""
        with Peer("--fault", fault) as peer, RawClient(peer.port, **said) as client:
            client.until_client_info()
            found = client.rest()
            self.assertNotIn("breaks a rule", peer.server.text())
            return found

    def test_error_info(self):
        for fault in "error-info-7-client-info", "error-info-7-no-demand-active":
            pdus, end = self.after_client_info(fault, early=raw_client.ERROR_INFO)
            self.assertEqual((data_type(pdus[-1]), pdus[-1][33:37], end),
                             (0x2F, b"\7\0\0\0", "FIN"), fault)
            pdus, end = self.after_client_info(fault, early=0xFFFF & ~raw_client.ERROR_INFO)
            self.assertNotIn(0x2F, map(data_type, pdus), fault)
            self.assertEqual(end, "FIN", fault)

    def test_error_info_of_rdpwhy(self):
        """On its way to the server the bit is cleared: the prober is told nothing."""
        with Peer("--fault", "error-info-7-rdp") as peer, \
                Spoiler(peer.port, BLOCKS, EARLY, lambda byte: byte & ~1, of_server=False) as spoiler:
            run = probe("-p", "rdp", "-t", TIMEOUT, "127.0.0.1:%d" % spoiler.port)
            attempt = self.attempts(run, 1)["rdp"]
            self.verdict(attempt, outcome="aborted", phase="capabilities", ending="fin")
            self.assertNotIn("code", attempt)
            self.assertGreater(spoiler.spoilt, 0, "rdpwhy says that it takes no error info")

    def test_auto_detect(self):
        flag = raw_client.AUTO_DETECT
        for early, channel, expected in (flag, True, True), (0, True, False), (flag, False, False):
            pdus, _ = self.after_client_info("silence-auto-detect", early=early,
                                             message_channel=channel)
            self.assertEqual(any(security_flags(pdu) == 0x1000 for pdu in pdus), expected,
                             (early, channel))

    def test_multitransport(self):
        for flags, channel, expected in (1, True, True), (None, True, False), (4, True, False), \
                (1, False, False):
            pdus, _ = self.after_client_info("silence-multitransport", multitransport=flags,
                                             message_channel=channel)
            self.assertEqual(any(security_flags(pdu) == 2 for pdu in pdus), expected,
                             (flags, channel))

    def session(self, fault, **said):
        """What comes from the Confirm Active on."""
        with Peer("--fault", fault) as peer, RawClient(peer.port, **said) as client:
            client.until_client_info()
            client.await_demand_active()
            client.confirm_active()
            client.finalization()
            pdus, _ = client.rest()
            self.assertNotIn("breaks a rule", peer.server.text())
            self.assertIn(0x28, map(data_type, pdus), "no Font Map")
            return pdus

    def test_status_info(self):
        for early in raw_client.STATUS_INFO, 0:
            pdus = self.session("status-info", early=early)
            self.assertEqual(0x36 in map(data_type, pdus), early != 0)

    def test_heartbeat(self):
        flag = raw_client.HEARTBEAT
        for early, channel, expected in (flag, True, True), (0, True, False), (flag, False, False):
            pdus = self.session("heartbeat", early=early, message_channel=channel)
            self.assertEqual(any(security_flags(pdu) == 0x4000 for pdu in pdus), expected,
                             (early, channel))

    def test_error_info_behind_font_map(self):
        for early in raw_client.ERROR_INFO, 0:
            pdus = self.session("error-info-7-behind-font-map", early=early)
            self.assertEqual(0x2F in map(data_type, pdus), early != 0)

    def test_graphics(self):
        """As GNOME Remote Desktop: Deactivate All and a user-requested ultimatum."""
        pdus, end = self.after_client_info("gnome-like", early=raw_client.GRAPHICS)
        self.assertEqual((share_type(pdus[-1]), end), (1, "silence"), "no Demand Active")
        for said in {"early": 0}, {"early": raw_client.GRAPHICS, "channels": ("rdpdr", "cliprdr")}, \
                {"early": raw_client.GRAPHICS, "depths": 7}:
            pdus, end = self.after_client_info("gnome-like", **said)
            self.assertEqual((share_type(pdus[-2]), pdus[-1], end),
                             (6, b"\x03\0\0\x09\x02\xf0\x80\x21\x80", "FIN"), said)

    def test_cookie(self):
        with Peer("--fault", "demands-cookie") as peer:
            for cookie in "Cookie: mstshash=someone\r\n", "Cookie: msts=16777343.15629.0000\r\n":
                RawClient(peer.port, cookie=cookie).socket.close()
            with self.assertRaisesRegex(Over, "RST"):
                RawClient(peer.port, cookie="")


class Rules(LiveTest):
    """A client that breaks a rule is reset, and the rule is named."""

    def reset(self, words, steps, **said):
        with Peer("--fault", "healthy-tls") as peer, RawClient(peer.port, **said) as client:
            try:
                steps(client)
                end = client.rest()[1]
            except Over as over:
                end = str(over)
            self.assertEqual(end, "RST", words)
            peer.server.wait_for(lambda: "breaks a rule" in peer.server.text(), words)
            self.assertIn(words, peer.server.text())

    def test_selected_protocol(self):
        self.reset("serverSelectedProtocol", RawClient.basic_settings, selected=2)

    def test_join(self):
        def steps(client):
            client.basic_settings()
            client.channel_connection()
            client.join(1042)
        self.reset("only channels that the server has announced", steps)

    def test_join_twice(self):
        def steps(client):
            client.basic_settings()
            client.channel_connection()
            client.join(raw_client.IO_CHANNEL)
        self.reset("joined once", steps)

    def test_client_info(self):
        def steps(client, **wrong):
            client.basic_settings()
            client.channel_connection()
            client.client_info(**wrong)
        self.reset("is Unicode", lambda client: steps(client, flags=0))
        self.reset("a null behind each", lambda client: steps(client, terminator=b""))

    def test_restricted_admin(self):
        """rdpwhy's ordinary offer, made one of Restricted Admin mode on its way: what it then sends has
        the password, and the server names the rule. The real one keeps it."""
        with Peer("--fault", "restricted-admin") as peer, \
                Spoiler(peer.port, b"\x01\x00\x08\x00", 1, lambda byte: byte | 1, of_server=False) \
                as spoiler:
            for profile, port, status in (("nla", spoiler.port, 1),
                                          ("restricted-admin", peer.port, 0)):
                run = probe("-p", profile, "-t", TIMEOUT,
                            "--until", "active", "-u", Peer.USER, "127.0.0.1:%d" % port,
                            env=environment(RDPWHY_PASSWORD=Peer.PASSWORD))
                attempt = self.attempts(run, status)[profile]
                self.assertEqual(attempt["outcome"], "aborted" if status else "completed")
                self.assertEqual("in Restricted Admin mode" in peer.server.text(), True)
            self.assertEqual(peer.server.text().count("breaks a rule"), 1)
            self.assertEqual(spoiler.spoilt, 1)

    def test_confirm_active(self):
        def steps(client, **wrong):
            client.until_client_info()
            client.await_demand_active()
            client.confirm_active(**wrong)
        self.reset("0x03EA", lambda client: steps(client, originator=0x3EB))
        self.reset("shareId", lambda client: steps(client, share=0x12345))

    def test_font_list(self):
        def steps(client):
            client.until_client_info()
            client.await_demand_active()
            client.confirm_active()
            client.share_data(0x1F, struct.pack("<HH", 1, 0x3EA))
            client.share_data(0x27, struct.pack("<HHHH", 0, 0, 3, 0x32))
        self.reset("Font List follows", steps)


if __name__ == "__main__":
    main()
