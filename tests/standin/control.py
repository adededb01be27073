# SPDX-License-Identifier: Apache-2.0
"""The control port: plain HTTP and JSON on loopback, for tests. It is no part of the API; README.md has its calls."""
import http.server
import json
import time


class Control(http.server.ThreadingHTTPServer):
    """Sets faults and tells what happened."""
    daemon_threads = True

    def __init__(self, port, deployment, faults, front):
        super().__init__(("127.0.0.1", port), Handler)
        self.deployment, self.faults, self.front = deployment, faults, front


class Handler(http.server.BaseHTTPRequestHandler):
    """One call."""
    server_version, sys_version = "standin-control", ""

    def log_message(self, *_):
        pass

    def answer(self, status, what):
        body = json.dumps(what).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do(self):
        path, _, query = self.path.partition("?")
        try:
            given = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            what = getattr(self, f"{self.command.lower()}_{path.strip('/') or 'all'}", None)
            if what is None:
                self.answer(404, {"error": "no such call; see tests/standin/README.md"})
            else:
                self.answer(200, what(query or given))
        except (ValueError, TypeError) as e:
            self.answer(400, {"error": str(e)})
        except RuntimeError as e:
            self.answer(500, {"error": str(e)})

    do_GET = do_POST = do_DELETE = do_PATCH = do

    # ---- the calls ----

    def get_all(self, _):
        deployment, limit = self.server.deployment, self.server.front.limit
        return {"faults": self.server.faults.list(), "state": deployment.snapshot(), "troubles": deployment.troubles,
                "carried": deployment.carried(), "settings": {"propagation": deployment.propagation, "begin": deployment.begin,
                                                              "limit": limit.limit,
                                                              "interval": limit.interval,
                                                              "failed_plan": deployment.failed_plan}}

    def get_faults(self, _):
        return self.server.faults.list()

    def post_faults(self, given):
        return self.server.faults.add(given)

    def delete_faults(self, _):
        self.server.faults.clear()
        return []

    def patch_settings(self, given):
        """All settings are checked before one is set."""
        for name, value in given.items():
            number = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
            if not (number and name in ("propagation", "begin", "limit", "interval")
                    or name == "failed_plan" and value in ("history", "current")):
                raise ValueError("settings: propagation, begin, limit, interval (numbers), failed_plan (history or current)")
        for name, value in given.items():
            setattr(self.server.front.limit if name in ("limit", "interval") else self.server.deployment, name, value)
        return self.get_all(None)["settings"]

    def post_stop(self, _):
        self.server.deployment.stop()
        return {}

    def post_start(self, _):
        self.server.deployment.start()
        return {}

    def post_plan(self, _):
        self.server.deployment.foreign_plan()
        return {}

    def get_settled(self, query):
        """Waits until the keystore's changes are at the nodes and no plan is pending; seconds=N at most (60)."""
        end = time.monotonic() + float((query or "seconds=60").split("=", 1)[1])
        deployment = self.server.deployment
        while time.monotonic() < end:
            if deployment.settled():
                return {"settled": True, "troubles": deployment.troubles}
            time.sleep(0.05)
        return {"settled": False, "troubles": deployment.troubles}

    def get_calls(self, _):
        return self.server.front.calls

    def delete_calls(self, _):
        self.server.front.calls.clear()
        return []
