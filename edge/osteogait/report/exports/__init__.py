"""What leaves the box as files: tables, recordings, everything of one person."""
