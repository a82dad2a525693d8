"""The benches, by name."""

from bench.benches import gateway_register, ingest_intake, metrics_fold, pipeline

BENCHES = (
    ingest_intake.SINGLE,
    ingest_intake.BATCH,
    gateway_register.BENCH,
    metrics_fold.BENCH,
    pipeline.THROUGHPUT,
    pipeline.LATENCY,
)
