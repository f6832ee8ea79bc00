"""The settings of the service: strict, and wrong ones are told in one line."""

from pathlib import Path

import pytest

from autoscaler.adapters.workloads import TraceWorkload
from autoscaler.config import ClusterDocument, LimitsDocument, PolicyDocument, read_document
from autoscaler.core.capacity import Limits
from autoscaler.core.control import Mode
from autoscaler.core.selectors import parse_selector
from autoscaler.errors import InvalidInput
from autoscaler.service.settings import ClusterSettings, ServiceSettings
from autoscaler.service.workload import WorkloadDocument
from tests.fakes import MONDAY, later
from tests.service.builders import make_cluster

TAGGED = {"shop": "prod", "lab": "test", "bills": "prod"}
SHORT = """
clusters:
  - id: shop
    policy: reactive
    workload: {scenario: e-commerce}
"""
FULL = """
database: sqlite+aiosqlite:///x.db
speed: 600
start: 2026-03-02T08:00:00Z
decide_seconds: 30
clusters:
  - id: shop
    title: The shop
    cluster: {profile: aurora-v2, limits: {min_acu: 1, max_acu: 32}}
    policy:
      policy: quantile
      settings: {quantile: 0.9}
      limits: {max_acu: 16}
    workload: {trace: {file: load.csv, column: cpu, peak_acu: 8}}
    faults: {dropped_fraction: 0.1}
  - id: lab
    cluster: neon-like
    policy: native
    workload: {scenario: development-test, seed: 4}
"""


def read(folder: Path, text: str) -> ServiceSettings:
    path = folder / "service.yaml"
    path.write_text(text)
    return read_document(path, ServiceSettings)


def test_a_short_document_is_enough(tmp_path: Path) -> None:
    settings = read(tmp_path, SHORT)

    (shop,) = settings.clusters
    assert (settings.speed, settings.decide_seconds, settings.step_seconds) == (1.0, 60.0, 15.0)
    assert shop.policy == PolicyDocument(name="reactive", policy="reactive")
    assert shop.cluster_document() == ClusterDocument(name="shop")


def test_where_nobody_is_named_auto_decides_about_a_cluster_that_is_only_looked_at(tmp_path: Path) -> None:
    (shop,) = read(tmp_path, SHORT.replace("    policy: reactive\n", "")).clusters

    assert (shop.policy, shop.mode) == (PolicyDocument(name="auto", policy="auto"), Mode.OBSERVE)


def test_a_full_document_says_all_there_is(tmp_path: Path) -> None:
    settings = read(tmp_path, FULL)

    shop, lab = settings.clusters
    assert settings.start == MONDAY
    assert shop.cluster_document().build_limits() == Limits(min_acu=1, max_acu=16)
    assert shop.policy_document().forecaster == "seasonal-naive"
    assert shop.build_faults().dropped_fraction == 0.1
    assert lab.workload is not None
    assert (lab.cluster.profile, lab.policy.policy, lab.workload.seed) == ("neon-like", "native", 4)


def test_a_document_survives_the_store() -> None:
    cluster = ClusterSettings(
        id="shop",
        cluster=ClusterDocument(limits=LimitsDocument(max_acu=8)),
        policy=PolicyDocument(policy="reactive"),
        workload=WorkloadDocument(scenario="e-commerce"),
    )

    assert ClusterSettings.model_validate(cluster.model_dump(mode="json")) == cluster


