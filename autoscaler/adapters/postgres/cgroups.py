"""The cgroup that holds a server's processes: how much processor and memory they get, and what they used.

Version 2 has one tree; version 1 has one for each controller. The files behind both are the same few numbers.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from errno import EBUSY
from pathlib import Path
from typing import Protocol

from autoscaler.errors import InvalidInput

ROOT = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
# [M] With the usual 100 ms a small quota is eaten up in a burst, and a query waits up to that long for the next one.
PERIOD_MICROSECONDS = 20_000
# The kernel takes no smaller quota (EINVAL).
LEAST_QUOTA_MICROSECONDS = 1_000
LEAST_CPUS = LEAST_QUOTA_MICROSECONDS / PERIOD_MICROSECONDS
# A group weighs as much as one process beside it, however many it holds: on a busy machine it would not get the quota
# that it has. With eight times that it does, and takes no more than its quota from the others.
SHARES_V1, WEIGHT_V2 = 8192, 800
# Above `memory.high` a group is slowed down and its pages are reclaimed; only this far above it something is killed.
ROOM_ABOVE_HIGH = 1.25
UNIFIED = "unified"  # where a machine with version 1 has a version 2 beside it
MILLION, BILLION = 1e6, 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Counters since the group was made, and the memory in use now; None where this kernel does not tell.

    ``waited_seconds``: how long at least one process wanted a processor and got none (PSI "some").
    """

    cpu_seconds: float
    throttled_periods: int
    periods: int
    memory_bytes: int
    waited_seconds: float | None


class Cgroup(Protocol):
    """A group of processes with a limit."""

    @property
    def join(self) -> tuple[Path, ...]:
        """The files that a process writes its id to before it becomes the server, so that no child escapes."""
        ...

    def limit(self, *, cpus: float, memory_bytes: int) -> None:
        """Give so many processors and so much memory, at once.

        Raises:
            OSError: the kernel refused.
        """
        ...

    def usage(self) -> Usage:
        """What was used so far."""
        ...

    def remove(self) -> bool:
        """Whether it is gone; while a process is in it, it cannot be."""
        ...


