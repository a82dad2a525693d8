"""Personal data in a whole city: it leaves nowhere in clear, and an erasure leaves none of it."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import yaml

from lintas.contracts.topics import COMPLAINTS, MENTIONS

from .city import CHECKOUT, City, wait_until
from .test_demo import DAY

pytestmark = pytest.mark.stack

SERVICES = ("ingest", "router", "agency-gateway", "metrics")
TOPICS = [
    topic["name"]
    for topic in yaml.safe_load((CHECKOUT / "deploy" / "topics.yaml").read_text("utf-8"))["topics"]
    if "<" not in topic["name"]
]
ROUTING = "lintas.routing.v1"
#: words of a complaint travel redacted on these two alone
WORDS_TRAVEL_ON = {MENTIONS, ROUTING}


@dataclass(frozen=True, slots=True)
class Reporter:
    """An invented reporter with a canary in every field they can fill."""

    #: a word of five letters that occurs nowhere else
    word: str
    number: int
    anonymity: str | None

    @property
    def handle(self) -> str:
        return f"{self.word}_warga{self.number}"

    @property
    def phone(self) -> str:
        return f"0812-7734-{self.number:04}"

    @property
    def nik(self) -> str:
        return f"327104650493{self.number:04}"

    @property
    def email(self) -> str:
        return f"{self.word}.{self.number}@surat.example"

    @property
    def name(self) -> str:
        return f"{self.word.capitalize()} Wulandari"

    @property
    def remark(self) -> str:
        """A detail of the place that no redactor can know; agencies may read it, nobody else."""
        return f"pagar {self.word}biru"

    @property
    def canaries(self) -> tuple[str, ...]:
        """What may be in clear nowhere."""
        digits = self.phone.replace("-", "")
        return (self.handle, self.phone, digits, digits[1:], self.nik, self.email, self.name)

    def mention(self, **changes: Any) -> dict[str, Any]:
        """A mention by them, with something of theirs in every field."""
        said = {
            "channel": "x",
            "account": "kotabogor",
            "external_id": f"{self.handle}-{uuid4()}",
            "in_reply_to": f"post-{self.handle}",
            "text": f"Saya {self.name}, NIK {self.nik}, hp {self.phone}, {self.email}, @{self.handle}."
            f" Jalan berlubang di Jl. Pajajaran dekat {self.remark}",
            "author": {
                "handle": self.handle,
                "name": self.name,
                "phone": self.phone,
                "email": self.email,
            },
            "location": {
                "address": f"Rumah {self.name}, Jl. Pajajaran 5, {self.remark}, {self.phone}"
            },
            "media": [{"url": f"https://foto.example/{self.handle}.jpg"}],
        }
        return said | ({"anonymity": self.anonymity} if self.anonymity else {}) | changes


REPORTERS = tuple(
    Reporter(word, 4_100 + number, anonymity)
    for number, (word, anonymity) in enumerate(
        [("kenar", "open"), ("zulai", "anonymous"), ("wiryo", "secret"), ("tumpi", None)]
    )
)


def say(city: City, reporter: Reporter) -> list[dict[str, Any]]:
    """By every way in, what is refused too; the answers to what was kept."""
    kept = []
    with city.client("ingest", city.key("front-door")) as ingest:
        key = {"Idempotency-Key": f'"{reporter.handle}"'}
        answer = ingest.post("/v1/mentions", json=reporter.mention(), headers=key)
        assert answer.status_code == 202, answer.text
        kept.append(answer)
        for wrong in ({"text": 5}, {"anonymity": reporter.name}, {"nik": reporter.nik}):
            refused = ingest.post("/v1/mentions", json=reporter.mention() | wrong)
            assert refused.status_code == 422
            assert leaks({"a refusal": refused.text}, reporter.canaries) == []
        lines = [reporter.mention(), reporter.mention(location={"lat": reporter.name})]
        answer = ingest.post(
            "/v1/mentions/batch",
            content="\n".join(map(json.dumps, lines)),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert len(answer.json()["rejected"]) == 1
        kept.append(answer)
    with city.client("ingest", city.key()) as ingest:
        past = reporter.mention(posted_at="2026-01-05T08:00:00+07:00")
        answer = ingest.post(
            "/v1/mentions/batch?origin=import",
            content=json.dumps(past),
            headers={"Content-Type": "application/x-ndjson"},
        )
        kept.append(answer)
    found = []
    for answer in kept:
        assert answer.status_code == 202, answer.text
        assert leaks({"an answer": answer.text}, (*reporter.canaries, reporter.remark)) == []
        found += answer.json().get("results") or [answer.json()]
    return found


def leaks(places: dict[str, str], canaries: tuple[str, ...] | set[str]) -> list[tuple[str, str]]:
    """Which canary stands where."""
    folded = {canary: canary.casefold() for canary in canaries}
    return [
        (place, canary)
        for place, content in places.items()
        for lowered in [content.casefold()]
        for canary, wanted in folded.items()
        if wanted in lowered
    ]


@pytest.fixture(scope="module")
def told(city: City) -> dict[Reporter, list[dict[str, Any]]]:
    """Every reporter's complaints, once the agencies have them; imported ones wait for their past."""
    told = {reporter: say(city, reporter) for reporter in REPORTERS}
    live = {one["complaint_id"] for answers in told.values() for one in answers[:2]}
    with city.client("agency-gateway", city.session("koordinator")) as gateway:
        wait_until(
            city,
            lambda: all(
                gateway.get(f"/v1/complaints/{complaint}").status_code == 200 for complaint in live
            ),
            "the complaints",
        )
    return told


