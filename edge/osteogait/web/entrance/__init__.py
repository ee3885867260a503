"""First run, signing in, lock, accounts, settings, audit."""
