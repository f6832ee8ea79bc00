"""The chart renders what it should, for every set of values, by both helms, in three versions of Kubernetes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from autoscaler.config import policy_from
from autoscaler.documents.source import Source, read_source
from autoscaler.service.settings import ServiceSettings
from tests.helm.conftest import CHART, GOLDEN, ROOT, SETS, VALUES, Helm, object_of, objects, rendered

KUBERNETES = ("1.30", "1.32", "1.34")
# Of other projects, which Kubernetes has no schema of.
FOREIGN = {"monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1"}


def test_there_are_enough_sets_of_values() -> None:
    assert len(SETS) >= 8


@pytest.mark.parametrize("name", SETS)
def test_it_renders_as_it_did(helm: Helm, name: str) -> None:
    golden = GOLDEN / f"{name}.yaml"
    text = "\n".join(line.rstrip() for line in rendered(helm, name).splitlines()) + "\n"
    if os.environ.get("REFRESH_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "if that is meant: REFRESH_GOLDEN=1 make test ARGS=tests/helm"


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("name", SETS)
def test_kubernetes_takes_every_object(name: str, version: str) -> None:
    text = (GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")
    for one in objects(text):
        if one["apiVersion"] not in FOREIGN:
            kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("name", SETS)
def test_helm_finds_nothing_to_warn_of(helm: Helm, name: str) -> None:
    done = helm("lint", "--strict", CHART, "--values", VALUES / f"{name}.yaml")
    assert done.returncode == 0
    assert "[WARNING]" not in done.stdout
    assert "[ERROR]" not in done.stdout


@pytest.mark.parametrize("name", SETS)
def test_the_service_takes_its_settings(name: str, tmp_path: Path) -> None:
    text = (GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(object_of(text, "ConfigMap", _config_name(text))["data"]["fleet.yaml"])
    for cluster in settings["clusters"]:
        cluster["policy"] = "reactive"  # the files of policies are looked at by themselves, below
    ServiceSettings.model_validate(settings)
    for one in objects(text):
        if one["metadata"]["name"].endswith("-policies"):
            for key, policy in one["data"].items():
                policy_from(_source(tmp_path / key, policy))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"replicaCount": 3},
            "replicaCount is 3, but the embedded SQLite store serves one replica: set postgresql.existingSecret",
        ),
        (
            {"auth": {"existingSecret": "a", "token": "t" * 32}},
            "auth.existingSecret and auth.token are both set: give one of them",
        ),
        (
            {"policies": {"shop": {"policy": "reactive", "limits": {"min_acu": 8, "max_acu": 4}}}},
            "policies.shop: limits.min_acu is 8, above limits.max_acu, 4: a floor cannot be above its ceiling",
        ),
        (
            {
                "clusters": [
                    {"id": "a", "policy": "native", "cluster": {"limits": {"min_acu": 2, "max_acu": 1}}, "workload": {}}
                ]
            },
            "cluster a: limits.min_acu is 2, above limits.max_acu, 1: a floor cannot be above its ceiling",
        ),
        (
            {
                "clusters": [{"id": "a", "policy": "policies/ship.yaml", "workload": {}}],
                "policies": {"shop": {"policy": "native"}},
            },
            "cluster a: there is no policy 'ship' under policies; there are: shop",
        ),
        ({"config": {"database": "x"}}, "config.database is set, but the chart sets it itself"),
        ({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs is empty: name the gateway it belongs to"),
        (
            {"metrics": {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}}},
            "both enabled: everything would be scraped twice",
        ),
        (
            {"config": {"clusters_from": ["more-clusters/shops.yaml"]}},
            "config.clusters_from names more-clusters/shops.yaml, but clustersConfigMap is empty: name the ConfigMap",
        ),
        (
            {"updateStrategy": {"type": "RollingUpdate"}},
            "updateStrategy is not of type Recreate, but two pods cannot have the embedded SQLite store at once",
        ),
        (
            {
                "replicaCount": 2,
                "postgresql": {"existingSecret": "a"},
                "podDisruptionBudget": {"minAvailable": 2},
            },
            "podDisruptionBudget.minAvailable is 2 of 2 replicas: no node could ever be drained, leave one less",
        ),
        (
            {"service": {"nodePort": 30080}},
            "service.nodePort is set, but service.type is ClusterIP: take LoadBalancer or NodePort, or leave it out",
        ),
        (
            {"prometheusRule": {"disabled": ["AutoscalerFlaps"]}},
            "prometheusRule.disabled: there is no alert 'AutoscalerFlaps'; there are: AutoscalerAtTheCeiling, ",
        ),
        ({"replikas": 2}, "replikas"),
        ({"service": {"prot": 80}}, "prot"),
        ({"livenessProbe": {"periodSecond": 5}}, "periodSecond"),
        ({"resources": {"request": {}}}, "request"),
        ({"extraArgs": [{"name": "x"}]}, "extraArgs"),
        ({"podLabels": {"canary": True}}, "canary"),
        ({"aws": {"region": "eu-central-1a"}}, "region"),
        ({"serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "autoscaler"}}}, "role-arn"),
        ({"podDisruptionBudget": {"minAvailable": "half"}}, "minAvailable"),
        ({"metrics": {"serviceMonitor": {"interval": "30"}}}, "interval"),
        ({"config": {"decide_secs": 2}}, "decide_secs"),
        ({"clusters": [{"policy": "native"}]}, "id"),
        ({"policies": {"shop": {"polizy": "native"}}}, "polizy"),
        ({"replicaCount": 0}, "replicaCount"),
        ({"image": {"pullPolicy": "Sometimes"}}, "pullPolicy"),
        ({"auth": {"token": "short"}}, "token"),
        ({"image": {"digest": "latest"}}, "digest"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[:40],
)
def test_wrong_values_fail_with_a_clear_line(helm: Helm, tmp_path: Path, values: dict[str, object], told: str) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    done = helm("template", "main", CHART, "--values", file)
    assert done.returncode != 0
    assert told in done.stderr


def test_nothing_in_a_pod_may_write_or_become_more() -> None:
    """Restricted, as the pod security standards call it; only volumes can be written."""
    for name in SETS:
        text = (GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")
        pods = [object_of(text, "Deployment")["spec"]["template"]["spec"], object_of(text, "Pod")["spec"]]
        for pod in pods:
            container = pod["containers"][0]  # what else there is comes from the values
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            assert pod["automountServiceAccountToken"] is False
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


def test_nothing_replaces_the_labels_by_which_pods_are_found() -> None:
    objects_of_all = objects((GOLDEN / "everything.yaml").read_text(encoding="utf-8"))
    (deployment,) = (one for one in objects_of_all if one["kind"] == "Deployment")
    wanted = deployment["spec"]["selector"]["matchLabels"]
    labels = [
        deployment["spec"]["template"]["metadata"]["labels"],
        *(one["metadata"]["labels"] for one in objects_of_all if one["kind"] != "Pod"),
    ]

    assert all(wanted.items() <= one.items() for one in labels)
    assert all(one["app.kubernetes.io/part-of"] == "platform" for one in labels)
    assert all(one["metadata"]["annotations"]["owner"] == "platform@example.com" for one in objects_of_all)


def test_nothing_that_selects_pods_of_the_service_finds_the_pod_of_helm_test() -> None:
    """It would count for the disruption budget, be scraped, and not get out under the network policy."""
    for name in SETS:
        text = (GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")
        labels = object_of(text, "Pod")["metadata"]["labels"]
        selectors = [found for one in objects(text) for found in _selectors(one)]
        assert len(selectors) >= 3
        assert [found for found in selectors if found.items() <= labels.items()] == []


def test_the_pod_of_helm_test_gets_in_where_few_may() -> None:
    text = (GOLDEN / "closed.yaml").read_text(encoding="utf-8")
    labels = object_of(text, "Pod")["metadata"]["labels"]
    peers = object_of(text, "NetworkPolicy")["spec"]["ingress"][0]["from"]

    allowed = [one["podSelector"]["matchLabels"] for one in peers if "podSelector" in one]
    assert [one.items() <= labels.items() for one in allowed] == [True]


def test_what_is_generated_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "helm" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def _selectors(one: dict[str, Any]) -> list[dict[str, str]]:
    """By which labels an object finds pods."""
    spec = one.get("spec", {})
    if one["kind"] == "Service":
        return [spec["selector"]]
    found = [spec[key]["matchLabels"] for key in ("selector", "podSelector") if key in spec]
    return found if one["kind"] in {"Deployment", "PodDisruptionBudget", "NetworkPolicy", "PodMonitor"} else []


def _config_name(text: str) -> str:
    """The ConfigMap of the settings has the name of the Deployment."""
    return str(object_of(text, "Deployment")["metadata"]["name"])


def _source(path: Path, text: str) -> Source:
    path.write_text(text, encoding="utf-8")
    return read_source(path)
