/** The theme's colours as the map needs them: read from the style sheet, so that they stand once. */
import { CLASSES } from "../live/frame";

export type Theme = "dark" | "day" | "red";
export const THEMES: readonly Theme[] = ["dark", "day", "red"];

const NAMES = [
  "ground", "water", "land", "country", "place", "runway", "border", "zone", "zone-critical", "restriction",
  "coverage", "halo", "text", "muted", "accent", "warn", "bad", "good", "focus",
] as const;
export type PaletteName = (typeof NAMES)[number];
export type Palette = Record<PaletteName, string> & { classes: string[] };

export function readPalette(root: Element): Palette {
  const style = getComputedStyle(root);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const out = {} as Record<PaletteName, string>;
  for (const name of NAMES) out[name] = read(name);
  return { ...out, classes: CLASSES.map((name) => read(`c-${name}`)) };
}

/** "#rrggbb" or "#rgb", as style sheets are shortened → 0…1 each. */
export function rgb(text: string): [number, number, number] {
  const hex = text.length === 4 ? text.replace(/[^#]/g, "$&$&") : text;
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
