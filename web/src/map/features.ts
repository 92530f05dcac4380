/** Site and picture → GeoJSON for the map's own layers. Pure. */
import type { Feature, FeatureCollection, Position } from "geojson";
import type { Countermeasure, Friend, Point, Restriction, Site, Volume } from "../types";
import { lonLat, offset } from "../units";

const ring = (points: Point[]): Position[] => {
  const out = points.map(lonLat) as Position[];
  if (out.length) out.push(out[0]!);
  return out;
};
const circle = (centre: Point, radius_m: number): Position[] =>
  Array.from({ length: 97 }, (_, k) => lonLat(offset(centre, (k / 96) * 2 * Math.PI, radius_m)));
const polygon = (coordinates: Position[], properties: Record<string, unknown>): Feature => ({
  type: "Feature",
  geometry: { type: "Polygon", coordinates: [coordinates] },
  properties,
});
const line = (coordinates: Position[], properties: Record<string, unknown>): Feature => ({
  type: "Feature",
  geometry: { type: "LineString", coordinates },
  properties,
});
const all = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

export const EMPTY: FeatureCollection = all([]);

export const zones = (site: Site): FeatureCollection =>
  all(site.zones.map((zone) => polygon(ring(zone.polygon), { id: zone.id, kind: zone.kind })));

export const border = (site: Site): FeatureCollection =>
  all((site.border?.line ?? []).map((part) => line(part.map(lonLat), {})));

export const runways = (site: Site): FeatureCollection =>
  all(site.aerodromes.flatMap((a) => a.runways.map((r) => line([lonLat(r.threshold), lonLat(r.opposite)], { name: r.name }))));

/** `down`: names of sensors that do not report. */
export const sensors = (site: Site, down: ReadonlySet<string>): FeatureCollection =>
  all(
    site.sensors.flatMap((s) => [
      polygon(circle(s.position, s.range_max_m), { kind: "coverage", down: down.has(s.name) }),
      {
        type: "Feature" as const,
        geometry: { type: "Point" as const, coordinates: lonLat(s.position) },
        properties: { kind: "sensor", name: s.name, down: down.has(s.name) },
      },
    ]),
  );

const outline = (v: Volume): Position[] => (v.centre && v.radius_m ? circle(v.centre, v.radius_m) : ring(v.polygon));

export const ENDED = new Set(["cancelled", "lapsed", "withdrawn"]);
/** What the authority has issued stands solid; what people here only drafted or asked for is dashed. */
export const STANDING = new Set(["issued", "in force", "cancellation requested"]);

export const restrictions = (items: readonly Restriction[], selected: string): FeatureCollection =>
  all(
    items
      .filter((r) => !ENDED.has(r.state))
      .map((r) =>
        polygon(outline(r.volume), { id: r.id, state: r.state, standing: STANDING.has(r.state), selected: r.id === selected }),
      ),
  );

export const plans = (friends: readonly Friend[], activities: readonly Countermeasure[], now_ms: number): FeatureCollection => {
  const now_ns = now_ms * 1e6;
  const current = <T extends { from_ns: number; to_ns: number }>(x: T) => x.to_ns > now_ns;
  return all([
    ...friends.filter(current).map((f) => polygon(ring(f.polygon), { kind: "friend", id: f.id })),
    ...activities.filter(current).map((c) => polygon(outline(c.area), { kind: "countermeasure", id: c.id })),
  ]);
};

export const middle = (points: Point[]): Point => ({
  latitude_rad: points.reduce((sum, p) => sum + p.latitude_rad, 0) / Math.max(points.length, 1),
  longitude_rad: points.reduce((sum, p) => sum + p.longitude_rad, 0) / Math.max(points.length, 1),
});

export interface Drifted { seconds: number; place: Point; radius_m: number }

/** Where what drifts is expected: its way, and a ring of two standard errors at each time. */
export const drift = (at: Point | null, expected: readonly Drifted[]): Feature[] =>
  at && expected.length
    ? [
        line([lonLat(at), ...expected.map((d) => lonLat(d.place))], { kind: "drift" }),
        ...expected.map((d) => line(circle(d.place, d.radius_m), { kind: "drift" })),
      ]
    : [];

/** A vector drawn as an arrow: shaft and two barbs, `seconds` long. */
export function arrow(at: Point, east_m_s: number, north_m_s: number, seconds: number): Position[][] {
  const azimuth = Math.atan2(east_m_s, north_m_s);
  const size = Math.hypot(east_m_s, north_m_s) * seconds;
  const tip = offset(at, azimuth, size);
  const barb = Math.min(0.25 * size, 400);
  return [
    [lonLat(at), lonLat(tip)],
    [lonLat(offset(tip, azimuth + Math.PI - 0.45, barb)), lonLat(tip), lonLat(offset(tip, azimuth + Math.PI + 0.45, barb))],
  ];
}
