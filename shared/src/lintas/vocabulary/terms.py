"""The closed word lists of Lintas; the glossary in docs/glossary.md says what each word means."""

from enum import StrEnum


class MentionClass(StrEnum):
    """What a first mention is."""

    COMPLAINT = "complaint"
    ASPIRATION = "aspiration"
    INFORMATION_REQUEST = "information_request"
    OWN_POST = "own_post"
    OTHER = "other"

    @property
    def needs_action(self) -> bool:
        """Own posts and other (thanks, chatter, spam) need no action unless a person says so."""
        return self not in {MentionClass.OWN_POST, MentionClass.OTHER}


class Anonymity(StrEnum):
    """What the reporter lets others see. Unknown means anonymous."""

    OPEN = "open"
    ANONYMOUS = "anonymous"
    SECRET = "secret"  # noqa: S105  # a word, not a password


class Stakeholder(StrEnum):
    """For whom the reporter speaks."""

    CITIZEN = "citizen"
    COMMUNITY_LEADER = "community_leader"
    INVESTOR = "investor"
    MEDIA = "media"
    NGO = "ngo"


class Joined(StrEnum):
    """Why a mention continues a complaint instead of opening one."""

    #: the same reporter's answer to a mention of it
    REPLY = "reply"
    #: the same reporter's thread, within the window of the pack
    CONVERSATION = "conversation"
    #: its ticket stands in the text; the writer may be somebody else
    TICKET = "ticket"


class PrivateWay(StrEnum):
    """How a person may be answered in private where the platform sets limits."""

    #: as often and as freely as one likes
    FREE = "free"
    #: with a single message
    ONCE = "once"
    #: in words of a person's own, for this person; nothing automatic
    HUMAN_AGENT = "human_agent"
    #: with a text that the platform has approved before
    TEMPLATE = "template"


class Suspicion(StrEnum):
    """Why a mention looks like no person's own words; it only marks, nothing is dropped for it."""

    #: many accounts say the same within minutes
    WAVE = "wave"
    #: one account says the same again and again
    REPEATED = "repeated"
    #: an advertisement
    SPAM = "spam"


class Stance(StrEnum):
    """Towards a policy named in the pack."""

    PRO = "pro"
    CONTRA = "contra"
    NEUTRAL = "neutral"


class Urgency(StrEnum):
    """How soon harm may come; danger to life is `emergency`."""

    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"


class Origin(StrEnum):
    """Where a fact comes from: the running city, or imported history."""

    LIVE = "live"
    IMPORT = "import"


class Role(StrEnum):
    """An agency's part in a complaint."""

    LEAD = "lead"
    CONTRIBUTOR = "contributor"


class ComplaintState(StrEnum):
    """Where a complaint is."""

    REGISTERED = "registered"
    TRIAGE = "triage"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"
    NO_ACTION = "no_action"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class AssignmentState(StrEnum):
    """Where one agency's share of a complaint is."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    CONTRIBUTED = "contributed"
    ANSWERED = "answered"
    DONE = "done"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"


class StatementState(StrEnum):
    """Where an official text is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


class StatementKind(StrEnum):
    """What an official text is for."""

    ANSWER = "answer"
    ANNOUNCEMENT = "announcement"
    GUIDE = "guide"


class Purpose(StrEnum):
    """The three purposes of public social media."""

    EDUCATION = "education"
    SOCIALISATION = "socialisation"
    LISTENING = "listening"


class PublicStatus(StrEnum):
    """What a citizen sees of a complaint; hand-offs between agencies never show."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"
    NO_ACTION = "no_action"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Clock(StrEnum):
    """Which time a duration is counted in."""

    WALL = "wall"
    WORKING = "working"
