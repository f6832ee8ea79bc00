"""What AWS answers instead of a result, in our words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from autoscaler.errors import ClusterBusy, ClusterError, ClusterForbidden, ClusterGone, ClusterThrottled

# Seen on the wire: `Throttling`; documented: `ThrottlingException`.
THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})
BUSY = frozenset({"InvalidDBClusterStateFault", "InvalidDBInstanceState", "InvalidDBInstanceStateFault"})
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
UNTRUSTED = frozenset({"InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClientException"})

WRONG_CLOCK = ("Signature expired", "Signature not yet current")


@asynccontextmanager
async def translated(action: str, about: str) -> AsyncIterator[None]:
    """Raise errors of AWS as ours; ``action`` as policies name it, such as ``rds:ModifyDBCluster``."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as problem:
        error = problem.response.get("Error", {})
        raise _ours(error.get("Code", "unknown"), error.get("Message", ""), action, about) from None
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as problem:
        raise ClusterError(
            f"{about}: there are no credentials for {action} ({problem}); "
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or run with a role"
        ) from None
    except ResponseParserError:
        raise ClusterError(f"{about}: the answer of AWS to {action} cannot be read; it is not whole") from None
    except KeyError as missing:
        raise ClusterError(f"{about}: the answer of AWS to {action} has no {missing}; it is not whole") from None
    except (BotoCoreError, TimeoutError, OSError) as problem:
        raise ClusterError(f"{about}: no answer from AWS to {action}: {type(problem).__name__}") from None


def _ours(code: str, message: str, action: str, about: str) -> ClusterError:
    if code in THROTTLED:
        return ClusterThrottled(f"{about}: AWS takes no more {action} calls for a moment")
    if code in BUSY:
        return ClusterBusy(f"{about} is still busy; try again later: {message}")
    if code in ("DBClusterNotFoundFault", "ResourceNotFoundException"):
        return ClusterGone(f"{about} does not exist any more")
    if code in DENIED:
        return ClusterForbidden(f"{about}: the role may not call {action}; allow it as docs/aurora.md tells")
    if code == "RequestExpired" or message.startswith(WRONG_CLOCK):
        return ClusterError(f"{about}: the clocks of AWS and of this machine differ; set this one right: {message}")
    if code in UNTRUSTED:
        return ClusterError(f"{about}: AWS does not take the credentials ({code}) for {action}; renew them")
    return ClusterError(f"{about}: AWS refused {action}: {code}: {message}")
