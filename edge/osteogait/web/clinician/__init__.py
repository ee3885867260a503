"""The clinician's room: reports to sign, values, uploads, exports."""
