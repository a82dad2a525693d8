"""A stack in the foreground of a terminal: starts, shows what happens, ends on Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from rich.console import Console

from lintas_local.stack import Notice, Report, Stack

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MARKS = {
    "ready": "[green]●[/]",
    "done": "[green]●[/]",
    "ended": "[red]●[/]",
    "restarting": "[yellow]●[/]",
    "stopped": "[dim]○[/]",
    "note": "[yellow]![/]",
}


async def in_foreground(
    stack: Stack, during: Callable[[], Awaitable[None]], *, then_wait: bool = True
) -> bool:
    """Run `stack` and `during`, then wait for a signal; True if a signal ended it.

    The first SIGINT, SIGTERM or SIGHUP ends everything in order, at any moment; a second one
    kills what still runs. Exceptions of the stack and of `during` pass through, after the stack
    has ended.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def on_signal() -> None:
        if told.is_set():
            stack.kill()
        told.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        work = asyncio.create_task(_work(stack, during, told if then_wait else None))
        signalled = asyncio.create_task(told.wait())
        await asyncio.wait({work, signalled}, return_when=asyncio.FIRST_COMPLETED)
        if told.is_set():
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        else:
            signalled.cancel()
            await work
        return told.is_set()
    finally:
        await stack.stop()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _work(
    stack: Stack, during: Callable[[], Awaitable[None]], until: asyncio.Event | None
) -> None:
    await stack.start()
    await during()
    if until is not None:
        await until.wait()


def shown_on(console: Console) -> Report:
    """A report that writes one line for each thing a person wants to know."""

    def report(notice: Notice) -> None:
        mark = _MARKS.get(notice.state)
        if mark is None:
            return
        took = f"[dim]{notice.seconds:.1f} s[/]" if notice.seconds is not None else ""
        words = {"ready": "ready", "done": "in place", "note": ""}.get(notice.state, notice.state)
        detail = notice.detail.replace("[", "\\[")
        console.print(f"{mark} {notice.part:24} {words} {detail} {took}".rstrip(), highlight=False)

    return report
