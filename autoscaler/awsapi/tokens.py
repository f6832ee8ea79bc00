"""STS: everybody is the same user, every role can be taken."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.world import ACCOUNT, World

USUAL_SECONDS = 3600


def who_am_i() -> dict[str, Any]:
    """GetCallerIdentity."""
    return {"UserId": "AIDASIMULATED", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/simulated"}


def assume_role(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """AssumeRole: its credentials are as good as any."""
    role, session = given["RoleArn"], given["RoleSessionName"]
    parts = role.split(":")
    if len(parts) != 6 or not parts[5].startswith("role/"):
        raise Fault("ValidationError", f"{role} is invalid")
    expires_at = world.now() + timedelta(seconds=given.get("DurationSeconds", USUAL_SECONDS))
    return {
        "Credentials": {
            "AccessKeyId": "ASIASIMULATED0000000",
            "SecretAccessKey": "simulated",
            "SessionToken": "simulated",
            "Expiration": expires_at,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"AROASIMULATED:{session}",
            "Arn": f"arn:aws:sts::{parts[4]}:assumed-role/{parts[5].removeprefix('role/')}/{session}",
        },
    }
