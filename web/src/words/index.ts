/** One catalogue per language; the type of the English one is the contract for the others. */
import { signal } from "@preact/signals";
import { keep, kept } from "../kept";
import type { Words } from "../types";
import { en } from "./en";
import { es } from "./es";

export type Language = "en" | "es";
export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
const CATALOGUES: Record<Language, Catalogue> = { en, es };

const first = (): Language => {
  const chosen = kept("language");
  if (chosen === "en" || chosen === "es") return chosen;
  return globalThis.navigator?.language?.startsWith("es") ? "es" : "en";
};
export const language = signal<Language>(first());

export function speak(next: Language): void {
  language.value = next;
  keep("language", next);
  document.documentElement.lang = next === "es" ? "es-MX" : "en";
}

/** The catalogue's sentence with `{name}` filled in. */
export function t(key: Key, fill: Record<string, string | number> = {}): string {
  return CATALOGUES[language.value][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in fill ? String(fill[name]) : whole,
  );
}

/** A word of the schema ("in force", "drone", "E2") in the reader's language; itself where it has none. */
export function term(group: string, value: string): string {
  const key = `${group}.${value}` as Key;
  return CATALOGUES[language.value][key] ?? value;
}

export const say = (words: Words | null | undefined): string => (words ? (language.value === "es" ? words.es : words.en) : "");