class CgroupV2:
    """One folder of the unified tree."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.join = (folder / "cgroup.procs",)

    def limit(self, *, cpus: float, memory_bytes: int) -> None:
        _write(self._folder / "cpu.max", f"{_quota(cpus)} {PERIOD_MICROSECONDS}")
        highest = int(memory_bytes * ROOM_ABOVE_HIGH)
        # The lower bound goes first when memory is taken away, so that pages are reclaimed and nothing is killed.
        _write(self._folder / "memory.high", str(memory_bytes))
        _write(self._folder / "memory.max", str(highest))

    def usage(self) -> Usage:
        stat = _pairs(self._folder / "cpu.stat")
        return Usage(
            cpu_seconds=stat.get("usage_usec", 0) / MILLION,
            throttled_periods=stat.get("nr_throttled", 0),
            periods=stat.get("nr_periods", 0),
            memory_bytes=int((self._folder / "memory.current").read_text()),
            waited_seconds=_waited_seconds(self._folder),
        )

    def remove(self) -> bool:
        return _remove(self._folder)


class CgroupV1:
    """A folder in the tree of each controller; ``pressure`` is one of a version 2 beside them, which only measures."""

    def __init__(self, *, cpu: Path, accounting: Path, memory: Path, pressure: Path | None = None) -> None:
        self._cpu, self._accounting, self._memory, self._pressure = cpu, accounting, memory, pressure
        folders = (cpu, accounting, memory, *(() if pressure is None else (pressure,)))
        self._folders = tuple(dict.fromkeys(folders))
        self.join = tuple(folder / "cgroup.procs" for folder in self._folders)

    def limit(self, *, cpus: float, memory_bytes: int) -> None:
        _write(self._cpu / "cpu.cfs_period_us", str(PERIOD_MICROSECONDS))
        _write(self._cpu / "cpu.cfs_quota_us", str(_quota(cpus)))
        try:
            _write(self._memory / "memory.limit_in_bytes", str(memory_bytes))
        except OSError as problem:
            if problem.errno != EBUSY:  # so much is in use that cannot be reclaimed: it is given back at a later size
                raise

    def usage(self) -> Usage:
        stat = _pairs(self._cpu / "cpu.stat")
        return Usage(
            cpu_seconds=int((self._accounting / "cpuacct.usage").read_text()) / BILLION,
            throttled_periods=stat.get("nr_throttled", 0),
            periods=stat.get("nr_periods", 0),
            memory_bytes=int((self._memory / "memory.usage_in_bytes").read_text()),
            waited_seconds=None if self._pressure is None else _waited_seconds(self._pressure),
        )

    def remove(self) -> bool:
        return all(_remove(folder) for folder in self._folders)


def make_cgroup(name: str, *, root: Path = ROOT, own_groups: Path = OWN_GROUPS) -> Cgroup:
    """A new, empty group of that name, in whichever version this machine has.

    Raises:
        InvalidInput: this process may not make one.
    """
    try:
        if (root / "cgroup.controllers").exists():
            return _make_v2(root / name)
        return _make_v1(name, root, own_groups)
    except OSError as problem:
        reason = f"{problem.strerror or problem}: {problem.filename}"
        raise InvalidInput(
            f"no cgroup can be made under {root} ({reason}), so nothing would hold the server to its size; run as "
            "root, or name a folder that systemd delegated to you (systemd-run --user --scope -p Delegate=yes)"
        ) from None


def _make_v2(folder: Path) -> CgroupV2:
    offered = set((folder.parent / "cgroup.controllers").read_text().split())
    if missing := {"cpu", "memory"} - offered:
        raise InvalidInput(
            f"the cgroup {folder.parent} has no controller {' and no '.join(sorted(missing))}: whoever manages it must "
            "delegate them (systemd: Delegate=cpu memory)"
        )
    passed_on = folder.parent / "cgroup.subtree_control"
    if not {"cpu", "memory"} <= set(passed_on.read_text().split()):
        _write(passed_on, "+cpu +memory")
    folder.mkdir(exist_ok=True)
    _write(folder / "cpu.weight", str(WEIGHT_V2))
    return CgroupV2(folder)


def _make_v1(name: str, root: Path, own_groups: Path) -> CgroupV1:
    own = _own_groups(own_groups)

    def made(controller: str) -> Path:
        # The line of version 2 names no controller.
        below = root / controller / own.get(controller.removeprefix(UNIFIED), "/").lstrip("/")
        # Inside a container the path may be the host's, which is not to be seen here.
        parent = below if below.is_dir() else root / controller
        folder = parent / name
        folder.mkdir(exist_ok=True)
        return folder

    cpu = made("cpu")
    _write(cpu / "cpu.shares", str(SHARES_V1))
    return CgroupV1(
        cpu=cpu,
        accounting=made("cpuacct"),
        memory=made("memory"),
        pressure=made(UNIFIED) if (root / UNIFIED / "cgroup.procs").exists() else None,
    )


def _own_groups(file: Path) -> dict[str, str]:
    """This process's path in the tree of each controller, from lines such as ``4:memory:/docker/1234``."""
    rows = (line.split(":", 2) for line in file.read_text().splitlines())
    return {name: path for _, names, path in rows for name in names.split(",")}


def _quota(cpus: float) -> int:
    return max(LEAST_QUOTA_MICROSECONDS, round(cpus * PERIOD_MICROSECONDS))


def _write(file: Path, text: str) -> None:
    """In one call: the kernel takes it or refuses it as a whole, and a refusal comes with this call."""
    place = os.open(file, os.O_WRONLY)
    try:
        os.write(place, text.encode())
    finally:
        os.close(place)


def _pairs(file: Path) -> dict[str, int]:
    return {name: int(value) for name, value in (line.split() for line in file.read_text().splitlines())}


def _waited_seconds(folder: Path) -> float | None:
    """From ``some avg10=0.00 avg60=0.00 avg300=0.00 total=1234``; a kernel without PSI has no such file, or refuses."""
    read: Callable[[], str] = (folder / "cpu.pressure").read_text
    with suppress(OSError):
        first, *_ = read().splitlines()
        return int(first.rpartition("=")[2]) / MILLION
    return None


def _remove(folder: Path) -> bool:
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()
