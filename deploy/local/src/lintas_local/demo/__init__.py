"""A bundled day of mentions, played through the real front doors and answered by simulated officers."""

from lintas_local.demo.run import DemoFailed, play

__all__ = ["DemoFailed", "play"]
