"""The running box: its store, its sensor, its model, each opened when first needed and kept."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.storage.first_run import first_run

if TYPE_CHECKING:
    from osteogait.assessment.model import Model
    from osteogait.report.pdf_worker import PdfWorker
    from osteogait.screening.screening import Screening
    from osteogait.storage.accounts import Accounts
    from osteogait.storage.audit import Audit
    from osteogait.storage.consents import Consents
    from osteogait.storage.documents import Documents
    from osteogait.storage.enrolled import Enrolled
    from osteogait.storage.identities import Identities
    from osteogait.storage.sessions import Sessions
    from osteogait.storage.settings import Settings
    from osteogait.storage.signatures import Signatures
    from osteogait.storage.slips import Slips
    from osteogait.storage.store import Store
    from osteogait.storage.trials import Trials


class Station:
    """What all requests share; safe to use from several threads."""

    def __init__(self, folder: Path, *, example: bool = False) -> None:
        """Nothing is opened yet. `example`: a made-up person is there to try things on."""
        self.folder, self.example = folder, example
        self.recordings, self.files = folder / "recordings", folder / "documents"
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._model: Model | None = None
        self._pdf: PdfWorker | None = None
        self._screening: Screening | None = None
        self._set_up = self._warmed = False

    @property
    def is_new(self) -> bool:
        """True until somebody has an account; answered without opening the store."""
        if not self._set_up:
            self._set_up = not first_run(self.database)
        return not self._set_up

    @property
    def database(self) -> Path:
        """The file of the store."""
        return self.folder / "osteogait.sqlite"

    @property
    def store(self) -> Store:
        """The store, opened when first asked for; StoreError when it cannot be used."""
        with self._lock:
            if self._store is None:
                from osteogait.storage.store import Store

                self._store = Store.open(self.database)
            return self._store

    def model(self) -> Model:
        """The model, loaded when first asked for."""
        with self._lock:
            if self._model is None:
                from osteogait.assessment.model import load_model

                self._model = load_model()
            return self._model

    @property
    def pdf(self) -> PdfWorker:
        """Who turns pages into PDF, apart from this process."""
        with self._lock:
            if self._pdf is None:
                from osteogait.report.pdf_worker import PdfWorker

                self._pdf = PdfWorker()
            return self._pdf

    @property
    def screening(self) -> Screening:
        """The sensor and the one test that may be under way."""
        with self._lock:
            if self._screening is None:
                from osteogait.screening.screening import Screening

                self._screening = Screening(self)
            return self._screening

    def warm_later(self, seconds: float = 0.2) -> None:
        """Once, soon: everything that is heavy is opened in a thread of its own, so that nobody waits for it."""
        with self._lock:
            if self._warmed:
                return
            self._warmed = True
        timer = threading.Timer(seconds, self.warm)
        timer.daemon = True
        timer.start()

    def warm(self) -> None:
        """Opens everything that is heavy now; another model than before is written down."""
        from osteogait.web.model_change import note_model

        _ = self.store, self.accounts, self.sessions, self.audit, self.settings
        self.documents.sweep()
        note_model(self.audit, self.model())

    def close(self) -> None:
        """Lets go of everything."""
        with self._lock:
            if self._screening is not None:
                self._screening.close()
            if self._pdf is not None:
                self._pdf.close()
            if self._store is not None:
                self._store.close()

    # --- what is kept, by noun ----------------------------------------------------------------------------------

    @cached_property
    def accounts(self) -> Accounts:
        """People who sign in."""
        from osteogait.storage.accounts import Accounts

        return Accounts(self.store)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in where."""
        from osteogait.storage.sessions import Sessions

        return Sessions(self.store)

    @cached_property
    def audit(self) -> Audit:
        """What was done by whom."""
        from osteogait.storage.audit import Audit

        return Audit(self.store)

    @cached_property
    def identities(self) -> Identities:
        """Names, sealed."""
        from osteogait.storage.identities import Identities

        return Identities(self.store, self.folder / "identity.key")

    @cached_property
    def consents(self) -> Consents:
        """What people agreed to."""
        from osteogait.storage.consents import Consents

        return Consents(self.store)

    @cached_property
    def trials(self) -> Trials:
        """Tests done and not done."""
        from osteogait.storage.trials import Trials

        return Trials(self.store)

    @cached_property
    def documents(self) -> Documents:
        """Files as they were uploaded."""
        from osteogait.storage.documents import Documents

        return Documents(self.store, self.files)

    @cached_property
    def signatures(self) -> Signatures:
        """Who signed which report."""
        from osteogait.storage.signatures import Signatures

        return Signatures(self.store)

    @cached_property
    def slips(self) -> Slips:
        """Codes for one visit at the kiosk."""
        from osteogait.storage.slips import Slips

        return Slips(self.store)

    @cached_property
    def settings(self) -> Settings:
        """What the administrator chose."""
        from osteogait.storage.settings import Settings

        return Settings(self.store)

    @cached_property
    def enrolled(self) -> Enrolled:
        """Sensors that belong to this box."""
        from osteogait.storage.enrolled import Enrolled

        return Enrolled(self.store)
