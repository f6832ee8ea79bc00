"""The compiled cluster: its functions by their names."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from autoscaler.core import floors, governor
from autoscaler.core.compiling import compile_functions
from autoscaler.simulator.kernel import awake, loops, step

# In the order of their calls: whoever is called comes before its callers.
MODULES: tuple[ModuleType, ...] = (governor, floors, step, loops, awake)


def compiled(name: str) -> Callable[..., Any]:
    """A function of ``MODULES`` by its name, compiled at its first call."""
    return compile_functions(*MODULES)[name]
