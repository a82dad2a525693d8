"""The embedded stack: Kafka, PostgreSQL and the four services as child processes."""

from lintas_local.stack.notices import Notice, Report, silent
from lintas_local.stack.problems import StackProblem
from lintas_local.stack.stack import SERVICES, Stack

__all__ = ["SERVICES", "Notice", "Report", "Stack", "StackProblem", "silent"]