REAL = "{id: real, policy: native, kind: postgres, cluster: local-postgres, source: {folder: x}}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("shop", "not an id!"), "clusters.0.id"),
        (("reactive", "clairvoyant"), "no policy named 'clairvoyant'; there are:"),
        (("e-commerce", "e-comerce"), "no scenario named 'e-comerce'; there are:"),
        (("{scenario: e-commerce}", "{}"), "a workload is either a 'scenario' or a 'trace'"),
        (("{scenario: e-commerce}", "{scenario: e-commerce, trace: {file: x.csv}}"), "either a 'scenario' or a"),
        (("clusters:", "decide_seconds: 20\nclusters:"), "decide_seconds is 20, no multiple of step_seconds, 15"),
        (("clusters:", "speed: 0\nclusters:"), "speed: input should be greater than 0"),
        (("clusters:", "start: 2026-03-02T08:00:00Z\nclusters:"), "at speed 1 cluster time is real time"),
        (("clusters:", "start: 2026-03-02T08:00:00\nspeed: 9\nclusters:"), "timezone"),
        (("clusters:", "color: blue\nclusters:"), "there is no setting 'color'"),
        (("    policy", "    cluster: aurora-v9\n    policy"), "no cluster profile named 'aurora-v9'"),
        (
            ("    policy", "    kind: oracle\n    policy"),
            "no kind of clusters named 'oracle'; there are: aurora, postgres, prometheus, pushed, simulated",
        ),
        (("workload: {scenario: e-commerce}", "seed: 1"), "a simulated cluster needs a 'workload' to serve"),
        (("    policy", "    kind: pushed\n    policy"), "a pushed cluster has no 'workload'"),
        (("    policy", "    kind: postgres\n    policy"), "a postgres cluster has no 'workload'"),
        (
            ("workload: {scenario: e-commerce}", "kind: postgres"),
            "a postgres cluster is sized by us, aurora-v2 is not; set cluster.profile to local-postgres",
        ),
        (
            ("workload: {scenario: e-commerce}", "kind: postgres\n    cluster: local-postgres"),
            "source of a postgres cluster: folder: is missing",
        ),
        (
            ("clusters:\n", f"speed: 9\nclusters:\n  - {REAL}\n"),
            "speed is 9, but real cannot live faster than real time",
        ),
        (("    policy", "    tags: {'': x}\n    policy"), "tags"),
        (("clusters:", "sources: {pushed: {speed: 9}}\nclusters:"), "sources.pushed: "),
    ],
)
def test_a_wrong_document_is_told_what_is_wrong(change: tuple[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, SHORT.replace(*change))

    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_id_is_given_once(tmp_path: Path) -> None:
    twice = SHORT + SHORT.removeprefix("\nclusters:\n")

    with pytest.raises(InvalidInput, match="more than once: shop"):
        read(tmp_path, twice)


def test_a_recorded_workload_begins_with_its_cluster(tmp_path: Path) -> None:
    (tmp_path / "load.csv").write_text("timestamp,cpu\n2020-01-01T00:00:00Z,10\n2020-01-01T00:01:00Z,40\n")
    document = WorkloadDocument.model_validate(
        {"trace": {"file": tmp_path / "load.csv", "column": "cpu", "peak_acu": 8, "quantile": 1}}
    )

    workload = document.load(start=MONDAY, step_seconds=15.0)

    assert isinstance(workload, TraceWorkload)
    assert [workload.load_at(later(seconds)).demand_acu for seconds in (0, 45, 60, 120)] == [2, 2, 8, 2]


def test_a_recorded_workload_that_is_not_there_is_told(tmp_path: Path) -> None:
    document = WorkloadDocument.model_validate({"trace": {"file": tmp_path / "load.csv"}})

    with pytest.raises(InvalidInput, match="no trace file"):
        document.load(start=MONDAY, step_seconds=15.0)


def test_a_release_keeps_its_share_of_the_clusters() -> None:
    clusters = [make_cluster(name).model_copy(update={"tags": {"env": env}}) for name, env in TAGGED.items()]
    settings = ServiceSettings(clusters=tuple(clusters), selector=parse_selector("env=prod"))

    assert [one.id for one in settings.clusters] == ["shop", "bills"]
    assert (settings.share, settings.selects({"env": "test"})) == ("env=prod", False)
    assert ServiceSettings(clusters=tuple(clusters)).share == ""


def test_a_selector_that_selects_nothing_is_refused_with_its_form() -> None:
    with pytest.raises(ValueError, match="the selector is 'prod'; give tags such as env=prod,team=shop"):
        ServiceSettings.model_validate({"clusters": [], "selector": "prod"})
