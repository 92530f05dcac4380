"""An example of a package that adds a feed and an output to Windhover."""
