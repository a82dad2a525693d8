"""`make backtest`: a backtest over 100,000 and 1,000,000 complaints; its rate, its memory."""

import argparse
import asyncio
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import orjson
import uvloop
from tests.bench import report
from tests.bench.figures import cpu_s, spent
from tests.bench.lab import BenchFailed, Lab, Running

from lintas_local.applying import pack_folder
from lintas_local.layout import CHECKOUT, HOME
from lintas_local.pack import load_pack, ruleset

_DAY = datetime(2026, 9, 1, tzinfo=UTC)
_SEED = 5
_LOOK_S = 0.5
#: the most that a tenfold corpus may take in the place of the small one
_MOST_GROWTH = 1.10
_PATIENCE_S = 3_600
_SUBJECTS = (
    ("jalan berlubang dan aspalnya mengelupas", "dpupr"),
    ("lampu jalan padam beberapa malam ini", "dishub"),
    ("sampah menumpuk dan belum diangkut petugas", "dlh"),
    ("pohon tumbang menutup jalan kampung", "disperumkim"),
    ("pedagang berjualan di atas trotoar", "satpol-pp"),
    ("saluran air mampet lalu banjir sampai ke rumah", "dpupr"),
    ("antrean pembuatan kartu keluarga lama sekali", "disdukcapil"),
    ("parkir liar membuat macet setiap sore", "dishub"),
    ("ada yang ingin kami tanyakan kepada wali kota", None),
)
_OPENINGS = ("Selamat pagi", "Mohon perhatian", "Izin melapor", "Assalamualaikum", "Tolong")
_PLACES = ("pasar", "sekolah dasar", "balai warga", "masjid", "perempatan", "jembatan", "taman")
_ENDINGS = (
    "Sudah kami sampaikan ke RT tetapi belum ada yang datang.",
    "Anak-anak lewat situ tiap hari, kami khawatir.",
    "Kalau hujan keadaannya lebih parah lagi.",
    "Terima kasih atas bantuannya.",
)
_COLUMNS = (
    "complaint_id",
    "mention_id",
    "received_at",
    "text",
    "channel",
    "own_post",
    "stakeholder",
    "decided_class",
    "decided_lead",
    "rules_version",
)
_ENDING_COLUMNS = ("complaint_id", "received_at", "seq", "lead", "settled_by", "bounces")


@dataclass(frozen=True, slots=True)
class Measured:
    """One backtest."""

    rows: int
    against: str
    seconds: float
    rows_per_s: float
    #: processor microseconds per complaint, by who spent them
    cpu_us: Mapping[str, float]
    #: highest resident memory: the service with the process that decides for it
    peak_mb: float
    service_mb: float
    flipped: int
    accuracy: tuple[float, float]
    #: of the answer, with its sample of texts
    answer_kb: float


def main() -> int:
    """Exit status 1 if memory grows with the corpus."""
    parser = argparse.ArgumentParser(prog="make backtest")
    parser.add_argument("rows", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--against", choices=("recorded", "in_force"), default="in_force")
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_measure(sorted(given.rows), given.against))
    growth = round(found[-1].peak_mb / found[0].peak_mb, 3)
    told = {
        **report.origin(CHECKOUT, f"make backtest AGAINST={given.against}"),
        "runs": [asdict(one) for one in found],
        "growth": growth,
    }
    file = HOME / "bench" / "backtest.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    (CHECKOUT / "docs" / "evidence" / "backtest.md").write_text(page(told), encoding="utf-8")
    if growth > _MOST_GROWTH:
        print(f"missed: memory grew by {growth} from {found[0].rows} to {found[-1].rows} rows")
        return 1
    return 0


