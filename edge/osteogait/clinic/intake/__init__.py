"""Intake: lab, DXA and genotype values from every door, row by row, each accepted or refused with its reason."""
