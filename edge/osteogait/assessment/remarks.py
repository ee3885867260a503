"""A named remark on an assessment, with its sentence in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from osteogait.model.in_use import active_schema
from osteogait.words import sentence

BETWEEN = {"en": ", ", "zh": "、"}


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
            fields["feature"] = labelled(str(fields["feature"]), lang)
        return sentence(self.code, lang, fields)


@dataclass(frozen=True, slots=True)
class ModelRemark:
    """A remark in the words of the model (osteofusion/answers.yaml) on `features`."""

    code: str
    severity: str
    features: tuple[str, ...]

    def message(self, lang: str) -> str:
        """What is remarked, in `lang`."""
        from osteofusion.words import remark

        names = [labelled(feature, lang) for feature in self.features]
        return remark(self.code, lang, {"label": BETWEEN[lang].join(names)})


def labelled(feature: str, lang: str) -> str:
    """What people call a feature, with its id for whoever writes the case."""
    known = active_schema().by_id.get(feature)
    return feature if known is None else f"{known.label[lang]} ({feature})"
