"""Questions and graded exercises in a notebook."""
