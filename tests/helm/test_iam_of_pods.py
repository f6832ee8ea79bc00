"""The trust of the pod's role is in the service account that the chart makes, and in no other."""

import json
from typing import Any

from tests.helm.conftest import CHART, ROOT, Helm, object_of

# As docs/kubernetes.md installs it.
RELEASE, NAMESPACE = "autoscaler", "autoscaler"


def statement(name: str) -> dict[str, Any]:
    document = json.loads((ROOT / "docs" / "iam" / f"{name}.json").read_text(encoding="utf-8"))
    (only,) = document["Statement"]
    return dict(only)


def test_pod_identity_and_irsa_trust_the_service_account_of_the_chart(helm: Helm) -> None:
    account = object_of(helm("template", RELEASE, CHART, "--namespace", NAMESPACE).stdout, "ServiceAccount")
    name, namespace = account["metadata"]["name"], account["metadata"]["namespace"]
    irsa, pods = statement("irsa"), statement("pod-identity")
    provider = irsa["Principal"]["Federated"].partition(":oidc-provider/")[2]

    assert pods["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert pods["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert pods["Condition"]["StringEquals"] == {
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": name,
    }
    assert irsa["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert irsa["Condition"]["StringEquals"] == {
        f"{provider}:aud": "sts.amazonaws.com",
        f"{provider}:sub": f"system:serviceaccount:{namespace}:{name}",
    }


def test_the_role_of_another_account_is_taken_and_nothing_else() -> None:
    only = statement("assume")

    assert only["Action"] == "sts:AssumeRole"
    assert "*" not in only["Resource"]
