"""The supervisor over small scripts that stand for Kafka, PostgreSQL and the services."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import pytest

from lintas_local.stack import Notice, StackProblem
from lintas_local.stack.backoff import Backoff
from lintas_local.stack.processes import is_alive
from lintas_local.stack.program import Program
from lintas_local.stack.supervisor import Supervisor

PROMPT = Backoff(first_s=0.01, longest_s=0.05)
STAYS = "open('up', 'a').write('x'); import time; time.sleep(600)"
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " open('up', 'a').write('x'); import time; time.sleep(600)"
)


async def started(folder: Path) -> bool:
    return (folder / "up").exists()


def program(folder: Path, script: str = STAYS, *, name: str = "part", **more: object) -> Program:
    folder.mkdir(exist_ok=True)
    return Program(
        name=name,
        command=(sys.executable, "-c", script),
        environ={"PATH": os.defpath},
        ready=partial(started, folder),
        folder=folder,
        **more,
    )


async def until(condition, within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture
async def supervisor(tmp_path):
    supervisor = Supervisor(tmp_path / "logs", backoff=PROMPT)
    yield supervisor
    await supervisor.stop()


async def test_start_returns_when_the_program_is_ready(supervisor, tmp_path):
    await supervisor.start(program(tmp_path / "a"))
    assert (tmp_path / "a" / "up").exists()
    assert is_alive(supervisor.processes["part"])


async def test_a_program_that_fell_is_started_again(supervisor, tmp_path):
    await supervisor.start(program(tmp_path / "a"))
    for falls in (1, 2):
        first = supervisor.processes["part"]
        os.kill(first, signal.SIGKILL)
        await until(lambda falls=falls: supervisor.restarts["part"] == falls)
        await until(lambda first=first: supervisor.processes.get("part", first) != first)
    assert not is_alive(first)


async def test_a_program_that_ends_with_success_is_started_again_too(supervisor, tmp_path):
    await supervisor.start(program(tmp_path / "a", "import time; open('up', 'w'); time.sleep(0.3)"))
    await until(lambda: supervisor.restarts["part"] >= 1)


async def test_a_program_that_ends_at_once_is_a_problem_that_shows_its_last_words(
    supervisor, tmp_path
):
    with pytest.raises(StackProblem, match=r"exit status 3[\s\S]*no such table"):
        await supervisor.start(
            program(tmp_path / "a", "print('no such table'); raise SystemExit(3)")
        )


async def test_a_program_that_does_not_become_ready_is_a_problem(supervisor, tmp_path):
    with pytest.raises(StackProblem, match="not ready within 0 s"):
        await supervisor.start(
            program(tmp_path / "a", "import time; time.sleep(600)", ready_timeout_s=0.2)
        )


async def test_a_command_that_is_not_there_is_a_problem(supervisor, tmp_path):
    lost = Program("part", ("/no/such/java",), {}, partial(started, tmp_path), tmp_path)
    with pytest.raises(StackProblem, match=r"/no/such/java: No such file"):
        await supervisor.start(lost)


async def test_groups_end_in_reverse_order(tmp_path):
    notices: list[Notice] = []
    supervisor = Supervisor(tmp_path / "logs", report=notices.append, backoff=PROMPT)
    await supervisor.start(program(tmp_path / "a", name="server"))
    await supervisor.start(program(tmp_path / "b", name="service"))
    pids = list(supervisor.processes.values())
    await supervisor.stop()
    ended = [notice.part for notice in notices if notice.state == "stopped"]
    assert ended == ["service", "server"]
    assert not any(map(is_alive, pids))


async def test_a_program_that_does_not_listen_is_killed(tmp_path):
    notices: list[Notice] = []
    supervisor = Supervisor(tmp_path / "logs", report=notices.append)
    await supervisor.start(program(tmp_path / "a", DEAF, stop_timeout_s=0.2))
    pid = supervisor.processes["part"]
    await supervisor.stop()
    assert not is_alive(pid)
    assert notices[-1].detail == "killed after 0 s"


async def test_stopping_during_a_pause_starts_nothing_any_more(tmp_path):
    supervisor = Supervisor(tmp_path / "logs", backoff=Backoff(first_s=600, longest_s=600))
    await supervisor.start(program(tmp_path / "a"))
    os.kill(supervisor.processes["part"], signal.SIGKILL)
    await until(lambda: not supervisor.processes)
    async with asyncio.timeout(5):
        await supervisor.stop()
    assert supervisor.processes == {}


async def test_stop_may_be_called_again(supervisor, tmp_path):
    await supervisor.start(program(tmp_path / "a"))
    await supervisor.stop()
    await supervisor.stop()


async def test_a_report_that_fails_does_not_end_the_supervision(tmp_path):
    def broken(_: Notice) -> None:
        raise BrokenPipeError

    supervisor = Supervisor(tmp_path / "logs", report=broken, backoff=PROMPT)
    await supervisor.start(program(tmp_path / "a"))
    os.kill(supervisor.processes["part"], signal.SIGKILL)
    await until(lambda: supervisor.restarts["part"] == 1)
    await supervisor.stop()


async def test_a_killed_launcher_leaves_no_orphan(tmp_path):
    launcher = textwrap.dedent(
        f"""
        import asyncio, os, sys
        from pathlib import Path
        from lintas_local.stack.program import Program
        from lintas_local.stack.supervisor import Supervisor

        async def ready():
            return Path("up").exists()

        async def main():
            supervisor = Supervisor(Path("logs"))
            command = (sys.executable, "-c", {DEAF!r})
            await supervisor.start(Program("part", command, {{}}, ready, Path.cwd()))
            print(supervisor.processes["part"], flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
        """
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", launcher), cwd=tmp_path, stdout=subprocess.PIPE
    )
    assert process.stdout
    child = int(await process.stdout.readline())
    assert is_alive(child)
    process.kill()
    await process.wait()
    await until(lambda: not is_alive(child))
