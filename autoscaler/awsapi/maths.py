"""Metric math: the value of an expression over the series of other queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, nan

from autoscaler.awsapi.expressions import Call, Name, Node, Number, Several, parse, wrong

# Values by the start of their period, in seconds since 1970.
Series = Mapping[float, float]
Value = float | Series | Sequence[Series]

ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
    "^": lambda one, other: float(one**other),
}
ROUNDING: Mapping[str, Callable[[float], float]] = {"ABS": abs, "CEIL": ceil, "FLOOR": floor}
SUMMARIES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The periods that were asked for."""

    start: float
    end: float
    period: int

    def periods(self) -> list[float]:
        """Their starts."""
        first = self.start // self.period * self.period
        return [first + self.period * place for place in range(ceil((self.end - first) / self.period))]


def evaluate(text: str, series: Mapping[str, Series], grid: Grid, *, metrics: Sequence[str]) -> list[Series]:
    """The series that an expression comes to; ``metrics`` are the ids that METRICS() stands for.

    Raises:
        Fault: it is no expression, names nothing that is there, or comes to a number instead of a series.
    """
    value = _Evaluation(text, series, grid, metrics).of(parse(text))
    if isinstance(value, float):
        raise wrong(text, "it comes to a number; an expression has to come to a time series")
    return [value] if isinstance(value, Mapping) else list(value)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    text: str
    series: Mapping[str, Series]
    grid: Grid
    metrics: Sequence[str]

    def of(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Name(name):
                if name not in self.series:
                    raise wrong(self.text, f"there is no query '{name}'")
                return self.series[name]
            case Several(parts):
                return self._flat(map(self.of, parts))
            case Call(name, (one, other)) if name in ARITHMETIC:
                return _both(self.of(one), self.of(other), ARITHMETIC[name])
            case Call():
                return self._called(node)

    def _called(self, node: Call) -> Value:
        match node:
            case Call("METRICS", ()):
                return [self.series[name] for name in self.metrics]
            case Call("PERIOD", (_,)):
                return float(self.grid.period)
            case Call("FILL", (one, filling)):
                return _each(self.of(one), lambda series: self._filled(series, filling))
            case Call(name, (one,)) if name in ROUNDING:
                return _each(self.of(one), lambda series: {at: ROUNDING[name](value) for at, value in series.items()})
            case Call(name, (one,)) if name in SUMMARIES:
                return self._summary(self.of(one), SUMMARIES[name])
        raise wrong(self.text, f"the function {node.name} of {len(node.parts)} is not simulated")

    def _flat(self, values: "map[Value]") -> list[Series]:
        found: list[Series] = []
        for value in values:
            if isinstance(value, float):
                raise wrong(self.text, "a list is of time series")
            found += [value] if isinstance(value, Mapping) else value
        return found

    def _summary(self, value: Value, summarise: Callable[[Sequence[float]], float]) -> Value:
        """Of one series a number, of several a series over all moments that one of them knows [D]."""
        if isinstance(value, float):
            raise wrong(self.text, "a number has no summary")
        if isinstance(value, Mapping):
            return summarise(tuple(value.values())) if value else 0.0
        moments = sorted({at for one in value for at in one})
        return {at: summarise([one[at] for one in value if at in one]) for at in moments}

    def _filled(self, series: Series, filling: Node) -> Series:
        if isinstance(filling, Name) and filling.name in ("REPEAT", "LINEAR"):
            return _repeated(series, self.grid) if filling.name == "REPEAT" else _straight(series, self.grid)
        number = self.of(filling)
        if not isinstance(number, float):
            raise wrong(self.text, "gaps are filled with a number, REPEAT or LINEAR")
        return {at: series.get(at, number) for at in self.grid.periods()}


def _both(one: Value, other: Value, operate: Callable[[float, float], float]) -> Value:
    """Of two series what both know; a number goes with each value; results that are no number are left out."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _computed({at: (value, other[at]) for at, value in one.items() if at in other}, operate)
    if isinstance(one, float) and isinstance(other, float):
        return _computed({0.0: (one, other)}, operate).get(0.0, nan)
    if isinstance(one, Mapping) and isinstance(other, float):
        return _computed({at: (value, other) for at, value in one.items()}, operate)
    if isinstance(one, float) and isinstance(other, Mapping):
        return _computed({at: (one, value) for at, value in other.items()}, operate)
    if isinstance(one, Sequence):
        return [_as_series(_both(part, other, operate)) for part in one]
    return [_as_series(_both(one, part, operate)) for part in other]  # type: ignore[union-attr] # the last that is left


def _computed(pairs: Mapping[float, tuple[float, float]], operate: Callable[[float, float], float]) -> Series:
    found = {}
    for at, pair in pairs.items():
        try:
            value = operate(*pair)
        except (ZeroDivisionError, OverflowError, TypeError):
            continue
        if isfinite(value):
            found[at] = value
    return found


def _each(value: Value, alter: Callable[[Series], Series]) -> Value:
    if isinstance(value, float):
        return alter({0.0: value})[0.0]
    return alter(value) if isinstance(value, Mapping) else [alter(one) for one in value]


def _as_series(value: Value) -> Series:
    return value if isinstance(value, Mapping) else {}


def _repeated(series: Series, grid: Grid) -> Series:
    found: dict[float, float] = {}
    last: float | None = None
    for at in grid.periods():
        last = series.get(at, last)
        if last is not None:
            found[at] = last
    return found


def _straight(series: Series, grid: Grid) -> Series:
    """On the line between the neighbours; before the first and after the last nothing is known."""
    import numpy as np

    if not series:
        return {}
    known = sorted(series)
    within = [at for at in grid.periods() if known[0] <= at <= known[-1]]
    return dict(zip(within, np.interp(within, known, [series[at] for at in known]).tolist(), strict=True))
