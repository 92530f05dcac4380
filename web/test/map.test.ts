import { describe, expect, it } from "vitest";
import { clipRing } from "../src/map/backdrop";
import { arrow, plans, restrictions, sensors } from "../src/map/features";
import { Taken, toPixel } from "../src/map/labels";
import { seen, shifted } from "../src/map/layer";
import { covers, flat, take } from "../src/map/retained";
import { rgb } from "../src/map/palette";
import { TrailRing } from "../src/map/trails";
import { TrackStore } from "../src/live/store";
import { ellipseOf, roundUp } from "../src/plots/velocity";
import type { Restriction, Site } from "../src/types";
import { mercatorPerMetre, offset } from "../src/units";

/** Moves every track by a little and marks it as told. */
function move(store: TrackStore, ids: number[], step: number): void {
  store.size = ids.length;
  ids.forEach((id, i) => {
    store.id[i] = id;
    store.was_x[i] = 0.25 + (step - 1) * 1e-5;
    store.x[i] = 0.25 + step * 1e-5;
    store.was_y[i] = store.y[i] = 0.4;
    store.class_index[i] = 1;
  });
}

describe("trails", () => {
  it("append one segment for each track that moved", () => {
    const ring = new TrailRing(100, 60);
    const store = new TrackStore();
    move(store, [1, 2, 3], 1);
    store.was_x[1] = Number.NaN; // new
    store.x[2] = store.was_x[2]!; // stands still
    expect(ring.append(store, 1000, 0.25, 0.4, 2.5e-8)).toEqual({ from: 0, count: 1, time_s: 0 });
    const [x0, y0, x1, y1, time, kind] = ring.data;
    expect(x0).toBeCloseTo(0, 12);
    expect(y0).toBeCloseTo(0, 12);
    expect(x1).toBeCloseTo(1e-5, 10);
    expect([y1, time, kind]).toEqual([0, 0, 1]);
    expect(store.was_x[0]).toBe(store.x[0]); // the next one starts where this one ended
    expect(store.was_x[1]).toBe(store.x[1]);
  });

  it("of many tracks take each in its turn, and lose no way between", () => {
    const ring = new TrailRing(50_000, 60);
    const store = new TrackStore();
    for (const name of ["id", "x", "y", "was_x", "was_y", "class_index"] as const) (store as unknown as Record<string, unknown>)[name] = new Float64Array(3000);
    const ids = Array.from({ length: 3000 }, (_, k) => k + 1);
    const counts = [];
    for (let step = 1; step <= 7; step++) {
      const were = Array.from(store.was_x);
      move(store, ids, step);
      if (step > 1) store.was_x.set(were);
      counts.push(ring.append(store, 1000 * step, 0.25, 0.4, 2.5e-8)?.count ?? 0);
    }
    expect(counts).toEqual([500, 500, 500, 500, 500, 500, 500]);
    const last = (3000 + 0) * 6;
    expect(ring.data[last + 2]! - ring.data[last]!).toBeCloseTo(6e-5, 8);
  });

  it("never hold more than the ring nor older than its span, and never two runs in one place", () => {
    const ring = new TrailRing(50, 10);
    const store = new TrackStore();
    for (let step = 1; step <= 200; step++) {
      move(store, [1, 2, 3, 4, 5, 6, 7].slice(0, 1 + (step % 7)), step);
      ring.append(store, step * 1000, 0.25, 0.4, 2.5e-8);
      const spans = ring.spans();
      const cells = spans.flatMap((s) => Array.from({ length: s.count }, (_, k) => s.from + k));
      expect(new Set(cells).size).toBe(cells.length);
      expect(Math.max(...cells)).toBeLessThan(50);
      for (const c of cells) expect(ring.data[c * 6 + 4]!).toBeGreaterThanOrEqual(step - 1 - 10);
    }
  });
});

describe("the map's geometry", () => {
  it("adds the origin in doubles: two centimetres stay apart", () => {
    const world = 512 * 2 ** 17;
    const matrix = new Float64Array(16);
    matrix[0] = world;
    matrix[5] = world;
    matrix[15] = 1;
    const [ox, oy] = [0.20432, 0.40811];
    const m = shifted(matrix, ox, oy);
    const apart = 0.02 * mercatorPerMetre(31.8);
    expect(m[0]! * apart).toBeCloseTo(world * apart, 6);
    expect(m[12]!).toBeCloseTo(world * ox, -1);
  });

  it("clips a ring to a box and closes it", () => {
    const square = [[-2, -2], [2, -2], [2, 2], [-2, 2], [-2, -2]];
    const clipped = clipRing(square, [0, 0, 5, 5]);
    expect(clipped[0]).toEqual(clipped.at(-1));
    expect(new Set(clipped.map(String))).toEqual(new Set(["0,0", "2,0", "2,2", "0,2"]));
    expect(clipRing(square, [3, 3, 4, 4])).toEqual([]);
  });

  it("draws an arrow as long as its velocity lasts", () => {
    const at = { latitude_rad: 0.555, longitude_rad: -1.858 };
    const [shaft] = arrow(at, 10, 0, 60);
    const tip = offset(at, Math.PI / 2, 600);
    expect(shaft![1]![0]).toBeCloseTo((tip.longitude_rad * 180) / Math.PI, 9);
    expect(shaft![1]![0]! > shaft![0]![0]!).toBe(true);
  });

  it("places words once", () => {
    const taken = new Taken();
    expect(taken.take(10, 10, 90, 34, false)).toBe(true);
    expect(taken.take(60, 20, 160, 44, false)).toBe(false);
    expect(taken.take(60, 20, 160, 44, true)).toBe(true);
    expect(taken.take(200, 10, 240, 34, false)).toBe(true);
  });

  it("puts the centre in the middle", () => {
    const view = { width: 800, height: 600, ratio: 1, centre_x: 0.2, centre_y: 0.4, world_px: 1e6 };
    expect(toPixel(view, 0.2, 0.4)).toEqual([400, 300]);
    expect(toPixel(view, 0.2001, 0.4)[0]).toBeCloseTo(500, 6);
  });
});

