"""Pages for people: one story, told as JSON, as tables in a terminal, and as one HTML page.

`story` is the object; `table` and `html` render it and know nothing else. Whoever plays an exercise
or replays a recording fills the story from the record.
"""
