import os
import signal
import subprocess
import sys

import pytest

from lintas_local.stack import StackProblem
from lintas_local.stack.lock import HomeLock

HOLD = (
    "import sys; from pathlib import Path; from lintas_local.stack.lock import HomeLock;"
    " lock = HomeLock(Path(sys.argv[1])); lock.take(); print('held', flush=True); sys.stdin.read()"
)


def test_a_second_launcher_is_refused_and_told_who_holds_the_folder(tmp_path):
    first, second = HomeLock(tmp_path / "lock"), HomeLock(tmp_path / "lock")
    first.take()
    with pytest.raises(StackProblem, match=rf"already runs .* \(pid {os.getpid()}\)"):
        second.take()
    assert not second.held
    first.release()
    second.take()
    second.release()


def test_the_holder_is_known_from_outside(tmp_path):
    lock = HomeLock(tmp_path / "lock")
    assert HomeLock(tmp_path / "lock").holder() is None
    lock.take()
    assert HomeLock(tmp_path / "lock").holder() == os.getpid()
    lock.release()
    assert HomeLock(tmp_path / "lock").holder() is None


def test_a_killed_launcher_leaves_no_lock(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        process.stdout.readline()
        lock = HomeLock(tmp_path / "lock")
        with pytest.raises(StackProblem):
            lock.take()
        process.send_signal(signal.SIGKILL)
        process.wait()
    lock.take()
    lock.release()
