"""The place, read from one folder of TOML and GeoJSON.

Everything here turns what people write (degrees, feet, kilometres, minutes) into `schema.place`.
What the folder does not state stays unknown (`None`), never zero; the only things looked up are those
a library knows: an aerodrome's reference point and elevation, a place's time zone, and, where the
site has no official line, the border between two countries' time zones.
"""

from windhover.site.border import border_from_timezones
from windhover.site.folder import default, example_files, load

__all__ = ["border_from_timezones", "default", "example_files", "load"]
