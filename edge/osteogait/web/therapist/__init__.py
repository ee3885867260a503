"""The physiotherapist's room: find a person, ask, test, show the result at once."""
