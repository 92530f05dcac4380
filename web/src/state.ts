/** What the console knows, as signals. Panels read them; `actions.ts` and `live/socket.ts` write them. */
import { computed, signal } from "@preact/signals";
import type { Picture, Session } from "./api";
import { NOWHERE, type Link } from "./hash";
import { kept } from "./kept";
import type { Theme } from "./map/palette";
import { TrackStore } from "./live/store";
import type { Site } from "./types";

export const session = signal<Session | null>(null);
export const site = signal<Site | null>(null);
export const picture = signal<Picture | null>(null);
export const link = signal<Link>(NOWHERE);
export const theme = signal<Theme>("dark");

export const store = new TrackStore();
/** Raised with every frame; whoever reads `store` reads this first. */
export const tick = signal(0);
export const now_ms = signal(0);
/** Whether the frames themselves say that this is an exercise. */
export const frame_exercise = signal(false);
export type Liveness = "starting" | "live" | "replay" | "paused" | "lost";
export const liveness = signal<Liveness>("starting");
export const last_frame_ms = signal(0);

export interface Toast { id: number; text: string; tone: "good" | "bad" | "plain" }
export const toasts = signal<Toast[]>([]);
export type DialogName = "" | "help" | "phone" | "claim" | "theme";
export const dialog = signal<DialogName>("");
export const keys_on = signal(kept("keys") !== "off");
export const sound_on = signal(kept("sound") !== "off");

export const exercise = computed(() => frame_exercise.value || !!session.value?.exercise || !!site.value?.exercise);
export const looking_back = computed(() => link.value.at !== "");
export const can = (role: "operator" | "approver" | "admin" | "partner"): boolean => {
  const roles = session.value?.roles ?? [];
  return roles.includes(role) || (role === "operator" && roles.includes("approver"));
};

/** Whoever sees the whole picture; a partner's desk has its own part of it and no map of tracks. */
export const looks = computed(() => (session.value?.roles ?? []).includes("viewer"));
/** An administrator without another role has accounts and no picture. */
export const seesPicture = computed(() => (session.value?.roles ?? []).some((role) => role === "viewer" || role === "partner"));

let next = 1;
export function toast(text: string, tone: Toast["tone"] = "plain"): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-3), { id, text, tone }];
  setTimeout(() => (toasts.value = toasts.value.filter((x) => x.id !== id)), tone === "bad" ? 12_000 : 5000);
}
