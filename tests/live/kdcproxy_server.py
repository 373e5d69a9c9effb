"""The reference KDC proxy (python3-kdcproxy) behind TLS: PORT CERTIFICATE KEY; its configuration is
KDCPROXY_CONFIG's. Run by the interpreter that has the package, which need not be the tests' own."""

import ssl
import sys
from wsgiref.simple_server import make_server

import kdcproxy

server = make_server("127.0.0.1", int(sys.argv[1]), kdcproxy.Application())
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
