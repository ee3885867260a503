"""A named remark on an assessment, with its sentence in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from osteogait.words import sentence


@dataclass(frozen=True, slots=True)
class Remark:
    """`code` with `severity` (`info`, `warn`, `reject`); a field may itself be something that speaks."""

    code: str
    severity: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str) -> str:
        """What is remarked, in `lang` (`en` or `zh`)."""
        fields = dict(self.fields)
        if isinstance(fields.get("feature"), str):
            fields["feature"] = _labelled(str(fields["feature"]), lang)
        return sentence(self.code, lang, fields)


def _labelled(feature: str, lang: str) -> str:
    """What people call a feature, with its id for whoever writes the case."""
    from osteofusion.schema import load_schema

    known = load_schema().by_id.get(feature)
    return feature if known is None else f"{known.label[lang]} ({feature})"
