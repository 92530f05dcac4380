"""How well it works: simulated worlds with known truth, and the measures of the field."""
