from hypothesis import given
from hypothesis import strategies as st

from agency_gateway.domain import statement as rules
from agency_gateway.domain.statement import Confirmation, Statement, Wording
from lintas.testing.builders import NOON
from lintas.vocabulary.errors import DomainError
from lintas.vocabulary.terms import Purpose, StatementKind, StatementState

PEOPLE = ("ani", "budi", "citra")
STEPS = st.tuples(
    st.sampled_from(["edit", "review", "confirm", "publish", "correct", "retract"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(["one", "two", "three"]),
)


def worded(text: str) -> Wording:
    return Wording(text, f"hash of {text}")


def draft() -> Statement:
    return Statement(
        id="s",
        kind=StatementKind.ANSWER,
        purpose=Purpose.LISTENING,
        agency="a",
        version=1,
        state=StatementState.DRAFT,
        wording=worded("one"),
        authors=frozenset({"ani"}),
    )


def attempt(statement: Statement, act: str, person: str, text: str) -> Statement:
    match act:
        case "edit":
            return rules.edit(statement, worded(text), person)
        case "review":
            return rules.review(statement)
        case "confirm":
            given_ = Confirmation(person, "a", statement.wording.sha256, NOON)
            return rules.confirm(statement, f"hash of {text}", given_)
        case "publish":
            return rules.publish(statement, NOON, None)
        case "correct":
            return rules.correct(statement, worded(text), person)
        case _:
            return rules.retract(statement)


@given(st.lists(STEPS, max_size=60))
def test_no_order_of_acts_publishes_words_that_nobody_else_confirmed(steps):
    statement = draft()
    wrote: dict[int, set[str]] = {1: {"ani"}}
    approved: set[tuple[int, str, str]] = set()
    for act, person, text in steps:
        before = statement
        try:
            statement = attempt(statement, act, person, text)
        except DomainError:
            continue
        version = statement.version
        if act == "edit":
            wrote[version].add(person)
            approved = {one for one in approved if one[0] != version}
        if act == "correct":
            wrote[version] = wrote[before.version] | {person}
        if act == "confirm":
            approved.add((version, f"hash of {text}", person))
        if act == "publish":
            assert any(
                (version, statement.wording.sha256, who) in approved
                for who in set(PEOPLE) - wrote[version]
            )
        assert statement.authors >= wrote[version]


def test_a_confirmation_is_void_even_if_the_words_come_out_the_same():
    ready = rules.review(draft())
    confirmed = rules.confirm(ready, "hash of one", Confirmation("budi", "a", "hash of one", NOON))
    edited = rules.edit(confirmed, worded("one"), "citra")
    assert (edited.state, edited.confirmation) == (StatementState.DRAFT, None)
    assert edited.authors == {"ani", "citra"}
