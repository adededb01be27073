# SPDX-License-Identifier: Apache-2.0
"""TLS proxies before real servers, with one fault on the wire at a time, for the tests that show undo and resume.

fault_proxy.py DIR CERT KEY WHEN NAME=URL=CAFILE...

Prints "NAME PORT" for each and serves until it is killed. DIR/fault, one line "NAME METHOD PATTERN FAULT", is met by the first
request to NAME of that method whose path and query, a blank and body fit the pattern, once WHEN (a file) is there; then the file
becomes DIR/met. FAULT:
  error        500, the server has not seen the request
  silent       the server acts, its answer never comes
  cut-before   the connection ends, the server has not seen the request
  cut-after    the connection ends, the server has acted
  kill-us      the server acts, then DIR/kill-us runs, then the connection ends
  kill-server  DIR/kill-server runs, then the request goes on to whatever is left"""
import http.client
import http.server
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

HERE, CERT, KEY, WHEN = sys.argv[1:5]
SILENT_SECONDS = 400  # longer than any time limit of ours
lock = threading.Lock()


def take(name, method, what):
    """The fault that this request meets, or None."""
    path = os.path.join(HERE, "fault")
    with lock:
        if not os.path.exists(path) or not os.path.exists(WHEN):
            return None
        with open(path, encoding="ascii") as f:
            server, verb, pattern, fault = f.read().split()
        if server != name or verb != method or not re.search(pattern, what):
            return None
        os.rename(path, os.path.join(HERE, "met"))
        return fault


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection, and one of its own to the server behind."""
    protocol_version = "HTTP/1.1"
    behind = None

    def log_message(self, *_):
        pass

    def forward(self, body):
        """The server's answer: status, headers, body."""
        for again in (True, False):
            if self.behind is None:
                self.behind = http.client.HTTPSConnection(self.server.host, context=self.server.behind, timeout=SILENT_SECONDS)
            try:
                self.behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    self.behind.putheader(name, value)
                self.behind.endheaders(body)
                r = self.behind.getresponse()
                headers = [(n, v) for n, v in r.getheaders() if n.lower() not in ("transfer-encoding", "connection", "content-length")]
                return r.status, headers, r.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # a connection that was kept and has gone; one that is new tells the truth
                self.behind.close()
                self.behind = None
                if not again:
                    raise
        return None

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = take(self.server.name, self.command, self.path + " " + body.decode("latin-1"))
        if fault == "error":
            self.answer(500, [("Content-Type", "application/json")],
                        b'{"error":{"type":"fault_exception","reason":"a fault that was asked for"},"status":500}')
            return
        if fault == "kill-server":
            subprocess.run([os.path.join(HERE, fault)], check=False)
        if fault != "cut-before":
            answer = self.forward(body)
        if fault == "kill-us":
            subprocess.run([os.path.join(HERE, fault)], check=False)
        if fault == "silent":
            time.sleep(SILENT_SECONDS)
        if fault in ("cut-before", "cut-after", "kill-us", "silent"):
            self.close_connection = True
            return
        self.answer(*answer)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = do_HEAD = serve


class Server(http.server.ThreadingHTTPServer):
    """One name. The handshake is made in the connection's thread."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, name, url, ca):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.host = name, urllib.parse.urlsplit(url).netloc
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(CERT, KEY)
        self.behind = ssl.create_default_context(cafile=ca)

    def finish_request(self, request, client_address):
        try:
            with self.tls.wrap_socket(request, server_side=True) as tls:
                self.RequestHandlerClass(tls, client_address, self)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


for given in sys.argv[5:]:
    server = Server(*given.split("=", 2))
    threading.Thread(target=server.serve_forever).start()
    print(server.name, server.server_port, flush=True)
