"""The Terraform module allows what the policies in docs/iam allow, and nothing else."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hcl2
import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "terraform"
TERRAFORM = shutil.which("terraform")
# What the variables are by default, and in the documents that the module is compared with.
VALUES = {
    "${var.tag.key}": "autoscaler",
    "${var.tag.value}": "managed",
    "${var.name}": "autoscaler",
    "${var.trusted_arn}": "arn:aws:iam::111122223333:role/autoscaler",
    "${var.external_id}": "an-id-that-only-you-two-know",
}


def plain(value: Any) -> Any:
    """A parsed value without quotes and marks of the parser, and with the variables filled in."""
    if isinstance(value, Mapping):
        return {plain(key): plain(one) for key, one in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, str):
        for name, there in VALUES.items():
            value = value.replace(name, there)
        return value.strip('"')
    return value


def parsed(name: str) -> Any:
    with (MODULE / f"{name}.tf").open(encoding="utf-8") as opened:
        return plain(hcl2.load(opened))


def documents() -> dict[str, list[dict[str, Any]]]:
    return {
        name: block["statement"]
        for file in ("main", "dead_man")
        for one in parsed(file)["data"]
        for name, block in one["aws_iam_policy_document"].items()
    }


def as_iam(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement as JSON policies have it."""
    of_principals = {one["type"]: one["identifiers"] for one in statement.get("principals", ())}
    conditions = {one["test"]: {one["variable"]: one["values"]} for one in statement.get("condition", ())}
    told = {
        "Sid": statement.get("sid"),
        "Effect": "Allow",
        "Action": statement["actions"],
        "Resource": statement.get("resources"),
        "Principal": of_principals or None,
        "Condition": conditions or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def as_lists(value: Any) -> Any:
    """A policy with a list wherever a single word may stand for one, in an order of its own."""
    if isinstance(value, Mapping):
        return {key: one if key in ("Sid", "Effect") else as_lists(one) for key, one in value.items()}
    return sorted(value) if isinstance(value, list) else [value]


def shipped(name: str) -> list[Any]:
    document = json.loads((ROOT / "docs" / "iam" / f"{name}.json").read_text(encoding="utf-8"))
    return [as_lists(one) for one in document["Statement"]]


def test_the_module_allows_what_the_policies_allow() -> None:
    made = {name: [as_lists(as_iam(one)) for one in statements] for name, statements in documents().items()}
    made["enforce"] = [*made["observe"], *made["enforce"]]
    of_the_schedule = made.pop("dead_man_role_trust")
    made = {name.replace("_", "-"): one for name, one in made.items()}

    assert made == {name: shipped(name) for name in ("trust", "observe", "enforce", "dead-man", "dead-man-role")}
    assert [one["Principal"] for one in of_the_schedule] == [{"Service": ["scheduler.amazonaws.com"]}]


def test_every_variable_and_output_is_described() -> None:
    for name in ("variables", "outputs"):
        for one in parsed(name)[name.removesuffix("s")]:
            [(title, block)] = one.items()
            assert block["description"].endswith("."), title


@pytest.mark.skipif(TERRAFORM is None, reason="there is no terraform on this machine")
def test_terraform_has_nothing_to_format() -> None:
    assert TERRAFORM is not None
    done = subprocess.run(
        [TERRAFORM, "fmt", "-check", "-diff", str(MODULE)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.nightly
@pytest.mark.skipif(TERRAFORM is None, reason="there is no terraform on this machine")
def test_terraform_validates_it(tmp_path: Path) -> None:
    """Needs the provider, from a cache or the registry."""
    assert TERRAFORM is not None
    folder = shutil.copytree(MODULE, tmp_path / "module")
    ready = subprocess.run(
        [TERRAFORM, f"-chdir={folder}", "init", "-backend=false", "-no-color"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if ready.returncode:
        pytest.skip(f"terraform cannot have its provider: {' '.join(ready.stderr.split())[-300:]}")
    done = subprocess.run(
        [TERRAFORM, f"-chdir={folder}", "validate", "-no-color"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
