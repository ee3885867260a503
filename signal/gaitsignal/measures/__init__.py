"""Measures: pure functions of aligned signals, and the catalogue that says what each number is."""
