# SPDX-License-Identifier: Apache-2.0
"""measure.py ROUNDS CLOCK: reads lines "LABEL<tab>ARG<tab>ARG...", runs the commands alternately, and prints for each the
median and the least of the milliseconds from start to exit, and the most memory that the process itself had, in KiB."""
import subprocess
import sys

rounds, clock = int(sys.argv[1]), sys.argv[2]
commands = [line.rstrip("\n").split("\t") for line in sys.stdin]
times = {c[0]: [] for c in commands}
memory = dict.fromkeys(times, 0)
for i in range(rounds + 1):
    for label, *argv in commands:
        done = subprocess.run([clock, "clock.out", *argv], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{label}: {argv} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        with open("clock.out", encoding="ascii") as out:
            begin, end, kib = map(int, out.readlines()[-1].split())
        if i > 0:  # the first one warms up
            times[label].append((end - begin) / 1e6)
            memory[label] = max(memory[label], kib)
for label, *_ in commands:
    t = sorted(times[label])
    print(f"{label}\t{t[len(t) // 2]:.2f}\t{t[0]:.2f}\t{memory[label]}")
