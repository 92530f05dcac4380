"""What goes out: notices to parties' channels, and the picture to other people's screens and systems.

A channel takes a composed `Notice` and returns a `Delivery` report, which goes back into the
picture as an input like any other: "sent" is what a channel said, never what was hoped.

An output (`outputs.py`) takes one instant of the picture as an `AirFrame` and tells it on: Cursor on
Target, ASTERIX CAT062, `aircraft.json`, GeoJSON, or a plugin's own way. What does not reach its consumer
is counted; what its consumer wants it for is journalled before the first byte leaves.
"""
