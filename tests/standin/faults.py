# SPDX-License-Identifier: Apache-2.0
"""Faults that the control port sets and calls of the API run into. A fault is one JSON object; README.md has the table."""
import threading

CALLS = ("deployments", "deployment", "keystore_get", "keystore_patch", "restart", "cancel", "proxy")
# do: what else it may have, with the default. "wire" faults are the front's (front.py), "deed" faults the deployment's.
WIRE = {
    "answer": {"status": 500, "when": "before"},
    "limit": {"interval": 1},
    "slow": {"seconds": 5, "when": "before"},
    "cut": {"when": "before", "how": "close"},
    "garbage": {"when": "after"},
    "shape": {"when": "after"},
    "html": {"status": 502, "when": "before"},
    "endless": {"when": "after", "seconds": 60},
    "short": {"when": "after"},
    "redirect": {"status": 307, "to": ""},
}
DEED = {
    "nothing": {},
    "left_behind": {"nodes": [3]},
    "plan_fails": {"groups": 1},
    "plan_hangs": {},
}
DEED_AT = {"nothing": ("keystore_patch", "restart", "cancel"), "left_behind": ("keystore_patch",), "plan_fails": ("restart",),
           "plan_hangs": ("restart",)}
CHOICES = {"when": ("before", "after"), "how": ("close", "reset")}


class Faults:
    """The list; each call takes the first fault that is meant for it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._list = []
        self._last = 0

    def add(self, given):
        """Checks a fault and keeps it; ValueError says what is wrong."""
        if not isinstance(given, dict) or given.get("do") not in {**WIRE, **DEED}:
            raise ValueError("do: one of " + " ".join((*WIRE, *DEED)))
        do = given["do"]
        defaults = {"on": "any", "times": 1, "skip": 0, **WIRE.get(do, DEED.get(do))}
        for key, value in given.items():
            if key != "do" and key not in defaults:
                raise ValueError(f"{do} has no {key}")
            if key in defaults and not isinstance(value, (int, float) if isinstance(defaults[key], int) else type(defaults[key])):
                raise ValueError(f"{key}: a {type(defaults[key]).__name__}")
            if key in CHOICES and value not in CHOICES[key]:
                raise ValueError(f"{key}: " + " or ".join(CHOICES[key]))
        fault = {"do": do, **defaults, **given}
        if do in DEED_AT and fault["on"] == "any" and len(DEED_AT[do]) == 1:
            fault["on"] = DEED_AT[do][0]
        if fault["on"] not in DEED_AT.get(do, (*CALLS, "any")):
            raise ValueError(f"{do} cannot happen at {fault['on']}")
        with self._lock:
            self._last += 1
            fault["id"], fault["met"] = self._last, 0
            self._list.append(fault)
        return fault

    def clear(self):
        with self._lock:
            self._list = []

    def list(self):
        with self._lock:
            return [dict(f) for f in self._list]

    def take(self, call, among):
        """The fault that this call runs into, or None. times 0: again and again, until cleared."""
        with self._lock:
            for fault in self._list:
                if fault["do"] not in among or fault["on"] not in (call, "any"):
                    continue
                if fault["skip"] > 0:
                    fault["skip"] -= 1
                    continue
                if fault["times"] and fault["met"] >= fault["times"]:
                    continue
                fault["met"] += 1
                return dict(fault)
        return None
