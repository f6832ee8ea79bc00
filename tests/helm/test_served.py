"""What the chart starts does run; what probes and `helm test` ask is answered, what alerts ask for is there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helm.conftest import GOLDEN, ROOT, object_of, queries
from tests.helm.served import Served, served, translated

NAME = re.compile(r"\bautoscaler_[a-z_]+")
SUFFIX = re.compile(r"_(bucket|sum|count|total|info)$")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served chart")]


@pytest.fixture(scope="module")
def manifests() -> str:
    return (GOLDEN / "one-cluster.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def service(manifests: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(manifests, tmp_path_factory.mktemp("pod")) as running:
        yield running


def ask(manifests: str, here: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the pod of `helm test` runs."""
    (container,) = object_of(manifests, "Pod")["spec"]["containers"]
    assert container["command"] == ["python", "-c"]
    (script,) = container["args"]
    command = [sys.executable, "-c", translated(script, here)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_pod_of_helm_test_finds_the_service_ready(manifests: str, service: Served) -> None:
    done = ask(manifests, service.here)

    ready = '{"ready":true,"reason":"every cluster has been looked at"}\n'
    assert (done.returncode, done.stdout, done.stderr) == (0, ready, "")


def test_the_pod_of_helm_test_fails_where_nobody_serves(manifests: str) -> None:
    done = ask(manifests, {"http://main-autoscaler:8080": "http://127.0.0.1:9"})

    assert done.returncode != 0
    assert "refused" in done.stderr


def test_the_probes_are_answered(manifests: str, service: Served) -> None:
    (container,) = object_of(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    paths = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}

    assert {path: service.get(f"http://main-autoscaler:8080{path}")[0] for path in paths} == {
        "/livez": 200,
        "/readyz": 200,
    }


def test_the_health_check_of_the_image_is_answered(service: Served) -> None:
    (words,) = re.findall(r"HEALTHCHECK.*\n\s+CMD (\[.*\])", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    program, *arguments = json.loads(words)
    assert program == "python"
    for api, code in ((service.here["http://main-autoscaler:8080"], 0), ("http://127.0.0.1:9", 1)):
        command = [sys.executable, *(argument.replace("http://127.0.0.1:8080", api) for argument in arguments)]
        assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == code


def test_it_exports_all_that_alerts_and_dashboards_ask_for(service: Served) -> None:
    asked = {SUFFIX.sub("", name) for _, query in queries() for name in NAME.findall(query)}
    _, text = service.get("http://metrics/metrics")
    exported = {SUFFIX.sub("", name) for name in re.findall(r"^# TYPE (\w+)", text, flags=re.MULTILINE)}

    assert len(asked) > 20
    assert asked - exported == set()


def test_the_kill_switch_of_the_chart_stops_it(service: Served) -> None:
    """The ConfigMap that is made to stop everything is mounted as this file."""
    switch = Path(service.here["/etc/autoscaler"]) / "switch"
    switch.mkdir()
    (switch / "freeze").write_text("a test says so", encoding="utf-8")
    assert service.process.stderr is not None
    line = service.process.stderr.readline()
    while '"event": "frozen"' not in line:
        assert line, "it ended"
        line = service.process.stderr.readline()

    assert "autoscaler_frozen 1.0" in service.get("http://metrics/metrics")[1]
