"""The live page: the test under way over a socket, cues, and spoken instructions."""
