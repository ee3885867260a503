"""The station as a device: the software and the model that made a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.element import Resource, derived_id

if TYPE_CHECKING:
    from osteogait.storage.records import Result


def device_id(software: str, model: str = "", sha256: str = "") -> str:
    """The id of the device with exactly this software and model."""
    return derived_id("device", software, model, sha256)


def device_of(result: Result) -> str:
    """The id of the device that made a result."""
    return device_id(result.software_version, result.model_version, result.model_sha256)


def assessing_device(result: Result, terms: Terms) -> Resource:
    """Software and model that made a result."""
    model_name = result.assessment["model"]["id"]
    return _device(
        device_of(result),
        terms,
        [
            ("software", result.software_version),
            ("model", f"{model_name} {result.model_version}@sha256:{result.model_sha256}"),
        ],
    )


def measuring_device(software: str, terms: Terms) -> Resource:
    """The station that took the tests; a test does not say by which version, so that of the export stands here."""
    return _device(device_id(software), terms, [("software at export", software)])


def _device(identifier: str, terms: Terms, versions: list[tuple[str, str]]) -> Resource:
    return {
        "resourceType": "Device",
        "id": identifier,
        "identifier": [{"system": f"{terms.base}/device", "value": identifier}],
        "status": "active",
        "deviceName": [{"name": "osteogait station", "type": "user-friendly-name"}],
        "version": [{"type": {"text": kind}, "value": value} for kind, value in versions],
        "note": [{"text": "Research software, not a medical device."}],
    }
