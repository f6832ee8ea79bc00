"""Numbers and times as people read them, in reports and on the terminal."""

from datetime import UTC, datetime

UNDEFINED = "–"


def told_number(value: float | None) -> str:
    """Three to four digits that matter: 12,345 or 98.7 or 0.0123."""
    if value is None:
        return UNDEFINED
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 100 else f"{value:.3g}"


def told_percent(fraction: float | None) -> str:
    """A fraction as a percentage; what is above zero never looks like zero."""
    if fraction is None:
        return UNDEFINED
    percent = 100 * fraction
    if percent == 0:
        return "0 %"
    if abs(percent) < 0.01:
        return "<0.01 %"
    return f"{percent:.1f} %" if abs(percent) >= 10 else f"{percent:.2f} %"


def told_ratio(ratio: float | None) -> str:
    """A cost ratio."""
    return UNDEFINED if ratio is None else f"{ratio:.3f}"


def told_usd(usd: float) -> str:
    """An amount of money, to the cent."""
    told = f"${abs(usd):,.2f}"
    return f"-{told}" if usd < 0 and told != "$0.00" else told


def told_seconds(seconds: float) -> str:
    """A length of time: 45 s, 12 min, 3.5 h, 14 days."""
    if seconds >= 2 * 86_400:
        return f"{seconds / 86_400:.3g} days"
    if seconds >= 7200:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 60:.3g} min" if seconds >= 120 else f"{seconds:.3g} s"


def told_moment(at: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
