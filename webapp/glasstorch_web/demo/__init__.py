"""A course that has been going on for weeks, to look at the site with."""
