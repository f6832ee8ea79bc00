"""Makes what the chart ships besides templates: README.md, values.schema.json and the dashboards.

Usage: python helm/generate.py           writes them
       python helm/generate.py --check   exits with 1 when one is not as it would be written
"""

import sys
from collections.abc import Iterator
from pathlib import Path

HELM = Path(__file__).resolve().parent
sys.path[:0] = [str(HELM), str(HELM.parent)]

from cluster_board import CLUSTER  # noqa: E402 - found beside this file
from dashboards import dashboard_json  # noqa: E402 - likewise
from fleet_board import FLEET  # noqa: E402 - likewise
from readme import readme  # noqa: E402 - likewise
from schema import schema_json  # noqa: E402 - likewise

CHART = HELM / "autoscaler"


def files() -> Iterator[tuple[Path, str]]:
    """What there has to be, and its content."""
    yield CHART / "values.schema.json", schema_json(CHART / "values.yaml")
    yield CHART / "README.md", readme(CHART / "values.yaml")
    for board in (FLEET, CLUSTER):
        yield CHART / "files" / "dashboards" / f"{board.name}.json", dashboard_json(board)


def main(check: bool) -> int:
    """Write them, or tell which are not as they would be written."""
    stale = [path for path, content in files() if not path.is_file() or path.read_text(encoding="utf-8") != content]
    if check:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(HELM.parent)} is stale; run: make chart\n")
        return 1 if stale else 0
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
