"""People who do not exist, with known truth: walkers, standers, sitters as an IMU would record them."""

from gaitsignal.synthetic.chair_stander import SyntheticChairTest, chair_stander
from gaitsignal.synthetic.holder import SyntheticHold, holder
from gaitsignal.synthetic.stander import SyntheticStance, stander
from gaitsignal.synthetic.tug_walker import SyntheticTug, tug_walker
from gaitsignal.synthetic.walker import SyntheticWalk, walker

__all__ = [
    "SyntheticChairTest",
    "SyntheticHold",
    "SyntheticStance",
    "SyntheticTug",
    "SyntheticWalk",
    "chair_stander",
    "holder",
    "stander",
    "tug_walker",
    "walker",
]
