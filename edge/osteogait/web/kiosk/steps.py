"""The way through the kiosk: what is asked, in plain words, in which order.

SARC-F comes first, as stations in China do: case finding of the Asian Working Group for Sarcopenia (Chen et al., J Am
Med Dir Assoc 2020;21:300). Five questions of 0 to 2 points; 4 or more is a positive screen (Malmstrom and Morley, J Am
Med Dir Assoc 2013;14:531). Then the movements; then the body and the risk factors of the fracture model.
"""

from __future__ import annotations

from dataclasses import dataclass

from osteogait.web.language import N_

YES_NO = (("yes", N_("Yes")), ("no", N_("No")), ("unknown", N_("I don't know")))
HARD = (("0", N_("Not hard")), ("1", N_("A little hard")), ("2", N_("Very hard, or I cannot")))
FALLS = (("0", N_("None")), ("1", N_("One to three")), ("2", N_("Four or more")))
SARC_F_CUT = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `key` is the variable that keeps the answer, options are (value, words)."""

    key: str
    text: str
    options: tuple[tuple[str, str], ...]
    hint: str = ""
    women: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number set with large keys; it begins empty: nobody's height is guessed."""

    key: str
    text: str
    unit: str
    low: int
    high: int
    hint: str = ""


SARC_F = (
    Question(
        "sarc_f_strength", N_("How hard is it for you to lift and carry a full shopping bag (5 kg)?"), HARD
    ),
    Question("sarc_f_walking", N_("How hard is it for you to walk across a room?"), HARD),
    Question("sarc_f_rising", N_("How hard is it for you to get up from a chair or bed?"), HARD),
    Question("sarc_f_stairs", N_("How hard is it for you to climb ten stairs?"), HARD),
    Question("sarc_f_falls", N_("How many times have you fallen in the past year?"), FALLS),
)
BODY = (
    Number(
        "height",
        N_("How tall are you?"),
        "cm",
        120,
        210,
        N_("In centimetres, for example 160. If you are not sure, ask the staff to measure you."),
    ),
    Number("weight", N_("How much do you weigh?"), "kg", 30, 180, N_("In kilograms, for example 60.")),
)
RISKS = (
    Question(
        "prior_fracture",
        N_("Since you were 50, have you broken a bone in a simple fall, or without any reason?"),
        YES_NO,
        N_("A simple fall is one from standing, as when you trip."),
    ),
    Question("parent_hip_fracture", N_("Did your mother or father break a hip?"), YES_NO),
    Question("current_smoking", N_("Do you smoke?"), YES_NO),
    Question(
        "glucocorticoids",
        N_("Have you taken cortisone tablets, such as prednisone, for three months or longer?"),
        YES_NO,
        N_("Sprays and creams do not count."),
    ),
    Question("rheumatoid_arthritis", N_("Has a doctor told you that you have rheumatoid arthritis?"), YES_NO),
    Question(
        "alcohol_3_units",
        N_("Do you drink three or more glasses of alcohol on most days?"),
        YES_NO,
        N_("One glass: a small beer, a small glass of wine, or one measure of spirits."),
    ),
    Question("diabetes_type2", N_("Has a doctor told you that you have diabetes?"), YES_NO),
    Question("postmenopausal", N_("Have your monthly periods stopped for good?"), YES_NO, women=True),
)


def questions(sex: str) -> tuple[Question | Number, ...]:
    """What a person of this sex is asked, in order."""
    asked = (*SARC_F, *BODY, *RISKS)
    return tuple(one for one in asked if not (isinstance(one, Question) and one.women and sex != "female"))


def sarc_f(answers: dict[str, str]) -> int | None:
    """Points 0 to 10; None unless all five were answered."""
    points = [answers.get(question.key) for question in SARC_F]
    return None if None in points else sum(int(point) for point in points if point is not None)
