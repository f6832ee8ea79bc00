"""The queries of docs/observability.md can be asked, and ask for metrics that there are."""

import re
from pathlib import Path

import promql_parser
import pytest

from tests.observability.test_metric_names import GOLDEN

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
QUERIES = [query.replace("\\|", "|") for query in re.findall(r"^\| [^|`]+ \| `(.+)` \|$", TEXT, re.MULTILINE)]
KNOWN = set(re.findall(r"^(\w+) \(", GOLDEN.read_text(encoding="utf-8"), re.MULTILINE))


def test_there_are_queries() -> None:
    assert len(QUERIES) >= 8


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_can_be_asked_and_has_something_to_ask_for(query: str) -> None:
    assert promql_parser.parse(query) is not None
    assert set(re.findall(r"\bautoscaler_\w+", query)) - KNOWN == set()
