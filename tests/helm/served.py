"""The service of a rendered chart as a process of this machine: its own arguments, settings and policies."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.helm.conftest import object_of, objects
from tests.postgres import free_port

COMMAND = [sys.executable, "-c", "import sys; from autoscaler.cli import main; sys.exit(main())"]


@dataclass(frozen=True, slots=True)
class Served:
    """A running service, and how an address or a path of the manifests is called here."""

    process: subprocess.Popen[str]
    here: dict[str, str]

    def get(self, address: str) -> tuple[int, str]:
        """Status and text of an address of the manifests."""
        with urllib.request.urlopen(translated(address, self.here), timeout=10) as answer:  # noqa: S310 - of this machine
            return answer.status, answer.read().decode()


@contextmanager
def served(manifests: str, folder: Path) -> Iterator[Served]:
    """Start what the Deployment starts, once it has decided about a cluster; ended by SIGTERM, as a pod is."""
    deployment = object_of(manifests, "Deployment")
    api, metrics = free_port(), free_port()
    here = {
        f"http://{deployment['metadata']['name']}:8080": f"http://127.0.0.1:{api}",
        "http://metrics": f"http://127.0.0.1:{metrics}",
        "/etc/autoscaler": str(folder / "etc"),
        "/var/lib/autoscaler": str(folder / "var"),
        "0.0.0.0": "127.0.0.1",  # noqa: S104 - that is what is replaced
        "--port=8080": f"--port={api}",
        "port: 9090": f"port: {metrics}",
    }
    _mount(manifests, folder / "etc", here)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    command = [*COMMAND, *(translated(argument, here) for argument in container["args"])]
    work = translated(container["workingDir"], here)
    process = subprocess.Popen(command, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait_until_all_are_decided_about(process, folder / "etc" / "fleet.yaml")
        yield Served(process, here)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def translated(text: str, here: dict[str, str]) -> str:
    """Names of the manifests as they are called here."""
    for there, name in here.items():
        text = text.replace(there, name)
    return text


def _wait_until_all_are_decided_about(process: subprocess.Popen[str], fleet: Path) -> None:
    assert process.stderr is not None
    waiting = {cluster["id"] for cluster in yaml.safe_load(fleet.read_text(encoding="utf-8"))["clusters"]}
    told = []
    while waiting:
        told.append(process.stderr.readline())
        assert told[-1].startswith("{"), "".join(told)
        line = json.loads(told[-1])
        waiting.discard(line.get("cluster") if line["event"] == "tick" else None)


def _mount(manifests: str, etc: Path, here: dict[str, str]) -> None:
    """The ConfigMaps as the Deployment mounts them: the settings beside a folder of policies."""
    (etc / "policies").mkdir(parents=True)
    for one in objects(manifests):
        is_policies = one["metadata"]["name"].endswith("-policies")
        for key, text in one["data"].items() if one["kind"] == "ConfigMap" else ():
            (etc / ("policies" if is_policies else "") / key).write_text(translated(text, here), encoding="utf-8")
