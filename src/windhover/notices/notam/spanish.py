"""The reader's own sentences (warnings, uncertainties) in Spanish.

The reader says them in English where it finds them; here each has its like, with `{}` for what the
notice puts in (`schema.sentences`). A test walks the reader's code and finds every sentence here.
"""

from __future__ import annotations

from functools import lru_cache

from windhover.schema.sentences import translator

_SENTENCES = (
    # put together; first, for others would fit them too
    ("item B {}", "ítem B: {}"),
    ("item C {}", "ítem C: {}"),
    ("item D: {}", "ítem D: {}"),
    ("the start {}", "el inicio: {}"),
    ("the end {}", "el término: {}"),
    # items
    ("item Q is missing", "falta el ítem Q"),
    ("item C is missing", "falta el ítem C"),
    ("a NOTAMC has no item C", "un NOTAMC no lleva ítem C"),
    ("no series and number", "sin serie ni número"),
    ("only part {} of {}", "sólo la parte {} de {}"),
    ("item F {} is not a vertical limit", "el ítem F {} no es un límite vertical"),
    ("item G {} is not a vertical limit", "el ítem G {} no es un límite vertical"),
    ("no accountability and number: a body without its head", "sin oficina ni número: un cuerpo sin encabezado"),
    ("the text does not say from when to when", "el texto no dice desde ni hasta cuándo"),
    ("the file does not say from when", "el archivo no dice desde cuándo"),
    ("areas of this file have times of their own; the intervals are those of all", "hay áreas de este archivo con horarios propios; los periodos son los de todas"),
    ("the file's days and hours are not read: the interval runs from first to last", "los días y horas del archivo no se leen: el periodo va de principio a fin"),
    ("is empty", "está vacío"),
    ("is missing", "falta"),
    ("{} is not a date and time", "{} no es fecha y hora"),
    # item Q
    ("item Q does not have its eight fields", "el ítem Q no tiene sus ocho campos"),
    ("item Q has more than eight fields", "el ítem Q tiene más de ocho campos"),
    ("the code {} of item Q is not five letters with Q first", "el código {} del ítem Q no es de cinco letras que empiecen con Q"),
    ("item Q has no pair of flight levels", "el ítem Q no tiene dos niveles de vuelo"),
    ("item Q's lower limit lies above its upper limit", "el límite inferior del ítem Q está por encima del superior"),
    ("item Q has no coordinates", "el ítem Q no tiene coordenadas"),
    ("item Q has no radius", "el ítem Q no tiene radio"),
    # contradictions
    ("the end is not after the start", "el término no es posterior al inicio"),
    ("the upper limit is the surface", "el límite superior es la superficie"),
    ("the lower limit lies above the upper limit", "el límite inferior está por encima del superior"),
    ("item G is unlimited, item Q ends at {}", "el ítem G es ilimitado y el ítem Q termina en {}"),
    ("item G {} lies above item Q's {}", "el ítem G {} está por encima de {} del ítem Q"),
    ("item F is the surface, item Q starts at {}", "el ítem F es la superficie y el ítem Q empieza en {}"),
    ("item F {} lies below item Q's {}", "el ítem F {} está por debajo de {} del ítem Q"),
    ("item E's area reaches {} NM from item Q's centre, whose circle has {}", "el área del ítem E llega a {} NM del centro del ítem Q, cuyo círculo tiene {}"),
    # areas
    ("only the first {} of {} positions were drawn", "sólo se trazaron las primeras {} de {} posiciones"),
    ("only the first {} of {} areas were drawn", "sólo se trazaron las primeras {} de {} áreas"),
    ("{}: drawn straight", "{}: trazado en línea recta"),
    ("{} airspace is excluded by words; its border is not drawn", "el espacio aéreo {} se excluye con palabras; su frontera no está trazada"),
    ("{} is excluded by words; it is not cut out", "{} se excluye con palabras; no está recortado"),
    ("a corridor too long, too thin or too tangled to draw: its middle line", "un corredor demasiado largo, delgado o enredado para trazarlo: su línea media"),
    ("radials are magnetic; they were taken as true", "los radiales son magnéticos; se tomaron como verdaderos"),
    ("{} is no position: a corner may be missing", "{} no es una posición: puede faltar un vértice"),
    ("an arc whose centre is not given: drawn straight", "un arco cuyo centro no se indica: trazado en línea recta"),
    ("an arc whose direction is not given: the shorter way", "un arco cuyo sentido no se indica: el camino más corto"),
    ("more than {} arcs: the rest is drawn straight", "más de {} arcos: el resto se traza en línea recta"),
    ("an end of the arc lies {} NM from its centre, not {}", "un extremo del arco está a {} NM de su centro, no a {}"),
    ("only a part of the circle is meant; it is drawn whole", "se refiere sólo a una parte del círculo; está trazado entero"),
    ("two radii are named; the circle has the one nearest to its centre", "se nombran dos radios; el círculo tiene el más cercano a su centro"),
    ("further radii at other heights are named and not drawn", "se nombran más radios a otras alturas, que no están trazados"),
    ("the centre is item Q's, known to the minute only", "el centro es el del ítem Q, conocido sólo al minuto"),
    # item D
    ("times are told for the first {} days only", "los horarios se dicen sólo para los primeros {} días"),
    ("days without a month are taken for every month", "los días sin mes se toman para todos los meses"),
    ("item D names times outside items B and C", "el ítem D nombra horarios fuera de los ítems B y C"),
    ("public holidays are named but not known here", "se nombran días festivos, que aquí no se conocen"),
    ("weekdays and weekends were taken as Monday to Friday and the rest", "los días de semana se tomaron como lunes a viernes, y el fin de semana como el resto"),
    ("{} TO {} is not an interval", "{} TO {} no es un periodo"),
    ("more than {} intervals", "más de {} periodos"),
    ("no time of item D lies between items B and C", "ningún horario del ítem D cae entre los ítems B y C"),
    ("SR or SS at a place that is not known, or where the sun does neither", "SR o SS en un lugar que no se conoce, o donde el sol no sale ni se pone"),
    ("there is no day {} between items B and C", "no hay día {} entre los ítems B y C"),
    ("a range of days that ends on {} is not understood", "no se entiende una serie de días que termina el {}"),
    ("longer than {} characters", "más de {} caracteres"),
    ("more than {} sunrises and sunsets", "más de {} salidas y puestas del sol"),
    ("names no time", "no nombra horario"),
    ("{} is out of place", "{} está fuera de lugar"),
    ("a date and time without its end", "una fecha y hora sin su término"),
    ("days without a time", "días sin horario"),
    ("times that are taken out", "horarios que se exceptúan"),
    ("a stretch from day to day that is not understood", "no se entiende un tramo de un día a otro"),
    ("times in brackets behind other times: not understood", "horarios entre paréntesis tras otros horarios: no se entiende"),
    ("the first, second … weekday of a month: not understood", "el primer, segundo … día de semana del mes: no se entiende"),
    ("a first day without a last one: not understood", "un primer día sin el último: no se entiende"),
    ("{} is not a time of day", "{} no es una hora"),
    ("{} is not a day of a month", "{} no es un día del mes"),
    ("{} is not understood", "no se entiende {}"),
    ("{} may be a range or two days", "{} puede ser una serie o dos días"),
)  # fmt: skip
found = translator(_SENTENCES)
"""The sentence in Spanish; None where it is none of the reader's."""


@lru_cache(maxsize=1024)
def in_spanish(sentence: str) -> str:
    """'item Q has no radius' → 'el ítem Q no tiene radio'; what is none of the reader's stays."""
    return found(sentence) or sentence
