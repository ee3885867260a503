"""From a link to a recording: counted, clocked, kept durably, readable again."""

from osteogait.acquire.assembled import to_recording
from osteogait.acquire.csv_export import write_csv
from osteogait.acquire.session import Session, record
from osteogait.acquire.summary import RecordingSummary
from osteogait.acquire.worn import Worn

__all__ = ["RecordingSummary", "Session", "Worn", "record", "to_recording", "write_csv"]
