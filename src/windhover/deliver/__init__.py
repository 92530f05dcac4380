"""What goes out: notices to parties' channels. The only rooms that send anything.

A channel takes a composed `Notice` and returns a `Delivery` report, which goes back into the
picture as an input like any other: "sent" is what a channel said, never what was hoped.
"""
