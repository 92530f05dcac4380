/** Land, coasts and countries from Natural Earth (world-atlas), offline: the world coarsely, the region finely. */
import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Polygon, Position } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import fineUrl from "world-atlas/countries-10m.json?url";
import coarseUrl from "world-atlas/countries-110m.json?url";

const REACH_DEG = 7;

export interface Backdrop { land: FeatureCollection; countries: FeatureCollection }
export type Box = readonly [west: number, south: number, east: number, north: number];
type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

async function world(url: string): Promise<World> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as World;
}

export async function coarse(): Promise<Backdrop> {
  const topology = await world(coarseUrl);
  return { land: landOf(topology, null), countries: bordersOf(topology, null) };
}

export async function fine(lon_deg: number, lat_deg: number): Promise<Backdrop> {
  const topology = await world(fineUrl);
  const box: Box = [lon_deg - REACH_DEG, lat_deg - REACH_DEG, lon_deg + REACH_DEG, lat_deg + REACH_DEG];
  return { land: landOf(topology, box), countries: bordersOf(topology, box) };
}

/** The fine region's frame, painted as water beneath its land so that the coarse land does not show through. */
export const frame = (lon_deg: number, lat_deg: number): Feature<Polygon> => {
  const [w, s, e, n] = [lon_deg - REACH_DEG, lat_deg - REACH_DEG, lon_deg + REACH_DEG, lat_deg + REACH_DEG];
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] } };
};

function landOf(topology: World, box: Box | null): FeatureCollection {
  const whole = feature(topology, topology.objects.land) as FeatureCollection<MultiPolygon | Polygon>;
  if (!box) return whole;
  const features: Feature[] = [];
  for (const part of whole.features) {
    const polygons = part.geometry.type === "Polygon" ? [part.geometry.coordinates] : part.geometry.coordinates;
    for (const rings of polygons) {
      const outer = clipRing(rings[0]!, box);
      if (outer.length < 4) continue;
      const holes = rings.slice(1).map((hole) => clipRing(hole, box)).filter((hole) => hole.length >= 4);
      features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [outer, ...holes] } });
    }
  }
  return { type: "FeatureCollection", features };
}

function bordersOf(topology: World, box: Box | null): FeatureCollection {
  const lines = mesh(topology, topology.objects.countries, (a, b) => a !== b) as MultiLineString;
  const near = box ? lines.coordinates.filter((part) => part.some((p) => inside(p, box))) : lines.coordinates;
  return { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: near } }] };
}

const inside = (p: Position, [w, s, e, n]: Box): boolean => p[0]! >= w && p[0]! <= e && p[1]! >= s && p[1]! <= n;

/** Sutherland–Hodgman against a box; the ring comes closed and goes closed. */
export function clipRing(ring: Position[], box: Box): Position[] {
  let points = ring.slice(0, -1);
  for (const [axis, limit, sign] of [[0, box[0], 1], [0, box[2], -1], [1, box[1], 1], [1, box[3], -1]] as const) {
    const kept: Position[] = [];
    const within = (p: Position) => sign * (p[axis]! - limit) >= 0;
    for (let k = 0; k < points.length; k++) {
      const a = points[(k + points.length - 1) % points.length]!;
      const b = points[k]!;
      if (within(a) !== within(b)) {
        const t = (limit - a[axis]!) / (b[axis]! - a[axis]!);
        const cut: Position = [a[0]! + t * (b[0]! - a[0]!), a[1]! + t * (b[1]! - a[1]!)];
        cut[axis] = limit;
        kept.push(cut);
      }
      if (within(b)) kept.push(b);
    }
    points = kept;
    if (!points.length) return [];
  }
  return [...points, points[0]!];
}
