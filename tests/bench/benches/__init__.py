"""The benches, by name."""

from bench.benches import gateway_register, ingest_intake

BENCHES = (ingest_intake.SINGLE, ingest_intake.BATCH, gateway_register.BENCH)
