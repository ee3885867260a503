"""For people of which country the numbers are meant: the case's word, or else the configuration's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.config import configuration
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.bundle import Bundle
    from osteofusion.country import Country
    from osteogait.clinic.case import Case


@dataclass(frozen=True, slots=True)
class Setting:
    """The country whose scale is used, and who named it: `case`, `table` or `configuration`."""

    country: Country
    named_by: str

    @property
    def at_home(self) -> bool:
        """Whether the model was trained on people of this country."""
        from osteofusion.country import HOME

        return self.country.id == HOME

    def message(self, lang: str) -> str:
        """What the country is called in `lang`."""
        return self.country.label[lang]

    def part(self, lang: str) -> dict[str, Any]:
        """The setting as the document of the contract holds it."""
        return {
            "id": self.country.id,
            "label": self.message(lang),
            "named_by": self.named_by,
            "trained_here": self.at_home,
        }


def setting_of(case: Case, bundle: Bundle) -> Setting:
    """The setting of a case; CaseError when the model has no scale for the country."""
    if case.country is not None:
        return Setting(known_country(case.country, bundle), "case")
    return Setting(known_country(configuration().model.country, bundle), "configuration")


def known_country(name: str, bundle: Bundle) -> Country:
    """The country `name` of the model; CaseError when it has no scale for it."""
    from osteofusion.country import read_countries

    countries = read_countries(bundle.metadata)
    if name not in countries:
        raise CaseError("country_not_in_model", country=name, allowed=", ".join(countries))
    return countries[name]
