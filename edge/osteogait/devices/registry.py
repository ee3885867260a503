"""Every sensor model that the station knows, in the order in which an advertisement is matched."""

from __future__ import annotations

from osteogait.devices.driver import Advert, Model
from osteogait.devices.movella_driver import MOVELLA_DOT
from osteogait.devices.movesense_driver import MOVESENSE
from osteogait.devices.open_driver import OPEN_PROFILE
from osteogait.devices.polar_driver import H10, VERITY_SENSE
from osteogait.devices.thingy52_driver import THINGY52
from osteogait.devices.witmotion_driver import WITMOTION, WITMOTION_DUAL

MODELS: tuple[Model, ...] = (
    OPEN_PROFILE, MOVELLA_DOT, MOVESENSE, VERITY_SENSE, H10, THINGY52, WITMOTION_DUAL, WITMOTION,
)  # fmt: skip


def recognise(advert: Advert) -> Model | None:
    """The model that advertises itself so, None for a stranger."""
    return next((model for model in MODELS if model.matches(advert)), None)


def model_named(key: str) -> Model | None:
    """The model with that key, as recordings store it; None when this version does not know it."""
    return next((model for model in MODELS if model.key == key), None)
