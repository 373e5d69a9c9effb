"""The packets of [MS-TSGU] 2.2.10 as a gateway sends them, and how it reads those of its clients."""

import struct

from gateway_wire import Violation

# HTTP_PACKET_TYPE, [MS-TSGU] 2.2.5.3.3
HANDSHAKE_REQUEST, HANDSHAKE_RESPONSE, EXTENDED_AUTH, TUNNEL_CREATE, TUNNEL_RESPONSE = range(1, 6)
TUNNEL_AUTH, TUNNEL_AUTH_RESPONSE, CHANNEL_CREATE, CHANNEL_RESPONSE = range(6, 10)
DATA, SERVICE_MESSAGE, REAUTH_MESSAGE, KEEPALIVE = range(10, 14)
CLOSE_CHANNEL, CLOSE_CHANNEL_RESPONSE = 16, 17
PACKET_NAMES = {value: name for name, value in list(globals().items())
                if name.isupper() and isinstance(value, int)}

EXTENDED_AUTH_SC, EXTENDED_AUTH_PAA, EXTENDED_AUTH_SSPI_NTLM = 1, 2, 4
CAPABILITY_QUARANTINE, CAPABILITY_IDLE_TIMEOUT, CAPABILITY_CONSENT, CAPABILITY_SERVICE_MESSAGE = 1, 2, 4, 8
CAPABILITY_REAUTH, CAPABILITY_UDP = 0x10, 0x20
REDIRECTION_ENABLE_ALL, REDIRECTION_DISABLE_ALL = 0x80000000, 0x40000000

# [MS-TSGU] 2.2.6. Those of 16 bits are sent as HRESULT_CODE() of the name.
CODES = {
    "E_PROXY_INTERNALERROR": 0x800759D8,
    "E_PROXY_RAP_ACCESSDENIED": 0x800759DA,
    "E_PROXY_NAP_ACCESSDENIED": 0x800759DB,
    "E_PROXY_ALREADYDISCONNECTED": 0x800759DF,
    "E_PROXY_CAPABILITYMISMATCH": 0x800759E9,
    "E_PROXY_QUARANTINE_ACCESSDENIED": 0x800759ED,
    "E_PROXY_NOCERTAVAILABLE": 0x800759EE,
    "E_PROXY_COOKIE_BADPACKET": 0x800759F7,
    "E_PROXY_COOKIE_AUTHENTICATION_ACCESS_DENIED": 0x800759F8,
    "E_PROXY_UNSUPPORTED_AUTHENTICATION_METHOD": 0x800759F9,
    "E_PROXY_TS_CONNECTFAILED": 0x000059DD,
    "E_PROXY_MAXCONNECTIONSREACHED": 0x000059E6,
    "E_PROXY_NOTSUPPORTED": 0x000059E8,
    "E_PROXY_SESSIONTIMEOUT": 0x000059F6,
    "E_PROXY_REAUTH_AUTHN_FAILED": 0x000059FA,
    "E_PROXY_REAUTH_CAP_FAILED": 0x000059FB,
    "E_PROXY_REAUTH_RAP_FAILED": 0x000059FC,
    "E_PROXY_SDR_NOT_SUPPORTED_BY_TS": 0x000059FD,
    "E_PROXY_REAUTH_NAP_FAILED": 0x00005A00,
    "E_PROXY_CONNECTIONABORTED": 0x000004D4,
    "ERROR_ACCESS_DENIED": 0x00000005,
    "ERROR_INVALID_PARAMETER": 0x00000057,
    "ERROR_BAD_ARGUMENTS": 0x000000A0,  # the host has closed its connection
    "ERROR_OPERATION_ABORTED": 0x000003E3,
    "ERROR_GRACEFUL_DISCONNECT": 0x000004CA,
    "SEC_E_LOGON_DENIED": 0x8009030C,
}


def packet(kind, *contents):
    content = b"".join(contents)
    return struct.pack("<HHI", kind, 0, 8 + len(content)) + content


def text16(text):
    """HTTP_UNICODE_STRING with its NUL."""
    data = (text + "\0").encode("utf-16-le")
    return struct.pack("<H", len(data)) + data


def handshake_response(code=0, version=(1, 0), extended_auth=0, server_version=0):
    return packet(HANDSHAKE_RESPONSE, struct.pack("<IBBHH", code, *version, server_version, extended_auth))


def tunnel_response(code=0, tunnel_id=None, capabilities=None, quarantine=None, consent=None):
    """|quarantine| is a nonce of 16 bytes and the name of a certificate."""
    fields = ((0x1, tunnel_id is not None and struct.pack("<I", tunnel_id)),
              (0x2, capabilities is not None and struct.pack("<I", capabilities)),
              (0x4, quarantine and quarantine[0] + text16(quarantine[1])), (0x10, consent and text16(consent)))
    present = sum(flag for flag, value in fields if value)
    return packet(TUNNEL_RESPONSE, struct.pack("<HIHH", 0, code, present, 0),
                  *(value for _, value in fields if value))


def tunnel_auth_response(code=0, redirection=None, idle_minutes=None, health=None):
    fields = ((0x1, redirection is not None and struct.pack("<I", redirection)),
              (0x2, idle_minutes is not None and struct.pack("<I", idle_minutes)),
              (0x4, health is not None and struct.pack("<H", len(health)) + health))
    present = sum(flag for flag, value in fields if value)
    return packet(TUNNEL_AUTH_RESPONSE, struct.pack("<IHH", code, present, 0),
                  *(value for _, value in fields if value))


def channel_response(code=0, channel_id=None):
    present = 0 if channel_id is None else 1
    return packet(CHANNEL_RESPONSE, struct.pack("<IHH", code, present, 0),
                  b"" if channel_id is None else struct.pack("<I", channel_id))


def close_packet(code, kind=CLOSE_CHANNEL):
    return packet(kind, struct.pack("<I", code))


def data_packet(data):
    return packet(DATA, struct.pack("<H", len(data)), data)


def code_of(data):
    """The error code of a packet that has one, else None."""
    at = {HANDSHAKE_RESPONSE: 8, TUNNEL_RESPONSE: 10, TUNNEL_AUTH_RESPONSE: 8, CHANNEL_RESPONSE: 8,
          CLOSE_CHANNEL: 8, CLOSE_CHANNEL_RESPONSE: 8, EXTENDED_AUTH: 8}.get(data[0] if data else 0)
    return None if at is None or len(data) < at + 4 else struct.unpack("<I", data[at:at + 4])[0]


class Cursor:
    """Reads a packet's fields; a field that is not there whole is a Violation."""

    def __init__(self, data, what):
        self.data, self.what, self.at = data, what, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Violation("%s: ends after %d bytes, %d more are due" % (self.what, len(self.data), count))
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def expect(self, size, value, field):
        found = self.number(size)
        if found != value:
            raise Violation("%s: %s is 0x%x, not 0x%x" % (self.what, field, found, value))

    def text(self, field):
        data = self.take(self.number(2))
        if len(data) % 2 or len(data) < 4 or data[-2:] != b"\0\0":
            raise Violation("%s: %s is no UTF-16 with a NUL: %s" % (self.what, field, data.hex()))
        try:
            text = data[:-2].decode("utf-16-le")
        except UnicodeDecodeError:
            raise Violation("%s: %s is no UTF-16" % (self.what, field)) from None
        if "\0" in text:
            raise Violation("%s: %s has a NUL within" % (self.what, field))
        return text

    def end(self):
        if self.at != len(self.data):
            raise Violation("%s: %d bytes behind its end" % (self.what, len(self.data) - self.at))
