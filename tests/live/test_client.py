"""What the prober says of itself on the wire, held against the table of what mstsc says.

The fault server writes down what its clients send (`--dump-client`); client_fields, a test program,
reads fields out of it. Each field has to have a row in the table and the row's value, and each row
has to be met, so that neither a new libfreerdp nor a change of ours alters the prober's face unseen.
The decoder and mstsc's values are held against an mstsc's own bytes, and against tshark.
"""

import collections
import os
import subprocess
import tempfile

import servers
from servers import LiveTest, Peer, environment, find, need, probe

FIELDS = os.environ.get("RDPWHY_CLIENT_FIELDS", "")
MSTSC = os.path.join(servers.SOURCE, "fixtures", "pdus", "mstsc-16299.pdus")

Row = collections.namedtuple("Row", "mstsc sends reason source")

# fault: the arguments of the probe; together they send every PDU of the table
PROBES = {
    "license-known": ("-p", "tls"),
    "healthy-rdp": ("-p", "rdp"),
    "healthy-nla": ("-p", "nla", "--until", "active", "-u", Peer.USER),
    "healthy-tls-negotiate": ("-p", "negotiate"),
}

PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def client_fields(text, *arguments):
    done = subprocess.run([FIELDS, *arguments], input=text, capture_output=True, text=True,
                          check=True)
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def table():
    return {(pdu, field): Row(mstsc, None if sends == "-" else sends, reason, source)
            for pdu, field, mstsc, sends, reason, source in client_fields("", "rows")}


def dump(fault, *arguments, **variables):
    """The client's PDUs in hexadecimal, in the order in which they came."""
    with Peer("--fault", fault, "--dump-client") as peer, tempfile.TemporaryDirectory() as store:
        run = probe(*arguments, "--license-store", store, "127.0.0.1:%d" % peer.port,
                    env=environment(RDPWHY_PASSWORD=Peer.PASSWORD, **variables))
        text = peer.server.text()
    pdus = [line for line in text.splitlines()
            if len(line) > 8 and set(line) <= set("0123456789abcdef")]
    return run, pdus


class ClientTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        need(servers.RDPWHY_PEER, "no rdpwhy-peer was built")
        need(FIELDS, "no client_fields was built")
        cls.rows = table()
        cls.dumps = {fault: dump(fault, *arguments) for fault, arguments in PROBES.items()}

    def fields(self, fault):
        return client_fields("\n".join(self.dumps[fault][1]))

    def test_went_through(self):
        for fault, (run, pdus) in self.dumps.items():
            self.assertEqual([attempt["outcome"] for attempt in run.of("attempt")], ["completed"],
                             fault + str(run))
            self.assertTrue(pdus, fault)

    def test_every_field_is_the_table_s(self):
        met = set()
        for fault in PROBES:
            for pdu, field, value in self.fields(fault):
                with self.subTest(fault=fault, pdu=pdu, field=field):
                    self.assertIn((pdu, field), self.rows)
                    met.add((pdu, field))
                    row = self.rows[pdu, field]
                    expected = row.sends or row.mstsc
                    if not expected.startswith("~"):
                        self.assertEqual(value, expected)
        self.assertEqual(sorted(set(self.rows) - met), [], "rows that no probe has met")

    def test_a_difference_has_a_reason(self):
        for key, row in self.rows.items():
            with self.subTest(field=key):
                self.assertTrue(row.source)
                self.assertEqual(row.sends is None, row.reason == "-")
                self.assertNotEqual(row.sends, row.mstsc)

    def test_mstsc_says_so(self):
        """The decoder's reading of an mstsc, and the rows whose source is its capture alone."""
        with open(MSTSC, encoding="ascii") as pdus:
            fields = client_fields(pdus.read())
        self.assertGreater(len(fields), 100)
        for pdu, field, value in fields:
            with self.subTest(pdu=pdu, field=field):
                row = self.rows[pdu, field]
                if row.mstsc.startswith("~") or not row.source.endswith("[MS-RDSOD] captures"):
                    continue
                self.assertEqual(value, row.mstsc)

    def test_offers(self):
        """requestedProtocols ([MS-RDPBCGR] 2.2.1.1.1), which the table leaves to the profiles."""
        for fault, protocols in (("license-known", "0x00000001"), ("healthy-rdp", "0x00000000"),
                                 ("healthy-nla", "0x00000003"),
                                 ("healthy-tls-negotiate", "0x0000000B")):
            with self.subTest(fault=fault):
                request = {field: value for pdu, field, value in self.fields(fault)
                           if pdu == "X.224 Connection Request"}
                self.assertEqual(request["requestedProtocols"], protocols)

    def test_cookie(self):
        cookies = {}
        for user in (None, "foo", "CONTOSO\\administrator", "J\u00f6rg x"):
            arguments = () if user is None else ("--until", "active", "-u", user)
            _, pdus = dump("healthy-nla", "-p", "nla", *arguments)
            cookies[user] = [value for _, field, value in client_fields(pdus[0])
                             if field == "cookie"]
        self.assertEqual(cookies[None], ["Cookie: mstshash=rdpwhy"])
        self.assertEqual(cookies["foo"], ["Cookie: mstshash=foo"])
        self.assertEqual(cookies["CONTOSO\\administrator"], ["Cookie: mstshash=CONTOSO\\a"])
        self.assertEqual(cookies["J\u00f6rg x"], ["Cookie: mstshash=J__rg_x"])

    def test_the_environment_s_proxy_changes_nothing(self):
        variables = {name: "http://127.0.0.1:9" for name in PROXIES}
        run, pdus = dump("license-known", "-p", "tls", **variables)
        self.assertEqual(run.of("attempt")[0]["outcome"], "completed", str(run))
        self.assertEqual(pdus[0], self.dumps["license-known"][1][0])
        self.assertEqual(client_fields("\n".join(pdus)), self.fields("license-known"))
        variables = {name: "socks5://127.0.0.1:9" for name in PROXIES}
        run, pdus = dump("healthy-rdp", "-p", "rdp", **variables)
        self.assertEqual(pdus[0], self.dumps["healthy-rdp"][1][0])

    def test_tshark_reads_the_same(self):
        tshark, text2pcap = find("tshark"), find("text2pcap")
        need(tshark and text2pcap, "no tshark")
        ours = {(pdu, field): value for pdu, field, value in self.fields("license-known")}
        fields = {
            "rdp.client.build": ("Client Core Data", "clientBuild"),
            "rdp.earlyCapabilityFlags": ("Client Core Data", "earlyCapabilityFlags"),
            "rdp.supportedColorDepths": ("Client Core Data", "supportedColorDepths"),
            "rdp.connectionType": ("Client Core Data", "connectionType"),
            "rdp.clusterFlags": ("Client Cluster Data", "Flags"),
            "rdp.multiTransportFlags": ("Client Multitransport Channel Data", "flags"),
        }
        with tempfile.TemporaryDirectory() as folder:
            dumped, pcap = os.path.join(folder, "pdus"), os.path.join(folder, "pcap")
            with open(dumped, "w", encoding="ascii") as out:
                for pdu in self.dumps["license-known"][1]:
                    out.write("0000 %s\n" % " ".join(pdu[i:i + 2] for i in range(0, len(pdu), 2)))
            subprocess.run([text2pcap, "-q", "-T", "40000,3389", dumped, pcap], check=True,
                           capture_output=True)
            done = subprocess.run([tshark, "-r", pcap, "-T", "fields", "-E", "occurrence=f",
                                   *[part for name in fields for part in ("-e", name)]],
                                  check=True, capture_output=True, text=True)
        for i, (name, key) in enumerate(fields.items()):
            read = {line.split("\t")[i] for line in done.stdout.splitlines()} - {""}
            with self.subTest(field=name):
                self.assertEqual({int(value, 0) for value in read}, {int(ours[key], 0)})


if __name__ == "__main__":
    servers.main()
