/** In which order people should look at things. */
import { CLASSES, COOPERATIVE, FRIEND, INCIDENT } from "./live/frame";
import type { Feed } from "./api";
import { picture, store } from "./state";
import type { Incident } from "./types";

/** A source from which nothing is heard although something should be. */
export const isSilent = (feed: Feed): boolean => feed.state !== "up" && feed.state !== "waiting";

/** Exposure first, then evidence, then the one whose state changed last. */
export function byUrgency(a: Incident, b: Incident): number {
  return (
    Number(a.state === "closed") - Number(b.state === "closed") ||
    b.exposure.localeCompare(a.exposure) ||
    b.grade.localeCompare(a.grade) ||
    Number(a.state === "watched") - Number(b.state === "watched") ||
    b.opened_ns - a.opened_ns
  );
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
