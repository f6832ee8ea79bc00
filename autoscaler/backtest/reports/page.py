"""The frame of a report: one self-contained HTML page that fetches nothing."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from autoscaler import __version__

_STYLE = files("autoscaler.backtest.reports").joinpath("report.css").read_text(encoding="utf-8")
# A page of ours runs no script and fetches nothing, whatever ends up in its text.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(*, title: str, heading: str, subtitle: str, body: Iterable[str], closing: str) -> str:
    """A whole page; ``body`` is HTML, everything else is text."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<header><h1>{escape(heading)}</h1><p class="soft">{escape(subtitle)}</p></header>\n'
        + "\n".join(body)
        + f"\n<footer>{escape(closing)} autoscaler {__version__}.</footer></main></body></html>\n"
    )


def section(title: str, lead: str, *content: str) -> str:
    """A card with a heading, a sentence and what follows; the sentence is text."""
    told = f'<p class="soft">{escape(lead)}</p>' if lead else ""
    return f"<section><h2>{escape(title)}</h2>{told}{''.join(content)}</section>"


def tiles(items: Iterable[tuple[str, str, bool]]) -> str:
    """Large figures: (figure, what it is, whether it is bad)."""
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile{" bad" if bad else ""}"><b>{escape(figure)}</b><span>{escape(label)}</span></div>'
            for figure, label, bad in items
        )
        + "</div>"
    )


def legend(items: Iterable[tuple[str, str, str]]) -> str:
    """The key of a chart: (style of the mark, ``thin`` or nothing, words)."""
    return (
        '<ul class="legend">'
        + "".join(f'<li><i class="{kind}" style="{style}"></i>{escape(words)}</li>' for style, kind, words in items)
        + "</ul>"
    )


def chart(drawing: str) -> str:
    """A drawing that may be wider than the screen."""
    return f'<div class="chart">{drawing}</div>'


def pairs(caption: str, rows: Iterable[tuple[str, str, str]]) -> str:
    """A table of (name, value, what it means)."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td><td class="soft">{escape(meaning)}</td></tr>'
        for name, value, meaning in rows
    )
    return f'<div class="wide"><table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table></div>'


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]], *, kind: str = "plain") -> str:
    """A table of (text, class) cells; the first of each row names it."""
    heads = "".join(
        f'<th scope="col" class="{style.split(" ")[0]}">{escape(name)}</th>'
        for name, (_, style) in zip(head, rows[0], strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(text)}</th>' if place == 0 else f'<td class="{style}">{escape(text)}</td>'
            for place, (text, style) in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def preformatted(text: str) -> str:
    """Text as a terminal shows it."""
    return f"<pre>{escape(text)}</pre>"
