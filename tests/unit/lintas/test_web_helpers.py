import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.requests import Request

from lintas.vocabulary.errors import (
    DomainError,
    FieldError,
    Invalid,
    Malformed,
    PreconditionFailed,
    PreconditionRequired,
)
from lintas.web import (
    Cursors,
    Moment,
    Pages,
    Prose,
    ShortText,
    Strict,
    Text,
    etag,
    fingerprint,
    idempotency_key,
    next_link,
    not_modified,
    parse_json,
    parse_lines,
    require_idempotency_key,
    require_if_match,
)

KEY = b"k" * 32
#: a busy machine is no failure
relaxed = settings(deadline=None)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def request(*headers, path="/things", query=b""):
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query,
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "scheme": "http",
            "server": ("sample", 80),
        }
    )


class Line(Strict):
    text: Text
    at: Moment | None = None


class Free(Strict):
    anything: dict[str, object]


# reading


def test_lines_are_read_one_by_one_and_a_bad_one_spoils_no_other():
    data = b'{"text":"a"}\n\n{"text":1}\r\nnot json\n{"text":"b","text":"c"}\n{"text":"d"}'
    found = list(parse_lines(data, Line, most=5))
    assert [number for number, _ in found] == [1, 3, 4, 5, 6]
    assert [type(result) for _, result in found] == [Line, Invalid, Malformed, Malformed, Line]
    assert found[1][1].errors == (FieldError("/text", "string_type", "text"),)


def test_too_many_lines_are_refused_before_any_is_read():
    with pytest.raises(Invalid, match="At most 2 lines"):
        next(parse_lines(b'{"text":"a"}\n' * 3, Line, most=2))


@relaxed
@given(ANYTHING)
def test_whatever_an_unknown_field_holds_is_refused_in_few_words(value):
    text = json.dumps({"text": "a", "more": value})
    with pytest.raises(Invalid) as caught:
        parse_json(text.encode(), Line)
    assert 0 < len(caught.value.errors) <= 20 or isinstance(caught.value, Malformed)


@relaxed
@given(st.binary())
def test_any_bytes_are_refused_and_never_break_the_reader(data):
    with pytest.raises(DomainError):
        parse_json(data, Line)


@relaxed
@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
)
def test_free_fields_pass_unless_a_key_comes_twice(members):
    inner = ",".join(f"{json.dumps(k)} : {json.dumps(v)}" for k, v in members.items())
    assert parse_json(b'{"anything":{%s}}' % inner.encode(), Free).anything == members
    if members:
        twice = f"{inner},{json.dumps(next(iter(members)))}:1"
        with pytest.raises(Malformed):
            parse_json(b'{"anything":{%s}}' % twice.encode(), Free)


@pytest.mark.parametrize("text", ["NaN", "1e400", "[" * 40 + "]" * 40, "9" * 400])
def test_free_fields_hold_no_odd_numbers_and_no_depth(text):
    with pytest.raises(Malformed):
        parse_json(b'{"anything":{"a":%s}}' % text.encode(), Free)


# text and time


class Card(Strict):
    name: ShortText
    story: Text


@pytest.mark.parametrize("name", ["", " ", "\u200b", "a" * 201, "\ud800"])
def test_a_name_that_shows_nothing_or_too_much_is_refused(name):
    with pytest.raises(ValidationError):
        Card(name=name, story="a")


@relaxed
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=300))
def test_cleaning_twice_changes_nothing_more(text):
    try:
        once = Card(name="n", story=text).story
    except ValidationError:
        assert not text.strip()
        return
    assert Card(name="n", story=once).story == once


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-03-01T08:00:00+07:00", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("2026-03-01t01:00:00.123456789z", datetime(2026, 3, 1, 1, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-01 01:00:00Z", datetime(2026, 3, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_kept_in_utc(text, kept):
    line = parse_json(json.dumps({"text": "a", "at": text}).encode(), Line)
    assert line.at == kept
    assert line.at.tzinfo is UTC


def test_a_time_may_also_be_given_as_one_and_leaves_as_text():
    west = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=7)))
    line = Line(text="a", at=west)
    assert json.loads(line.model_dump_json())["at"].startswith("2026-03-01T01:00:00")
    with pytest.raises(ValidationError):
        Line(text="a", at=datetime(2026, 3, 1, 8))  # noqa: DTZ001  # naive on purpose


def test_the_schema_tells_the_lengths_and_formats():
    schema = Line.model_json_schema()["properties"]
    assert schema["text"]["maxLength"] == 10_000
    assert schema["at"]["anyOf"][0] == {"type": "string", "format": "date-time"}


def test_a_text_may_be_optional_or_empty():
    class Loose(Strict):
        note: ShortText | None = None
        memo: Annotated[str, Prose(50, least=0)] = "-"

    assert Loose().note is None
    assert Loose(memo="").memo == ""


# cursors


@relaxed
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30) | st.integers(), max_size=4))
def test_a_cursor_leads_back_to_its_place(position):
    cursors = Cursors(KEY)
    cursor = cursors.sign(position, scope="dpupr/open")
    assert cursors.read(cursor, scope="dpupr/open") == tuple(position)