def of_the_day() -> set[str]:
    """Everything in the bundled day that says who somebody is."""
    found: set[str] = set()
    for mention in DAY:
        author = mention.get("author") or {}
        if mention["demo"]["expect"]["class"] == "own_post":
            continue
        for field in ("name", "phone", "email", "handle"):
            value = author.get(field)
            # one plain word would be found everywhere
            if value and (len(value) > 6 and re.search(r"[\d@._ ]", value)):
                found.add(value.lstrip("@"))
        found.update(re.findall(r"\b\d{16}\b", mention["text"]))
        found.update(re.findall(r"\b08\d{8,11}\b", mention["text"]))
        found.update(re.findall(r"[\w.]+@[\w.]+\.\w+", mention["text"]))
        if mention.get("anonymity") != "open":
            found.add(mention["external_id"])
    return found


def test_nothing_that_says_who_somebody_is_leaves_in_clear(city: City, told):
    planted = {canary for reporter in REPORTERS for canary in reporter.canaries} | of_the_day()
    assert len(planted) > 200
    places = {topic: "\n".join(_record(r) for r in city.records(topic)) for topic in TOPICS}
    places |= {
        f"log of {path.stem}": city.log(path.stem) for path in (city.home / "logs").glob("*")
    }
    for service in SERVICES:
        rows = city.rows(service)
        assert sum(map(len, rows.values())) > 0
        places |= {f"{service}.{table}": "\n".join(found) for table, found in rows.items()}
    for credential in (None, city.key(), *map(city.session, ("koordinator", "petugas.dpupr"))):
        places |= dict(every_answer(city, told, credential))
    assert leaks(places, planted) == []


def test_words_of_a_complaint_are_nowhere_for_the_public(city: City, told):
    remarks = {reporter.remark for reporter in REPORTERS}
    topics = [topic for topic in TOPICS if topic not in WORDS_TRAVEL_ON]
    places = {topic: "\n".join(_record(r) for r in city.records(topic)) for topic in topics}
    places |= {
        f"log of {path.stem}": city.log(path.stem) for path in (city.home / "logs").glob("*")
    }
    places |= {f"metrics.{table}": "\n".join(rows) for table, rows in city.rows("metrics").items()}
    places |= dict(every_answer(city, told, None))
    assert leaks(places, remarks) == []
    # and the canary is real: those who must act on it do read it
    with city.client("agency-gateway", city.session("koordinator")) as gateway:
        shown = gateway.get(f"/v1/complaints/{told[REPORTERS[2]][0]['complaint_id']}").text
    assert leaks({"the coordinator's answer": shown}, remarks)


