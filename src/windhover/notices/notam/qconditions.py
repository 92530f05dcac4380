"""What is the matter with it: the fourth and fifth letter of a NOTAM's code, English and Spanish.

Source: ICAO Doc 8126, part III, appendix (NOTAM selection criteria); own wording.
"""

from __future__ import annotations

from windhover.schema.cases import Words

_TABLE = """
AC|withdrawn for maintenance|retirado por mantenimiento
AD|available for daylight operation|disponible para operación diurna
AF|flight checked and reliable|verificado en vuelo y confiable
AG|operating but ground checked only|en operación con verificación solo en tierra
AH|hours of service are|el horario de servicio es
AK|resumed normal operation|reanudó operación normal
AL|operative subject to earlier conditions|operativo con las condiciones anteriores
AM|military operations only|solo operaciones militares
AN|available for night operation|disponible para operación nocturna
AO|operational|operativo
AP|available with prior permission|disponible con autorización previa
AR|available on request|disponible a solicitud
AS|unserviceable|fuera de servicio
AU|not available|no disponible
AW|completely withdrawn|retirado completamente
AX|promulgated shutdown cancelled|cierre anunciado cancelado
CA|activated|activada
CC|completed|completado
CD|deactivated|desactivada
CE|erected|erigido
CF|frequency changed|frecuencia cambiada
CG|downgraded|reducido de categoría
CH|changed|modificado
CI|identification or call sign changed|identificación o distintivo cambiado
CL|realigned|realineado
CM|displaced|desplazado
CN|cancelled|cancelado
CO|operating|en funcionamiento
CP|operating on reduced power|funcionando con potencia reducida
CR|temporarily replaced|reemplazado temporalmente
CS|installed|instalado
CT|on test, do not use|en prueba, no utilizar
GA|GNSS not available|GNSS no disponible
GV|not authorized|no autorizado
HA|braking action is|la eficacia de frenado es
HB|friction is|el coeficiente de fricción es
HC|covered by compacted snow|cubierto de nieve compacta
HD|covered by dry snow|cubierto de nieve seca
HE|covered by water|cubierto de agua
HF|free of snow and ice|libre de nieve y hielo
HG|grass cutting in progress|corte de hierba en curso
HH|hazardous|peligroso
HI|covered by ice|cubierto de hielo
HJ|launch planned|lanzamiento previsto
HK|bird migration in progress|migración de aves en curso
HL|snow clearance completed|remoción de nieve terminada
HM|marked|señalizado
HN|covered by wet snow or slush|cubierto de nieve mojada o fundente
HO|obscured by snow|oculto por nieve
HP|snow clearance in progress|remoción de nieve en curso
HQ|operation cancelled|operación cancelada
HR|standing water|agua estancada
HS|sanding|enarenado
HT|approach according to signal area only|aproximación solo según área de señales
HU|launch in progress|lanzamiento en curso
HV|work completed|obra terminada
HW|work in progress|obra en curso
HX|concentration of birds|concentración de aves
HY|snow banks exist|hay bancos de nieve
HZ|covered by frozen ruts and ridges|cubierto de surcos y crestas congelados
KK|checklist|lista de verificación
LA|operating on auxiliary power|funcionando con energía auxiliar
LB|reserved for aircraft based there|reservado a aeronaves con base allí
LC|closed|cerrado
LD|unsafe|inseguro
LE|operating without auxiliary power|funcionando sin energía auxiliar
LF|interference from|interferencia de
LG|operating without identification|funcionando sin identificación
LH|unserviceable for heavier aircraft|fuera de servicio para aeronaves más pesadas
LI|closed to IFR operations|cerrado a operaciones IFR
LK|operating as fixed light|funcionando como luz fija
LL|usable for length and width of|utilizable en longitud y anchura de
LN|closed to all night operations|cerrado a toda operación nocturna
LP|prohibited to|prohibido a
LR|aircraft restricted to runways and taxiways|aeronaves limitadas a pistas y calles de rodaje
LS|subject to interruption|sujeto a interrupción
LT|limited to|limitado a
LV|closed to VFR operations|cerrado a operaciones VFR
LW|will take place|tendrá lugar
LX|operating, caution advised|en funcionamiento, se aconseja precaución
TT|taking effect, see AIP|entra en vigor, véase AIP
XX|see text|véase el texto
"""

CONDITIONS: dict[str, Words] = {
    row[:2]: Words(*row[3:].split("|")) for row in _TABLE.strip().splitlines()
}
