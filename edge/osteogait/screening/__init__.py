"""A screening as it is done: batteries of tests, one test under way, its verdict, what it means for the person."""
