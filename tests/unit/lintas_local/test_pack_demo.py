"""The demo day shows what a city's day is made of, and the rules know what to do with it."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lintas.vocabulary.terms import MentionClass
from lintas_local.pack import PackInvalid, load_answers, load_mentions, load_pack, ruleset
from router.domain import Mention, compile_document, decide

BOGOR = Path(__file__).parents[3] / "deploy" / "packs" / "bogor"
OUTCOMES = {"assigned": "routed", "triage": "triage", "no_action": "no_action"}


@pytest.fixture(scope="module")
def pack():
    return load_pack(BOGOR)


@pytest.fixture(scope="module")
def day():
    return load_mentions(BOGOR)


@pytest.fixture(scope="module")
def first(day):
    """Each mention once."""
    return [mention for mention in day if mention.demo.note != "redelivery"]


def test_enough_is_said_and_nothing_twice_but_redeliveries(day, first):
    assert len(first) >= 420
    assert len({mention.text for mention in first}) == len(first)
    ids = {(m.channel, m.account, m.external_id): m for m in first}
    assert len(ids) == len(first)
    again = [mention for mention in day if mention.demo.note == "redelivery"]
    assert len(again) >= 12
    for mention in again:
        original = ids[mention.channel, mention.account, mention.external_id]
        assert mention.body() == original.body()
        assert mention.demo.at_s > original.demo.at_s


@pytest.mark.parametrize(
    ("note", "least"),
    [
        ("burst:flood-1", 15), ("burst:pipe-1", 15), ("burst:tree-1", 15),
        ("pro", 15), ("contra", 15), ("thanks", 15), ("own_post", 10), ("spam", 12),
    ],
)  # fmt: skip
def test_each_kind_of_mention_is_there(first, note, least):
    assert sum(mention.demo.note == note for mention in first) >= least


def test_every_class_outcome_and_channel_is_there(first):
    expected = [mention.demo.expect for mention in first]
    classes = Counter(expect.mention_class for expect in expected)
    assert min(classes[name] for name in MentionClass) >= 10
    assert sum(expect.outcome == "triage" for expect in expected) >= 15
    assert sum(len(expect.agencies) >= 2 for expect in expected) >= 20
    assert sum(len(expect.agencies) >= 3 for expect in expected) >= 5
    assert len({mention.channel for mention in first}) == 8
    assert {mention.anonymity for mention in first} == {None, "open", "anonymous", "secret"}
    stakeholders = {m.author.stakeholder for m in first if m.author}
    assert stakeholders >= {"community_leader", "investor", "media", "ngo"}


def test_expected_agencies_exist(pack, first):
    known = {agency.code for agency in pack.agencies.agencies}
    assert {code for mention in first for code in mention.demo.expect.agencies} <= known


def test_own_posts_come_from_the_citys_own_accounts(pack, first):
    own = {(item.channel, handle) for item in pack.city.own_accounts for handle in item.handles}
    for mention in first:
        from_own = mention.author is not None and (mention.channel, mention.author.handle) in own
        assert from_own == (mention.demo.note == "own_post")


def test_the_rules_decide_as_expected(pack, first):
    compiled = compile_document(ruleset(pack))
    wrong = []
    for mention in first:
        stated = MentionClass(mention.stated_class) if mention.stated_class else None
        decision = decide(
            Mention(
                text=mention.text,
                received_at=datetime(2026, 11, 24, tzinfo=UTC),
                stated_class=stated,
                own_post=mention.demo.note == "own_post",
            ),
            compiled,
        )
        agencies = (decision.lead, *(helper.agency for helper in decision.contributors))
        found = (decision.mention_class, *(agencies if decision.lead else ()))
        expect = mention.demo.expect
        if found != (expect.mention_class, *expect.agencies) or (
            OUTCOMES[decision.outcome] != expect.outcome
        ):
            wrong.append(mention.text)
    assert len(wrong) <= len(first) * 0.05, wrong


def test_both_sides_of_the_policy_are_heard(pack, first):
    compiled = compile_document(ruleset(pack))
    sides = [mention for mention in first if mention.demo.note in {"pro", "contra"}]
    right = 0
    for mention in sides:
        now = datetime(2026, 11, 24, tzinfo=UTC)
        decision = decide(Mention(text=mention.text, received_at=now), compiled)
        assert decision.subject == "odd_even"
        right += decision.stance == mention.demo.note
    assert right >= len(sides) * 0.9


def test_every_category_has_an_answer(pack):
    answers = load_answers(BOGOR, date(2026, 11, 24))
    assert set(answers.answers) == {category.code for category in pack.categories.categories}
    assert answers.answer(None, "complaint") == answers.fallback.answer
    assert answers.answer("tax", "information_request") == answers.answers["tax"].information
    assert answers.answer("tax", "aspiration") == answers.by_class["aspiration"]


def test_answers_promise_dates_that_are_working_days():
    friday = load_answers(BOGOR, date(2026, 11, 27))
    assert "pada 30 November 2026" in friday.answers["street_light"].answer
    every = [text for item in friday.answers.values() for text in (item.answer, item.contribution)]
    assert not [text for text in every if "{" in text]


def test_a_bad_line_of_the_day_is_named(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mentions.ndjson").write_text('{"channel": "pigeon"}\n', "utf-8")
    with pytest.raises(PackInvalid) as caught:
        load_mentions(tmp_path)
    assert {problem.where for problem in caught.value.problems} >= {"channel", "text"}
