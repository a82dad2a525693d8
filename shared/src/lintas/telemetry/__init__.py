"""Log lines, metrics, traces and a watch over the event loop."""

from lintas.telemetry.definitions import METRICS, Kind, Metric, MetricName
from lintas.telemetry.logs import bind, bound, clear_bound, configure_logging, get_logger, unbind
from lintas.telemetry.loop import watch_loop
from lintas.telemetry.metrics import (
    METRICS_CONTENT_TYPE,
    count,
    gauge,
    metric_value,
    observe,
    render_metrics,
    shift,
)
from lintas.telemetry.traces import (
    Trace,
    child_traceparent,
    current_trace,
    enter_trace,
    in_trace,
    leave_trace,
    new_traceparent,
    parse_traceparent,
)

__all__ = [
    "METRICS",
    "METRICS_CONTENT_TYPE",
    "Kind",
    "Metric",
    "MetricName",
    "Trace",
    "bind",
    "bound",
    "child_traceparent",
    "clear_bound",
    "configure_logging",
    "count",
    "current_trace",
    "enter_trace",
    "gauge",
    "get_logger",
    "in_trace",
    "leave_trace",
    "metric_value",
    "new_traceparent",
    "observe",
    "parse_traceparent",
    "render_metrics",
    "shift",
    "unbind",
    "watch_loop",
]
