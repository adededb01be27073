# SPDX-License-Identifier: Apache-2.0
"""HTTPS before the application: connections that are kept, rate limits, the log, and the faults that happen on the wire."""
import http.server
import io
import json
import re
import socket
import ssl
import struct
import threading
import time

from werkzeug.test import run_wsgi_app

from faults import WIRE

CALLS = [("deployments", "GET", r"/deployments"), ("deployment", "GET", r"/deployments/[^/]+"),
         ("keystore_get", "GET", r"/deployments/[^/]+/elasticsearch/[^/]+/keystore"),
         ("keystore_patch", "PATCH", r"/deployments/[^/]+/elasticsearch/[^/]+/keystore"),
         ("restart", "POST", r"/deployments/[^/]+/elasticsearch/[^/]+/_restart"),
         ("cancel", "DELETE", r"/deployments/[^/]+/[^/]+/[^/]+/plan/pending"),
         ("proxy", "[A-Z]+", r"/deployments/[^/]+/[^/]+/[^/]+/proxy/.*")]
MAX_BODY = 8 << 20
ROOT = ":root" # stands for the empty path to proxy, which no route could have


def call_of(method, path):
    for call, methods, pattern in CALLS:
        if re.fullmatch(methods, method) and re.fullmatch("/api/v1" + pattern, path):
            return call
    return "other"


class Limit:
    """So many calls in an interval; the numbers are in every answer, as the API's introduction says."""

    def __init__(self):
        self.limit, self.interval = 600, 60
        self._lock, self._began, self._used = threading.Lock(), 0.0, 0

    def count(self):
        """True if the call may pass."""
        with self._lock:
            if time.monotonic() - self._began >= self.interval:
                self._began, self._used = time.monotonic(), 0
            self._used += 1
            return self._used <= self.limit

    def headers(self, used_up=None):
        left = 0 if used_up else max(0, self.limit - self._used)
        return [("x-ratelimit-interval", str(used_up or self.interval)), ("x-ratelimit-limit", str(self.limit)),
                ("x-ratelimit-remaining", str(left))]


def refusal(status, code, message):
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
    return status, [("Content-Type", "application/json"), ("x-cloud-error-codes", code)], body


class Front(http.server.ThreadingHTTPServer):
    """The server. The handshake is made in the connection's thread, so that a silent client stops nobody."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port, cert, key, app, faults, log_file):
        super().__init__(("127.0.0.1", port), Handler)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self.tls.load_cert_chain(cert, key)
        self.app, self.faults, self.limit = app, faults, Limit()
        self.calls = []
        self._log = open(log_file, "a", encoding="utf-8", buffering=1)

    def finish_request(self, request, client_address):
        request.settimeout(60)
        try:
            with self.tls.wrap_socket(request, server_side=True) as tls:
                self.RequestHandlerClass(tls, client_address, self)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass

    def note(self, call, method, target, status, fault, seconds):
        """Never a header or a body."""
        entry = {"call": call, "method": method, "path": target, "status": status, "fault": fault, "seconds": round(seconds, 3)}
        self.calls.append(entry)
        self._log.write(f"{time.strftime('%FT%T%z')} {method} {target} {status} {fault or '-'} {seconds:.3f}\n")


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "standin", ""

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        self.requestline, self.request_version, self.command = "", "", ""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        began, path = time.monotonic(), self.path.split("?", 1)[0]
        self.call, self.status = call_of(self.command, path), 0
        fault = None
        try:
            length = int(self.headers.get("Content-Length") or 0)
            if self.headers.get("Transfer-Encoding") or not 0 <= length <= MAX_BODY:
                self.close_connection = True
                self.send(*refusal(411, "root.length_required", "Content-Length"))
                return
            body = self.rfile.read(length)
            if not self.server.limit.count():
                self.send(*refusal(429, "root.too_many_requests", "Too many requests"))
                return
            fault = self.server.faults.take(self.call, WIRE)
            self.serve(fault, body)
        finally:
            self.server.note(self.call, self.command, self.path, self.status, fault and fault["do"], time.monotonic() - began)

    def serve(self, fault, body):
        if self.command not in ("GET", "PUT", "POST", "PATCH", "DELETE"): # Flask would answer HEAD and OPTIONS by itself
            self.send(*refusal(405, "root.method_not_allowed", "Method Not Allowed"))
            return
        if fault is None:
            self.send(*self.act(body))
            return
        answer = self.act(body) if fault.get("when") == "after" else None
        getattr(self, "fault_" + fault["do"])(fault, answer, body)

    def act(self, body):
        """The application's answer."""
        path, _, query = self.path.partition("?")
        environ = {"REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "PATH_INFO": _unquote(path), "QUERY_STRING": query,
                   "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(self.server.server_port), "SERVER_PROTOCOL": "HTTP/1.1",
                   "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0), "wsgi.url_scheme": "https",
                   "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
                   "wsgi.multiprocess": False, "wsgi.run_once": False}
        if self.call == "proxy":
            environ["QUERY_STRING"], environ["standin.query"] = "", query
            if path.endswith("/proxy/"):
                environ["PATH_INFO"] += ROOT
        for name, value in self.headers.items():
            name = name.upper().replace("-", "_")
            environ[name if name == "CONTENT_TYPE" else "HTTP_" + name] = value
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        return int(status.split()[0]), [h for h in headers if h[0].lower() != "content-length"], b"".join(chunks)

    def send(self, status, headers, body, length=None, limit=None):
        self.status = status
        self.send_response(status)
        for name, value in [*headers, *self.server.limit.headers(limit)]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    # ---- the faults; what they have besides is in faults.py ----

    def fault_answer(self, fault, _answer, _body):
        self.send(*refusal(int(fault["status"]), "root.fault", "A fault that was asked for"))

    def fault_limit(self, fault, _answer, _body):
        self.send(*refusal(429, "root.too_many_requests", "Too many requests"), limit=fault["interval"])

    def fault_slow(self, fault, answer, body):
        time.sleep(fault["seconds"])
        self.send(*(answer or self.act(body)))

    def fault_cut(self, fault, _answer, _body):
        self.close_connection = True
        if fault["how"] == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def fault_garbage(self, _fault, answer, body):
        status, headers, _ = answer or self.act(body)
        self.send(status, headers, b'{"secrets": {"s3.client", }} oops')

    def fault_shape(self, _fault, answer, body):
        status, headers, _ = answer or self.act(body)
        self.send(status, headers, b'[{"id": 7}, null]')

    def fault_html(self, fault, _answer, _body):
        self.send(int(fault["status"]), [("Content-Type", "text/html")], b"<html><body><h1>Bad Gateway</h1></body></html>")

    def fault_endless(self, fault, answer, body):
        """A body that goes on until the client has enough of it, or the time is up."""
        status, headers, _ = answer or self.act(body)
        self.close_connection = True
        self.send(status, headers, b'{"a": "', length=1 << 40)
        end = time.monotonic() + fault["seconds"]
        while time.monotonic() < end:
            self.wfile.write(b"a" * 65536)

    def fault_short(self, _fault, answer, body):
        """The connection ends before the body does."""
        status, headers, whole = answer or self.act(body)
        self.close_connection = True
        self.send(status, headers, whole[:len(whole) // 2], length=len(whole))

    def fault_redirect(self, fault, _answer, _body):
        self.send(int(fault["status"]), [("Location", fault["to"] or f"https://127.0.0.1:{self.server.server_port}{self.path}")], b"")


def _unquote(path):
    # WSGI wants the path's bytes as latin-1
    from urllib.parse import unquote_to_bytes
    return unquote_to_bytes(path).decode("latin-1")
