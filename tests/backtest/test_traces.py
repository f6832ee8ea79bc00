"""Recorded workloads: what is read, what is refused and how it is told."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from autoscaler.backtest.traces import Scale, cut_trace, read_trace
from autoscaler.errors import InvalidInput
from tests.backtest.builders import START, make_trace

GOOD = "timestamp,cpu,qps\n2026-03-02T00:00:00Z,1,10\n2026-03-02T00:05:00Z,2,\n2026-03-02T00:10:00Z,nan,30\n"


def write(folder: Path, text: str, name: str = "load.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_reads_the_first_metric_unless_another_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert read_trace(path).demand_acu.tolist() == [1, 2]
    assert read_trace(path, column="qps").demand_acu.tolist() == [10, 30]


def test_an_empty_or_nan_value_is_a_gap_not_a_zero(tmp_path: Path) -> None:
    assert read_trace(write(tmp_path, GOOD), column="qps").offset_seconds.tolist() == [0, 600]


def test_reads_compressed_files_and_zones(tmp_path: Path) -> None:
    path = tmp_path / "load.csv.gz"
    path.write_bytes(gzip.compress(b"timestamp,cpu\n2026-03-02T01:00:00+01:00,1\n2026-03-02T00:05:00,2\n"))
    trace = read_trace(path)
    assert (trace.start, trace.step_seconds, trace.offset_seconds.tolist()) == (START, 300, [0, 300])


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("", None, "is empty"),
        ("timestamp,cpu\n", None, "is empty"),
        ("timestamp,cpu\n2026-03-02T00:00:00Z,\n", None, "holds no known value"),
        ("time,cpu\n1,2\n", None, "no column 'timestamp'; it has: time, cpu"),
        (GOOD, "memory", "no column 'memory'; it has: cpu, qps"),
        (GOOD, "timestamp", "no column 'timestamp'"),
        ("timestamp\n2026-03-02T00:00:00Z\n", None, "no metric at all"),
        ("timestamp,cpu\nyesterday,1\n", None, "line 2: 'yesterday' is no ISO 8601 timestamp"),
        ("timestamp,cpu\n2026-03-02T00:00:00Z,much\n", None, "line 2: 'much' is no number"),
        ("timestamp,cpu\n2026-03-02T00:00:00Z,-1\n", None, "line 2: a load of -1 cannot be"),
        ("timestamp,cpu\n2026-03-02T00:00:00Z,inf\n", None, "line 2: a load of inf cannot be"),
        ("timestamp,cpu\n2026-03-02T00:00:00Z\n", None, "line 2 has 1 cells"),
        (
            "timestamp,cpu\n2026-03-02T00:05:00Z,1\n2026-03-02T00:00:00Z,2\n",
            None,
            "line 3: timestamp 2026-03-02T00:00:00Z does not come after",
        ),
        (
            "timestamp,cpu\n2026-03-02T00:05:00Z,1\n2026-03-02T00:05:00Z,2\n",
            None,
            "line 3: timestamp 2026-03-02T00:05:00Z does not come after",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_reason(
    tmp_path: Path, text: str, column: str | None, told: str
) -> None:
    with pytest.raises(InvalidInput, match=r"load\.csv") as caught:
        read_trace(write(tmp_path, text), column=column)
    assert told in str(caught.value)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no trace file .*none\.csv"):
        read_trace(tmp_path / "none.csv")
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"not gzip")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_trace(broken)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_trace(tmp_path)


def test_a_peak_scales_the_chosen_quantile() -> None:
    trace = make_trace([1.0, 2.0, 4.0])
    assert Scale(peak_acu=16.0, quantile=1.0).apply(trace).demand_acu.tolist() == [4, 8, 16]
    assert Scale(acu_per_unit=2.5).apply(trace).demand_acu.tolist() == [2.5, 5, 10]


def test_a_peak_cannot_come_from_nothing() -> None:
    with pytest.raises(InvalidInput, match=r"the 0\.9999 quantile of made is 0"):
        Scale(peak_acu=16.0).apply(make_trace([0.0, 0.0]))


@pytest.mark.parametrize("bad", [{"acu_per_unit": 0.0}, {"peak_acu": -1.0}, {"peak_acu": np.inf}, {"quantile": 0.0}])
def test_a_scale_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        Scale(**bad)


def test_a_cut_keeps_the_samples_that_begin_inside() -> None:
    trace = make_trace([1, 2, 3, 4])
    start, end = trace.start.replace(minute=1), trace.start.replace(minute=3)
    cut = cut_trace(trace, start=start, end=end)
    assert (cut.start, cut.offset_seconds.tolist(), cut.demand_acu.tolist()) == (start, [0, 60], [2, 3])
    with pytest.raises(InvalidInput, match="no sample between"):
        cut_trace(trace, start=trace.end, end=None)
