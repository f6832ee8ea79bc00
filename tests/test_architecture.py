"""The floors: what may import what, and that the bans which keep floors 1 and 2 pure do bite."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PURE = ("autoscaler/errors.py", "autoscaler/core", "autoscaler/simulator", "models", "policies")
FLOORED = {
    "cli",
    "api",
    "service",
    "adapters",
    "awsapi",
    "backtest",
    "documents",
    "storage",
    "observability",
    "simulator",
    "core",
}
DOORS_OUT = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"}
NUMPY_FILES = {
    "load",
    "save",
    "savez",
    "savez_compressed",
    "loadtxt",
    "savetxt",
    "genfromtxt",
    "fromfile",
    "memmap",
}

LYING = {
    "the time": "import time\n\nNOW = time.time()\n",
    "the time, imported by name": "from time import monotonic\n\nNOW = monotonic()\n",
    "the time, under another name": "import time as t\n\nNOW = t.perf_counter()\n",
    "today": "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "a nap": "import time\n\ntime.sleep(1)\n",
    "chance": "import random\n\nX = random.random()\n",
    "numpy's global chance": "import numpy as np\n\nX = np.random.normal(0.0, 1.0)\n",
    "a global seed": "import numpy as np\n\nnp.random.seed(1)\n",
    "a pickle": "import pickle\n\nX = pickle.dumps(1)\n",
}
HONEST = """import numpy as np


def draw(generator: np.random.Generator) -> float:
    return float(generator.normal())
"""


def tool(name: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a development tool of this environment on the project."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False)


def banned(source: str, *, at: str) -> subprocess.CompletedProcess[str]:
    return tool("ruff", "check", "--no-cache", "--select", "TID251", "--stdin-filename", at, "-", stdin=source)


def pure_files() -> list[Path]:
    return [file for place in PURE for file in _python_files(ROOT / place)]


def _python_files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _reaches_out(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in DOORS_OUT
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name):
            return name in NUMPY_FILES
    return False


def test_imports_obey_the_floors() -> None:
    done = tool("lint-imports", "--no-cache", "--no-logo")

    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_every_package_has_a_floor() -> None:
    packages = {file.parent.name for file in (ROOT / "autoscaler").glob("*/__init__.py")}

    assert packages <= FLOORED, "a new package belongs into the contract `floors` in pyproject.toml, then into FLOORED"


@pytest.mark.parametrize("place", ["autoscaler/core/x.py", "models/x.py", "policies/x.py", "autoscaler/service/x.py"])
@pytest.mark.parametrize("source", LYING.values(), ids=LYING.keys())
def test_a_decision_cannot_read_the_clock_or_throw_dice(source: str, place: str) -> None:
    done = banned(source, at=place)

    assert done.returncode == 1, f"passed the ban:\n{source}"
    assert "TID251" in done.stdout


def test_chance_from_a_passed_generator_is_allowed() -> None:
    assert banned(HONEST, at="models/x.py").returncode == 0


def test_the_clock_may_read_the_clock() -> None:
    assert banned(LYING["the time"], at="autoscaler/service/clock.py").returncode == 0


@pytest.mark.parametrize("file", pure_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_pure_code_calls_nothing_that_reaches_outside(file: Path) -> None:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    calls = [node for node in nodes if isinstance(node, ast.Call) and _reaches_out(node)]

    assert [f"{ast.unparse(call)} in line {call.lineno}" for call in calls] == []


def test_git_ignores_no_package() -> None:
    """The build backend obeys .gitignore: a bare `models/` there ships a wheel without the package."""
    lines = {line.strip().strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()}

    assert lines.isdisjoint({"autoscaler", "models", "policies", "migrations"})
