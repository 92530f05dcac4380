"""What the air does: the wind with its uncertainty, and where a drifting object goes in it."""
