# SPDX-License-Identifier: Apache-2.0
"""The one deployment: its keystore, which reaches the nodes after a while, and its plans, which restart them. Thread-safe."""
import json
import os
import threading
import time
import uuid
from datetime import datetime, timezone

from faults import DEED


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Refused(Exception):
    """An answer other than success: HTTP status, the API's code, words."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Deployment:
    """What the platform knows. The state file has names and plans, never a value: those are only in the queue to the nodes."""

    def __init__(self, conf, nodes, faults):
        self.conf, self.nodes, self.faults = conf, nodes, faults
        self.propagation = 1.0
        self.failed_plan = "history"
        self.begin = 0.0
        self.troubles = []
        self._file = conf["state_file"]
        self._lock = threading.RLock()
        self._writes = []
        self._writing = False
        self._cancel = threading.Event()
        self._next = None
        self._accepted = False
        self._state = {"secrets": {}, "version": 1, "modified": now(), "stopped": False, "current": None, "pending": None,
                       "history": []}
        if os.path.exists(self._file):
            with open(self._file, encoding="utf-8") as f:
                self._state = json.load(f)
        else:
            self._state["current"] = self._first_plan()
            self._state["history"] = [self._state["current"]]
            self._save()
        threading.Thread(target=self._carry, daemon=True).start()
        if self._state["pending"]:
            threading.Thread(target=self._run_plan, daemon=True).start()

    def _save(self):
        with open(self._file + ".new", "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            json.dump(self._state, f)
        os.replace(self._file + ".new", self._file)

    def snapshot(self):
        with self._lock:
            return json.loads(json.dumps(self._state))

    # ---- the keystore ----

    def keystore(self):
        with self._lock:
            return {"secrets": {name: {"as_file": as_file} for name, as_file in sorted(self._state["secrets"].items())}}

    def change_keystore(self, secrets):
        """{name: {value, as_file}}; a secret without a value is removed, what is not named stays. Returns the new contents."""
        add, remove, names = {}, [], self.keystore()["secrets"]
        for name, secret in secrets.items():
            value = secret.get("value")
            if value is None:
                remove.append(name)
                names.pop(name, None)
                continue
            add[name] = (json.dumps(value) if isinstance(value, dict) else value).encode()
            names[name] = {"as_file": secret.get("as_file", isinstance(value, dict))}
        fault = self.faults.take("keystore_patch", DEED) or {}
        if fault.get("do") != "nothing":
            with self._lock:
                self._state["secrets"] = {name: s["as_file"] for name, s in names.items()}
                self._touch()
                self._writes.append((time.monotonic(), add, remove, fault.get("nodes", [])))
        return {"secrets": dict(sorted(names.items()))}

    def _touch(self):
        self._state["version"] += 1
        self._state["modified"] = now()
        self._save()

    def _due(self):
        """The changes that may go to the nodes now, as one: (add, remove, nodes that are left out), or None."""
        with self._lock:
            add, remove, skip = {}, set(), None
            while self._writes:
                since, more, less, left_out = self._writes[0]
                if time.monotonic() < since + self.propagation or skip not in (None, left_out):
                    break
                self._writes.pop(0)
                add = {name: value for name, value in add.items() if name not in less} | more
                remove, skip = (remove | set(less)) - more.keys(), left_out
            self._writing = skip is not None
            return (add, remove, skip) if self._writing else None

    def _carry(self):
        """Carries changes to the nodes when their time has come, one node after the other."""
        while True:
            change = self._due()
            if change is None:
                time.sleep(0.02)
                continue
            add, remove, skip = change
            for n in self.nodes.all:
                if n in skip:
                    continue
                try:
                    self.nodes.keystore_write(n, add, remove)
                except (RuntimeError, OSError) as e:
                    self.troubles.append(str(e))
            with self._lock:
                self._writing = False

    def settled(self):
        """Nothing is on its way, in a plan or to the nodes."""
        with self._lock:
            return self.carried() and not self._state["pending"] and not self._accepted

    def carried(self):
        with self._lock:
            return not self._writes and not self._writing

    # ---- plans ----

    def _plan(self, groups, **more):
        return {"id": str(uuid.uuid4()), "start": now(), "end": None, "groups": groups, "done": 0, "steps": [], "error": None,
                "warnings": [], **more}

    def _first_plan(self):
        plan = self._plan([], name="create")
        plan["end"] = plan["start"]
        plan["steps"] = [self._step("plan-completed", "success", "The deployment was made")]
        return plan

    @staticmethod
    def _step(step_id, status, message, failure=None, details=None):
        line = {"message": message, "stage": "completed", "timestamp": now(), "details": details or {}}
        if failure:
            line["failure_type"] = failure
        return {"step_id": step_id, "status": status, "stage": "completed", "started": now(), "completed": now(), "info_log": [line]}

    def groups_of(self, attribute):
        """The nodes in the groups that are restarted together: each node is a zone of its own."""
        if attribute in ("__zone__", "__name__"):
            return [[n] for n in self.nodes.all]
        # instances without an attribute all have the same value of it: none
        return [self.nodes.all]

    def restart(self, group_attribute="__zone__", cancel_pending=False, skip_snapshot=True, shard_init_wait_time=600):
        with self._lock:
            if (self._state["pending"] or self._accepted) and not cancel_pending:
                raise Refused(422, "deployments.deployment_resource_plan_change_error",
                              "There are pending plans for this resource; cancel them first")
            fault = self.faults.take("restart", DEED) or {}
            if fault.get("do") == "nothing":
                return
            plan = self._plan(self.groups_of(group_attribute), name="restart", snapshot=not skip_snapshot,
                              wait=shard_init_wait_time, fault=fault, rejoin=self._state["stopped"])
            if self._state["pending"]:
                self._next = plan
                self._cancel.set()
            elif self.begin:
                self._accepted = True
                threading.Thread(target=self._begin_late, args=(plan, time.monotonic()), daemon=True).start()
            else:
                self._begin(plan)

    def _begin(self, plan):
        with self._lock:
            self._cancel.clear()
            self._accepted = False
            self._state["pending"] = plan
            self._touch()
        threading.Thread(target=self._run_plan, daemon=True).start()

    def _begin_late(self, plan, since):
        while time.monotonic() < since + self.begin:
            time.sleep(0.02)
        self._begin(plan)

    def foreign_plan(self):
        """A plan that somebody else has started: pending until it is cancelled."""
        with self._lock:
            if self._state["pending"]:
                raise ValueError("a plan is pending already")
            self._begin(self._plan([], name="foreign", fault={"do": "plan_hangs"}))

    def cancel(self):
        """Has a pending plan end after the group that it is at; False if there is none."""
        with self._lock:
            if not self._state["pending"]:
                return False
            self._cancel.set()
        return True

    def _log(self, *step):
        with self._lock:
            self._state["pending"]["steps"].append(self._step(*step))
            self._save()

    def _run_plan(self):
        """One plan to its end. After the platform itself was restarted it goes on with the group that it was at."""
        with self._lock:
            plan = self._state["pending"]
        failed = None
        try:
            self._work(plan)
        except (RuntimeError, OSError) as e:
            failed = str(e)
        with self._lock:
            if failed:
                plan["error"] = {"message": failed, "failure_type": "ClusterFailure:RestartFailed", "timestamp": now(),
                                 "details": {"groups_done": str(plan["done"])}}
                plan["steps"].append(self._step("rolling-restart", "error", failed, "ClusterFailure:RestartFailed"))
                plan["steps"].append(self._step("plan-completed", "error", "Unexpected error during step: [rolling-restart]"))
            else:
                plan["steps"].append(self._step("plan-completed", "success", "The plan has been applied"))
                self._state["stopped"] = False
            plan["end"] = now()
            if not failed or self.failed_plan == "current":
                self._state["current"] = plan
            self._state["pending"] = None
            self._state["history"] = (self._state["history"] + [plan])[-10:]
            self._touch()
            after, self._next = self._next, None
            if after:
                self._begin(after)

    def _work(self, plan):
        fault = plan.get("fault") or {}
        if not plan["steps"]:
            self._log("validate-prerequisites", "success", "The resource may be restarted")
        while not self.carried():
            self._check_cancel()
        if plan.get("snapshot") and plan["done"] == 0:
            self._snapshot(plan)
        for group in plan["groups"][plan["done"]:]:
            if fault.get("do") == "plan_fails" and plan["done"] >= fault["groups"]:
                raise RuntimeError(f"{self.nodes.names[group[0] - 1]} did not become ready in time")
            self._check_cancel()
            self.nodes.lab("start" if plan.get("rejoin") else "restart", self.nodes.all if plan.get("rejoin") else group)
            self._log("rolling-restart", "success", "Restarted " + ", ".join(self.nodes.names[n - 1] for n in group))
            with self._lock:
                plan["done"] = len(plan["groups"]) if plan.get("rejoin") else plan["done"] + 1
                self._save()
            if plan.get("rejoin"):
                break
        while fault.get("do") == "plan_hangs":
            self._check_cancel()

    def _check_cancel(self):
        if self._cancel.wait(0.05):
            raise RuntimeError("The plan was cancelled")

    def _snapshot(self, plan):
        """Into the repository that hosted deployments have; a lab has it only if a test has made it."""
        name = "snapseal-standin-" + plan["id"]
        answer = self.nodes.ask("PUT", f"/_snapshot/found-snapshots/{name}?wait_for_completion=true", timeout=300)
        if answer and answer[0] == 200:
            self._log("take-snapshot", "success", "Snapshot " + name)
            return
        self._log("take-snapshot", "warning", "No snapshot could be taken")
        with self._lock:
            plan["warnings"].append({"code": "snapshot.failed", "message": "No snapshot could be taken", "step_id": "take-snapshot"})

    # ---- stop and start, by the control port: no call of the API does that here ----

    def stop(self):
        with self._lock:
            self._state["stopped"] = True
            self._touch()
        self.nodes.lab("stop", self.nodes.all)

    def start(self):
        self.nodes.lab("start", self.nodes.all)
        with self._lock:
            self._state["stopped"] = False
            self._touch()
