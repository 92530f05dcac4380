import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SHORTCUTS } from "../src/keyboard";
import { en } from "../src/words/en";
import { es } from "../src/words/es";
import { inSpanish, remarkInSpanish } from "../src/words/problems";

const SRC = join(import.meta.dirname, "..", "src");
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) && !path.includes(`${join("src", "words")}`) ? [path] : [];
  });
const SOURCES = new Map(files(SRC).map((path) => [path.slice(SRC.length + 1), readFileSync(path, "utf8")]));

/** The same in both languages because they are names, not words. */
const NAMES = new Set(["sensor.adsb", "sensor.remote_id", "plot.north"]);

describe("the catalogues", () => {
  it("have the same keys, none empty", () => {
    expect(Object.keys(es)).toEqual(Object.keys(en));
    for (const [key, words] of [...Object.entries(en), ...Object.entries(es)]) expect(words.trim(), key).not.toBe("");
  });

  it("leave no word untranslated", () => {
    const same = Object.entries(en).filter(([key, words]) => words === es[key as keyof typeof en] && !NAMES.has(key));
    expect(same).toEqual([]);
  });

  it("fill the same places in both languages", () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    for (const [key, words] of Object.entries(en)) expect(places(es[key as keyof typeof en]), key).toEqual(places(words));
  });

  it("hold nothing that no screen uses, and every screen's words", () => {
    const text = [...SOURCES.values()].join("\n");
    const groups = new Set([...text.matchAll(/term\(\s*"(\w+)"/g)].map((m) => m[1]!));
    for (const dynamic of ["theme", "motion", "class", "movement", "lights", "sound"]) groups.add(dynamic);
    const named = new Set([...text.matchAll(/"([a-z_]+(?:\.[a-z_]+)?)"/g)].map((m) => m[1]!));
    const idle = Object.keys(en).filter((key) => !named.has(key) && !groups.has(key.split(".")[0]!));
    expect(idle).toEqual([]);
    const used = [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map((m) => m[1]!);
    expect(used.filter((key) => !(key in en))).toEqual([]);
  });
});

describe("the server's refusals", () => {
  it("are said in Spanish with what they name", () => {
    expect(inSpanish("There is an account 'Luz' already.")).toBe("Ya existe una cuenta 'Luz'.");
    expect(inSpanish("Something that nobody wrote.")).toBeNull();
  });

  it("and so are a feed's remarks, part by part", () => {
    expect(remarkInSpanish("the other side closed the line; again in 5 s")).toBe("el otro lado cerró la línea; otra vez en 5 s");
    expect(remarkInSpanish("[Errno 111] refused; again in 5 s")).toBe("[Errno 111] refused; otra vez en 5 s");
    expect(remarkInSpanish("broken XML: no element; found")).toBe("XML dañado: no element; found");
    expect(remarkInSpanish("clock 2 h 00 min 00 s ahead: looks like local time written as UTC")).toContain("reloj adelantado 2 h 00 min 00 s: parece");
  });
});

/** Words that stand for themselves in every language: names, units, marks. */
const STANDS = /^(Windhover|EXERCISE|EJERCICIO|UTC|NM|NM\)|ft|kt|km|km²|m|m\/s|min|dBsm|Esc|σ|s|N)$/;

describe("the screens", () => {
  it("hold no text of their own", () => {
    const found: string[] = [];
    for (const [name, text] of SOURCES) {
      if (!name.endsWith(".tsx")) continue;
      const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
      // Text between a tag's end and the next tag or brace, and the attributes that people hear or see.
      for (const m of code.matchAll(/(?:<[A-Za-z][^<>]*[^=<>-]|<\/[\w.]+|\}|<)>([^<>{}]*[A-Za-z][^<>{}]*)(?=[<{])/g))
        for (const word of m[1]!.trim().split(/\s+/))
          if (/[A-Za-zÁ-ú]{2}/.test(word) && !STANDS.test(word)) found.push(`${name}: ${m[1]!.trim()}`);
      for (const m of code.matchAll(/\b(?:aria-label|title|placeholder|alt|label|aria-valuetext)="([^"{]*[A-Za-z]{2}[^"]*)"/g)) found.push(`${name}: ${m[0]}`);
    }
    expect(found.filter((line) => /^[^:]+: (?!.*[=;?&|()])/.test(line))).toEqual([]);
  });

  it("give every key to one action", () => {
    const keys = SHORTCUTS.flatMap((s) => s.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
