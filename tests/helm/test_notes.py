"""What is said after an installation; of the two helms only the newer one tells it without a cluster."""

import subprocess
from pathlib import Path

import pytest

from tests.helm.conftest import CHART, TOOLS, VALUES

HELM = TOOLS / "helm4"

pytestmark = pytest.mark.skipif(not HELM.is_file(), reason=f"{HELM} is missing; run: make tools")


def notes(name: str) -> str:
    values = VALUES / f"{name}.yaml"
    command: list[str | Path] = [
        HELM,
        "install",
        "main",
        CHART,
        "--dry-run=client",
        "--namespace",
        "databases",
        "--values",
        values,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.partition("\nNOTES:\n")[2]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("defaults", ["no token yet"]),
        ("extended", ["no token yet", "a new pod forgets everything"]),
        ("observed", ["no token yet", "no alerts about single clusters"]),
        ("replicas", []),
        ("everything", []),
    ],
)
def test_the_notes_warn_of_what_the_values_leave_open(name: str, told: list[str]) -> None:
    text = notes(name)
    warnings = ["no token yet", "a new pod forgets everything", "no alerts about single clusters"]

    assert "kubectl -n databases port-forward service/main-autoscaler" in text
    assert [one for one in warnings if one in text] == told
