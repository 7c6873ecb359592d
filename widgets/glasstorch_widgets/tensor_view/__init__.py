"""Any tensor as a heat map, its place in memory, and how shapes broadcast."""