def every_answer(
    city: City, told: dict[Reporter, list[dict[str, Any]]], credential: str | None
) -> Iterator[tuple[str, str]]:
    """What every GET route of every service answers, for each complaint told of here."""
    complaints = [one for answers in told.values() for one in answers]
    records = city.records("lintas.statements.v1")
    statements = sorted({json.loads(record.value or b"{}")["statement_id"] for record in records})
    values: dict[str, list[str]] = {
        "ticket": [one["ticket"] for one in complaints],
        "complaint": [one["complaint_id"] for one in complaints],
        "statement": statements[:20],
        "agency": ["dpupr", "dlh"],
        "code": ["not-found", "invalid"],
        "kind": ["agency", "calendar", "city", "policy"],
        "document_id": ["dpupr", "bogor"],
        "version": ["1"],
        "rebuild_id": [str(uuid4())],
    }
    answered = 0
    for service in SERVICES:
        with city.client(service, credential) as client:
            for path, methods in client.get("/openapi.json").json()["paths"].items():
                if "get" not in methods:
                    continue
                for address in _filled(path, values):
                    answer = client.get(address)
                    assert answer.status_code < 500, (address, answer.text)
                    answered += answer.status_code == 200
                    yield f"{service} {address} as {credential and credential[:4]}", answer.text
    assert answered > 20


def _filled(path: str, values: dict[str, list[str]]) -> list[str]:
    """The path with every value; a parameter that nobody here knows of fails, so that it is added."""
    if (field := re.search(r"\{(\w+)\}", path)) is None:
        return [path]
    return [
        address
        for value in values[field[1]]
        for address in _filled(path.replace(field[0], value), values)
    ]


def _record(record: Any) -> str:
    headers = " ".join(f"{name}={value!r}" for name, value in record.headers)
    return f"{record.key!r} {headers} {(record.value or b'').decode('utf-8', 'replace')}"


def test_an_erased_reporter_is_in_no_database_and_opens_from_no_topic(city: City, told):
    reporter = REPORTERS[1]
    complaints = {one["complaint_id"]: one["ticket"] for one in told[reporter]}
    done = city.lintas(
        "erase", told[reporter][0]["ticket"], "--reason", "data_subject_request", "--yes", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["complaints"] == len(complaints)

    wait_until(city, lambda: not _stored(city, reporter), "an end of their words")
    sealed = [
        {"complaint_id": body["complaint_id"], **body["mention"]["sealed"]}
        for topic in WORDS_TRAVEL_ON
        for record in city.records(topic)
        for body in [json.loads(record.value or b"{}")]
        if body["complaint_id"] in complaints and "mention" in body
    ]
    assert len(sealed) >= len(complaints)
    assert all(b64decode(one["data"]) for one in sealed)
    # key, reporter's hash, and no key material: what they sealed is noise
    keys = [_key(city, key_id) for key_id in {one["key_id"] for one in sealed}]
    assert all(" None " in key for key in keys)
    with city.client("ingest") as ingest:
        for ticket in complaints.values():
            assert ingest.get(f"/v1/complaints/{ticket}").status_code == 200


def test_the_others_are_all_there_and_open(city: City, told):
    others = [reporter for reporter in REPORTERS if reporter is not REPORTERS[1]]
    assert all(_stored(city, reporter) for reporter in others)


def test_facts_without_words_remain_of_the_erased(city: City, told):
    complaints = {one["complaint_id"] for one in told[REPORTERS[1]][:2]}
    facts = [json.loads(record.value or b"{}") for record in city.records(COMPLAINTS)]
    assert complaints <= {fact["complaint_id"] for fact in facts}


def _stored(city: City, reporter: Reporter) -> list[tuple[str, str]]:
    """Where anything of a reporter's, canary or remark, stands in a database."""
    rows = {
        f"{service}.{table}": "\n".join(found)
        for service in SERVICES
        for table, found in city.rows(service).items()
    }
    return leaks(rows, (*reporter.canaries, reporter.remark))


def _key(city: City, key_id: str) -> str:
    """A data key's row in the vault."""
    [row] = [row for row in city.rows("ingest")["reporter_key"] if row.startswith(key_id)]
    return row
