/** In which order people should look at things. */
import { CLASSES, COOPERATIVE, FRIEND, INCIDENT } from "./live/frame";
import type { Alert, Feed } from "./api";
import { picture, store } from "./state";
import type { Incident } from "./types";

/** A source from which nothing is heard although something should be. */
export const isSilent = (feed: Feed): boolean => feed.state !== "up" && feed.state !== "waiting";

const STANDING: Incident["state"][] = ["open", "watched", "closed"];

/** What stands now before what is only watched, whose exposure is that of then; exposure, then evidence. */
export function byUrgency(a: Incident, b: Incident): number {
  return (
    STANDING.indexOf(a.state) - STANDING.indexOf(b.state) ||
    b.exposure.localeCompare(a.exposure) ||
    b.grade.localeCompare(a.grade) ||
    b.opened_ns - a.opened_ns
  );
}

const SEVERITIES = ["notice", "warning", "urgent"];
const worst = (group: Alert[]): number => Math.max(...group.map((a) => SEVERITIES.indexOf(a.severity)));

/** Alerts that wait: what was told of one thing is one line, its newest last; the most urgent line first, then the newest. */
export function waitingAlerts(alerts: readonly Alert[]): Alert[][] {
  const groups = new Map<string, Alert[]>();
  for (const a of alerts) if (!a.acknowledged_by) groups.set(a.about || a.id, [...(groups.get(a.about || a.id) ?? []), a]);
  return [...groups.values()].sort((a, b) => worst(b) - worst(a) || b.at(-1)!.time_ns - a.at(-1)!.time_ns);
}

/** What is to be rung, and what has then been heard: one picture may bring an urgent alert behind a later one. */
export function soundOf(alerts: readonly Alert[], heard: ReadonlySet<string>): [Alert["severity"] | null, ReadonlySet<string>] {
  const name = (a: Alert) => `${a.id} ${a.time_ns}`; // a restarted server may count anew
  const fresh = alerts.filter((a) => !a.acknowledged_by && !heard.has(name(a)));
  const most = fresh.some((a) => a.severity === "urgent") ? "urgent" : (fresh.at(-1)?.severity ?? null);
  return [most, new Set(alerts.map(name))];
}

/** As many lines as there is room for: the first ones, and beside them always the one that rang last. */
export function shownAlerts(lines: Alert[][], newest: string, most: number): Alert[][] {
  const shown = lines.slice(0, most);
  const rang = lines.slice(most).find((group) => group.at(-1)!.id === newest);
  return rang && most > 1 ? [...shown.slice(0, -1), rang] : shown;
}

export const openIncidents = (): Incident[] =>
  (picture.value?.incidents ?? []).filter((i) => i.state !== "closed").sort(byUrgency);

const CLASS_RANK = [5, 0, 2, 4, 3, 6, 1]; // of CLASSES: drone, unknown, balloon … clutter

/** Rows as the table shows them: in an incident first, then by what they are, cooperative last. */
export function orderedTracks(): number[] {
  const rows = Array.from({ length: store.size }, (_, i) => i);
  const rank = (i: number) =>
    (store.status[i]! & INCIDENT ? 0 : 100) +
    (store.status[i]! & FRIEND ? 50 : 0) +
    (store.status[i]! & COOPERATIVE ? 20 : 0) +
    (CLASS_RANK[store.class_index[i]!] ?? CLASSES.length);
  return rows.sort((a, b) => rank(a) - rank(b) || store.id[a]! - store.id[b]!).map((i) => store.id[i]!);
}
