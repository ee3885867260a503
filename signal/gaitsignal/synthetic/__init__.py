"""People who do not exist, with known truth: walkers and standers as a lower-back IMU would record them."""

from gaitsignal.synthetic.stander import SyntheticStance, stander
from gaitsignal.synthetic.walker import SyntheticWalk, walker

__all__ = ["SyntheticStance", "SyntheticWalk", "stander", "walker"]
