"""Everything of one person in one file, for themselves or another clinic: portability."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from osteogait.clinic.intake.measurement import ALONE, suffix_of
from osteogait.report.exports.archive import archive
from osteogait.report.exports.person_table import person_csv
from osteogait.report.exports.raw import raw_files
from osteogait.report.fhir.bundle import bundle
from osteogait.report.fhir.codes import LOINC_NOTICE, Terms
from osteogait.report.fhir.document_reference import Printed
from osteogait.report.fhir.facts import Box, gather
from osteogait.report.fhir.written import bundle_bytes
from osteogait.report.language import load_language
from osteogait.words import sentence


class Holder(Box, Protocol):
    """A station with its recordings."""

    @property
    def recordings(self) -> Path:
        """Where recordings lie."""


def person_package(
    box: Holder, person: str, *, lang: str = "en", printed: Mapping[str, Printed] | None = None
) -> bytes:
    """A zip: FHIR bundle, table, recordings, uploaded originals, printed reports, and a manifest with SHA-256.

    The person's own data, so no consent is asked for and genotypes are inside, marked. Who they are is not in it, but
    an uploaded original is what the clinic's laboratory wrote, names and all; the manifest says so. An original that
    speaks of others too stays here, and the manifest says so. StoreError when there is no such person, or an
    original is no longer what was uploaded.
    """
    facts = gather(box, person, own=True, audit=True)
    terms = Terms(lang=lang)
    raw = raw_files(facts, box.recordings, lang=lang)
    files = {
        "record.fhir.json": bundle_bytes(bundle(facts, terms, printed=printed)),
        "record.csv": person_csv(facts),
        "README.txt": _readme(lang, facts.has_genotypes).encode("utf-8"),
        **{f"recordings/{name}": content for name, content in raw.files.items()},
    }
    left_out = dict(raw.left_out)
    for document in facts.documents:
        name = f"originals/{document.id}{suffix_of(document.kind)}"
        if document.report.get(ALONE) is True:
            files[name] = box.documents.read(document)
        else:
            left_out[name] = sentence("original_of_several", lang, {})
    for result, one in (printed or {}).items():
        files[f"reports/{result}.{one.lang}.pdf"] = one.content
    about = {
        "person": person,
        "software": version("osteogait"),
        "contains_hgr": facts.has_genotypes,
        "left_out": left_out,
    }
    return archive(files, about)


TEXT = {
    "en": (
        "Everything that this station keeps of one person, under their pseudonym.\n\n"
        "record.fhir.json  everything as HL7 FHIR R4\n"
        "record.csv        the same as a table\n"
        "recordings/       signals of the tests: samples, facts of the sensor, original\n"
        "originals/        files as they were uploaded; what a laboratory wrote in them may name the person\n"
        "reports/          printed reports\n"
        "manifest.json     size and SHA-256 of every file; what could not be given and why\n"
    ),
    "zh": (
        "本站保存的一位受检者的全部数据，以假名标识。\n\n"
        "record.fhir.json  全部内容（HL7 FHIR R4 格式）\n"
        "record.csv        同样内容的表格\n"
        "recordings/       各项测试的信号：采样数据、传感器信息、原始文件\n"
        "originals/        上传的原始文件；化验室写入的内容可能含有姓名\n"
        "reports/          已打印的报告\n"
        "manifest.json     每个文件的大小与 SHA-256；未能导出的内容及原因\n"
    ),
}
GENES = {
    "en": "Contains human genetic resource information (genotypes): its passing on is regulated in China.\n",
    "zh": "含人类遗传资源信息（基因型）：对外提供须遵守《人类遗传资源管理条例》。\n",
}


def _readme(lang: str, genotypes: bool) -> str:
    parts = [
        TEXT[lang],
        *([GENES[lang]] if genotypes else []),
        load_language(lang).text("notice"),
        LOINC_NOTICE,
    ]
    return "\n".join(parts) + "\n"
