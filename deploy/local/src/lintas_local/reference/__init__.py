"""The reference pages in docs/reference, made from the code; `make check` fails when they drift."""

from lintas_local.reference.writing import Drift, drift, write

__all__ = ["Drift", "drift", "write"]
