"""Everything that runs or changes weights."""
