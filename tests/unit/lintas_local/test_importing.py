"""Rows of a source become lines for two services."""

import gzip
import json
from pathlib import Path

import httpx2
import jsonschema
import orjson
import pytest

from ingest.app import files
from lintas_local.client import CallFailed, Service
from lintas_local.importing import import_history, load_history_mapping, mapping_schema, run
from lintas_local.importing.mapping import HistoryMapping, write_mapping_schema
from lintas_local.importing.opening import open_source
from lintas_local.importing.translating import Story, translate
from lintas_local.pack import PackInvalid
from lintas_local.pack.reading import read_yaml

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "tests" / "evaluation").glob("*/mapping.yaml"))
YAML = """
source: a-city
format: csv
times: {zone: "+07:00"}
id: no
text: [subject, words]
channel: web
agency: {column: office, values: {Roads: pupr, Waste: dlh}}
category: {column: subject, slug: true}
received_at: came
answered_at: answered
closed_at: closed
target_at: due
verdict: in_time
"""
HEADING = "no,subject,words,office,came,answered,closed,due,in_time"


@pytest.fixture
def mapping(tmp_path: Path) -> HistoryMapping:
    return mapped(tmp_path, YAML)


def mapped(folder: Path, text: str) -> HistoryMapping:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return load_history_mapping(path)


def rows_of(
    folder: Path, content: bytes, mapping: HistoryMapping
) -> list[files.Row | files.Rejection]:
    path = folder / "source"
    path.write_bytes(content)
    with open_source(path, mapping) as rows:
        return [*rows]


def row(**values: str | None) -> files.Row:
    told = dict.fromkeys(HEADING.split(",")) | {
        "no": "7",
        "words": "Lubang di jalan",
        "office": "Roads",
        "came": "2022-05-04T10:00:00",
    }
    return files.Row(2, told | values)


def test_a_row_becomes_what_was_said_and_what_became_of_it(mapping: HistoryMapping):
    story = translate(
        row(subject="Jalan & Jembatan", answered="2022-05-05T09:00:00", closed=None), mapping
    )
    assert isinstance(story, Story)
    assert orjson.loads(story.mention) == {
        "channel": "web",
        "account": "a-city",
        "external_id": "7",
        "text": "Jalan & Jembatan\nLubang di jalan",
        "posted_at": "2022-05-04T10:00:00+07:00",
        "author": None,
        "location": None,
        "class": "complaint",
        "category": "jalan_jembatan",
        "anonymity": "anonymous",
    }
    assert orjson.loads(story.past_of("an-id")) == {
        "complaint_id": "an-id",
        "class": "complaint",
        "category": "jalan_jembatan",
        "agency": "pupr",
        "answered_at": "2022-05-05T09:00:00+07:00",
        "judged": False,
    }


def test_everything_that_is_wrong_with_a_row_is_said(mapping: HistoryMapping):
    bad = row(no=None, office="Elsewhere", answered="4 Mei 2022", closed="2022-02-30T00:00:00")
    assert translate(bad, mapping) == [
        files.Rejection(2, "office", "one of the values that the mapping lists"),
        files.Rejection(2, "answered", "a time as `iso` says"),
        files.Rejection(2, "closed", "a time as `iso` says"),
        files.Rejection(2, "no", "a value, it is empty"),
    ]


def test_a_code_that_every_complaint_needs_may_not_be_empty(tmp_path: Path):
    mapping = mapped(
        tmp_path, YAML.replace("channel: web", "channel: {column: subject, slug: true}")
    )
    assert translate(row(), mapping) == [files.Rejection(2, "subject", "a value, it is empty")]
    mapping = mapped(
        tmp_path,
        YAML.replace("channel: web", "channel: {column: subject, slug: true, default: desk}"),
    )
    story = translate(row(), mapping)
    assert orjson.loads(story.mention)["channel"] == "desk"


@pytest.mark.parametrize(
    ("times", "written", "moment"),
    [
        ('{zone: "+08:00"}', "2022-05-04 10:00", "2022-05-04T10:00:00+08:00"),
        ('{zone: "-05:00"}', "2015-11-01T01:30:00", "2015-11-01T01:30:00-05:00"),
        ("{zone: America/New_York}", "2015-07-01T01:30:00", "2015-07-01T01:30:00-04:00"),
        ("{zone: America/New_York}", "2015-12-01T01:30:00", "2015-12-01T01:30:00-05:00"),
        ('{zone: "+07:00"}', "2022-05-04T10:00:00Z", "2022-05-04T10:00:00+00:00"),
        (
            '{zone: "+07:00", format: "%d/%m/%Y %H.%M"}',
            "04/05/2022 10.07",
            "2022-05-04T10:07:00+07:00",
        ),
    ],
)
def test_times_are_read_as_the_source_writes_them(tmp_path, times, written, moment):
    mapping = mapped(tmp_path, YAML.replace('{zone: "+07:00"}', times))
    story = translate(row(came=written), mapping)
    assert orjson.loads(story.mention)["posted_at"] == moment


def test_packed_files_are_read_as_they_are(tmp_path: Path, mapping: HistoryMapping):
    content = f"{HEADING}\n1,a,b,Roads,2022-05-04,,,,\n".encode()
    assert rows_of(tmp_path, gzip.compress(content), mapping) == rows_of(tmp_path, content, mapping)


