"""A plan as people read it, and whether it keeps to a budget."""

from typing import Any

from autoscaler.cli.reasons import told_range


def show_plan(plan: dict[str, Any], output: str) -> None:
    """A line for each cluster, and the backtest below."""
    from autoscaler.cli.show import new_table, print_document, stdout

    if output in ("json", "yaml"):
        print_document(plan, output)
        return
    wide = ("limits", "why") if output == "wide" else ()
    table = new_table("cluster", "policy today", "decided", "would decide", "changes", *wide)
    for one in plan["clusters"]:
        more = (_limits(one), one["would_reason"]) if wide else ()
        version = "" if one["policy_version"] is None else f", version {one['policy_version']}"
        would = one["trouble"] or _range(one["would_be_range"])
        told = "yes" if one["changes"] else "no"
        table.add_row(one["cluster_id"], one["policy"] + version, _range(one["range"]), would, told, *more)
    stdout().print(table)
    what = "another document than the newest stored" if plan["document_changes"] else "the newest stored document"
    print(f"\n{plan['policy']}: {what}, {len(plan['clusters'])} clusters, {plan['left_out']} more not looked at.")
    if plan["backtest"] is not None:
        _show_backtest(plan["backtest"])


def is_over(backtest: dict[str, Any] | None, most_usd_rise: float | None, most_throttled_rise: float | None) -> bool:
    """Whether a backtest exceeds the budget; one that was asked to be kept and cannot be told is exceeded, too."""
    if most_usd_rise is None and most_throttled_rise is None:
        return False
    if backtest is None:
        return True
    dear = most_usd_rise is not None and backtest["would_be_usd"] > backtest["usd"] * (1 + most_usd_rise)
    rise = (backtest["would_be_throttled_fraction"] or 0.0) - (backtest["throttled_fraction"] or 0.0)
    return dear or (most_throttled_rise is not None and rise > most_throttled_rise)


def _show_backtest(told: dict[str, Any]) -> None:
    share = "{:.2%}".format
    print(
        f"Backtest of {told['clusters']} clusters: {told['acu_hours']:.1f} ACU-hours become "
        f"{told['would_be_acu_hours']:.1f}, {told['usd']:.2f} USD become {told['would_be_usd']:.2f}, throttled time "
        f"{share(told['throttled_fraction'] or 0)} becomes {share(told['would_be_throttled_fraction'] or 0)}."
    )


def _range(told: dict[str, Any] | None) -> str:
    return "nothing yet" if told is None else told_range(told)


def _limits(one: dict[str, Any]) -> str:
    was, would = one["limits"], one["would_have_limits"]
    if was is None or would is None:
        return "unknown"
    before, after = (f"{limits['min_acu']:g} to {limits['max_acu']:g}" for limits in (was, would))
    return before if before == after else f"{before} become {after}"
