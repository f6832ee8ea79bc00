"""The chart, rendered by both major versions of helm."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "autoscaler"
VALUES = Path(__file__).resolve().parent / "values"
TOOLS = ROOT / ".venv" / "tools"
GOLDEN = ROOT / "tests" / "golden" / "helm"
ALERTS = CHART / "files" / "alerts.yaml"
DASHBOARDS = sorted((CHART / "files" / "dashboards").glob("*.json"))
SETS = sorted(path.stem for path in VALUES.glob("*.yaml"))
HELMS = ("helm3", "helm4")

Helm = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=HELMS)
def helm(request: pytest.FixtureRequest) -> Helm:
    """Runs one helm, then the other."""
    program = TOOLS / request.param
    if not program.is_file():
        pytest.skip(f"{program} is missing; run: make tools")

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)

    return run


def rendered(helm: Helm, name: str) -> str:
    """What is installed with a set of values."""
    done = helm("template", "main", CHART, "--namespace", "databases", "--values", VALUES / f"{name}.yaml")
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(text) if one]


def object_of(text: str, kind: str, suffix: str = "") -> dict[str, Any]:
    """The one object of a kind whose name ends so."""
    (found,) = (one for one in objects(text) if one["kind"] == kind and one["metadata"]["name"].endswith(suffix))
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Every query with the name of whoever asks it."""
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for target in panel.get("targets", ()):
                yield f"{path.stem}: {panel['title']}", target["expr"].replace("$cluster", "shop")
