"""Every sensor model that the station knows, in the order in which an advertisement is matched."""

from __future__ import annotations

from osteogait.devices.driver import Advert, Model
from osteogait.devices.open_driver import OPEN_PROFILE

MODELS: tuple[Model, ...] = (OPEN_PROFILE,)


def recognise(advert: Advert) -> Model | None:
    """The model that advertises itself so, None for a stranger."""
    return next((model for model in MODELS if model.matches(advert)), None)


def model_named(key: str) -> Model | None:
    """The model with that key, as recordings store it; None when this version does not know it."""
    return next((model for model in MODELS if model.key == key), None)
