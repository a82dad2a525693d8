"""From a labelled file to a model that decides, and back, by the operator's commands alone."""

import asyncio
import hashlib
import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from tests.routers import eventually, running
from tests.serving import served
from typer.testing import CliRunner

from lintas.testing.builders import complaint_id, mention_received
from lintas_local.app import main
from lintas_local.layout import PACKS
from lintas_local.stack import Stack
from router.app import migrate
from router.domain import decide
from router.usecases.deciding import to_domain, to_event
from router.usecases.modelling import compiled

pytestmark = pytest.mark.stack

LABELS = (("tiang", "public-works"), ("tong", "environment"), ("lain", "none"))
STREETS = ("melati", "mawar", "kenanga", "anggrek", "dahlia", "cempaka")


def decided(document: dict[str, Any], model: bytes) -> str:
    """A line with a routed event of something that only the model knows an answer to."""
    said = mention_received(1, text=f"{LABELS[0][0]} rusak").mention
    ready = compiled(document, {hashlib.sha256(model).hexdigest(): model})
    decision = to_event(decide(to_domain(said), ready))
    assert decision.model_version
    body = {
        "complaint_id": str(complaint_id(1)),
        "mention": said.model_dump(mode="json"),
        "decision": decision.model_dump(mode="json"),
    }
    return json.dumps(body) + "\n"


async def test_a_trained_model_is_handed_in_published_and_left_again(stack: Stack, tmp_path: Path):
    await migrate(stack.environ("router", owner=True))
    pack = copytree(PACKS / "example", tmp_path / "pack")
    rows = tmp_path / "rows.csv"
    lines = [f"{word} rusak {street},{office}" for word, office in LABELS for street in STREETS]
    rows.write_text("\n".join(("said,office", *lines)) + "\n", encoding="utf-8")
    async with running(stack) as router, served(router.app) as (host, port):
        environ = {
            "LINTAS_ROUTER_URL": f"http://{host}:{port}",
            "LINTAS_OPERATOR_KEY": stack.key("operator"),
            "LINTAS_PUBLISHER_KEY": stack.key("publisher"),
        }

        async def lintas(*words: str) -> Any:
            told = ["rules", *words, "--json"]
            done = await asyncio.to_thread(CliRunner().invoke, main, told, env=environ)
            assert done.exit_code == 0, done.output
            return json.loads(done.stdout)

        async def decides() -> bool:
            shown = await router.client.get(f"/v1/rulesets/{plain['version']}")
            return bool(shown.json()["in_force"])

        plain = await lintas("publish", str(pack), "--yes")
        await eventually(decides)
        file = str(tmp_path / "model")
        columns = ("--label", "office", "--text", "said", "--folds", "2")
        await lintas("train", str(rows), *columns, "--out", file)
        model = await lintas("model", file)
        with (pack / "rules.yaml").open("a", encoding="utf-8") as rules:
            rules.write(
                f'\nmodel: {{version: "{model["version"]}", sha256: {model["sha256"]},'
                " threshold: 0.1}\n"
            )
        advised = await lintas("publish", str(pack), "--yes")
        trained = await asyncio.to_thread(Path(file).read_bytes)
        fields = {change["field"] for change in advised["differences"]["document"]}
        assert fields == {"model.sha256", "model.threshold", "model.version"}
        document = await router.client.get(f"/v1/rulesets/{advised['version']}")
        events = tmp_path / "events.ndjson"
        events.write_text(decided(document.json()["document"], trained))
        replayed = await lintas("explain", "--replay", str(events))
        assert (replayed["replayed"], replayed["same"]) == (1, 1)
        back = await lintas("publish", "--stored", plain["version"], "--yes")
        assert back["published"]["number"] == plain["published"]["number"] + 1
        history = await lintas("history", plain["version"])
        assert history[0]["number"] == back["published"]["number"]
