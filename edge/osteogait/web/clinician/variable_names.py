"""What people call a variable, also one that the model does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteogait.web.call import Call

FRAX = {"frax_mof": N_("FRAX, major fracture"), "frax_hip": N_("FRAX, hip fracture")}
COUNTED = re.compile(r"\s*[(（][^()（）]*[)）]$")
"""What the model counts, behind the name of a variant; the screen shows the letters."""
SIDES = {"left": N_("left"), "right": N_("right")}


def variable_name(call: Call, variable: str, side: str = "") -> str:
    """The name of `variable`, with the side of the body where one is known."""
    name = _name(call, variable)
    return f"{name}, {call.say(SIDES[side])}" if side in SIDES else name


def _name(call: Call, variable: str) -> str:
    from osteogait.clinic.intake.variable import variables
    from osteogait.web.kiosk.steps import SARC_F

    if variable in FRAX:
        return call.say(FRAX[variable])
    feature = call.station.model().schema.by_id.get(variable)
    if feature is not None:
        label = feature.label[call.lang]
        return COUNTED.sub("", label) if feature.kind == "dosage" else label
    asked = {question.key: question.text for question in SARC_F}
    if variable in asked:
        return f"SARC-F: {call.say(asked[variable])}"
    known = variables()
    return known[variable].label.message(call.lang) if variable in known else variable
