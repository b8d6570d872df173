"""`make bench`: comparisons by equal work. Not collected by pytest."""
