"""A recording file (CSV or npz) and its side file, read into a `Recording` on the device's own clock."""

from gaitsignal.readers.recording_file import read_recording

__all__ = ["read_recording"]
