"""What leaves the box as FHIR R4: plain dictionaries, one resource a file, joined by `bundle`."""
