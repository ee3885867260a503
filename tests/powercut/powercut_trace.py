"""The file system calls of a traced program, one by one, with exact bytes; anything not understood is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "open,openat,creat,write,pwrite64,writev,pwritev,lseek,fsync,fdatasync,sync_file_range,ftruncate,truncate,rename,"
    "renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,fallocate,mmap,link,linkat,sendfile,copy_file_range,splice"
)
LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|\?|0x[0-9a-f]+)")
UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")
FD_PATH = re.compile(r"^(\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")

PLAIN = {"fsync": "sync", "fdatasync": "sync", "unlink": "unlink", "unlinkat": "unlink"}


@dataclass(frozen=True, slots=True)
class Call:
    """One successful call: its name, the path that it concerns, and what it needs beside."""

    name: str
    path: str
    data: bytes = b""
    offset: int = 0


def calls(trace: str, root: Path) -> Iterator[Call | str]:
    """The calls below `root` in order, and what the program said on standard output as plain strings."""
    places: dict[str, int] = {}
    for name, arguments, result in _whole(trace):
        if result.startswith("-") or result == "?":
            continue
        call = _understood(name, arguments, result, str(root))
        if isinstance(call, Call):
            call = _placed(call, places)
        if call is not None:
            yield call


def _placed(call: Call, places: dict[str, int]) -> Call:
    """A plain write goes where the one before it ended; a file that is opened anew begins at its start."""
    if call.name == "create":
        places[call.path] = 0
    elif call.name == "rename":
        places[call.data.decode()] = places.pop(call.path, 0)
    elif call.name == "append":
        call = Call("write", call.path, call.data, places[call.path])
        places[call.path] += len(call.data)
    return call


def _whole(trace: str) -> Iterator[tuple[str, str, str]]:
    waiting: dict[str, str] = {}
    for line in trace.splitlines():
        if begun := UNFINISHED.match(line):
            waiting[begun[1]] = f"{begun[1]} {begun[2]}({begun[3]}"
            continue
        resumed = RESUMED.match(line)
        whole = waiting.pop(resumed[1]) + resumed[3] if resumed else line
        if match := LINE.match(whole):
            yield match[2], match[3], match[4]


def _understood(name: str, arguments: str, result: str, root: str) -> Call | str | None:
    parts = arguments.split(", ")
    path = _path(parts)
    if name == "write" and parts[0].startswith("1<"):
        return _bytes(parts[1]).decode().strip()
    if not path.startswith(root) or path.endswith("-shm"):
        return None
    if name in ("open", "openat"):
        return Call("create", path) if "O_CREAT" in arguments else None
    if name in ("write", "pwrite64"):
        data = _bytes(parts[1])
        if len(data) != int(result):
            raise AssertionError(f"a short write of {result} bytes is not modelled")
        return Call("append", path, data) if name == "write" else Call("write", path, data, int(parts[3]))
    if name == "ftruncate":
        return Call("truncate", path, offset=int(parts[1]))
    if name == "rename":
        return Call("rename", path, _bytes(parts[1]))
    if name in PLAIN:
        return Call(PLAIN[name], path)
    # a folder is taken to be there as soon as something in it is: its own name is not modelled
    if name in ("lseek", "mkdir") or (name == "mmap" and "PROT_WRITE" not in arguments):
        return None
    raise AssertionError(f"{name} on {path} is not modelled: a dropped call would make the test worthless")


def _path(parts: list[str]) -> str:
    """The path behind the first descriptor, or the first quoted path."""
    if parts[0].startswith("AT_FDCWD"):
        return _bytes(parts[1]).decode()
    if parts[0].startswith('"'):
        return _bytes(parts[0]).decode()
    for part in parts:
        if (found := FD_PATH.match(part)) and found[1] != "AT_FDCWD":
            return bytes.fromhex(found[2].replace("\\x", "")).decode()
    return ""


def _bytes(quoted: str) -> bytes:
    found = HEX.search(quoted)
    return bytes.fromhex(found[0].replace("\\x", "")) if found else b""
