import asyncio
import json
import os
import sys
from typing import Annotated

import typer
from rich.panel import Panel

from lintas_local.applying import apply_pack
from lintas_local.foreground import in_foreground, shown_on
from lintas_local.output import AsJson, people, told
from lintas_local.stack import SERVICES, Notice, Stack

FirstPort = Annotated[
    int | None,
    typer.Option(
        "--ports", min=0, max=65_000, help="First of seven consecutive ports; 0 takes free ones."
    ),
]


def up(
    *,
    pack: Annotated[
        str | None,
        typer.Option(help="City pack to apply once the services run (bogor, or a path)."),
    ] = None,
    only_servers: Annotated[
        bool,
        typer.Option(
            "--only-servers", help="Kafka and PostgreSQL only; see `lintas environ` for the rest."
        ),
    ] = False,
    ports: FirstPort = None,
    as_json: AsJson = False,
) -> None:
    """Start Kafka, PostgreSQL and the four services, and keep them running until Ctrl-C.

    Data, logs, secrets and keys are kept in .lintas/ (LINTAS_HOME). With LINTAS_KAFKA or
    LINTAS_DATABASE_URL set, that server is used and none of its kind is started.
    """
    with told():
        stack = Stack(
            port_base=ports,
            services=() if only_servers else SERVICES,
            report=_in_json if as_json else shown_on(people),
        )
        asyncio.run(_run(stack, pack, as_json=as_json))


async def _run(stack: Stack, pack: str | None, *, as_json: bool) -> None:
    async def when_up() -> None:
        if pack is not None:
            await asyncio.to_thread(apply_pack, pack, {**os.environ, **stack.for_operator()})
            await stack.ready()
        if as_json:
            _say({"event": "up", "kafka": stack.kafka, "addresses": stack.addresses})
        else:
            _welcome(stack, pack)

    await in_foreground(stack, when_up)


def _welcome(stack: Stack, pack: str | None) -> None:
    lines = [f"{service:16} {address}" for service, address in stack.addresses.items()]
    lines += [f"{'kafka':16} {stack.kafka}", f"{'logs':16} {stack.home.logs}"]
    if pack is None and stack.addresses:
        lines += ["", "No city yet? `lintas pack apply bogor`, in another terminal."]
    people.print(Panel("\n".join(lines), title="Lintas runs; Ctrl-C ends it", expand=False))


def _in_json(notice: Notice) -> None:
    _say({"event": "part", **_members(notice)})


def _members(notice: Notice) -> dict[str, object]:
    return {
        "part": notice.part,
        "state": notice.state,
        "detail": notice.detail,
        "seconds": None if notice.seconds is None else round(notice.seconds, 3),
    }


def _say(event: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()
