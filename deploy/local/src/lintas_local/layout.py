"""Where things are: the checkout this command came from, and the folder of an embedded stack."""

from dataclasses import dataclass
from pathlib import Path

#: the checkout (members are installed editable, in containers too)
CHECKOUT = Path(__file__).resolve().parents[4]
TOPICS = CHECKOUT / "deploy" / "topics.yaml"
PACKS = CHECKOUT / "deploy" / "packs"
KAFKA_POM = CHECKOUT / "deploy" / "local" / "kafka" / "pom.xml"
#: the stack of this checkout
HOME = CHECKOUT / ".lintas"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one embedded stack: its data, logs, secrets and keys."""

    folder: Path

    @property
    def kafka(self) -> Path:
        """The broker's data and configuration."""
        return self.folder / "kafka"

    @property
    def postgres(self) -> Path:
        """The database server's data."""
        return self.folder / "postgres"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.folder / "logs"

    @property
    def secrets(self) -> Path:
        """Random secrets, one per file."""
        return self.folder / "secrets"

    @property
    def keys(self) -> Path:
        """The key ring, and the keys of this machine's own clients."""
        return self.folder / "keys"

    @property
    def lock(self) -> Path:
        """Held by the one launcher that runs this stack."""
        return self.folder / "lock"

    @property
    def running(self) -> Path:
        """What runs now and where; there only while a launcher runs."""
        return self.folder / "running.json"
