"""What a forecaster refuses: settings and requests that mean nothing."""

from itertools import pairwise

from autoscaler.errors import InvalidInput


def check_positive(model: str, **settings: float) -> None:
    """Refuse settings that are not above 0.

    Raises:
        InvalidInput: naming the model, the setting and its value.
    """
    for name, value in settings.items():
        if not value > 0:
            raise InvalidInput(f"{name} of the forecaster {model} is {value}; it must be above 0")


def check_request(*, steps: int, levels: tuple[float, ...]) -> None:
    """Refuse a forecast of nothing.

    Raises:
        InvalidInput: when there is no step, or the levels do not ascend within (0, 1).
    """
    if steps < 1:
        raise InvalidInput(f"a forecast of {steps} steps is none; ask for 1 or more")
    edges = (0.0, *levels, 1.0)
    if not levels or not all(low < high for low, high in pairwise(edges)):
        raise InvalidInput(f"the quantile levels {levels} do not ascend between 0 and 1")