describe("what the map shows of decisions", () => {
  const volume = { polygon: [{ latitude_rad: 0.5, longitude_rad: -1.8 }], centre: null, radius_m: null, upper_altitude_amsl_m: 1500, lower_altitude_amsl_m: null, area_m2: 1 };
  const one = (id: string, state: string) => ({ id, state, volume }) as unknown as Restriction;

  it("never draws a proposal as if it stood, nor what has ended", () => {
    const drawn = restrictions(["drafted", "requested", "issued", "in force", "cancellation requested", "cancelled", "lapsed", "withdrawn"].map((s) => one(s, s)), "");
    expect(Object.fromEntries(drawn.features.map((f) => [f.properties!["id"], f.properties!["standing"]]))).toEqual({
      drafted: false,
      requested: false,
      issued: true,
      "in force": true,
      "cancellation requested": true,
    });
  });

  it("leaves out plans that are over", () => {
    const friend = (id: string, to_ns: number) => ({ id, polygon: volume.polygon, to_ns, from_ns: 0 }) as never;
    expect(plans([friend("F1", 5e9), friend("F2", 20e9)], [], 10_000).features.map((f) => f.properties!["id"])).toEqual(["F2"]);
  });

  it("marks a sensor that is silent", () => {
    const site = { sensors: [{ name: "a", position: volume.polygon[0], range_max_m: 1000 }] } as unknown as Site;
    expect(sensors(site, new Set(["a"])).features.every((f) => f.properties!["down"] === true)).toBe(true);
    expect(sensors(site, new Set()).features.some((f) => f.properties!["down"] === true)).toBe(false);
  });
});

describe("small sums", () => {
  it("reads colours long and short", () => {
    expect(rgb("#ff8000")).toEqual([1, 128 / 255, 0]);
    expect(rgb("#fff")).toEqual([1, 1, 1]);
  });
  it("finds the axes of a covariance", () => {
    const [major, minor, angle] = ellipseOf([[4, 0], [0, 1]]);
    expect([major, minor]).toEqual([2, 1]);
    expect(angle).toBeCloseTo(0, 12);
    const tilted = ellipseOf([[2.5, 1.5], [1.5, 2.5]]);
    expect(tilted[0]).toBeCloseTo(2, 12);
    expect(tilted[2]).toBeCloseTo(Math.PI / 4, 12);
  });
  it("rounds an axis up", () => {
    expect([0.7, 3.01, 9.9, 10, 41].map(roundUp)).toEqual([1, 5, 10, 10, 50]);
  });
});

describe("the kept picture", () => {
  const view = { x0: -0.01, y0: -0.006, x1: 0.01, y1: 0.006 };

  it("is shown where it was drawn: corners in, corners out", () => {
    const m = flat(view);
    const clip = (x: number, y: number) => [m[0]! * x + m[12]!, m[5]! * y + m[13]!];
    const near = (told: number[], x: number, y: number) => {
      expect(told[0]).toBeCloseTo(x, 5);
      expect(told[1]).toBeCloseTo(y, 5);
    };
    near(clip(view.x0, view.y0), -1, 1); // north-west is the upper left
    near(clip(view.x1, view.y1), 1, -1);
    const back = seen(m, 0, 0);
    for (const name of ["x0", "y0", "x1", "y1"] as const) expect(back[name]).toBeCloseTo(view[name], 8);
    expect(seen(m, 0.1, 0).x1).toBeCloseTo(0.012, 8);
  });

  it("is drawn piece by piece, everything once and in order", () => {
    const pieces = [{ what: 0, from: 0, count: 5 }, { what: 1, from: 7, count: 0 }, { what: 1, from: 9, count: 4 }];
    const drawn: string[] = [];
    while (pieces.length) for (const p of take(pieces, 3)) for (let k = 0; k < p.count; k++) drawn.push(`${p.what}:${p.from + k}`);
    expect(drawn).toEqual(["0:0", "0:1", "0:2", "0:3", "0:4", "1:9", "1:10", "1:11", "1:12"]);
    expect(take([{ what: 2, from: 0, count: 9 }], Infinity)).toEqual([{ what: 2, from: 0, count: 9 }]);
  });

  it("serves while the view stays within it at its scale", () => {
    const wide = { x0: -0.012, y0: -0.008, x1: 0.012, y1: 0.008 };
    expect(covers(wide, view, wide)).toBe(true);
    expect(covers(wide, { ...view, x1: 0.013 }, wide)).toBe(false);
    const nearer = { x0: -0.006, y0: -0.004, x1: 0.006, y1: 0.004 };
    expect(covers(wide, { x0: -0.005, y0: -0.003, x1: 0.005, y1: 0.003 }, nearer)).toBe(false);
  });
});
