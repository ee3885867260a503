"""What people can agree to, each by itself."""

PURPOSES = ("test", "research", "cloud", "genetics")
TEXT_VERSION = "1"
"""Of the sentences shown; raised whenever one changes its meaning."""
SLIP_HOURS = 24
"""A slip with a code is for today."""
