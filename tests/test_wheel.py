"""What is shipped works: the wheel, alone in a clean environment, far from the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from autoscaler import __version__

ROOT = Path(__file__).resolve().parents[1]
# All tests of the wheel on one worker: it is built and installed once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, without this environment's Python settings."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") and key != "VIRTUAL_ENV"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are in an environment with the wheel and our dependencies, but not our checkout."""
    home = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    python = home / "bin" / "python"
    run(
        *(
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ),
        *("--no-index", "--no-deps", wheel),
        cwd=home,
    )
    # A folder named in a .pth file comes last, and its own .pth files (the editable install) are not read.
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    folders = f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    (site / "dependencies.pth").write_text(folders, encoding="utf-8")
    return home / "bin"


def test_the_wheel_carries_every_package(wheel: Path) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    sources = {
        str(file.relative_to(ROOT))
        for package in ("autoscaler", "models", "policies")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    migrations = {
        f"autoscaler/_migrations/{file.relative_to(ROOT / 'migrations')}"
        for file in (ROOT / "migrations").rglob("*.py")
    }

    assert sources | migrations <= shipped


def test_imports_come_from_the_wheel(clean: Path, tmp_path: Path) -> None:
    shown = run(
        clean / "python",
        "-c",
        "import autoscaler, models, policies\nfor p in autoscaler, models, policies: print(p.__file__)",
        cwd=tmp_path,
    )

    assert [Path(line).is_relative_to(clean.parent) for line in shown.splitlines()] == [True] * 3


def test_the_wheel_tells_its_version(clean: Path, tmp_path: Path) -> None:
    assert __version__ in run(clean / "autoscaler", "--version", cwd=tmp_path)


def test_the_wheel_runs_a_backtest(clean: Path, tmp_path: Path) -> None:
    scenario = "scenario:development-test"
    shown = run(
        *(
            clean / "autoscaler",
            "backtest",
            scenario,
            "--policy",
            "native",
            "--cluster",
            "aurora-v2",
            "-o",
            "json",
        ),
        cwd=tmp_path,
    )

    assert json.loads(shown)


def test_the_wheel_finds_its_forecasters_and_policies(clean: Path, tmp_path: Path) -> None:
    code = (
        "from importlib.metadata import entry_points\n"
        "for group in 'forecasters', 'policies':\n"
        "    print(len([e.load() for e in entry_points(group='autoscaler.' + group)]))"
    )

    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    named = [str(len(tables[f"autoscaler.{group}"])) for group in ("forecasters", "policies")]
    assert run(clean / "python", "-c", code, cwd=tmp_path).split() == named
