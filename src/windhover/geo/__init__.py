"""Where things are: the ellipsoid, exact local frames, volumes, borders."""