def test_a_heading_without_a_column_is_refused_before_anything_is_sent(tmp_path, mapping):
    with pytest.raises(files.SourceUnreadable, match="came, due"):
        rows_of(tmp_path, b"no,subject,words,office,answered,closed,in_time\n", mapping)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, mapping: HistoryMapping):
    with (
        pytest.raises(files.SourceUnreadable, match="FileNotFoundError"),
        open_source(tmp_path / "none", mapping),
    ):
        pass


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (('"+07:00"', "Asia/Nowhere"), "times.zone"),
        (('"+07:00"', '"+7"'), "times.zone"),
        (("format: csv", "format: xls"), "format"),
        (("id: no\n", ""), "id"),
        (("verdict: in_time", "verdikt: in_time"), "verdikt"),
    ],
    ids=str,
)
def test_a_mapping_that_is_wrong_names_its_line(tmp_path, change, where):
    with pytest.raises(PackInvalid) as invalid:
        mapped(tmp_path, YAML.replace(*change))
    assert [problem.where.partition(".")[0] for problem in invalid.value.problems] == [
        where.partition(".")[0]
    ]


class Services:
    """Ingest and gateway as an import sees them: whoever sends twice gets the same answer."""

    def __init__(self, *, away: int = 0, refuse: frozenset[str] = frozenset()) -> None:
        self.away = away
        self.refuse = refuse
        self.said: dict[str, dict] = {}
        self.told: dict[str, dict] = {}
        self.lots: list[int] = []

    def of(self, name: str) -> Service:
        return Service(name, "http://lintas", None, transport=httpx2.MockTransport(self.answer))

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.away:
            self.away -= 1
            return httpx2.Response(503, json={"title": "Away"})
        lines = [json.loads(line) for line in request.content.split(b"\n")]
        if request.url.path == "/v1/history":
            return httpx2.Response(200, json=self._past(lines))
        assert request.url.params["origin"] == "import"
        self.lots.append(len(lines))
        return httpx2.Response(202, json=self._said(lines))

    def _said(self, lines: list[dict]) -> dict:
        results, rejected = [], []
        for number, line in enumerate(lines, start=1):
            if line["external_id"] in self.refuse:
                errors = [{"pointer": "/text", "code": "blank_text", "detail": "words"}]
                rejected.append({"line": number, "errors": errors})
                continue
            self.said.setdefault(line["external_id"], line)
            results.append({"line": number, "complaint_id": f"c-{line['external_id']}"})
        return {"accepted": len(results), "results": results, "rejected": rejected}

    def _past(self, lines: list[dict]) -> dict:
        results = []
        for number, line in enumerate(lines, start=1):
            new = line["complaint_id"] not in self.told
            self.told[line["complaint_id"]] = line
            results.append({"line": number, "outcome": "opened" if new else "unchanged"})
        return {"accepted": len(results), "results": results, "rejected": []}


def imported(folder: Path, mapping: HistoryMapping, services: Services, ids: list[str], **more):
    path = folder / "source.csv"
    lines = [HEADING, *(f"{one},a,b,Roads,2022-05-04,,,," for one in ids)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return import_history(
        path, mapping, services.of("ingest"), services.of("agency-gateway"), **more
    )


def test_an_import_sends_each_row_to_both_services_and_again_changes_nothing(tmp_path, mapping):
    services = Services()
    ids = [str(number) for number in range(2_345)]
    progress: list[int] = []
    done = imported(
        tmp_path, mapping, services, ids, progress=lambda _share, rows: progress.append(rows)
    )
    assert (done.rows, done.accepted, done.opened, done.rejected) == (2_345, 2_345, 2_345, 0)
    assert services.lots == [1_000, 1_000, 345]
    assert progress == [1_000, 2_000, 2_345]
    before = json.dumps([services.said, services.told])
    again = imported(tmp_path, mapping, services, ids)
    assert (again.accepted, again.unchanged, again.opened) == (2_345, 2_345, 0)
    assert json.dumps([services.said, services.told]) == before


def test_what_a_service_refuses_is_reported_by_line_and_column(tmp_path, mapping):
    services = Services(refuse=frozenset({"2", "4"}))
    with (tmp_path / "report").open("wb") as report:
        done = imported(tmp_path, mapping, services, ["1", "2", "3", "4"], report=report)
    assert (done.accepted, done.rejected) == (2, 2)
    assert done.rejections == [
        files.Rejection(3, "subject, words", "words"),
        files.Rejection(5, "subject, words", "words"),
    ]
    written = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert written == [
        {"line": 3, "field": "subject, words", "expected": "words"},
        {"line": 5, "field": "subject, words", "expected": "words"},
    ]
    assert set(services.told) == {"c-1", "c-3"}


def test_a_service_that_is_away_is_asked_again(tmp_path, mapping, monkeypatch):
    monkeypatch.setattr(run, "_PAUSE_S", 0)
    services = Services(away=3)
    assert imported(tmp_path, mapping, services, ["1"]).accepted == 1
    monkeypatch.setattr(run, "_PATIENCE_S", 0)
    with pytest.raises(CallFailed, match="503"):
        imported(tmp_path, mapping, Services(away=9), ["1"])


def test_the_shipped_schema_is_in_step(tmp_path: Path):
    write_mapping_schema(tmp_path / "fresh.json")
    shipped = (ROOT / "deploy" / "packs" / "mapping.schema.json").read_bytes()
    assert (tmp_path / "fresh.json").read_bytes() == shipped, (
        "write_mapping_schema(deploy/packs/..)"
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_mappings_are_in_order(path: Path):
    assert load_history_mapping(path).source
    jsonschema.Draft202012Validator(mapping_schema()).validate(read_yaml(path, path.name).value)
