"""The operations of AWS services, as botocore's own models describe them: what goes in, what comes out."""

from functools import cache
from typing import Any

RDS, CLOUDWATCH, STS, PI = "rds", "cloudwatch", "sts", "pi"


@cache
def operation(service: str, name: str) -> Any | None:  # noqa: ANN401 - botocore carries no types
    """The model of an operation; None when the service has none of that name."""
    model = service_model(service)
    return model.operation_model(name) if name in model.operation_names else None


@cache
def service_model(service: str) -> Any:  # noqa: ANN401 - botocore carries no types
    """The model of a whole service."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)
