# SPDX-License-Identifier: Apache-2.0
"""The real nodes behind the stand-in: their keystore tool, their processes (by tools/lab) and what they say of themselves."""
import base64
import http.client
import json
import os
import pwd
import ssl
import subprocess
import urllib.error
import urllib.request


class Nodes:
    """Made of the lab's description of itself, see standin_config in tools/lab.d/standin.sh. Nodes count from 1."""

    def __init__(self, conf):
        self.names = [n["name"] for n in conf["nodes"]]
        self._http = [n["http"] for n in conf["nodes"]]
        self._conf = [n["conf"] for n in conf["nodes"]]
        self._tool, self._java, self._user = conf["keystore_tool"], conf["java"], conf["user"]
        self._lab = [conf["lab_tool"]]
        self._lab_name = conf["lab"]
        self._front = conf["cluster_url"]
        self._front_tls = ssl.create_default_context(cafile=conf["cluster_ca"])
        with open(conf["cluster_auth_file"], "rb") as f:
            self._front_auth = "Basic " + base64.b64encode(f.read().strip()).decode()
        self.all = list(range(1, len(self.names) + 1))

    # ---- the keystore, as the node's user; the tool prints secrets in its errors, so nothing that it says is kept ----

    def _keystore(self, n, *args, stdin=b"", keep=False):
        who = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam(self._user)
            who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        env = {"PATH": "/usr/bin:/bin", "OPENSEARCH_JAVA_HOME": self._java, "OPENSEARCH_PATH_CONF": self._conf[n - 1]}
        with subprocess.Popen([self._tool, *args], env=env, cwd="/", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              stdout=subprocess.PIPE if keep else subprocess.DEVNULL, **who) as tool:
            if who: # it may have to open the pipe by its name, as /dev/stdin
                os.fchown(tool.stdin.fileno(), who["user"], who["group"])
            out, _ = tool.communicate(stdin)
        return tool.returncode, (out or b"").decode()

    def keystore_names(self, n):
        code, out = self._keystore(n, "list", keep=True)
        if code != 0:
            raise RuntimeError(f"{self.names[n - 1]}: the keystore tool ended with {code} at list")
        return out.split()

    def keystore_write(self, n, add, remove):
        """Adds {name: bytes} and removes names, where they are."""
        def must(*args, stdin=b""):
            code, _ = self._keystore(n, *args, stdin=stdin)
            if code != 0:
                raise RuntimeError(f"{self.names[n - 1]}: the keystore tool ended with {code} at {args[0]}")
        # one call for all that fit on a line each
        lines = {name: value for name, value in add.items() if b"\n" not in value and b"\r" not in value}
        if lines:
            must("add", "--stdin", "--force", *lines, stdin=b"".join(v + b"\n" for v in lines.values()))
        for name in add.keys() - lines.keys():
            must("add-file", "--force", name, "/dev/stdin", stdin=add[name])
        there = [name for name in self.keystore_names(n) if name in remove] if remove else []
        if there:
            must("remove", *there)

    # ---- processes ----

    def lab(self, action, group):
        """tools/lab node ACTION for the nodes of the group; waits until those that run are one cluster."""
        done = subprocess.run(self._lab + ["node", action, ",".join(map(str, group)), self._lab_name], check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode != 0:
            lines = [line for line in done.stderr.decode(errors="replace").splitlines() if "error: " in line]
            raise RuntimeError(lines[-1].split("error: ", 1)[1] if lines else f"tools/lab node {action} failed")

    # ---- what they say ----

    @staticmethod
    def _call(request, timeout, **how):
        """(status, content type, body), or None without a whole answer."""
        try:
            with urllib.request.urlopen(request, timeout=timeout, **how) as answer:
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers.get("Content-Type", ""), e.read()
        except (OSError, http.client.HTTPException):
            return None

    def ask(self, method, path, timeout=3):
        """The first node that answers."""
        for address in self._http:
            answer = self._call(urllib.request.Request(address + path, method=method), timeout)
            if answer is not None:
                return answer
        return None

    def ask_front(self, method, path, body, content_type):
        """The cluster as its users see it, by the platform's own right there."""
        request = urllib.request.Request(self._front + path, data=body, method=method, headers={"Authorization": self._front_auth})
        if content_type:
            request.add_header("Content-Type", content_type)
        return self._call(request, 600, context=self._front_tls)

    def ask_json(self, path, timeout=3):
        answer = self.ask("GET", path, timeout=timeout)
        if answer is None or answer[0] != 200:
            return None
        return json.loads(answer[2])

    def health(self):
        """Seen from outside: status, master, and per node name whether it is in the cluster and its version and shards."""
        state = {"status": "red", "master": None, "nodes": {}}
        health = self.ask_json("/_cluster/health?timeout=1s")
        nodes = self.ask_json("/_cat/nodes?format=json&full_id=true&h=id,name,version,master")
        if health is None or nodes is None:
            return state
        state["status"] = health["status"]
        shards = self.ask_json("/_cat/shards?format=json&h=node,state") or []
        for node in nodes:
            count = sum(1 for s in shards if s["node"] == node["name"])
            state["nodes"][node["name"]] = {"version": node["version"], "shards": count}
            if node["master"] == "*":
                state["master"] = (node["id"], node["name"])
        return state
