"""People, visits and the intake of what a clinic knows: values, units, ranges, files."""
