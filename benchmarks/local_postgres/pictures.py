"""The experiment as pictures."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.local_postgres.measured import Course

SIZE = (10, 4)


def draw_course(measured: Course, predicted: Course, title: str, file: Path) -> None:
    """Capacity and answers, measured and simulated, over the load that was due."""
    from matplotlib import pyplot as plt

    figure, (upper, lower) = plt.subplots(2, 1, figsize=(SIZE[0], 6), sharex=True, layout="constrained")
    seconds = range(len(measured.due))
    upper.step(seconds, measured.capacity_acu, where="post", label="capacity, measured", color="#b3261e")
    upper.step(seconds, predicted.capacity_acu, where="post", label="capacity, simulated", color="#b3261e", ls=":")
    upper.set(ylabel="ACU", title=title)
    lower.fill_between(seconds, measured.due, step="post", color="#ddd", label="due")
    lower.step(seconds, measured.answered, where="post", label="answered, measured", color="#1f5fa8")
    lower.step(seconds, predicted.answered, where="post", label="answered, simulated", color="#1f5fa8", ls=":")
    lower.set(xlabel="seconds", ylabel="transactions/s")
    for part in (upper, lower):
        part.legend(loc="upper left", fontsize=8)
    figure.savefig(file, dpi=110)
    plt.close(figure)


def draw_resumes(
    first_row: Sequence[float], resume: Sequence[float], interval: tuple[float, float, float], file: Path
) -> None:
    """Every cold start, and where the profile says nine of ten lie."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    low, middle, high = interval
    axes.axvspan(low, high, color="#e9e4f5", label="nine resumes of ten, by the profile")
    axes.axvline(middle, color="#7a5fc0")
    for name, values, colour in (
        ("server let through", resume, "#1f5fa8"),
        ("client's first row", first_row, "#b3261e"),
    ):
        ordered = sorted(values)
        axes.step(
            ordered,
            [(place + 1) / len(ordered) for place in range(len(ordered))],
            where="post",
            label=name,
            color=colour,
        )
    axes.set(
        xlabel="seconds",
        ylabel="share of cold starts",
        title=f"{len(first_row)} cold starts",
        xlim=(0, None),
        ylim=(0, 1),
    )
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(file, dpi=110)
    plt.close(figure)
