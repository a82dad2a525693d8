"""What this machine has and lacks for Lintas, and the command that helps."""

from lintas_local.doctor.checks import CHECKS
from lintas_local.doctor.findings import Finding, State

__all__ = ["CHECKS", "Finding", "State"]
