"""What the rules refuse, beyond the kinds every service shares."""

from lintas.vocabulary.errors import Conflict, DomainError


class TransferFrozen(Conflict):
    """The complaint came back to a former holder a second time; a coordinator decides (409)."""

    code = "transfer-frozen"


class OutstandingContribution(Conflict):
    """A contributing agency has not given its part; only a recorded reason overrides that (409)."""

    code = "outstanding-contribution"


class OwnWords(Conflict):
    """An author never confirms (409)."""

    code = "author-cannot-confirm"


class UnknownComplaint(DomainError):
    """A later fact about a complaint that has not been opened yet: it waits for the opening."""

    code = "unknown-complaint"


class UnusableEvent(DomainError):
    """An event whose content can never be applied."""

    code = "unusable-event"
