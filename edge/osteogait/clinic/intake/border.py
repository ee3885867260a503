"""What every row meets at the border: whose it is, whether it may come in, when it was taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from osteogait.clinic.intake.measurement import PersonFacts, Persons
from osteogait.clinic.intake.moment import Moment, in_its_zone, read_moment
from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.clinic.intake.variable import tables

GENETICS, TEST = "genetics", "test"


@dataclass(frozen=True, slots=True)
class Border:
    """Who is known, the clinic's zone (None: not set), and the time that is now (UTC)."""

    persons: Persons
    zone: tzinfo | None
    now: datetime

    def person(self, patient_id: str, purpose: str = TEST) -> PersonFacts:
        """Whom `patient_id` means; RowRefused `unknown-person` or `no-consent`."""
        name = patient_id.strip()
        facts = self.persons(name) if name else None
        if facts is None:
            raise RowRefused("unknown-person", variant="" if name else "no_person", value=shown(patient_id))
        if facts.consents is not None and purpose not in facts.consents:
            variant = "no_consent_genetics" if purpose == GENETICS else ""
            raise RowRefused("no-consent", variant=variant, value=shown(patient_id))
        return facts

    def whose(self, names: Iterable[str]) -> str:
        """The pseudonym of the one person whom `names` mean as far as they are known; nothing for nobody or several."""
        known = {facts.person for name in names if (facts := self.persons(name.strip())) is not None}
        return known.pop() if len(known) == 1 else ""

    def moment(self, text: str, facts: PersonFacts) -> Moment:
        """When the value was taken; RowRefused `bad-time` or `no-zone`."""
        return read_moment(text, self.zone, self.now, facts.birth_year)

    def age_warning(self, moment: Moment, group: str) -> tuple[Said, ...]:
        """A warning for a value that is older than one looks at without asking."""
        days = tables()["old_days"][group]
        if self.now - moment.at <= timedelta(days=days):
            return ()
        day = in_its_zone(moment.at, moment.notes or {})
        return (Said("old-value", {"date": f"{day:%Y-%m-%d}", "days": days}),)