def page(told: Mapping[str, Any]) -> str:
    """The page of docs/evidence."""
    machine = told["machine"]
    lines = [
        "# Backtests",
        "",
        "<!-- written by `make backtest` -->",
        "",
        (
            f"`{told['command']}` at `{told['commit']}`, {told['at'][:16]}: {machine['cores']} cores"
            f" ({machine['cpu']}), {machine['memory_gb']} GB; PostgreSQL and Kafka on this machine."
        ),
        "",
        (
            "The `bogor` pack without its first rule is held against generated complaints by"
            " `POST /v1/backtests`; one process decides. Peak: highest resident memory of the service"
            " with that process, of the service alone in brackets."
        ),
        "",
        "| rows | against | seconds | rows/s | µs of processor per row | peak MB | answer KB | flipped |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in told["runs"]:
        spent = ", ".join(f"{name} {used}" for name, used in one["cpu_us"].items())
        lines.append(
            f"| {one['rows']:,} | {one['against']} | {one['seconds']} | {one['rows_per_s']:,.0f}"
            f" | {spent} | {one['peak_mb']} ({one['service_mb']}) | {one['answer_kb']}"
            f" | {one['flipped']:,} |"
        )
    first, last = told["runs"][0], told["runs"][-1]
    lines += [
        "",
        (
            f"Memory from {first['rows']:,} to {last['rows']:,} rows: × {told['growth']}"
            f" (wanted: at most {_MOST_GROWTH})."
        ),
        "",
    ]
    return "\n".join(lines)


async def _measure(sizes: list[int], against: str) -> list[Measured]:
    found = []
    async with Lab.opened() as lab:
        document = ruleset(load_pack(pack_folder("bogor")))
        candidate = {**document, "version": "candidate", "rules": document["rules"][1:]}
        async with lab.looking("router") as database:
            filled = 0
            for size in sizes:
                await _fill(database, filled, size)
                filled = size
        for size in sizes:
            # each on a fresh service, so that a peak is its own
            async with lab.services("router") as [router]:
                run = await _run(lab, router, candidate, size, against)
            print(f"backtest: {orjson.dumps(asdict(run)).decode()}", flush=True)
            found.append(run)
    return found


async def _fill(database: asyncpg.Connection, first: int, end: int) -> None:
    """Complaints `first` to `end`, one a second; the planner learns of them."""
    step = 20_000
    for start in range(first, end, step):
        rows = list(complaints(start, min(end, start + step)))
        await database.copy_records_to_table(
            "corpus", records=[row for row, _ in rows], columns=_COLUMNS
        )
        await database.copy_records_to_table(
            "corpus_ending", records=[ending for _, ending in rows], columns=_ENDING_COLUMNS
        )
    await database.execute("ANALYZE corpus")
    await database.execute("ANALYZE corpus_ending")


def complaints(first: int, end: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Made-up complaints with what became of them; the same for the same numbers."""
    for number in range(first, end):
        chance = random.Random(f"{_SEED}/{number}")  # no secret hangs on it
        subject, agency = chance.choice(_SUBJECTS)
        text = (
            f"{chance.choice(_OPENINGS)}, {subject} dekat {chance.choice(_PLACES)}"
            f" nomor {chance.randrange(1, 400)}. {chance.choice(_ENDINGS)}"
        )
        identity = UUID(int=chance.getrandbits(128), version=4)
        at = _DAY + timedelta(seconds=number)
        final = agency if chance.random() < 0.9 else chance.choice(_SUBJECTS)[1]
        decided = agency if chance.random() < 0.8 else None
        settled = final if chance.random() < 0.9 else None
        yield (
            (identity, identity, at, text, "x", False, "citizen", "complaint", decided, "1"),
            (identity, at, 5, final, settled, int(decided not in {None, final})),
        )


async def _run(
    lab: Lab, router: Running, candidate: dict[str, Any], rows: int, against: str
) -> Measured:
    headers = {
        "Authorization": f"Bearer {lab.stack.key('operator')}",
        "Idempotency-Key": f'"{uuid4()}"',
    }
    body = {
        "candidate": candidate,
        "against": against,
        "until": (_DAY + timedelta(seconds=rows)).isoformat(),
    }
    own, parts = Peak(), lab.cpu_parts(router)
    before = cpu_s(parts)
    started = monotonic()
    async with httpx2.AsyncClient(base_url=router.address, headers=headers, timeout=30) as client:
        asked = await client.post("/v1/backtests", json=body)
        if not asked.is_success:
            raise BenchFailed(asked.text)
        while True:
            own.look(router.pid)
            shown = (await client.get(asked.headers["location"])).json()
            if shown["finished_at"] is not None:
                break
            if monotonic() - started > _PATIENCE_S:
                raise BenchFailed("the backtest does not end")
            await asyncio.sleep(_LOOK_S)
    seconds = monotonic() - started
    if (shown["state"], shown["done"]) != ("done", rows):
        raise BenchFailed(f"{shown['state']} after {shown['done']} rows: {shown['problem']}")
    used = spent(before, cpu_s(parts))
    result = shown["result"]
    return Measured(
        rows=rows,
        against=shown["against"],
        seconds=round(seconds, 1),
        rows_per_s=round(rows / seconds, 1),
        cpu_us={name: round(used[name] / rows * 1e6, 1) for name in ("router", "postgres")},
        peak_mb=round((own.service_kb + own.children_kb) / 1024, 1),
        service_mb=round(own.service_kb / 1024, 1),
        flipped=result["flipped"],
        accuracy=(result["before"]["accuracy"], result["after"]["accuracy"]),
        answer_kb=round(len(orjson.dumps(result)) / 1024, 1),
    )


class Peak:
    """The highest resident memory of a process and of those it started."""

    def __init__(self) -> None:
        self.service_kb = 0
        self.children_kb = 0

    def look(self, pid: int) -> None:
        """Note what it is now; the kernel remembers peaks between two looks."""
        self.service_kb = max(self.service_kb, _peak_kb(pid))
        self.children_kb = max(self.children_kb, sum(map(_peak_kb, _children(pid))))


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(one) for one in path.read_text(encoding="utf-8").split()]
    return found


def _peak_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
