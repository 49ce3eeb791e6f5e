"""How good the search is: test sets, metrics, comparisons and reports."""
