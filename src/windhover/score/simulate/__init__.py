"""Honest simulated worlds: what flies obeys its dynamics, what senses obeys its coverage and noise.

`air` makes the true wind and what is known of it, `drift`, `powered` and `paths` move things,
`world` joins them to a truth table in the sector's frame, and `radar`, `adsb`, `remote_id` and
`wind_file` emit the *bytes* that such sensors would have sent. Truth leaves through `world.Truth` alone: no byte
carries a label. Everything is drawn from the `numpy.random.Generator` that is handed in.
"""

from windhover.score.simulate.world import Arrival, Thing, Truth, truth_of

__all__ = ["Arrival", "Thing", "Truth", "truth_of"]
