"""The places of the clinician's room."""

from __future__ import annotations

from osteogait.web.clinician import acts, compare, exports, person, reports, result, signals, uploads, values
from osteogait.web.place import CLINICIANS, Place

POST = ("POST",)
LARGE = 32_000_000
"""Bytes of an uploaded file with its form; a DXA report as DICOM with pictures has about ten million."""

PLACES = (
    Place("/reports", reports.show, CLINICIANS, name="clinician.queue"),
    Place("/people/{person}/reports", person.show, CLINICIANS, name="clinician.person"),
    Place("/visits/{visit}/assess", acts.assess, CLINICIANS, POST, name="clinician.assess"),
    Place("/results/{result}", result.show, CLINICIANS, name="clinician.result"),
    Place("/results/{result}/again", acts.again, CLINICIANS, POST, name="clinician.again"),
    Place("/results/{result}/comment", acts.comment, CLINICIANS, POST, name="clinician.comment"),
    Place("/results/{result}/override", acts.override, CLINICIANS, POST, name="clinician.override"),
    Place("/results/{result}/sign", acts.sign, CLINICIANS, POST, name="clinician.sign"),
    Place("/results/{result}/what-if", compare.show, CLINICIANS, name="clinician.what_if"),
    Place("/results/{result}/report", exports.report, CLINICIANS, POST, name="clinician.report"),
    Place("/trials/{trial}/signal", signals.show, CLINICIANS, name="clinician.signal"),
    Place("/trials/{trial}/signal.svg", signals.picture, CLINICIANS, name="clinician.signal_picture"),
    Place("/people/{person}/values", values.show, CLINICIANS, name="clinician.values"),
    Place("/people/{person}/values", values.save, CLINICIANS, POST),
    Place("/people/{person}/values/withdraw", values.withdraw, CLINICIANS, POST, name="clinician.withdraw"),
    Place("/people/{person}/files", uploads.files, CLINICIANS, name="clinician.files"),
    Place("/documents/{document}", uploads.original, CLINICIANS, POST, name="clinician.original"),
    Place("/uploads", uploads.choose, CLINICIANS, name="clinician.uploads"),
    Place("/uploads", uploads.preview, CLINICIANS, POST, body=LARGE),
    Place("/uploads/confirm", uploads.confirm, CLINICIANS, POST, name="clinician.confirm"),
    Place("/uploads/template", uploads.template_file, CLINICIANS, name="clinician.template"),
    Place("/people/{person}/exports", exports.show, CLINICIANS, name="clinician.exports"),
    Place("/people/{person}/exports", exports.export, CLINICIANS, POST, name="clinician.export"),
)
