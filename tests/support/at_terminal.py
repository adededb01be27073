#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: at_terminal.py PROMPT ANSWER COMMAND...

Runs a command on a terminal of its own, types ANSWER and Enter each time PROMPT stands there, prints what stood on the
screen, and ends with the command's exit code (124 when it takes longer than a minute)."""
import os
import pty
import select
import sys
import time

prompt, answer = sys.argv[1].encode(), sys.argv[2].encode() + b"\n"
pid, screen = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
seen, answered, ends = b"", 0, time.monotonic() + 60
while time.monotonic() < ends:
    if screen not in select.select([screen], [], [], 1)[0]:
        continue
    try:
        more = os.read(screen, 4096)
    except OSError:  # the other side is gone
        break
    if not more:
        break
    seen += more
    while seen.count(prompt) > answered:
        answered += 1
        os.write(screen, answer)
else:
    os.kill(pid, 15)
sys.stdout.write(seen.decode(errors="replace").replace("\r\n", "\n"))
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 124)
