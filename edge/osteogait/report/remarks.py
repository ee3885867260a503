"""The remarks of an assessment as people read them: the gravest first, one sentence for what is said of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from osteogait.report.document import SEVERITIES
from osteogait.report.language import Language
from osteogait.words import sentence

# remarks that say one thing of a feature, whose name opens the sentence
OF_A_FEATURE = ("outside_training_range", "not_used_by_model")


def remarks(flags: Iterable[Mapping[str, str]], language: Language) -> list[tuple[str, str]]:
    """Severity and sentence of each remark; what is said of several features is said once, of all of them."""
    found: dict[tuple[str, str], list[str]] = {}
    for flag in sorted(flags, key=lambda flag: SEVERITIES.index(flag["severity"])):
        name, rest = _parted(flag, language)
        found.setdefault((flag["severity"], rest), []).append(name)
    said = []
    for (severity, rest), names in found.items():
        if rest:
            said.append((severity, language.series(names) + rest))
        else:
            said += [(severity, name) for name in names]
    return said


def _parted(flag: Mapping[str, str], language: Language) -> tuple[str, str]:
    """Name and statement of a remark on a feature; the whole of any other, and nothing."""
    message = flag["message"]
    if flag["code"] in OF_A_FEATURE:
        rest = sentence(flag["code"], language.code, {"feature": ""})
        if message.endswith(rest):
            return message.removesuffix(rest), rest
    return message, ""
