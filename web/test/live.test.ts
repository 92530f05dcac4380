import { describe, expect, it } from "vitest";
import { BadFrame, CLASSES, decodeFrame, HEADER_BYTES, ROW_BYTES } from "../src/live/frame";
import { TrackStore } from "../src/live/store";
import { mercatorY } from "../src/units";

interface Told { id: number; lon: number; lat: number; east?: number; age?: number; kind?: number; status?: number }

/** Written byte by byte from the table in design/api.md, on purpose without the decoder's own names. */
function frame(rows: Told[], { flags = 0, removed = [] as number[], now_ns = 1_771_385_000_123_456_789n, revision = 7 } = {}): ArrayBuffer {
  const n = rows.length;
  const buffer = new ArrayBuffer(HEADER_BYTES + n * ROW_BYTES + removed.length * 4);
  const v = new DataView(buffer);
  [0x57, 0x48, 0x30, 0x31].forEach((byte, k) => v.setUint8(k, byte));
  v.setUint32(4, 42, true);
  v.setBigInt64(8, now_ns, true);
  v.setUint32(16, n, true);
  v.setUint32(20, flags, true);
  v.setUint32(24, removed.length, true);
  v.setUint32(28, revision, true);
  rows.forEach((r, k) => {
    const f = (column: number, value: number) => v.setFloat32(32 + 4 * (column * n + k), value, true);
    const b = (column: number, value: number) => v.setUint8(32 + 48 * n + column * n + k, value);
    v.setUint32(32 + 4 * k, r.id, true);
    v.setInt32(32 + 4 * (n + k), Math.round(r.lon * 1e7), true);
    v.setInt32(32 + 4 * (2 * n + k), Math.round(r.lat * 1e7), true);
    [1300, Number.NaN, r.east ?? 3, 4, 0.5, 20, 10, 1, r.age ?? 0.25].forEach((value, c) => f(3 + c, value));
    [r.kind ?? 2, 1, 204, 255, r.status ?? 1].forEach((value, c) => b(c, value));
  });
  removed.forEach((id, k) => v.setUint32(32 + 53 * n + 4 * k, id, true));
  return buffer;
}

describe("a live frame", () => {
  it("is read as it was written", () => {
    const f = decodeFrame(frame([{ id: 9, lon: -106.4471, lat: 31.7814 }, { id: 4_000_000_000, lon: 179.9999999, lat: -0.0000001, kind: 6, status: 96 }], { flags: 1 | 4 }));
    expect([f.sequence, f.n, f.exercise, f.delta, f.replay, f.cold_revision]).toEqual([42, 2, true, false, true, 7]);
    expect(f.now_ms).toBe(1_771_385_000_123);
    expect([...f.columns.track_id]).toEqual([9, 4_000_000_000]);
    expect(f.columns.lon_e7[0]).toBe(-1_064_471_000);
    expect(f.columns.lat_e7[1]).toBe(-1);
    expect(f.columns.height_ground_m[0]).toBeNaN();
    expect([f.columns.east_m_s[0], f.columns.north_m_s[0], f.columns.up_m_s[0]]).toEqual([3, 4, 0.5]);
    expect([f.columns.sigma_major_m[0], f.columns.sigma_minor_m[0], f.columns.age_s[0]]).toEqual([20, 10, 0.25]);
    expect([f.columns.class_index[1], f.columns.motion_index[1], f.columns.probability_255[1], f.columns.status[1]]).toEqual([6, 1, 204, 96]);
  });

  it("tells the removed ids wherever they lie", () => {
    for (const n of [0, 1, 2, 3]) {
      const rows = Array.from({ length: n }, (_, k) => ({ id: k + 1, lon: 0, lat: 0 }));
      expect([...decodeFrame(frame(rows, { flags: 2, removed: [77, 4_294_967_295] })).removed]).toEqual([77, 4_294_967_295]);
    }
  });

  it("is refused whole when it is cut, foreign or empty", () => {
    const whole = frame([{ id: 1, lon: 0, lat: 0 }]);
    for (const size of [0, 31, whole.byteLength - 1]) expect(() => decodeFrame(whole.slice(0, size))).toThrow(BadFrame);
    const foreign = whole.slice(0);
    new DataView(foreign).setUint8(3, 0x32);
    expect(() => decodeFrame(foreign)).toThrow(BadFrame);
  });
});

describe("the store of tracks", () => {
  const of = (store: TrackStore) => Array.from(store.id.subarray(0, store.size)).sort((a, b) => a - b);

  it("shows exactly what a full frame tells", () => {
    const store = new TrackStore();
    store.apply(decodeFrame(frame([1, 2, 3].map((id) => ({ id, lon: id, lat: id })))));
    store.apply(decodeFrame(frame([{ id: 3, lon: 3.5, lat: 3 }, { id: 5, lon: 5, lat: 5 }])));
    expect(of(store)).toEqual([3, 5]);
    const row = store.row(3);
    expect(store.lon_deg[row]).toBeCloseTo(3.5, 7);
    expect(store.y[row]).toBeCloseTo(mercatorY(3), 12);
    expect(store.row(1)).toBe(-1);
    expect(store.was_x[store.row(5)]).toBeNaN();
  });

  it("keeps what a delta does not tell, only older, and drops what it removes", () => {
    const store = new TrackStore();
    store.apply(decodeFrame(frame([1, 2, 3].map((id) => ({ id, lon: id, lat: id })))));
    store.apply(decodeFrame(frame([{ id: 2, lon: 2.1, lat: 2 }], { flags: 2, removed: [1, 99], now_ns: 1_771_385_003_123_456_789n })));
    expect(of(store)).toEqual([2, 3]);
    expect(store.age_s[store.row(3)]).toBeCloseTo(3.25, 4);
    expect(store.age_s[store.row(2)]).toBeCloseTo(0.25, 6);
  });

  it("holds ten thousand, each under its own id, after many have come and gone", () => {
    const store = new TrackStore();
    const rows = (ids: number[]) => ids.map((id) => ({ id, lon: (id % 360) - 180, lat: 1 }));
    const first = Array.from({ length: 10_000 }, (_, k) => k + 1);
    store.apply(decodeFrame(frame(rows(first))));
    const second = first.filter((id) => id % 3 !== 0);
    store.apply(decodeFrame(frame(rows(second))));
    expect(of(store)).toEqual(second);
    for (const id of [1, 2, 9_998, 10_000]) expect(store.read(store.row(id)).lon_deg).toBeCloseTo((id % 360) - 180, 6);
  });

  it("reads a row as people do", () => {
    const store = new TrackStore();
    store.apply(decodeFrame(frame([{ id: 1, lon: 0, lat: 0, east: -3 }])));
    const row = store.read(0);
    expect(row.speed_m_s).toBeCloseTo(5, 6);
    expect((row.course_rad * 180) / Math.PI).toBeCloseTo(323.13, 2);
    expect(row.class).toBe(CLASSES[2]);
    expect(row.probability).toBeCloseTo(0.8, 6);
  });
});
