"""What proves the chart, in figures: `make chart-proof`. The tests in tests/helm demand the same.

Renders and lints every set of values with both helms, validates every object against three versions of Kubernetes,
runs the unit tests of the alerts, and starts what the chart starts, to see whether it exports what is asked for.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import kubernetes_validate
from rich.console import Console
from rich.table import Table

from tests.helm.conftest import ALERTS, CHART, GOLDEN, HELMS, SETS, TOOLS, VALUES, objects, queries
from tests.helm.served import served
from tests.helm.test_chart import FOREIGN, KUBERNETES
from tests.helm.test_queries import NAME, RULE_TESTS, stories
from tests.helm.test_served import SUFFIX

SEVERITY = re.compile(r"^\[(WARNING|ERROR)\]", flags=re.MULTILINE)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """A program of this machine, and what it says."""
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands


def validated() -> Table:
    """Every set of values: what the helms say, and what Kubernetes says of each object."""
    table = Table("values", *HELMS, *(f"Kubernetes {version}" for version in KUBERNETES), "of other projects")
    for name in SETS:
        helms = [_helmed(TOOLS / helm, name) for helm in HELMS]
        found = objects(run(TOOLS / HELMS[-1], *_template(name)).stdout)
        ours = [one for one in found if one["apiVersion"] not in FOREIGN]
        valid = [f"{sum(_is_valid(one, version) for one in ours)} of {len(ours)}" for version in KUBERNETES]
        table.add_row(name, *helms, *valid, str(len(found) - len(ours)))
    return table


def _template(name: str) -> tuple[str | Path, ...]:
    return "template", "main", CHART, "--namespace", "databases", "--values", VALUES / f"{name}.yaml"


def _helmed(helm: Path, name: str) -> str:
    lint = run(helm, "lint", "--strict", CHART, "--values", VALUES / f"{name}.yaml")
    made = run(helm, *_template(name))
    return f"{len(objects(made.stdout))} objects, {len(SEVERITY.findall(lint.stdout))} warnings"


def _is_valid(one: dict[str, object], version: str) -> bool:
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError:
        return False
    return True


def compared() -> Table:
    """Every metric that an alert or a dashboard asks for, by how many, and whether a running service exports it."""
    asked = Counter(
        (SUFFIX.sub("", name), "dashboards" if ":" in who else "alerts")
        for who, query in queries()
        for name in set(NAME.findall(query))
    )
    manifests = (GOLDEN / "one-cluster.yaml").read_text(encoding="utf-8")
    with TemporaryDirectory() as folder, served(manifests, Path(folder)) as service:
        _, text = service.get("http://metrics/metrics")
    exported = {SUFFIX.sub("", name) for name in re.findall(r"^# TYPE (\w+)", text, flags=re.MULTILINE)}
    table = Table("metric", "alerts", "dashboards", "exported")
    for name in sorted({name for name, _ in asked}):
        uses = (str(asked[name, user] or "") for user in ("alerts", "dashboards"))
        table.add_row(name, *uses, "yes" if name in exported else "NO")
    return table


def main() -> None:
    """Print all of it."""
    console = Console(width=160)
    versions = [run(TOOLS / helm, "version", "--short").stdout.strip() for helm in HELMS]
    console.print(f"helm {' and '.join(versions)}; {len(SETS)} sets of values")
    console.print(validated())
    checks = run("promtool", "check", "rules", ALERTS), run("promtool", "test", "rules", *RULE_TESTS)
    console.print(*(line.strip() for done in checks for line in done.stdout.splitlines() if line.strip()), sep="\n")
    cases = [bool(case["exp_alerts"]) for story in stories() for case in story["alert_rule_test"]]
    console.print(f"{len(cases)} cases: an alert fires in {sum(cases)}, and is silent in {len(cases) - sum(cases)}")
    console.print(compared())
    sys.exit(any(done.returncode for done in checks))


if __name__ == "__main__":
    main()
