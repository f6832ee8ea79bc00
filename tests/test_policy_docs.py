"""The how-to about policies: every example in it is loaded."""

import re
from pathlib import Path

import pytest

from autoscaler.config import load_policy
from autoscaler.documents.presets import preset_names
from tests.documents.calendar_file import ICS

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "policies.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_a_policy(block: str, tmp_path: Path) -> None:
    (tmp_path / "sales.ics").write_text(ICS, encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(block, encoding="utf-8")
    document = load_policy(str(tmp_path / "shop.yaml"))

    document.build_policy()
    document.build_forecaster()
    document.build_rules()


def test_the_page_has_examples_and_names_every_preset() -> None:
    assert len(BLOCKS) == 11
    assert set(re.findall(r"^\| `(preset:[a-z-]+)` \|", TEXT, flags=re.MULTILINE)) == set(preset_names())
