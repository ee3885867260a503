"""What the box keeps: people by pseudonym, visits, recordings, values and results, in one SQLite file.

Nothing is imported here, so that `import osteogait.storage` stays free of SQLAlchemy.
"""
