"""Counting, in one registry per process, only what `definitions` names."""

from functools import cache
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from lintas.telemetry.definitions import METRICS, SECONDS, Kind, MetricName

_Instrument = TypeVar("_Instrument", Counter, Gauge, Histogram)
_Key = tuple[str | tuple[str, str], ...]

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def count(name: MetricName, value: float = 1, **labels: str) -> None:
    """Add to a counter."""
    instruments = _instruments()
    _labelled(instruments.counters, instruments.used_counters, name, labels).inc(value)


def gauge(name: MetricName, value: float, **labels: str) -> None:
    """Set a gauge."""
    instruments = _instruments()
    _labelled(instruments.gauges, instruments.used_gauges, name, labels).set(value)


def shift(name: MetricName, by: float, **labels: str) -> None:
    """Move a gauge up or down."""
    instruments = _instruments()
    _labelled(instruments.gauges, instruments.used_gauges, name, labels).inc(by)


def observe(name: MetricName, value: float, **labels: str) -> None:
    """Add one measurement to a histogram."""
    instruments = _instruments()
    _labelled(instruments.histograms, instruments.used_histograms, name, labels).observe(value)


def metric_value(name: MetricName, **labels: str) -> float:
    """What a counter or gauge (or a histogram's count) shows now; 0 before its first use."""
    sample = f"{name}_count" if METRICS[name].kind is Kind.HISTOGRAM else name
    return _instruments().registry.get_sample_value(sample, labels) or 0.0


def render_metrics() -> bytes:
    """Every metric in the Prometheus text format."""
    return generate_latest(_instruments().registry)


class _Instruments:
    """One instrument per definition; any other name is a KeyError."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in the library
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.counters: dict[str, Counter] = {}
        self.gauges: dict[str, Gauge] = {}
        self.histograms: dict[str, Histogram] = {}
        #: what was asked for before, by name and labels: the library's own look-up costs more
        self.used_counters: dict[_Key, Counter] = {}
        self.used_gauges: dict[_Key, Gauge] = {}
        self.used_histograms: dict[_Key, Histogram] = {}
        for name, metric in METRICS.items():
            text, labels, registry = metric.help, metric.labels, self.registry
            if metric.kind is Kind.COUNTER:
                self.counters[name] = Counter(name, text, labels, registry=registry)
            elif metric.kind is Kind.GAUGE:
                self.gauges[name] = Gauge(name, text, labels, registry=registry)
            else:
                self.histograms[name] = Histogram(
                    name, text, labels, registry=registry, buckets=SECONDS
                )


@cache
def _instruments() -> _Instruments:
    return _Instruments()


def _labelled(
    defined: dict[str, _Instrument],
    used: dict[_Key, _Instrument],
    name: MetricName,
    labels: dict[str, str],
) -> _Instrument:
    key = (name, *labels.items())
    found = used.get(key)
    if found is None:
        instrument, names = defined[name], METRICS[name].labels
        if labels.keys() != set(names):
            raise ValueError(f"{name} has the labels {names}")
        found = instrument.labels(*[labels[label] for label in names]) if names else instrument
        used[key] = found
    return found
