"""Policy documents: what is wrong in them is told all at once, each in its place."""

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.config import load_policy, policy_from
from autoscaler.core.decision import RuleSettings
from autoscaler.documents.source import MOST_NODES, parse
from autoscaler.errors import InvalidDocument, InvalidInput
from policies.scheduled import Scheduled

Refused = Callable[[str], list[str]]

BAD = """\
    name: shop
    policy: scheduled
    setings: {}
    settings:
      time_zone: Europe/Berlni
      calendars:
        - {name: german, country: DEX}
        - {name: sales, file: gone.ics}
      windows:
        - {days: mon-fry, floor_acu: 8}
        - {day: mon, floor_acu: "x"}
        - {floor_acu: 4, floor_acu: 5}
      events:
        - {calender: sales}
    rules:
      shrink_wait: 3
    limits: {min_acu: 8, max_acu: 2}
    forecaster: holt
    """


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """The mistakes in a document, without the path of its file."""

    def read(text: str) -> list[str]:
        path = tmp_path / "shop.yaml"
        path.write_text(dedent(text), encoding="utf-8")
        with pytest.raises(InvalidDocument) as problem:
            load_policy(str(path))
        return [str(mistake).replace(f"{tmp_path}/", "") for mistake in problem.value.mistakes]

    return read


def test_all_mistakes_are_told_at_once_in_their_order(refused: Refused) -> None:
    told = refused(BAD)

    assert [line.split(" ", 1)[0] for line in told] == [
        "shop.yaml:3:1:",
        "shop.yaml:5:14:",
        "shop.yaml:7:31:",
        "shop.yaml:8:27:",
        "shop.yaml:10:14:",
        "shop.yaml:11:8:",
        "shop.yaml:11:29:",
        "shop.yaml:12:22:",
        "shop.yaml:14:7:",
        "shop.yaml:14:8:",
        "shop.yaml:16:3:",
        "shop.yaml:17:19:",
        "shop.yaml:18:13:",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("policy: reactive\nlimit: {}", "2:1: there is no setting 'limit'; did you mean 'limits'?"),
        ("policy: reactiv", "1:9: no policy named 'reactiv'; did you mean 'reactive'?"),
        ("policy: 3", "1:9: policy: input should be a valid string, not 3"),
        ("settings: {}", "1:1: policy: is missing"),
        ("policy: reactive\npolicy: native", "2:1: 'policy' is given twice, first in line 1; keep one of them"),
        ("policy: [", "1:10: cannot be read as YAML"),
        ("- reactive", "1:1: is no mapping of settings"),
        ("", "1:1: is no mapping of settings"),
        ("policy: reactive\nsettings: {<<: {}}", "2:11: a key is '<<'; give a name"),
        ("policy: reactive\nsettings: 3", "2:11: settings: input should be a valid dictionary, not 3"),
        ("policy: !!python/name:os.system x", "1:9: 'x' cannot be read"),
        (
            "policy: within\nsettings:\n  policy: {policy: reactive, settings: {speed: 3}}",
            "3:41: there is no setting 'speed'",
        ),
        ("policy: within\nsettings: {}", "2:11: 'policy' is missing in settings"),
        ("policy: within\nsettings: {policy: reactive}", "2:20: a policy inside a policy has a 'policy'"),
        (
            "policy: quantile\nsettings: {guard: {censored_growth: 0}}",
            "2:37: censored_growth is 0.0; give a number",
        ),
        ("policy: reactive\nrules: {watch_seconds: -1}", "2:8: the rules' watch_seconds is -1.0"),
        ("policy: native\nforecaster_settings: {x: 1}", "2:1: forecaster_settings are given, and no forecaster"),
        (
            "policy: quantile\nforecaster: last-value\nforecaster_settings: {keep_second: 1}",
            "3:23: there is no setting 'keep_second'; did you mean 'keep_seconds'?",
        ),
        ("policy: native\nbudget: {usd_per_week: 20}", "2:10: there is no setting 'usd_per_week'"),
        ("policy: native\nbudget: {usd_per_day: -1}", "2:23: usd_per_day is -1"),
        ("policy: native\nbudget: {clamp: true}", "2:9: a budget needs an amount"),
        ("policy: native\nconsent: {pauses: true}", "2:11: there is no setting 'pauses'; did you mean 'pause'?"),
        (
            "policy: scheduled\nsettings: {windows: [{floor_acu: 1, start: 7:00}]}",
            "2:44: start: input should be a valid string, not 420",
        ),
    ],
)
def test_each_mistake_has_its_line_and_column(refused: Refused, text: str, mistake: str) -> None:
    (told,) = refused(text)

    assert f"shop.yaml:{mistake}" in told


def test_a_right_document_is_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text(
        '{\n\t"policy": "scheduled",\n\t"settings": {"windows": [{"floor_acu": 4}]},\n\t"rules": {"watch_seconds": 60}}'
    )
    document = load_policy(str(path))

    policy = document.build_policy()
    assert isinstance(policy, Scheduled)
    assert (document.name, policy.windows[0].floor_acu) == ("shop", 4)
    assert document.build_rules() == RuleSettings(watch_seconds=60)


def test_anchors_may_be_used_again_but_not_without_end() -> None:
    shared = "policy: scheduled\nsettings:\n  windows:\n    - &day {floor_acu: 4}\n    - *day\n"
    policy = policy_from(parse(shared, file="shop", folder=Path())).build_policy()
    assert isinstance(policy, Scheduled)
    assert policy.windows[0] == policy.windows[1]

    laughs = "policy: native\nsettings:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    with pytest.raises(InvalidDocument, match=f"more than {MOST_NODES} values"):
        policy_from(parse(laughs, file="laughs", folder=Path()))
    with pytest.raises(InvalidDocument, match="levels"):
        policy_from(parse("policy: native\nsettings: &a {x: *a}\n", file="cycle", folder=Path()))


PLAIN = st.none() | st.booleans() | st.floats() | st.text()


@given(content=st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12))
def test_whatever_a_document_holds_it_is_refused_or_built(content: object) -> None:
    for text in (json.dumps({"policy": "scheduled", "settings": content}), json.dumps({"policy": content})):
        try:
            policy_from(parse(text, file="any", folder=Path()))
        except InvalidInput as problem:
            assert isinstance(problem, InvalidDocument)  # noqa: PT017


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(InvalidInput, match=r"no file gone.yaml"):
        load_policy("gone.yaml")


@pytest.mark.parametrize(("written", "read"), [(r"\ud83d\ude00", "😀"), (r"\ud83d", "�"), ("😀", "😀")])
def test_json_may_write_a_character_as_two_escapes(written: str, read: str) -> None:
    source = parse(f'{{"name": "{written}", "{written}": 1}}', file="x.json", folder=Path())

    assert source.content == {"name": read, read: 1}
