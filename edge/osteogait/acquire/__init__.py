"""From a link to a recording: counted, clocked, kept durably, readable again."""

from osteogait.acquire.csv_export import write_csv
from osteogait.acquire.recorded import to_recording
from osteogait.acquire.session import RecordingSummary, Worn, record

__all__ = ["RecordingSummary", "Worn", "record", "to_recording", "write_csv"]