@relaxed
@given(st.data())
def test_an_altered_cursor_is_refused(data):
    cursor = Cursors(KEY).sign(["2026-03-01T08:00:00Z", 17], scope="dpupr")
    place = data.draw(st.integers(0, len(cursor) - 1))
    symbol = data.draw(st.sampled_from("ABCxyz019-_=/+ \u00e9\x00"))
    changed = cursor[:place] + symbol + cursor[place + 1 :]
    if changed != cursor:
        with pytest.raises(Malformed):
            Cursors(KEY).read(changed, scope="dpupr")


@pytest.mark.parametrize(
    "cursor", ["", "x", "====", "\u0663", "a" * 5000, "AAAA" * 10, "e30", "W10"]
)
def test_a_made_up_cursor_is_refused(cursor):
    with pytest.raises(Malformed):
        Cursors(KEY).read(cursor, scope="dpupr")


@pytest.mark.parametrize(("key", "scope"), [(KEY, "dinkes"), (b"x" * 32, "dpupr")])
def test_a_cursor_of_another_list_or_key_is_refused(key, scope):
    cursor = Cursors(KEY).sign([1], scope="dpupr")
    with pytest.raises(Malformed):
        Cursors(key).read(cursor, scope=scope)


def test_the_next_page_keeps_the_filter():
    given_request = request(query=b"state=open&cursor=old&limit=9")
    assert next_link(given_request, "new", 50) == (
        '</things?state=open&cursor=new&limit=50>; rel="next"'
    )


# versions

CURRENT = etag("complaint", 7)


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ([], PreconditionRequired),
        ([("if-match", "")], PreconditionRequired),
        ([("if-match", CURRENT)], None),
        ([("if-match", f'"other", {CURRENT}')], None),
        ([("if-match", '"other"'), ("if-match", CURRENT)], None),
        ([("if-match", "*")], None),
        ([("if-match", etag("complaint", 6))], PreconditionFailed),
        ([("if-match", f"W/{CURRENT}")], PreconditionFailed),
        ([("if-match", CURRENT.strip('"'))], PreconditionFailed),
    ],
)
def test_a_change_names_the_version_it_saw(headers, refusal):
    if refusal is None:
        require_if_match(request(*headers), CURRENT)
    else:
        with pytest.raises(refusal):
            require_if_match(request(*headers), CURRENT)


@pytest.mark.parametrize(
    ("header", "same"),
    [(CURRENT, True), (f"W/{CURRENT}", True), ("*", True), ('"other"', False), ("", False)],
)
def test_a_reader_learns_that_nothing_changed(header, same):
    assert not_modified(request(("if-none-match", header)), CURRENT) is same


def test_parts_of_a_version_cannot_run_together():
    assert etag("a", "bc") != etag("ab", "c")


# idempotency


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ([], None),
        (['"8e03978e-40d5"'], "8e03978e-40d5"),
        (["8e03978e-40d5"], "8e03978e-40d5"),
        (['"a \\" b"'], 'a " b'),
        (['"' + "a" * 255 + '"'], "a" * 255),
    ],
)
def test_an_idempotency_key_is_read_quoted_or_bare(values, key):
    assert idempotency_key(request(*[("idempotency-key", v) for v in values])) == key


@pytest.mark.parametrize(
    "values",
    [
        [""],
        ['""'],
        ['"' + "a" * 256 + '"'],
        ["a" * 256],
        ['"open'],
        ["two words"],
        ["a,b"],
        ['"a";p=1'],
        ['"a\x7f"'],
        ["k\u00e9y"],
        ['"a"', '"b"'],
    ],
)
def test_an_odd_idempotency_key_is_refused_without_an_echo(values):
    with pytest.raises(Malformed, match="Idempotency-Key must be"):
        idempotency_key(request(*[("idempotency-key", v) for v in values]))


def test_a_needed_idempotency_key_that_is_missing_is_refused():
    with pytest.raises(Malformed, match="is needed"):
        require_idempotency_key(request())


def test_a_fingerprint_is_that_of_the_bytes():
    assert fingerprint(b'{"a":1}') != fingerprint(b'{"a": 1}')


# pages

WORDS = {"id": {"hello": "Halo {name}"}, "en": {"hello": "Hello {name}"}}


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "hello.html").write_text('<p lang="{{ lang }}">{{ t("hello", name=who) }}</p>')
    (tmp_path / "broken.html").write_text("{{ absent }}")
    return Pages(tmp_path, WORDS)


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        (b"", "", "id"),
        (b"lang=en", "id", "en"),
        (b"lang=xx", "en", "en"),
        (b"", "en-GB,en;q=0.9", "en"),
        (b"", "fr, id;q=0.4, en;q=0.8", "en"),
        (b"", "en;q=0, fr", "id"),
        (b"", "en;q=zz,,;;q=" + "9" * 400, "id"),
    ],
)
def test_a_page_speaks_the_language_of_its_reader(pages, query, header, language):
    answer = pages.render(
        request(("accept-language", header), query=query), "hello.html", who="Sari"
    )
    assert answer.headers["content-language"] == language
    assert f'lang="{language}"' in answer.body.decode()


def test_a_page_escapes_what_people_wrote_and_allows_no_inline_script(pages):
    answer = pages.render(request(), "hello.html", who="<script>alert(1)</script>")
    assert b"<script>" not in answer.body
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_missing_value_is_an_error_and_a_missing_word_is_named(pages, tmp_path):
    with pytest.raises(Exception, match="absent"):
        pages.render(request(), "broken.html")
    assert pages.missing_words() == set()
    assert Pages(tmp_path, WORDS | {"su": {}}).missing_words() == {"hello"}
