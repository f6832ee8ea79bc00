"""Starts a program that is inside its cgroup before it runs, that is nobody special, and that ends with us."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autoscaler.adapters.postgres.programs import SERVICE_USER
from autoscaler.errors import ClusterError

# The shell writes its own id and becomes the program: no moment and no child is outside.
JOIN = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 97; shift; n=$((n - 1)); done; exec "$@"'
STOP_SECONDS = 30.0


def as_nobody_special(setpriv: Path, *, dies_with: str) -> list[str]:
    """What to put before a command: root becomes the service's user, and ``dies_with`` is sent when we die."""
    user = [f"--reuid={SERVICE_USER}", f"--regid={SERVICE_USER}", "--clear-groups"] if os.getuid() == 0 else []
    return [str(setpriv), *user, f"--pdeathsig={dies_with}", "--"]


class Process:
    """One running program, its output in a file."""

    def __init__(self, process: asyncio.subprocess.Process, name: str, log: Path) -> None:
        self._process = process
        self._name = name
        self._log = log

    @property
    def pid(self) -> int:
        """Its number, the same from the shell to the program it becomes."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has left by itself or was stopped."""
        return self._process.returncode is not None

    def demand_running(self) -> None:
        """Tell from its log why it left.

        Raises:
            ClusterError: it has.
        """
        if self.ended:
            lines = self._log.read_text(errors="replace").splitlines() or ["it said nothing"]
            fatal = [line for line in lines if "FATAL" in line] or lines
            raise ClusterError(f"{self._name} has ended: {fatal[-1]} ({self._log})")

    async def stop(self, how: signal.Signals) -> None:
        """Ask it to leave and wait; one that does not is killed."""
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def start(command: Sequence[str], *, name: str, log: Path, join: Sequence[Path] = ()) -> Process:
    """Run a program, in the groups whose files are ``join``; Ctrl-C on the terminal is not meant for it."""
    words = ["sh", "-c", JOIN, "sh", str(len(join)), *map(str, join), *command]
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    return Process(process, name, log)


async def run(command: Sequence[str], *, name: str) -> str:
    """Run a program to its end; what it said.

    Raises:
        ClusterError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    text = said.decode(errors="replace")
    if process.returncode:
        lines = text.splitlines()
        told = [line for line in lines if "error" in line.lower()] or lines[-3:]
        raise ClusterError(f"{name} failed: {'; '.join(told)}")
    return text
