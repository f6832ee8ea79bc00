"""Forecasters that misbehave; a process that fits them has to be able to import them."""

import os
import threading
from dataclasses import dataclass

from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Dies:
    """Takes its process with it, as one does that runs out of memory."""

    def fit(self, history: History) -> FittedForecaster:
        os._exit(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverEnds:
    """Still at it when the service is long gone."""

    def fit(self, history: History) -> FittedForecaster:
        threading.Event().wait()
        raise AssertionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuses:
    """Fails as plug-ins fail."""

    def fit(self, history: History) -> FittedForecaster:
        raise KeyError("a mistake")
