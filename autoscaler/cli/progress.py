"""Progress of long runs, on standard error and only where somebody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[str, str, int, int], None]


@contextmanager
def shown_progress() -> Iterator[Show]:
    """A function that shows the progress of each run by its name: what it is doing, steps done and in all."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[what]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, what: str, done: int, steps: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=steps, what=what)
            progress.update(tasks[name], completed=done, total=steps, what=what)

        yield show
