/** What a person does: every button and every key ends here. */
import { ApiError, command, post, session as door, setCsrf, site as fetchSite, type Session } from "./api";
import { formatHash, NOWHERE, parseHash, type Link, type ViewName } from "./hash";
import { keep, kept } from "./kept";
import { goAsking, goBack, goLive, hangUp, refresh } from "./live/socket";
import { THEMES, type Theme } from "./map/palette";
import { dialog, liveness, link, looks, now_ms, picture, seesPicture, session, site, store, theme, toast } from "./state";
import { iso } from "./units";
import { language, say, speak, t } from "./words";
import { inSpanish } from "./words/problems";
import { openIncidents, orderedTracks, waitingAlerts } from "./order";

export async function begin(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get("enter");
  try {
    if (token) {
      history.replaceState(null, "", location.pathname);
      await door.link(token);
    }
    await enter(await door.read());
  } catch (error) {
    if (token) toast(explain(error), "bad");
    else if (!(error instanceof ApiError) || error.status !== 401) toast(t("error.away"), "bad");
    session.value = null;
  }
}

export async function logIn(name: string, password: string): Promise<void> {
  const opened = await door.open(name, password);
  // The session's own page carries the token that unsafe methods need.
  await enter(opened?.csrf ? opened : await door.read());
}

export async function firstAdmin(token: string, name: string, password: string): Promise<void> {
  await door.firstAdmin(token, name, password);
  history.replaceState(null, "", location.pathname);
  await logIn(name, password);
}

async function enter(who: Session): Promise<void> {
  setCsrf(who.csrf);
  if (!kept("language")) speak(who.language);
  site.value = await fetchSite();
  session.value = who;
  link.value = parseHash(location.hash);
  // Whoever came by a one-time link chooses a password first: the link will not work again.
  if (!who.password && !who.exercise) link.value = { ...link.value, view: "accounts" };
  if (!seesPicture.value) link.value = { ...NOWHERE, view: "accounts" };
  else if (!looks.value && link.value.view !== "accounts") link.value = { ...NOWHERE, view: "questions" };
  if (seesPicture.value) follow();
}

export async function setOwnPassword(current: string, password: string): Promise<void> {
  const who = await door.password(current, password);
  setCsrf(who.csrf);
  session.value = who;
  toast(t("account.password_set"), "good");
}

export async function logOut(): Promise<void> {
  hangUp();
  await door.close().catch(() => null);
  session.value = null;
  picture.value = null;
  store.clear();
  liveness.value = "starting";
}

/** Live or the past, as the link says. */
export function follow(): void {
  if (!looks.value) goAsking();
  else if (link.value.at) goBack(link.value.at, link.value.speed);
  else goLive();
}

export function go(change: Partial<Link>, push = true): void {
  const next = { ...link.value, ...change };
  const timeChanged = next.at !== link.value.at || next.speed !== link.value.speed;
  link.value = next;
  const hash = formatHash(next);
  const url = location.pathname + location.search + hash;
  if (push && hash !== location.hash) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  if (timeChanged) follow();
}

export const openView = (view: ViewName): void => go({ view });
/** Above the incident that is open, to which "back" returns. */
export const openTrack = (track: number): void =>
  go({ track, view: link.value.view === "table" ? "table" : "map" });
export const openIncident = (incident: string): void => go({ incident, track: 0, view: link.value.view === "table" ? "table" : "map" });
export const back = (): void => {
  if (link.value.track && link.value.incident) go({ track: 0 });
  else if (link.value.track || link.value.incident) go({ track: 0, incident: "" });
  else if (link.value.view !== "map") go({ view: "map" });
};

export function stepIncident(by: number): void {
  const all = openIncidents();
  if (!all.length) return;
  const at = all.findIndex((i) => i.id === link.value.incident);
  openIncident(all[(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by + all.length) % all.length]!.id);
}

export function stepTrack(by: number): void {
  const all = orderedTracks();
  if (!all.length) return;
  const at = all.indexOf(link.value.track);
  openTrack(all[(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by + all.length) % all.length]!);
}

export const live = (): void => go({ at: "", speed: 1 });
export const pause = (): void => {
  if (!link.value.at) go({ at: iso(now_ms.value), speed: 0 });
  else if (link.value.speed === 0) go({ at: iso(now_ms.value), speed: 1 });
  else go({ at: iso(now_ms.value), speed: 0 });
};
export const play = (speed: number): void => go({ at: iso(now_ms.value), speed });
export const jump = (at_ms: number): void => go({ at: iso(at_ms), speed: 0 }, false);

export function setTheme(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
  keep("theme", next);
}
export const nextTheme = (): void => setTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!);
export const nextLanguage = (): void => speak(language.value === "en" ? "es" : "en");

/** Sends one command; says why where it is refused. True if it was accepted. */
export async function order(name: string, fields: Record<string, unknown>, done: string): Promise<boolean> {
  if (link.value.at) {
    toast(t("error.past"), "bad");
    return false;
  }
  return attempt(async () => {
    const answer = await command(name, fields);
    if (!answer.accepted) throw new ApiError(409, say(answer.refusal) || t("error.refused"));
  }, done);
}

export async function attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
    if (done) toast(done, "good");
    void refresh();
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
    toast(explain(error), "bad");
    return false;
  }
}

export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 0) return t("error.away");
  if (error.status === 403 && error.message.startsWith("This needs")) return t("error.forbidden");
  if (language.value === "en") return error.message || t("error.refused");
  return inSpanish(error.message) ?? (error.field ? t("error.field", { field: error.field }) : t("error.refused"));
}

export const acknowledgeAll = (alerts: readonly { id: string }[]): Promise<boolean> =>
  attempt(async () => {
    for (const { id } of alerts) await post(`/api/alerts/${id}/acknowledge`, { name: session.value?.name ?? "" });
  }, t("alert.acknowledged"));

/** The first line: the most urgent thing, and all that was told of it. */
export function acknowledgeNext(): void {
  const [first] = waitingAlerts(picture.value?.alerts ?? []);
  if (first) void acknowledgeAll(first);
}

export const openDialog = (name: typeof dialog.value): void => {
  dialog.value = name;
};
