"""What the simulated AWS answers instead of a result."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from autoscaler.awsapi.models import RDS, service_model


@dataclass(frozen=True)
class Fault(Exception):
    """An error as AWS tells it: its code on the wire, its message, its status."""

    code: str
    message: str
    status: HTTPStatus = HTTPStatus.BAD_REQUEST

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def modelled(name: str, message: str) -> Fault:
    """An error of RDS by the name of its shape, with the code and status that its model gives."""
    error = service_model(RDS).shape_for(name).metadata["error"]
    return Fault(error["code"], message, HTTPStatus(error["httpStatusCode"]))


def invalid_value(message: str) -> Fault:
    """A parameter's value that cannot be used."""
    return Fault("InvalidParameterValue", message)


def invalid_combination(message: str) -> Fault:
    """Parameters that do not go together."""
    return Fault("InvalidParameterCombination", message)


def cluster_not_found(name: str) -> Fault:
    """No such cluster."""
    return Fault("DBClusterNotFoundFault", f"DBCluster {name} not found.", HTTPStatus.NOT_FOUND)


def instance_not_found(name: str) -> Fault:
    """No such instance; its code on the wire lacks the word Fault."""
    return Fault("DBInstanceNotFound", f"DBInstance {name} not found.", HTTPStatus.NOT_FOUND)


def wrong_state(name: str, status: str) -> Fault:
    """A cluster that is busy with something else."""
    return Fault("InvalidDBClusterStateFault", f"DB cluster {name} is not available for modification, it is {status}.")


THROTTLED = Fault("Throttling", "Rate exceeded")
NOT_ANSWERED = Fault("InternalFailure", "An internal error has occurred", HTTPStatus.INTERNAL_SERVER_ERROR)


def denied(action: str) -> Fault:
    """The caller's role does not allow an action, which the message names as that of AWS does."""
    message = f"User: arn:aws:iam::123456789012:user/simulated is not authorized to perform: {action}"
    return Fault("AccessDenied", message, HTTPStatus.FORBIDDEN)


def wrong_clock(now: datetime, *, skew: timedelta, most: timedelta) -> Fault:
    """The caller's clock is too far off; ``now`` is what it shows, ``skew`` how far that of AWS is ahead."""
    theirs, bound = now + skew, now + skew - most if skew > timedelta() else now + skew + most
    signed, limit, there = (f"{at:%Y%m%dT%H%M%SZ}" for at in (now, bound, theirs))
    minutes = most // timedelta(minutes=1)
    if skew > timedelta():
        why = f"Signature expired: {signed} is now earlier than {limit} ({there} - {minutes} min.)"
    else:
        why = f"Signature not yet current: {signed} is still later than {limit} ({there} + {minutes} min.)"
    return Fault("SignatureDoesNotMatch", why, HTTPStatus.FORBIDDEN)
