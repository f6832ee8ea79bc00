"""The image, as far as it can be looked at without building it: who runs, what is inside, what its locks name."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
Instruction = tuple[str, str]


def stages() -> list[list[Instruction]]:
    """The instructions of the Dockerfile before the first stage, and of each stage, its FROM first."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: list[list[Instruction]] = [[]]
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            found.append([])
        if word:
            found[-1].append((word, " ".join(rest.split())))
    return found


def told(stage: list[Instruction], word: str) -> list[str]:
    return [rest for name, rest in stage if name == word]


def lock(name: str) -> dict[str, str]:
    """Versions of a lock by package, markers left out."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    entries = (line.partition(" ")[0].split("==") for line in lines if "==" in line and not line.startswith(" "))
    return {canonicalize_name(package.partition("[")[0]): version.rstrip(";") for package, version in entries}


def test_both_stages_stand_on_the_same_base_which_can_be_chosen() -> None:
    before, build, last = stages()

    assert [word for word, _ in before] == ["ARG"]
    assert told(before, "ARG")[0].startswith("BASE=")
    assert (told(build, "FROM"), told(last, "FROM")) == (["${BASE} AS build"], ["${BASE}"])


def test_the_last_stage_builds_nothing_and_takes_only_what_was_built() -> None:
    """No RUN: nothing is installed beside the base. No pip comes along in the environment."""
    _, build, last = stages()

    assert {word for word, _ in last} <= {
        *("FROM", "LABEL", "COPY", "ENV", "USER", "WORKDIR", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
    assert all(rest.startswith("--from=build ") for rest in told(last, "COPY"))
    assert told(build, "RUN")[-1].count("/opt/autoscaler/bin/pip uninstall --yes --quiet pip") == 1


def test_packages_come_from_the_locks_with_hashes_and_are_not_compiled() -> None:
    _, build, _ = stages()
    installs = [
        command.strip() for rest in told(build, "RUN") for command in rest.split("&&") if "pip install" in command
    ]

    assert [re.findall(r"(?:-r \S+|/dist/\S+)", command) for command in installs] == [
        ["-r requirements.build.lock"],
        ["-r requirements.image.lock"],
        ["/dist/*.whl"],
    ]
    assert all("--require-hashes" in command for command in installs[:2])
    assert "--only-binary :all:" in installs[1]
    assert "--no-deps" in installs[2]


def test_it_runs_as_the_user_of_the_chart_and_is_asked_what_the_chart_asks() -> None:
    *_, last = stages()
    values = yaml.safe_load((ROOT / "helm" / "autoscaler" / "values.yaml").read_text(encoding="utf-8"))
    pod = values["podSecurityContext"]
    (health,) = told(last, "HEALTHCHECK")

    assert told(last, "USER") == [f"{pod['runAsUser']}:{pod['runAsGroup']}"]
    assert told(last, "EXPOSE") == [f"{values['service']['port']} {values['service']['metricsPort']}"]
    assert "http://127.0.0.1:8080/livez" in health
    assert (told(last, "ENTRYPOINT"), told(last, "CMD")) == (['["autoscaler"]'], ['["--help"]'])


def test_all_that_is_copied_is_there_and_let_through() -> None:
    """And nothing else is: no secret and no history of the checkout can get into a layer."""
    _, build, _ = stages()
    copied = {name for rest in told(build, "COPY") for name in rest.split()[:-1]}
    ignored, *let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert ignored == "*"
    assert all((ROOT / name).exists() for name in copied)
    assert {*packages, "migrations", "pyproject.toml"} <= copied
    passing = {name[1:] for name in let_through if name.startswith("!")}
    assert {"requirements.*.lock" if name.endswith(".lock") else name for name in copied} == passing


def test_the_lock_of_the_image_has_what_the_service_needs_in_the_versions_that_are_tested() -> None:
    image, tested = lock("requirements.image.lock"), lock("requirements.lock")
    project = PROJECT["project"]
    wanted = [Requirement(line) for line in (*project["dependencies"], *project["optional-dependencies"]["otel"])]

    assert {one.name for one in wanted if not one.specifier.contains(image[canonicalize_name(one.name)])} == set()
    assert image.items() <= tested.items()
    assert image.keys() & {"pytest", "mypy", "ruff", "hypothesis", "hatchling", "pip", "setuptools"} == set()


def test_the_lock_of_the_build_has_the_builder_and_little_else() -> None:
    build, tested = lock("requirements.build.lock"), lock("requirements.lock")

    assert "hatchling" in build
    assert build.items() <= tested.items()
    assert len(build) < 10


def test_every_package_of_the_locks_has_hashes() -> None:
    for name in ("requirements.image.lock", "requirements.build.lock"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
