import { REMARKS } from "./remarks";

/** What the server says when it refuses, in Spanish; `{}` stands for what it names. A test keeps it whole. */
export const PROBLEMS: Record<string, string> = {
  "A name has 1 to 64 printable characters, no blanks around it.": "Un nombre tiene de 1 a 64 caracteres visibles, sin espacios al principio ni al final.",
  "A partner's account names the party that it speaks for.": "La cuenta de un socio nombra la parte por la que habla.",
  "A partner has no other role.": "Un socio no tiene otra función.",
  "There is an account {} already.": "Ya existe una cuenta {}.",
  "There is no account {}.": "No existe la cuenta {}.",
  "There is no such account.": "Esa cuenta no existe.",
  "It is the last administrator.": "Es el último administrador.",
  "The account is not active.": "La cuenta no está activa.",
  "The site has no party {}.": "El sitio no tiene la parte {}.",
  "A token has one or more of its account's roles, not {}.": "Una clave tiene una o más funciones de su cuenta, no {}.",
  "A token lives {} days at most.": "Una clave dura a lo más {} días.",
  "A token cannot change a password: log in.": "Con una clave no se cambia la contraseña: inicie sesión.",
  "There is no such token.": "Esa clave no existe.",
  "There is no such session.": "Esa sesión no existe.",
  "The current password is wrong.": "La contraseña actual es incorrecta.",
  "The password needs {} characters or more.": "La contraseña necesita {} caracteres o más.",
  "The password repeats too few characters.": "La contraseña repite muy pocos caracteres.",
  "The password is on a list of common or stolen passwords: choose another.": "La contraseña está en una lista de contraseñas comunes o robadas: elija otra.",
  "Name or password is wrong.": "El nombre o la contraseña es incorrecto.",
  "Too many wrong passwords: wait.": "Demasiadas contraseñas incorrectas: espere.",
  "There is an administrator already.": "Ya hay un administrador.",
  "The first account administers, and is no partner's.": "La primera cuenta administra y no es de un socio.",
  "The link is not good, or was used: restart the server for another.": "El enlace no sirve o ya se usó: reinicie el servidor para obtener otro.",
  "The link is not good, or was used.": "El enlace no sirve o ya se usó.",
  "Log in first.": "Inicie sesión primero.",
  "This needs one of the roles: {}.": "Hace falta una de estas funciones: {}.",
  "This came from another site's page.": "Esto vino de la página de otro sitio.",
  "The X-CSRF-Token header is missing or of another session.": "La sesión de esta página terminó: cárguela de nuevo.",
  "This server is not known by that name: set [server] names.": "Este servidor no se conoce por ese nombre: configure [server] names.",
  "Too many requests: wait.": "Demasiadas peticiones: espere.",
  "The body is larger than {} KiB.": "El texto es mayor que {} KiB.",
  "Send JSON: Content-Type: application/json.": "Envíe JSON: Content-Type: application/json.",
  "The body is not JSON: {}.": "El texto no es JSON: {}.",
  "A number in it is not finite or out of all range.": "Un número no es finito o está fuera de todo límite.",
  "An area has three corners or more.": "Un área tiene tres vértices o más.",
  "A place is given in rad, within the globe.": "Un lugar se da en radianes, dentro del globo.",
  "A partner's account speaks for {} alone.": "La cuenta de un socio habla solo por {}.",
  "There is no such alert.": "Esa alerta no existe.",
  "{} has acknowledged it already.": "{} ya acusó recibo.",
  "A watch is handed from one person to another.": "La guardia se entrega de una persona a otra.",
  "Only the two officers sign, each under the own account.": "Solo firman los dos oficiales, cada uno con su propia cuenta.",
  "You have signed already; the other has not.": "Usted ya firmó; falta la otra persona.",
  "There is no such incident.": "Ese incidente no existe.",
  "There is no such track.": "Esa traza no existe.",
  "Track {} is not held now; its history may be.": "La traza {} ya no se sigue; puede haber historial.",
  "Nothing is recorded of track {}.": "No hay nada registrado de la traza {}.",
  "Its operator's position is not known.": "No se conoce la posición de su operador.",
  "It is being verified already: wait.": "Ya se está verificando: espere.",
  "kind is one of {}.": "kind es uno de {}.",
  "GET only.": "Solo GET.",
  "The watch is not running.": "La guardia no está en marcha.",
  "This is a finished record: nothing can be added to it.": "Es un registro terminado: no se le puede agregar nada.",
  "{} is no speed.": "{} no es una velocidad.",
  "A replay's speed is from 1 to 60.": "La velocidad de una repetición va de 1 a 60.",
  "The archive cannot be read: {}": "No se puede leer el archivo: {}",
  "A legal basis needs words: which law, order or consent.": "Una base legal necesita palabras: qué ley, orden o consentimiento.",
  "A reason needs words.": "Un motivo necesita palabras.",
  "Content needs the legal basis of the feed first.": "El contenido necesita primero la base legal de la fuente.",
  "A clock can be corrected by a day at most.": "Un reloj se corrige a lo más en un día.",
  "There is no feed {}.": "No existe la fuente {}.",
  "{} is not the name of a person.": "{} no es el nombre de una persona.",
  "An exercise has no live feeds.": "Un ejercicio no tiene fuentes en vivo.",
  "A fault of our own; it has been logged.": "Una falla nuestra; quedó anotada.",
};

const patterns = (table: Record<string, string>) =>
  Object.entries(table).map(([en, es]) => {
    const parts = en.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return [new RegExp(`^${parts.join("(.+)")}$`), es] as const;
  });
const PATTERNS = patterns(PROBLEMS);
const OF_FEEDS = patterns(REMARKS);

/** The Spanish of one of the server's sentences; null where it has none. */
export function inSpanish(sentence: string, among = PATTERNS): string | null {
  for (const [pattern, es] of among) {
    const found = pattern.exec(sentence);
    if (found) return found.slice(1).reduce((text, named) => text.replace("{}", named), es);
  }
  return null;
}

/** What a feed says of itself, part by part; a part that nobody foresaw (the system's own words) stays as it is. */
export const remarkInSpanish = (words: string): string =>
  inSpanish(words, OF_FEEDS) ?? words.split("; ").map((part) => inSpanish(part, OF_FEEDS) ?? part).join("; ");
