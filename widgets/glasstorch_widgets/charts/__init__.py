"""Charts that update while a cell runs."""
