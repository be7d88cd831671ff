"""The numerical oracle: runs the reference implementation and writes FloCap's fixtures."""
