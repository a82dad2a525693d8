"""One of each, built from the settings."""

import random
import secrets
from datetime import timedelta
from uuid import uuid4

from ingest.channels import files
from ingest.channels.accounts import Accounts
from ingest.domain.identity import Identities
from ingest.domain.links import Links
from ingest.schemas.mentions import read_said
from ingest.settings import IngestSettings
from ingest.usecases.aside import Aside
from ingest.usecases.backlog import Backlog
from ingest.usecases.bodies import Bodies
from ingest.usecases.changing import Changing
from ingest.usecases.cities import Cities
from ingest.usecases.collecting import Collecting
from ingest.usecases.committing import SharedCommit
from ingest.usecases.deps import Deps, Front
from ingest.usecases.enclosing import Enclosing
from ingest.usecases.feedback import Feedback
from ingest.usecases.fetching import Fetching
from ingest.usecases.hearing import Hearing
from ingest.usecases.imports import Importing, ImportWork
from ingest.usecases.intake import Intake
from ingest.usecases.keeping import Keeping
from ingest.usecases.last_word import LastWord
from ingest.usecases.media import SealedMedia
from ingest.usecases.open311 import Bounds, Open311
from ingest.usecases.open311.posting import Posting
from ingest.usecases.open311.reading import Reading
from ingest.usecases.open311.services import Services
from ingest.usecases.opening import Files
from ingest.usecases.preparing import Preparing
from ingest.usecases.quotas import SourceQuota, by_the_minute
from ingest.usecases.reference import Reference
from ingest.usecases.reporting import Reporting
from ingest.usecases.restored import Restored
from ingest.usecases.vault import Vault, vault_key
from lintas.blobs import FolderBlobs
from lintas.config import key_bytes
from lintas.database.work import UnitOfWork
from lintas.net import Asking
from lintas.privacy import redact, seal
from lintas.web import MIB, Room


def build(
    settings: IngestSettings, accounts: Accounts, work: UnitOfWork, asking: Asking
) -> tuple[Deps, ImportWork]:
    """What the use cases work with, and what reads imported files; nothing is asked or opened yet."""
    previous, key = settings.vault_key_previous, key_bytes(settings.quarantine_key)
    vault = Vault(
        [
            vault_key(key_bytes(secret))
            for secret in (settings.vault_key, previous)
            if secret is not None
        ]
    )
    identities = Identities(settings.complaint_id_key.get_secret_value().encode())
    cities = Cities(work.clock)
    backlog = Backlog(settings.outbox_bound)
    preparing = Preparing(identities, vault, redact=redact, random_bytes=secrets.token_bytes)
    changing = Changing(vault, preparing)
    intake = Intake(work, cities, identities, preparing, backlog)
    hearing = Hearing(intake, identities, changing, at_once=max(1, settings.database_pool // 2))
    aside = Aside(work, lambda content: seal(key, content, b"set_aside"))
    media = SealedMedia(FolderBlobs(settings.media_folder), most_bytes=settings.media_most_bytes)
    collecting = Collecting(
        work,
        accounts,
        intake,
        changing,
        vault,
        media,
        asking,
        most_bytes=settings.media_most_bytes,
        spread=random.random,
    )
    keeping = Keeping(hearing, aside, Enclosing(work, vault, identities, media), collecting)
    commit = SharedCommit(intake.accept, most=settings.commit_size)
    links = Links(settings.public_url, settings.agency_gateway_url)
    reference = Reference(work.clock)
    last_word = LastWord(work.clock, reference, links)
    contacts = SourceQuota("contact", settings.quota_contact, 86_400)
    deps = Deps(
        work=work,
        cities=cities,
        identities=identities,
        vault=vault,
        backlog=backlog,
        commit=commit,
        hearing=hearing,
        feedback=Feedback(work, backlog, changing, last_word),
        aside=aside,
        bodies=Bodies(work, identities, key, timedelta(hours=settings.bodies_keep_hours)),
        links=links,
        media=media,
        files=Files(work, vault, media),
        accounts=accounts,
        keeping=keeping,
        fetching=Fetching(work, accounts, keeping, asking, key=key, spread=random.random),
        collecting=collecting,
        open311=Open311(
            services=Services(work.clock),
            reading=Reading(work, vault, cities, redact),
            posting=Posting(
                work,
                commit,
                identities,
                vault,
                media,
                last_word,
                repeat_window=timedelta(seconds=settings.open311_repeat_s),
                fresh_id=uuid4,
            ),
            bounds=Bounds(
                calls=by_the_minute("open311", settings.quota_open311),
                downloads=SourceQuota("downloads", settings.quota_downloads, 3_600),
            ),
        ),
        importing=Importing(work, vault, report_days=settings.import_report_days),
        cursor_key=identities.cursor_key,
        reference=reference,
        reporting=Reporting(work, vault, identities, media, commit, contacts=contacts),
        restored=Restored(work),
        front=Front(
            visits=by_the_minute("visits", settings.quota_visits),
            reports=SourceQuota("reports", settings.quota_reports, 600),
            room=Room("front", settings.front_room),
        ),
    )
    import_work = ImportWork(
        work,
        vault,
        cities,
        identities,
        commit,
        read_said=read_said,
        limits=files.Limits(unpacked_bytes=settings.import_unpacked_mib * MIB),
    )
    return deps, import_work
