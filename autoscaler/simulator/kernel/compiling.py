"""Compiles plain functions that call each other, without their modules knowing of it."""

from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from autoscaler.core import floors, governor
from autoscaler.simulator.kernel import loops, step

# In the order of their calls: whoever is called comes before its callers.
MODULES: tuple[ModuleType, ...] = (governor, floors, step, loops)


@cache
def compiled(name: str) -> Callable[..., Any]:
    """A function of ``MODULES`` by its name, compiled at its first call for the types it is given.

    That takes some seconds once a process; nothing is written to disk unless ``NUMBA_CACHE_DIR`` names a folder.
    """
    function: Callable[..., Any] = _world()[name]
    return function


@cache
def _world() -> dict[str, Any]:
    """All functions under their names; each sees the compiled ones instead of the plain ones."""
    from numba import config, njit

    # Inlined, they run twice as fast: a profile's numbers need not be handed down from call to call.
    on_disk = bool(getattr(config, "CACHE_DIR", ""))
    compile_it = njit(nogil=True, error_model="numpy", forceinline=True, cache=on_disk)
    world: dict[str, Any] = {}
    for module in MODULES:
        plain = {name: item for name, item in vars(module).items() if isinstance(item, FunctionType)}
        own = {name: item for name, item in plain.items() if item.__module__ == module.__name__}
        scope = {**vars(module), **{name: world[name] for name in plain if name in world}}
        for name, function in own.items():
            copy = FunctionType(function.__code__, scope, name, function.__defaults__)
            world[name] = scope[name] = compile_it(copy)
    return world
