"""`autoscaler explain` and `replay`: why a decision came out as it did, and whether it would again."""

from typing import Annotated, Any

import typer

from autoscaler.cli.clusters import ClusterId, path_of
from autoscaler.cli.options import AnyOutput, examples
from autoscaler.cli.remote import ContextName, Remote, TokenFile, Url, find_remote
from autoscaler.errors import InvalidInput

OTHERWISE = 4
EXPLAIN = examples("autoscaler explain shop", "autoscaler explain shop 1234 -o json")
REPLAY = examples("autoscaler replay shop 1234", "autoscaler replay shop -o json || echo 'it came out otherwise'")

Decision = Annotated[
    int | None,
    typer.Argument(metavar="[DECISION]", min=1, help="The id of a decision.", show_default="the newest one"),
]


def add_to(app: typer.Typer) -> None:
    """Put the commands into the application."""
    app.command("explain", epilog=EXPLAIN)(explain)
    app.command("replay", epilog=REPLAY)(replay)


def explain(
    cluster: ClusterId,
    decision: Decision = None,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> None:
    """Tell what a decision was made of, and every rule's word."""
    from autoscaler.cli.show import print_document

    remote = find_remote(url, context, token_file)
    told = remote.get(_path(remote, cluster, decision))
    if output == "table":
        _print_explanation(told)
    else:
        print_document(told, output)


def replay(
    cluster: ClusterId,
    decision: Decision = None,
    output: AnyOutput = "table",
    url: Url = None,
    context: ContextName = None,
    token_file: TokenFile = None,
) -> int:
    """Compute a decision again from what is stored; exit code 4 when it comes out otherwise."""
    from autoscaler.cli.show import print_document

    remote = find_remote(url, context, token_file)
    told = remote.ask("POST", f"{_path(remote, cluster, decision)}/replay").document
    if output != "table":
        print_document(told, output)
    elif told["same"]:
        print(f"the same again: {told['reason']}\ninputs {told['digest']}")
    else:
        print(f"stored:    {told['stored']['decision']['reason']}\ncomes out: {told['reason']}")
        print(f"otherwise: {', '.join(told['differs'])}\ninputs     {told['digest']}")
    return 0 if told["same"] else OTHERWISE


def _path(remote: Remote, cluster: str, decision: int | None) -> str:
    decisions = f"{path_of(cluster)}/decisions"
    if decision is None:
        newest = remote.get(f"{decisions}?limit=1")["items"]
        if not newest:
            raise InvalidInput(f"there is no decision about {cluster} yet; ask again after its first tick")
        decision = newest[0]["id"]
    return f"{decisions}/{decision}"


def _print_explanation(told: dict[str, Any]) -> None:
    from autoscaler.cli.show import new_table, stdout

    console, entry, inputs = stdout(), told["decision"], told["inputs"]
    decision = entry["decision"]
    forecast = f"{inputs['forecast_model']}, made {inputs['forecast_made_at']}" if inputs["forecast_model"] else "none"
    lines = {
        "decision": f"{entry['id']} at {decision['at']}",
        "what": decision["reason"],
        "outcome": f"{entry['state']}" + (f": {entry['outcome']}" if entry["outcome"] else ""),
        "policy": f"{_policy(told)} (document {told['document_id']})",
        "wished": told_range(decision["wish"]),
        "grounds": told["grounds"] or "unknown",
        "in force": told_range(decision["before"]),
        "forecast": forecast,
        "samples": f"{inputs['recent_samples']}, blind for {inputs['blind_seconds']} s",
        "mode": inputs["mode"],
        **_told_memory(inputs["working_set"]),
        **_told_bounds(inputs),
    }
    for key, value in lines.items():
        console.print(f"{key:<11} {value}", markup=False, soft_wrap=True)
    table = new_table("rule", "says", "left of the wish")
    for word in told["rules"]:
        table.add_row(word["rule"], word["says"], told_range(word["step"]["after"]) if word["step"] else "")
    console.print("", table)


def told_range(wanted: dict[str, Any]) -> str:
    """A range in one phrase."""
    pause = wanted["pause_after_seconds"]
    told = f"{wanted['floor_acu']:g} to {wanted['ceiling_acu']:g} ACU"
    return told if pause is None else f"{told}, pauses after {pause} s"


def _told_bounds(inputs: dict[str, Any]) -> dict[str, str]:
    """What the fleet left to it, and how its budget stood."""
    fleet, told = inputs["fleet"], {}
    if fleet is not None:
        shrinks = "may shrink" if fleet["may_shrink"] else "may not shrink"
        told["fleet"] = f"{shrinks}, may grow by {fleet['blind_growth_acu']:g} ACU unseen"
    for one in inputs["budget"]:
        told[f"{one['period']}'s use"] = (
            f"{one['spent_acu_hours']:.4g} of {one['allowed_acu_hours']:.4g} ACU-hours, "
            f"will be {one['projected_acu_hours']:.4g}"
        )
    return told


def _told_memory(known: dict[str, Any] | None) -> dict[str, str]:
    """How much of it the pages in use need, where that is measured."""
    if known is None or known["short_acu"] is None:
        return {}
    enough = "no size seen held them" if known["enough_acu"] is None else f"{known['enough_acu']:.1f} ACU held them"
    return {"pages": f"{enough}; with {known['short_acu']:.1f} ACU {known['missed_fraction']:.0%} were read again"}


def _policy(told: dict[str, Any]) -> str:
    name = told["policy"]["name"] or told["policy"]["policy"]
    return name if told["policy_version"] is None else f"{name}, version {told['policy_version']}"
