"""The command line that composes the training base from its rooms."""
