"""Kafka, as Lintas uses it: at-least-once in, deterministic ids out. The only user of aiokafka."""
