"""What other programs of the clinic may read, as JSON, with a token of their own."""
