"""A schedule of AWS that gives a cluster its safe range back, unless somebody who is alive puts it off."""

import json
from datetime import UTC, datetime

from autoscaler.adapters.aurora_account import AuroraAccount
from autoscaler.adapters.aurora_errors import translated
from autoscaler.adapters.aurora_ranges import as_aurora_has_it, scaling_of
from autoscaler.core.capacity import Range
from autoscaler.errors import ClusterGone

TARGET = "arn:aws:scheduler:::aws-sdk:rds:modifyDBCluster"


class DeadMan:
    """One schedule for each cluster, by its resource id, in the default group."""

    def __init__(self, account: AuroraAccount, *, role_arn: str) -> None:
        """``role_arn``: whom the schedule acts as."""
        self._account = account
        self._role_arn = role_arn

    async def arm(self, resource_id: str, cluster: str, safe: Range, *, at: datetime) -> None:
        """At that moment, whoever lives, the cluster gets its safe range; replaces what was armed before."""
        wanted = {
            "Name": name_of(resource_id),
            "ScheduleExpression": f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Description": f"Gives {cluster} its safe range back if the autoscaler dies.",
            "Target": {"Arn": TARGET, "RoleArn": self._role_arn, "Input": _input(cluster, safe)},
        }
        try:
            async with translated("scheduler:UpdateSchedule", cluster):
                await (await self._account.client("scheduler")).update_schedule(**wanted)
        except ClusterGone:
            async with translated("scheduler:CreateSchedule", cluster):
                await (await self._account.client("scheduler")).create_schedule(**wanted)

    async def disarm(self, resource_id: str) -> None:
        """Nothing happens any more."""
        try:
            async with translated("scheduler:DeleteSchedule", resource_id):
                await (await self._account.client("scheduler")).delete_schedule(Name=name_of(resource_id))
        except ClusterGone:
            return


def name_of(resource_id: str) -> str:
    """The name of a cluster's schedule."""
    return f"autoscaler-{resource_id}"


def _input(cluster: str, safe: Range) -> str:
    """Universal targets want the names of the SDK for Java [M]."""
    scaling = scaling_of(as_aurora_has_it(safe))
    return json.dumps({"DbClusterIdentifier": cluster, "ServerlessV2ScalingConfiguration": scaling})
