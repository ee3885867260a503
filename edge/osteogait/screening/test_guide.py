"""What is said of every test: to whoever leads it, and to the person who does it."""

from __future__ import annotations

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802 - the name that gathers sentences
    """Marks a sentence for the catalogue `live`; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Guide:
    """Words of one test, in English; each a sentence of the catalogue."""

    title: str
    what: str
    how: tuple[str, ...]
    safety: str
    say: str


STANDING_BY = N_("Stand close by, ready to hold the person. A firm chair or a wall is within reach.")
WALKWAY = N_("The way is free and level. Walk beside the person, half a step behind.")
CHAIR = N_("A firm chair of normal height stands with its back against the wall. Stand close by.")

GUIDES = {
    "quiet_stance": Guide(
        N_("Standing still"),
        N_("How much the body sways while standing."),
        (
            N_("Stand with the feet a little apart, arms at the sides."),
            N_("Look at a point straight ahead."),
            N_("Stand as still as you can for 30 seconds."),
        ),
        STANDING_BY,
        N_("Please stand still, look straight ahead, and let your arms hang. Begin at the high tone."),
    ),
    "quiet_stance_closed": Guide(
        N_("Standing still, eyes closed"),
        N_("How much the eyes help to keep the balance."),
        (
            N_("Stand with the feet a little apart, arms at the sides."),
            N_("Close the eyes before the start, and keep them closed."),
            N_("Stand as still as you can for 30 seconds."),
        ),
        N_("Stand close by, ready to hold the person: many sway more with the eyes closed."),
        N_("Please close your eyes, stand still, and let your arms hang. Begin at the high tone."),
    ),
    "walk": Guide(
        N_("Walking out and back"),
        N_("How fast, how evenly and how steadily you walk."),
        (
            N_("Stand still at the start line until the high tone."),
            N_("Walk at your usual pace to the far line, about 10 metres."),
            N_("Turn around, walk back, and stand still at the start line."),
        ),
        WALKWAY,
        N_("At the high tone, walk at your usual pace to the far line, turn, come back, and stand still."),
    ),
    "walk_4m": Guide(
        N_("Walking 4 metres"),
        N_("The usual walking pace over a short way."),
        (
            N_("Stand still with the toes at the start line until the high tone."),
            N_("Walk at your usual pace, some steps past the end line at 4 metres."),
            N_("A stick or a frame may be used. Press Stop when a foot has crossed the end line."),
        ),
        WALKWAY,
        N_("At the high tone, walk at your usual pace, past the end line, then stand still."),
    ),
    "timed_up_and_go": Guide(
        N_("Up and go"),
        N_("Standing up, walking, turning and sitting down in one go."),
        (
            N_("Sit with the back against the chair and wait for the high tone."),
            N_("Stand up and walk at your usual pace to the line at 3 metres. A walking aid may be used."),
            N_("Turn around, walk back and sit down. Stay seated."),
        ),
        N_("A firm chair stands with its back against the wall, the way is free. Walk beside the person."),
        N_("At the high tone, stand up, walk to the line, turn, come back, and sit down."),
    ),
    "chair_stand_5x": Guide(
        N_("Standing up five times"),
        N_("The strength of the legs."),
        (
            N_("Sit in the middle of the chair, feet on the floor, arms crossed over the chest."),
            N_("At the high tone stand up fully and sit down, five times, as fast as is safe."),
            N_("Do not use the arms. Then sit still."),
        ),
        CHAIR,
        N_("Cross your arms. At the high tone, stand up and sit down five times, as fast as is safe."),
    ),
    "chair_stand_30s": Guide(
        N_("Standing up for 30 seconds"),
        N_("The strength and endurance of the legs."),
        (
            N_("Sit in the middle of the chair, feet on the floor, arms crossed over the chest."),
            N_("At the high tone stand up fully and sit down, as often as you can, until the end tone."),
            N_("Do not use the arms. Rest whenever you need to."),
        ),
        CHAIR,
        N_("Cross your arms. At the high tone, stand up and sit down again and again, until the end tone."),
    ),
    "side_by_side": Guide(
        N_("Feet side by side"),
        N_("Balance with the feet together."),
        (
            N_("Stand with both feet together, heels and toes touching."),
            N_("Arms may help the balance, but touch nothing."),
            N_("Hold it for 10 seconds. Press Stop if a foot moves or the person takes hold."),
        ),
        STANDING_BY,
        N_("Put your feet together, side by side, and hold still until the end tone."),
    ),
    "semi_tandem": Guide(
        N_("One foot half in front"),
        N_("Balance with a narrower stand."),
        (
            N_("Put the heel of one foot beside the big toe of the other, touching."),
            N_("Arms may help the balance, but touch nothing."),
            N_("Hold it for 10 seconds. Press Stop if a foot moves or the person takes hold."),
        ),
        STANDING_BY,
        N_("Put one foot half in front of the other, touching, and hold still until the end tone."),
    ),
    "tandem": Guide(
        N_("One foot in front of the other"),
        N_("Balance on a line: heel to toe."),
        (
            N_("Put the heel of one foot directly in front of the toes of the other."),
            N_("Arms may help the balance, but touch nothing."),
            N_("Hold it for 10 seconds. Press Stop if a foot moves or the person takes hold."),
        ),
        STANDING_BY,
        N_("Put one foot directly in front of the other, heel to toe, and hold still until the end tone."),
    ),
    "one_foot": Guide(
        N_("Standing on one foot"),
        N_("Balance on one leg."),
        (
            N_("Lift one foot off the floor, without leaning it against the other leg."),
            N_("Arms may help the balance, but touch nothing."),
            N_("Hold it for 10 seconds. Press Stop if the foot touches down or the person takes hold."),
        ),
        STANDING_BY,
        N_("Lift one foot off the floor and hold it until the end tone."),
    ),
    "one_leg_left": Guide(
        N_("Standing on the left leg"),
        N_("Balance on one leg."),
        (
            N_("Stand on the left leg, the right foot off the floor, eyes open."),
            N_("Arms may help the balance, but touch nothing."),
            N_("Hold it up to 30 seconds. Press Stop if the foot touches down or the person takes hold."),
        ),
        STANDING_BY,
        N_("Lift your right foot off the floor and stand on the left leg as long as you can."),
    ),
    "one_leg_right": Guide(
        N_("Standing on the right leg"),
        N_("Balance on one leg."),
        (
            N_("Stand on the right leg, the left foot off the floor, eyes open."),
            N_("Arms may help the balance, but touch nothing."),
            N_("Hold it up to 30 seconds. Press Stop if the foot touches down or the person takes hold."),
        ),
        STANDING_BY,
        N_("Lift your left foot off the floor and stand on the right leg as long as you can."),
    ),
}
"""By the `guide` of batteries.yaml."""

BATTERY_TITLES = {
    "quick": N_("Short: standing still and walking"),
    "steadi": N_("Falls check (STEADI): up and go, chair, balance"),
    "sppb": N_("Short Physical Performance Battery (SPPB)"),
    "full": N_("Everything"),
    "custom": N_("Chosen tests"),
}

SKIP_REASONS = {
    "unsafe": N_("Not safe without help"),
    "unable": N_("Tried, but could not do it"),
    "used_arms": N_("Needed the arms"),
    "no_understanding": N_("Did not understand the task"),
    "refused": N_("Did not want to"),
    "pain": N_("Pain"),
    "aid": N_("Only with help or by holding on"),
    "no_time": N_("No time"),
    "no_equipment": N_("Chair, walkway or sensor missing"),
    "other": N_("Another reason"),
}
"""Why a test was not done, after the answers of the SPPB panel (LOINC 62825-5); `unable` and `used_arms` score 0."""

DONE = N_("Done. You can relax now.")
"""Spoken at the end of every test."""
