"""The benches, in the order in which they run: the large tables come last."""

from tests.bench.benches import (
    gateway_claim,
    gateway_register,
    ingest_intake,
    metrics_fold,
    metrics_query,
    pipeline,
    routing,
)

BENCHES = (
    ingest_intake.SINGLE,
    ingest_intake.BATCH,
    routing.BENCH,
    routing.DEAREST,
    gateway_register.BENCH,
    metrics_fold.BENCH,
    pipeline.THROUGHPUT,
    pipeline.LATENCY,
    gateway_claim.BENCH,
    metrics_query.BENCH,
)
