"""The embedded broker: one node of Apache Kafka in KRaft mode, run from its Maven artifacts."""

import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lintas_local.stack import probe
from lintas_local.stack.ports import Ports
from lintas_local.stack.problems import StackProblem
from lintas_local.stack.program import Program

#: a small heap, and no threads beside the broker's own that collect or optimise: it shares few
#: cores with everything else, and seldom runs for long
_MACHINE = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
)
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
# static, so that the ports may differ from one start to the next on the same data
controller.quorum.voters=1@127.0.0.1:{controller}
# relative to the folder the broker runs in: this file is Latin-1 and a path need not be
log.dirs=data
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
message.max.bytes=1048588
# one broker can hold one copy only
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# a killed broker may come back only after its old session ended: 3 s instead of 9
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""
_LOGGING = """\
status = warn
shutdownHook = disable
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
"""
#: these tell of every partition and every setting at every start
_TALKATIVE = (
    "kafka.cluster.Partition",
    "kafka.log.LogManager",
    "kafka.server.KafkaConfig",
    "org.apache.kafka.common.config",
    "org.apache.kafka.controller",
    "org.apache.kafka.storage.internals.log",
    "state.change.logger",
)


@dataclass(frozen=True, slots=True)
class EmbeddedKafka:
    """A broker whose data lives in `folder`; it starts again on what a killed one left."""

    folder: Path
    java: Path
    jars: Path
    ports: Ports
    #: the port clients are sent to where it is not the broker's own: something stands in between
    advertised: int | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients start."""
        return f"127.0.0.1:{self.ports.kafka}"

    def make_ready(self) -> None:
        """Write the configuration; format the data folder if it is new. Blocks for a second then."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = {
            "broker": self.ports.kafka,
            "controller": self.ports.kafka_controller,
            "advertised": self.advertised or self.ports.kafka,
        }
        self._write("server.properties", _PROPERTIES.format_map(ports))
        quiet = [
            f"logger.{place}.name = {name}\nlogger.{place}.level = warn\n"
            for place, name in enumerate(_TALKATIVE)
        ]
        self._write("log4j2.properties", _LOGGING + "".join(quiet))
        data = self.folder / "data"
        # written last: data without it is the rest of an interrupted format and holds nothing
        if not (data / "meta.properties").exists():
            shutil.rmtree(data, ignore_errors=True)
            self._format()

    def program(self) -> Program:
        """How the supervisor runs it."""
        return Program(
            name="kafka",
            command=self._java("kafka.Kafka", "server.properties"),
            environ={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            ready=partial(probe.kafka_answers, self.ports.kafka),
            folder=self.folder,
            prepare=self._empty_scratch,
            stop_timeout_s=15.0,
        )

    def _empty_scratch(self) -> None:
        # where the JVM unpacks native libraries; a killed one leaves them behind
        shutil.rmtree(self.folder / "scratch", ignore_errors=True)
        (self.folder / "scratch").mkdir()

    def _format(self) -> None:
        self._empty_scratch()
        command = self._java(
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            new_cluster_id(),
            "-c",
            "server.properties",
        )
        run = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        if run.returncode:
            lines = (run.stderr or run.stdout).strip().splitlines()
            raise StackProblem(f"Kafka cannot format {self.folder}: {lines[-1] if lines else '?'}")

    def _java(self, *arguments: str) -> tuple[str, ...]:
        return (
            str(self.java),
            *_MACHINE,
            "-Djava.io.tmpdir=scratch",
            "-Djava.awt.headless=true",
            "-Dlog4j2.configurationFile=log4j2.properties",
            "-cp",
            f"{self.jars}/*",
            *arguments,
        )

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="latin-1")


def new_cluster_id() -> str:
    """A random id in Kafka's form; never one that its command would take for an option."""
    while True:
        text = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text
