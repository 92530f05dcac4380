"""`python -m windhover`: the same as the `windhover` command."""

from windhover.cli import main

main()
