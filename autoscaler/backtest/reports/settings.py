"""What produced a report: the command line and all settings in force."""

from dataclasses import fields, is_dataclass
from shlex import quote

import yaml

from autoscaler.backtest.reports.page import preformatted, section
from autoscaler.backtest.request import Request
from autoscaler.backtest.run import Plan
from autoscaler.core.plain import to_plain


def settings(request: Request, plan: Plan) -> str:
    """A card with the command line and everything that was in force."""
    told = {
        "policy": {"name": request.policy, **_plain(plan.policy)},
        "forecaster": None
        if plan.forecaster is None
        else {"kind": type(plan.forecaster).__name__, **_plain(plan.forecaster)},
        "rules": _plain(plan.rules),
        "limits": _plain(plan.limits),
        "prices": _plain(plan.prices),
        "cluster": {"name": request.cluster, **_plain(plan.cluster.profile)},
    }
    return section(
        "Settings",
        "The command that makes this report again, and everything that was in force.",
        preformatted(command_line("backtest", request)),
        preformatted(yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=110)),
    )


def command_line(command: str, request: Request, *, policies: str | None = None) -> str:
    """The command line that orders this; options at their defaults are left out."""
    words = ["autoscaler", command, request.trace]
    words += ["--policies", policies] if policies is not None else ["--policy", request.policy]
    words += ["--cluster", request.cluster]
    for item in fields(request):
        value = getattr(request, item.name)
        if item.name not in ("trace", "policy", "cluster") and value != item.default:
            told = (
                value.isoformat()
                if hasattr(value, "isoformat")
                else f"{value:g}"
                if isinstance(value, float)
                else value
            )
            words += [f"--{item.name.replace('_', '-')}", str(told)]
    return " ".join(quote(word) for word in words)


def _plain(value: object) -> dict[str, object]:
    if not is_dataclass(value):
        return {"value": repr(value)}
    try:
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    except TypeError:  # a policy of somebody else's may hold what no document can
        return {"value": repr(value)}
