"""Personal data in a whole city: it leaves nowhere in clear, and an erasure leaves none of it."""

import io
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import yaml
from PIL import Image
from PIL.PngImagePlugin import PngInfo

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

    @property
    def text(self) -> str:
        """What they say of themselves and of a road."""
        return (
            f"Saya {self.name}, NIK {self.nik}, hp {self.phone}, {self.email}, @{self.handle}."
            f" Jalan berlubang di Jl. Pajajaran dekat {self.remark}"
        )

    @property
    def photograph(self) -> bytes:
        """A small picture of theirs alone, whose metadata say who took it."""
        told = PngInfo()
        told.add_text("Author", f"{self.name}, {self.phone}")
        written = io.BytesIO()
        Image.new("RGB", (self.number % 100 + 8, 8), "grey").save(written, "PNG", pnginfo=told)
        return written.getvalue()

    def mention(self, **changes: Any) -> dict[str, Any]:
        """A mention by them, with something of theirs in every field."""
        said = {
            "channel": "x",
            "account": "kotabogor",
            "external_id": f"{self.handle}-{uuid4()}",
            "in_reply_to": f"post-{self.handle}",
            "text": self.text,
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


@dataclass(frozen=True, slots=True)
class Told:
    """What a reporter has sent in, by ticket."""

    tickets: tuple[str, ...]
    #: an imported complaint waits for its past before any agency has it
    waiting: str


def say(city: City, reporter: Reporter) -> Told:
    """Send something in by every way that a city has without accounts elsewhere."""
    with city.client("ingest", city.key("front-door")) as ingest:
        tickets = [
            *by_mention(ingest, reporter),
            by_open311(ingest, reporter, city.key("front-door")),
        ]
    with city.client("ingest") as ingest:
        tickets.append(by_form(ingest, reporter))
    with city.client("ingest", city.key()) as ingest:
        tickets.append(by_file(city, ingest, reporter))
        past = reporter.mention(posted_at="2026-01-05T08:00:00+07:00")
        [line] = by_batch(ingest, [past], "?origin=import")["results"]
    return Told(tuple(tickets), line["ticket"])


def by_mention(ingest: httpx2.Client, reporter: Reporter) -> list[str]:
    """One, and one in a batch; beside them what is refused."""
    key = {"Idempotency-Key": f'"{reporter.handle}"'}
    answer = ingest.post("/v1/mentions", json=reporter.mention(), headers=key)
    assert answer.status_code == 202, answer.text
    tells_nothing(answer, reporter)
    for wrong in ({"text": 5}, {"anonymity": reporter.name}, {"nik": reporter.nik}):
        refused = ingest.post("/v1/mentions", json=reporter.mention() | wrong)
        assert refused.status_code == 422
        tells_nothing(refused, reporter)
    lines = [reporter.mention(), reporter.mention(location={"lat": reporter.name})]
    batch = by_batch(ingest, lines)
    assert len(batch["rejected"]) == 1
    assert leaks({"a batch": json.dumps(batch)}, (*reporter.canaries, reporter.remark)) == []
    return [answer.json()["ticket"], batch["results"][0]["ticket"]]


def by_batch(ingest: httpx2.Client, lines: list[dict[str, Any]], query: str = "") -> dict[str, Any]:
    answer = ingest.post(
        f"/v1/mentions/batch{query}",
        content="\n".join(map(json.dumps, lines)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


def by_open311(ingest: httpx2.Client, reporter: Reporter, key: str) -> str:
    first, last = reporter.name.split()
    answer = ingest.post(
        "/open311/v2/requests.json",
        data={
            "api_key": key,
            "service_code": "road_damage",
            "attribute[damage]": "pothole",
            "description": reporter.text,
            "address_string": f"Jalan Pajajaran 12, {reporter.name}, {reporter.phone}",
            "first_name": first,
            "last_name": last,
            "phone": reporter.phone,
            "email": reporter.email,
            "device_id": reporter.handle,
            "account_id": f"akun-{reporter.handle}",
            "media_url": f"https://foto.example/{reporter.handle}.jpg",
            "non_public": str(reporter.anonymity == "secret").lower(),
        },
        files=[("media", (f"{reporter.handle}.png", reporter.photograph, "image/png"))],
    )
    assert answer.status_code == 200, answer.text
    tells_nothing(answer, reporter)
    return str(answer.json()[0]["service_request_id"])


def by_form(ingest: httpx2.Client, reporter: Reporter) -> str:
    """Fill in, look over, send, as a browser without scripts does."""
    filled = {
        "text": reporter.text,
        "address": f"Jl. Pajajaran, {reporter.remark}",
        "area": "32.71.03.1007",
        "name": reporter.name,
        "phone": reporter.phone,
        "email": reporter.email,
        "anonymity": reporter.anonymity or "anonymous",
    }
    page = ingest.get("/lapor")
    for _ in range(2):
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        carried = {name: unescape(value) for name, value in hidden}
        kept, filled = carried | filled, {}
        address = "/lapor/kirim" if "text" in carried else "/lapor"
        page = ingest.post(address, data=kept, files=[] if address == "/lapor" else None)
    assert page.status_code == 303, page.text
    return page.headers["location"].partition("/lacak/")[2].partition("?")[0]


def by_file(city: City, ingest: httpx2.Client, reporter: Reporter) -> str:
    """A table with a row that is taken and one that is refused."""
    table = (
        "tracking_id;tanggal_masuk;isi_laporan;nama_pelapor;no_hp\n"
        f"A{reporter.number};24 Feb 2024;{reporter.text};{reporter.name};{reporter.phone}\n"
        f"B{reporter.number};31 Feb 2024;{reporter.text};{reporter.name};{reporter.phone}\n"
    )
    handed = ingest.post(
        f"/v1/imports?anonymity={reporter.anonymity or 'anonymous'}",
        content=table.encode(),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert handed.status_code == 202, handed.text
    tells_nothing(handed, reporter)
    address = f"/v1/imports/{handed.json()['import_id']}"
    wait_until(city, lambda: ingest.get(address).json()["state"] == "done", "the import")
    report = ingest.get(f"{address}/rows")
    tells_nothing(report, reporter)
    [ticket] = [row["ticket"] for row in report.json()["items"] if row["outcome"] == "accepted"]
    return ticket


def tells_nothing(answer: httpx2.Response, reporter: Reporter) -> None:
    """An answer to whoever hands something in repeats nothing of it."""
    assert leaks({"an answer": answer.text}, (*reporter.canaries, reporter.remark)) == []


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
def told(city: City) -> dict[Reporter, Told]:
    """Every reporter's complaints, once the agencies have them."""
    told = {reporter: say(city, reporter) for reporter in REPORTERS}
    tickets = [ticket for one in told.values() for ticket in one.tickets]
    with city.client("agency-gateway", city.session("koordinator")) as gateway:
        wait_until(
            city,
            lambda: all(
                gateway.get(f"/v1/complaints/{ticket}").status_code == 200 for ticket in tickets
            ),
            "the complaints",
        )
    hold_nothing_against_everything(city)
    return told


def hold_nothing_against_everything(city: City) -> None:
    """A backtest in which every decision changes, so that it shows as many as it ever does."""
    with city.client("router", city.key()) as router:
        [stored] = [one for one in router.get("/v1/rulesets").json()["items"] if one["in_force"]]
        document = router.get(f"/v1/rulesets/{stored['version']}").json()["document"]
        category = document["categories"][0]
        rule = {"id": "none", "category": category, "lead": "dlh", "any": ["kata yang tak ada"]}
        candidate = document | {"version": "nothing", "rules": [rule]}
        asked = router.post(
            "/v1/backtests",
            json={"candidate": candidate, "against": "recorded"},
            headers={"Idempotency-Key": '"nothing"'},
        )
        assert asked.status_code == 202, asked.text
        address = asked.headers["location"]
        wait_until(city, lambda: router.get(address).json()["state"] == "done", "a backtest")
        assert router.get(address).json()["result"]["flipped"] > 0


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


def test_words_of_a_complaint_are_public_nowhere_but_where_public_complaints_are_listed(
    city: City, told
):
    remarks = {reporter.remark for reporter in REPORTERS}
    [secret] = [reporter for reporter in REPORTERS if reporter.anonymity == "secret"]
    topics = [topic for topic in TOPICS if topic not in WORDS_TRAVEL_ON]
    places = {topic: "\n".join(_record(r) for r in city.records(topic)) for topic in topics}
    places |= {
        f"log of {path.stem}": city.log(path.stem) for path in (city.home / "logs").glob("*")
    }
    places |= {f"metrics.{table}": "\n".join(rows) for table, rows in city.rows("metrics").items()}
    corpus = {"router.corpus": "\n".join(city.rows("router")["corpus"])}
    places |= {"router.backtest": "\n".join(city.rows("router")["backtest"])}
    answers = dict(every_answer(city, told, None))
    listed = {place: text for place, text in answers.items() if "/open311/" in place}
    places |= {place: text for place, text in answers.items() if place not in listed}
    assert leaks(places, remarks) == []
    assert leaks(listed, {secret.remark}) == []
    assert leaks(corpus, {secret.remark}) == []
    assert leaks(corpus, remarks)
    # and the canaries are real: they are read where they may be
    assert leaks(listed, remarks)
    with city.client("agency-gateway", city.session("koordinator")) as gateway:
        shown = gateway.get(f"/v1/complaints/{told[secret].tickets[0]}").text
    assert leaks({"the coordinator's answer": shown}, {secret.remark})


def every_answer(
    city: City, told: dict[Reporter, Told], credential: str | None
) -> Iterator[tuple[str, str]]:
    """What every GET route of every service answers, for each complaint told of here."""
    tickets = [ticket for one in told.values() for ticket in (*one.tickets, one.waiting)]
    records = city.records("lintas.statements.v1")
    statements = sorted({json.loads(record.value or b"{}")["statement_id"] for record in records})
    imports = [row.split()[0] for row in city.rows("ingest")["file_import"]]
    values: dict[str, list[str]] = {
        "ticket": tickets,
        "complaint": tickets,
        "statement": statements[:20],
        "agency": ["dpupr", "dlh"],
        "code": ["not-found", "road_damage"],
        "kind": ["agency", "calendar", "city", "policy"],
        "document_id": ["dpupr", "bogor"],
        "version": ["1"],
        "rebuild_id": [str(uuid4())],
        "backtest_id": [row.split()[0] for row in city.rows("router")["backtest"]],
        "form": ["json", "xml"],
        "token": [str(uuid4())],
        "import_id": imports,
        "channel": ["x"],
        "account": ["kotabogor"],
        "reference": ["0" * 32],
        "sha256": [
            address.rpartition("/")[2]
            for one in told.values()
            for address, _ in photographs(city, one)
        ],
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


def test_who_shares_a_complaint_opens_its_photograph_and_nobody_else(city: City, told):
    for reporter in REPORTERS:
        [(address, size)] = photographs(city, told[reporter])
        with city.client("agency-gateway", city.session("petugas.dpupr")) as officer:
            answer = officer.get(address)
        assert (answer.status_code, len(answer.content)) == (200, size), answer.text
        assert answer.headers["content-type"] == "image/png"
        assert leaks({"a photograph": answer.text}, reporter.canaries) == []
        with city.client("agency-gateway", city.session("petugas.dishub")) as stranger:
            assert stranger.get(address).status_code == 404


def photographs(city: City, told: Told) -> list[tuple[str, int]]:
    """The addresses of what a reporter attached, with their sizes, as a coordinator sees them."""
    with city.client("agency-gateway", city.session("koordinator")) as gateway:
        shown = [gateway.get(f"/v1/complaints/{ticket}").json() for ticket in told.tickets]
    return [
        (f"/v1/complaints/{one['id']}/media/{file['sha256']}", file["size_bytes"])
        for one in shown
        for file in (one["said"] or {"media": ()})["media"]
    ]


def test_an_erased_reporter_is_in_no_database_and_opens_from_no_topic(city: City, told):
    reporter = REPORTERS[1]
    tickets = {*told[reporter].tickets, told[reporter].waiting}
    [(photograph, _)] = photographs(city, told[reporter])
    for ticket in tickets:
        done = city.lintas("erase", ticket, "--reason", "data_subject_request", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["complaints"] >= 1

    wait_until(city, lambda: not _stored(city, reporter), "an end of their words")
    with city.client("agency-gateway", city.session("koordinator")) as gateway:
        assert gateway.get(photograph).status_code == 404
    sealed = [
        body["mention"]["sealed"]
        for topic in WORDS_TRAVEL_ON
        for record in city.records(topic)
        for body in [json.loads(record.value or b"{}")]
        if body.get("mention", {}).get("ticket") in tickets
    ]
    assert len(sealed) >= len(tickets)
    assert all(b64decode(one["data"]) for one in sealed)
    # key, reporter's hash, and no key material: what they sealed is noise
    keys = [_key(city, key_id) for key_id in {one["key_id"] for one in sealed}]
    assert all(" None " in key for key in keys)
    with city.client("ingest") as ingest:
        for ticket in tickets:
            assert ingest.get(f"/v1/complaints/{ticket}").status_code == 200


def test_the_others_are_all_there(city: City, told):
    others = [reporter for reporter in REPORTERS if reporter is not REPORTERS[1]]
    assert all(_stored(city, reporter) for reporter in others)


def test_facts_without_words_remain_of_the_erased(city: City, told):
    facts = [json.loads(record.value or b"{}") for record in city.records(COMPLAINTS)]
    assert set(told[REPORTERS[1]].tickets) <= {fact.get("ticket") for fact in facts}


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
