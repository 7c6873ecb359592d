"""Glasstorch on the web: the site, the grading service, the sandbox, and `glasstorch start`."""
