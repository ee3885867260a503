"""For whom the model may speak."""

from __future__ import annotations

MODEL_AGE = 40.0  # the training tables hold nobody under 40 (model card)
