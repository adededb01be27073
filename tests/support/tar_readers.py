#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tar_readers.py DIR: do three other readers of tar read each DIR/N.tar as DIR/N.list says?

A list has one line a member: name, size, SHA-256 of its bytes. The readers are libarchive (with every format and filter that
bsdtar has), GNU tar and Python's tarfile. Prints how many files each one compared; exit status 1 when any of them reads any
file otherwise, or has an error, a warning or bytes left over.
"""
import ctypes
import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile


def line(name, data):
    return "%s %d %s" % (name, len(data), hashlib.sha256(data).hexdigest())


def by_python(path):
    with tarfile.open(path, "r:") as t:
        return [line(m.name, t.extractfile(m).read()) if m.isreg() else "not a file: " + m.name for m in t]


def by_gnu(path):
    # the bytes of all members on stdout, what they are on stderr
    run = subprocess.run(["tar", "--numeric-owner", "--quoting-style=escape", "-xvvOf", path], capture_output=True)
    lines, at = [], 0
    for said in run.stderr.decode().splitlines():
        field = said.split(None, 5)
        if len(field) != 6 or field[0] != "-rw-r--r--":
            return ["said: " + said]
        size = int(field[2])
        lines.append(line(field[5], run.stdout[at:at + size]))
        at += size
    return lines if run.returncode == 0 and at == len(run.stdout) else ["exit %d" % run.returncode]


class Libarchive:
    def __init__(self, name):
        self.lib = ctypes.CDLL(name)
        for call in ("archive_read_new", "archive_entry_pathname", "archive_error_string"):
            getattr(self.lib, call).restype = ctypes.c_void_p if call == "archive_read_new" else ctypes.c_char_p
        self.lib.archive_entry_size.restype = ctypes.c_int64
        self.lib.archive_read_data.restype = ctypes.c_ssize_t

    def __call__(self, path):
        lib, lines = self.lib, []
        a, entry = ctypes.c_void_p(lib.archive_read_new()), ctypes.c_void_p()
        lib.archive_read_support_filter_all(a)
        lib.archive_read_support_format_all(a)
        rc = lib.archive_read_open_filename(a, path.encode(), ctypes.c_size_t(10240))
        while rc == 0:
            rc = lib.archive_read_next_header(a, ctypes.byref(entry))
            if rc != 0:
                break
            size = lib.archive_entry_size(entry)
            room = ctypes.create_string_buffer(size + 1)
            got = lib.archive_read_data(a, room, ctypes.c_size_t(size + 1))
            if got != size or lib.archive_entry_filetype(entry) != 0o100000:
                lines.append("read %d of %d" % (got, size))
            lines.append(line(lib.archive_entry_pathname(entry).decode(), room.raw[:size]))
        if rc != 1:  # ARCHIVE_EOF
            lines.append("error %d: %s" % (rc, lib.archive_error_string(a)))
        lib.archive_read_free(a)
        return lines


def main():
    readers = [("Python's tarfile", by_python)]
    if shutil.which("tar"):
        readers.append(("GNU tar", by_gnu))
    name = ctypes.util.find_library("archive")
    if name:
        readers.append(("libarchive", Libarchive(name)))
    paths = sorted(e.path for e in os.scandir(sys.argv[1]) if e.name.endswith(".tar"))
    bad = 0
    for who, read in readers:
        for path in paths:
            with open(path[:-4] + ".list", encoding="ascii") as f:
                want = f.read().splitlines()
            try:
                got = read(path)
            except (tarfile.TarError, OSError, ValueError, UnicodeDecodeError) as e:
                got = [repr(e)]
            if got != want:
                bad += 1
                print("%s reads %s otherwise: %s, not %s" % (who, path, got, want), file=sys.stderr)
        print("%d files as %s reads them" % (len(paths), who))
    return 1 if bad or not paths else 0


sys.exit(main())
