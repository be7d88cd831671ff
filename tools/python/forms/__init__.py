"""Checkpoints in the forms that people have them: what the libraries make of each."""
