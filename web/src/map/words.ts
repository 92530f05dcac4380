/** Which words stand on the map, and how much each matters. */
import { CLASSES, COASTING, DARK, FRIEND, INCIDENT } from "../live/frame";
import type { TrackStore } from "../live/store";
import type { Picture } from "../api";
import type { Site } from "../types";
import { countdown, DEG, feet, knots, lonLat, mercatorX, mercatorY, ms } from "../units";
import { t, term } from "../words";
import { ENDED, middle, type Drifted } from "./features";
import type { Label, View } from "./labels";
import type { Palette } from "./palette";

export type Place = [name: string, lon_deg: number, lat_deg: number, thousands: number];

const MATTERS = [3, 1, 1.4, 4, 2.5, 6, 2]; // by class: drones first, clutter last

const MARGIN_PX = 40;
const MOST = 260;

export function trackLabels(store: TrackStore, selected: number, view: View, palette: Palette, altitude_offset_m: number): Label[] {
  // First who is in view and how much each matters; words are made for those alone that may be placed.
  const half_w = (view.width / 2 + MARGIN_PX) / view.world_px;
  const half_h = (view.height / 2 + MARGIN_PX) / view.world_px;
  const seen: number[][] = Array.from({ length: 5 }, () => []);
  for (let i = 0; i < store.size; i++) {
    if (Math.abs(store.x[i]! - view.centre_x) > half_w || Math.abs(store.y[i]! - view.centre_y) > half_h) continue;
    const kind = store.class_index[i]!;
    const first = store.id[i] === selected ? 0 : store.status[i]! & INCIDENT ? 1 : MATTERS[kind]! <= 2 ? 2 : MATTERS[kind]! < 5 ? 3 : 4;
    if (first < 4) seen[first]!.push(i);
  }
  const out: Label[] = [];
  for (const i of seen.flat().slice(0, MOST)) {
    const kind = store.class_index[i]!;
    const status = store.status[i]!;
    const chosen = store.id[i] === selected;
    const height = store.height_ellipsoid_m[i]!;
    const up = store.up_m_s[i]!;
    const trend = up > 1 ? "↑" : up < -1 ? "↓" : "";
    const words = [
      (status & FRIEND ? `${t("map.friend")} · ` : status & DARK ? `${t("map.dark")} · ` : "") +
        `${term("class", CLASSES[kind] ?? "unknown")} ${store.id[i]}`,
    ];
    const low = store.height_ground_m[i]!;
    const numbers = Number.isFinite(low) && low < 3000
      ? `${feet(Math.max(low, 0))} ft ${t("map.above_ground")}${trend}`
      : Number.isFinite(height) ? `${feet(height - altitude_offset_m)} ft${trend}` : "";
    const speed = Math.hypot(store.east_m_s[i]!, store.north_m_s[i]!);
    words.push([numbers, `${knots(speed)} kt`, status & COASTING ? t("map.coasting") : ""].filter(Boolean).join("  "));
    out.push({
      x: store.x[i]!,
      y: store.y[i]!,
      lines: words,
      color: palette.classes[kind] ?? palette.text,
      rank: chosen ? 0 : status & INCIDENT ? 0.5 : MATTERS[kind]!,
      size: chosen ? 12 : 11,
      weight: chosen || status & INCIDENT ? 600 : 450,
      mark_px: chosen ? 23 : status & INCIDENT ? 19 : status & FRIEND ? 18 : 12,
    });
  }
  return out;
}

export function siteLabels(site: Site, picture: Picture | null, now_ms: number, zoom: number, palette: Palette): Label[] {
  const out: Label[] = [];
  const at = (p: { latitude_rad: number; longitude_rad: number }) => {
    const [lon, lat] = lonLat(p);
    return { x: mercatorX(lon), y: mercatorY(lat) };
  };
  for (const r of picture?.restrictions ?? []) {
    if (ENDED.has(r.state)) continue;
    const ring = r.volume.polygon;
    const north = ring.reduce((best, p) => (p.latitude_rad > best.latitude_rad ? p : best), ring[0]!);
    const ends_ms = ms(r.state === "drafted" || r.state === "requested" ? (r.proposal_lapses_ns ?? r.to_ns) : r.to_ns);
    const lower = r.volume.lower_altitude_amsl_m === null ? t("map.surface") : `${feet(r.volume.lower_altitude_amsl_m)} ft`;
    out.push({
      ...at(north),
      lines: [
        `${r.id} · ${t("restriction_rung", { rung: r.rung })} · ${term("restriction", r.state)}`,
        `${lower} – ${feet(r.volume.upper_altitude_amsl_m)} ft ${t("unit.amsl")} · ${countdown((ends_ms - now_ms) / 1000)}`,
      ],
      color: palette.restriction,
      rank: 0.8,
      weight: 600,
    });
  }
  for (const a of site.aerodromes)
    out.push({ ...at(a.reference), lines: [a.icao], color: palette.runway, rank: 1.2, size: 12, weight: 650 });
  if (zoom > 9)
    for (const z of site.zones)
      if (z.kind !== "border_strip" && z.kind !== "populated")
        out.push({
          ...at(middle(z.polygon)),
          lines: [z.name],
          color: z.kind === "critical" ? palette["zone-critical"] : palette.zone,
          rank: z.kind === "critical" ? 3.5 : 4.5,
          centred: true,
          size: 11,
          weight: 500,
        });
  if (zoom > 9.5)
    for (const s of site.sensors) out.push({ ...at(s.position), lines: [s.name], color: palette.coverage, rank: 7, size: 10 });
  const now_ns = now_ms * 1e6;
  for (const c of picture?.countermeasures ?? [])
    if (c.to_ns > now_ns)
      out.push({
        ...at(c.area.centre ?? middle(c.area.polygon)),
        lines: [`${term("means", c.means)} · ${c.operator}`, t("map.review", { review: term("review", c.aviation_review) })],
        color: palette.bad,
        rank: 2.2,
        centred: true,
      });
  for (const f of picture?.friends ?? [])
    if (f.to_ns > now_ns)
      out.push({ ...at(middle(f.polygon)), lines: [`${t("map.filed")} · ${f.operator}`], color: palette.good, rank: 2.6, centred: true, size: 10 });
  return out;
}

/** How long until it is expected there. */
export const driftLabels = (expected: readonly Drifted[], palette: Palette): Label[] =>
  expected.map((d) => {
    const [lon, lat] = lonLat(d.place);
    return { x: mercatorX(lon), y: mercatorY(lat), lines: [`+${Math.round(d.seconds / 60)} min`], color: palette.accent, rank: 0.3, weight: 600, centred: true };
  });

export function placeLabels(places: Place[], zoom: number, palette: Palette): Label[] {
  // The nearer, the smaller the towns that are named.
  const least = zoom < 5 ? 1500 : zoom < 7 ? 400 : zoom < 8.5 ? 100 : zoom < 10 ? 25 : 5;
  return places
    .filter((p) => p[3] >= least)
    .slice(0, 120)
    .map(([name, lon, lat, thousands]) => ({
      x: mercatorX(lon),
      y: mercatorY(lat),
      lines: [name],
      color: palette.place,
      rank: 9 - Math.log10(thousands + 1),
      size: thousands > 300 ? 13 : 11,
      weight: 500,
      centred: true,
    }));
}

export const near = (places: Place[], lon_deg: number, lat_deg: number, reach_deg: number): Place[] =>
  places.filter((p) => Math.abs(p[2] - lat_deg) < reach_deg && Math.abs(p[1] - lon_deg) < reach_deg / Math.cos(lat_deg / DEG));
