"""XML of strangers, piece by piece: no entities, no document types, bounded depth, any size.

Expat fetches nothing by itself; what remains are entities that multiply ("billion laughs") and trees
that are deeper than a stack. A document type declares entities, so that none is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.parsers import expat

from windhover.errors import BadInput

CHUNK: Final = 1 << 16
MAX_DEPTH: Final = 200
MAX_TEXT: Final = 1 << 24
"""Characters in one element; a line string with a million places has fewer."""


class Event(NamedTuple):
    """An element begins (`text` is empty) or ends."""

    begins: bool
    tag: str  # local name, without its namespace
    attributes: dict[str, str]
    text: str  # between its beginning and its end, without its children's


def events(payload: bytes) -> Iterator[Event]:
    """Every element's beginning and end. Raises `BadInput` with one line, after what was readable."""
    parser = expat.ParserCreate(namespace_separator="}")
    waiting: list[Event] = []
    texts: list[list[str]] = []
    lengths: list[int] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(texts) >= MAX_DEPTH:
            raise BadInput(f"The XML is more than {MAX_DEPTH} elements deep.")
        texts.append([])
        lengths.append(0)
        waiting.append(Event(True, name.rpartition("}")[2], attributes, ""))

    def text(words: str) -> None:
        if texts:
            lengths[-1] += len(words)
            if lengths[-1] > MAX_TEXT:
                raise BadInput("One element of the XML holds more text than is read.")
            texts[-1].append(words)

    def end(name: str) -> None:
        lengths.pop()
        waiting.append(Event(False, name.rpartition("}")[2], {}, "".join(texts.pop()).strip()))

    def document_type(*_: object) -> None:
        raise BadInput("The XML declares a document type, which is not read.")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = document_type
    parser.buffer_text = True
    for at in range(0, len(payload) + 1, CHUNK):
        chunk = payload[at : at + CHUNK]
        try:
            parser.Parse(chunk, at + CHUNK > len(payload))
        except expat.ExpatError as fault:
            yield from waiting
            raise BadInput(
                f"The XML is broken in line {fault.lineno}: {expat.ErrorString(fault.code)}."
            ) from None
        except (UnicodeError, ValueError, LookupError):
            raise BadInput("The XML is in an encoding that cannot be read.") from None
        yield from waiting
        waiting.clear()
