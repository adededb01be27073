# SPDX-License-Identifier: Apache-2.0
"""Elastic Cloud's API before the real nodes of a lab. Started by tools/lab up, which writes the configuration: standin.py FILE"""
import json
import signal
import sys
import threading

import api
from control import Control
from deployment import Deployment
from faults import Faults
from front import Front
from nodes import Nodes


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        conf = json.load(f)
    with open(conf["api_key_file"], encoding="ascii") as f:
        conf["api_key"] = f.read().strip()
    if conf["kind"] == "ece":
        with open(conf["password_file"], encoding="ascii") as f:
            conf["password"] = f.read().strip()
    # nothing here waits for these: a restart of nodes that is under way goes on when this process ends
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    faults = Faults()
    deployment = Deployment(conf, Nodes(conf), faults)
    front = Front(conf["port"], conf["cert"], conf["key"], api.application(conf["kind"], conf, deployment), faults, conf["log"])
    control = Control(conf["control_port"], deployment, faults, front)
    if conf.get("ports_file"): # ports that the system chose (0 in the configuration)
        with open(conf["ports_file"], "w", encoding="ascii") as f:
            print(front.server_port, control.server_port, file=f)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    front.serve_forever()


if __name__ == "__main__":
    main()
