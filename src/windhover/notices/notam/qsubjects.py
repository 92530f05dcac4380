"""What a NOTAM is about: the second and third letter of its code, in English and Spanish.

Source: ICAO Doc 8126, part III, appendix (NOTAM selection criteria); own wording.
"""

from __future__ import annotations

from windhover.schema.cases import Words

_TABLE = """
AA|minimum altitude|altitud mínima
AC|control zone|zona de control
AD|air defence identification zone|zona de identificación de defensa aérea
AE|control area|área de control
AF|flight information region|región de información de vuelo
AG|general facility|instalación general
AH|upper control area|área superior de control
AL|minimum usable flight level|nivel de vuelo mínimo utilizable
AN|area navigation route|ruta de navegación de área
AO|oceanic control area|área de control oceánica
AP|reporting point|punto de notificación
AR|ATS route|ruta ATS
AT|terminal control area|área de control terminal
AU|upper flight information region|región superior de información de vuelo
AV|upper advisory area|área superior con asesoramiento
AX|significant point|punto significativo
AZ|aerodrome traffic zone|zona de tránsito de aeródromo
CA|air-ground radio|radio aire-tierra
CB|automatic dependent surveillance|vigilancia dependiente automática
CC|ADS-C|ADS-C
CD|controller-pilot data link|enlace de datos controlador-piloto
CE|en-route surveillance radar|radar de vigilancia en ruta
CG|ground-controlled approach|aproximación dirigida desde tierra
CL|selective calling system|sistema de llamada selectiva
CM|surface movement radar|radar de movimiento en superficie
CP|precision approach radar|radar de aproximación de precisión
CR|surveillance radar of precision approach radar|radar de vigilancia del radar de precisión
CS|secondary surveillance radar|radar secundario de vigilancia
CT|terminal area surveillance radar|radar de vigilancia de área terminal
FA|aerodrome|aeródromo
FB|friction measuring device|dispositivo de medición de fricción
FC|ceiling measurement equipment|equipo de medición del techo de nubes
FD|docking system|sistema de atraque
FE|oxygen|oxígeno
FF|fire fighting and rescue|extinción de incendios y salvamento
FG|ground movement control|control de movimiento en tierra
FH|helicopter alighting area|área de toma de helicópteros
FI|aircraft de-icing|deshielo de aeronaves
FJ|oils|aceites
FL|landing direction indicator|indicador de dirección de aterrizaje
FM|meteorological service|servicio meteorológico
FO|fog dispersal system|sistema de dispersión de niebla
FP|heliport|helipuerto
FS|snow removal equipment|equipo de remoción de nieve
FT|transmissometer|transmisómetro
FU|fuel availability|disponibilidad de combustible
FW|wind direction indicator|indicador de dirección del viento
FZ|customs and immigration|aduana e inmigración
GA|GNSS airfield-specific operations|operaciones GNSS del aeródromo
GW|GNSS area-wide operations|operaciones GNSS de área
IC|instrument landing system|sistema de aterrizaje por instrumentos
ID|DME of the ILS|DME del ILS
IG|glide path of the ILS|trayectoria de planeo del ILS
II|inner marker of the ILS|radiobaliza interna del ILS
IL|localizer of the ILS|localizador del ILS
IM|middle marker of the ILS|radiobaliza intermedia del ILS
IN|localizer not associated with an ILS|localizador sin ILS
IO|outer marker of the ILS|radiobaliza externa del ILS
IS|ILS category I|ILS de categoría I
IT|ILS category II|ILS de categoría II
IU|ILS category III|ILS de categoría III
IW|microwave landing system|sistema de aterrizaje por microondas
IX|locator, outer|radiofaro de localización externo
IY|locator, middle|radiofaro de localización intermedio
KK|checklist of NOTAMs in force|lista de verificación de NOTAM vigentes
LA|approach lighting system|sistema de luces de aproximación
LB|aerodrome beacon|faro de aeródromo
LC|runway centre line lights|luces de eje de pista
LD|landing direction indicator lights|luces del indicador de dirección de aterrizaje
LE|runway edge lights|luces de borde de pista
LF|sequenced flashing lights|luces de destellos en secuencia
LG|pilot-controlled lighting|luces controladas por el piloto
LH|high intensity runway lights|luces de pista de alta intensidad
LI|runway end identifier lights|luces de identificación de extremo de pista
LJ|runway alignment indicator lights|luces indicadoras de alineación de pista
LK|category II components of approach lighting|componentes de categoría II de las luces de aproximación
LL|low intensity runway lights|luces de pista de baja intensidad
LM|medium intensity runway lights|luces de pista de media intensidad
LP|precision approach path indicator|indicador de trayectoria de aproximación de precisión
LR|all landing area lighting|iluminación de toda el área de aterrizaje
LS|stopway lights|luces de zona de parada
LT|threshold lights|luces de umbral
LU|helicopter approach path indicator|indicador de trayectoria de aproximación para helicópteros
LV|visual approach slope indicator|indicador visual de pendiente de aproximación
LW|heliport lighting|iluminación de helipuerto
LX|taxiway centre line lights|luces de eje de calle de rodaje
LY|taxiway edge lights|luces de borde de calle de rodaje
LZ|touchdown zone lights|luces de zona de toma de contacto
MA|movement area|área de movimiento
MB|bearing strength|resistencia del pavimento
MC|clearway|zona libre de obstáculos
MD|declared distances|distancias declaradas
MG|taxiing guidance system|sistema de guía de rodaje
MH|runway arresting gear|sistema de detención en pista
MK|parking area|área de estacionamiento
MM|daylight markings|señales diurnas
MN|apron|plataforma
MO|stop bar|barra de parada
MP|aircraft stands|puestos de estacionamiento
MR|runway|pista
MS|stopway|zona de parada
MT|threshold|umbral
MU|runway turning bay|plataforma de viraje en pista
MW|strip|franja
MX|taxiway|calle de rodaje
MY|rapid exit taxiway|calle de salida rápida
NA|all radio navigation facilities|todas las ayudas de radionavegación
NB|non-directional beacon|radiofaro no direccional
NC|DECCA|DECCA
ND|distance measuring equipment|equipo radiotelemétrico
NF|fan marker|radiobaliza en abanico
NL|locator|radiofaro de localización
NM|VOR/DME|VOR/DME
NN|TACAN|TACAN
NO|OMEGA|OMEGA
NT|VORTAC|VORTAC
NV|VOR|VOR
NX|direction-finding station|estación radiogoniométrica
OA|aeronautical information service|servicio de información aeronáutica
OB|obstacle|obstáculo
OE|aircraft entry requirements|requisitos de entrada de aeronaves
OL|obstacle lights|luces de obstáculo
OR|rescue coordination centre|centro coordinador de salvamento
PA|standard instrument arrival|llegada normalizada por instrumentos
PB|standard VFR arrival|llegada VFR normalizada
PC|contingency procedures|procedimientos de contingencia
PD|standard instrument departure|salida normalizada por instrumentos
PE|standard VFR departure|salida VFR normalizada
PF|flow control procedure|procedimiento de control de afluencia
PH|holding procedure|procedimiento de espera
PI|instrument approach procedure|procedimiento de aproximación por instrumentos
PK|VFR approach procedure|procedimiento de aproximación VFR
PL|flight plan processing|tramitación de planes de vuelo
PM|aerodrome operating minima|mínimos de utilización de aeródromo
PN|noise operating restriction|restricción por ruido
PO|obstacle clearance altitude and height|altitud y altura de franqueamiento de obstáculos
PP|obstacle clearance|franqueamiento de obstáculos
PR|radio failure procedure|procedimiento por falla de radio
PT|transition altitude or level|altitud o nivel de transición
PU|missed approach procedure|procedimiento de aproximación frustrada
PX|minimum holding altitude|altitud mínima de espera
PZ|ADIZ procedure|procedimiento de ADIZ
RA|airspace reservation|reserva de espacio aéreo
RD|danger area|zona peligrosa
RM|military operating area|área de operaciones militares
RO|overflying|sobrevuelo
RP|prohibited area|zona prohibida
RR|restricted area|zona restringida
RT|temporary restricted area|zona restringida temporal
SA|automatic terminal information service|servicio automático de información terminal
SB|ATS reporting office|oficina de notificación ATS
SC|area control centre|centro de control de área
SE|flight information service|servicio de información de vuelo
SF|aerodrome flight information service|servicio de información de vuelo de aeródromo
SL|flow control centre|centro de control de afluencia
SO|oceanic area control centre|centro de control de área oceánica
SP|approach control service|servicio de control de aproximación
SS|flight service station|estación de servicio de vuelo
ST|aerodrome control tower|torre de control de aeródromo
SU|upper area control centre|centro de control de área superior
SV|VOLMET broadcast|radiodifusión VOLMET
SY|upper advisory service|servicio superior de asesoramiento
TT|MIL CAT trigger|aviso inicial
WA|air display|exhibición aérea
WB|aerobatics|acrobacias aéreas
WC|captive balloon or kite|globo cautivo o cometa
WD|demolition of explosives|demolición con explosivos
WE|exercises|ejercicios
WF|air refuelling|reabastecimiento en vuelo
WG|glider flying|vuelo de planeadores
WH|blasting|voladuras
WJ|banner or target towing|remolque de pancartas o blancos
WL|ascent of a free balloon|ascenso de globo libre
WM|missile, gun or rocket firing|tiro de misiles, artillería o cohetes
WO|laser or light display|exhibición de láser o luces
WP|parachute jumping, paragliding or hang gliding|paracaidismo, parapente o ala delta
WR|radioactive or toxic materials|materiales radiactivos o tóxicos
WS|burning or blowing gas|quema o escape de gas
WT|mass movement of aircraft|movimiento masivo de aeronaves
WU|unmanned aircraft|aeronaves no tripuladas
WV|formation flight|vuelo en formación
WW|significant volcanic activity|actividad volcánica significativa
WY|aerial survey|levantamiento aéreo
WZ|model flying|aeromodelismo
XX|plain language subject|asunto en lenguaje claro
"""

SUBJECTS: dict[str, Words] = {
    row[:2]: Words(*row[3:].split("|")) for row in _TABLE.strip().splitlines()
}
