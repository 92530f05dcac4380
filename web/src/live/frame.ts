/** Binary live frame → typed columns. Pure: bytes in, views out. Layout: design/api.md, "Live frame". */

export const CLASSES = ["aircraft", "drone", "balloon", "bird", "tethered", "clutter", "unknown"] as const;
export const MOTIONS = ["with the air", "through the air", "fixed to the ground", "undetermined"] as const;
export type ClassName = (typeof CLASSES)[number];

export const CONFIRMED = 1;
export const COASTING = 2;
export const COOPERATIVE = 4;
export const EMITTING = 8;
export const DARK = 16;
export const FRIEND = 32;
export const INCIDENT = 64;
export const GROUP = 128;

export const HEADER_BYTES = 32;
export const ROW_BYTES = 12 * 4 + 5;

export interface Columns {
  track_id: Uint32Array;
  lon_e7: Int32Array;
  lat_e7: Int32Array;
  height_ellipsoid_m: Float32Array;
  height_ground_m: Float32Array;
  east_m_s: Float32Array;
  north_m_s: Float32Array;
  up_m_s: Float32Array;
  sigma_major_m: Float32Array;
  sigma_minor_m: Float32Array;
  sigma_major_azimuth_rad: Float32Array;
  age_s: Float32Array;
  class_index: Uint8Array;
  motion_index: Uint8Array;
  probability_255: Uint8Array;
  existence_255: Uint8Array;
  status: Uint8Array;
}

export interface Frame {
  sequence: number;
  now_ms: number;
  exercise: boolean;
  delta: boolean;
  replay: boolean;
  cold_revision: number;
  n: number;
  columns: Columns;
  removed: Uint32Array;
}

export class BadFrame extends Error {}

/** Throws `BadFrame` on anything that is not a whole frame; the views share the buffer. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < HEADER_BYTES) throw new BadFrame("shorter than its header");
  const head = new DataView(buffer);
  if (head.getUint32(0, false) !== 0x57483031) throw new BadFrame("not a WH01 frame");
  const n = head.getUint32(16, true);
  const flags = head.getUint32(20, true);
  const n_removed = head.getUint32(24, true);
  const size = HEADER_BYTES + n * ROW_BYTES + n_removed * 4;
  if (buffer.byteLength < size) throw new BadFrame(`${buffer.byteLength} bytes where ${size} were announced`);
  let at = HEADER_BYTES;
  const u32 = () => new Uint32Array(buffer, (at += 4 * n) - 4 * n, n);
  const i32 = () => new Int32Array(buffer, (at += 4 * n) - 4 * n, n);
  const f32 = () => new Float32Array(buffer, (at += 4 * n) - 4 * n, n);
  const u8 = () => new Uint8Array(buffer, (at += n) - n, n);
  const columns: Columns = {
    track_id: u32(),
    lon_e7: i32(),
    lat_e7: i32(),
    height_ellipsoid_m: f32(),
    height_ground_m: f32(),
    east_m_s: f32(),
    north_m_s: f32(),
    up_m_s: f32(),
    sigma_major_m: f32(),
    sigma_minor_m: f32(),
    sigma_major_azimuth_rad: f32(),
    age_s: f32(),
    class_index: u8(),
    motion_index: u8(),
    probability_255: u8(),
    existence_255: u8(),
    status: u8(),
  };
  // The byte columns may leave the ids unaligned: they are read one by one.
  const removed = new Uint32Array(n_removed);
  for (let k = 0; k < n_removed; k++) removed[k] = head.getUint32(at + 4 * k, true);
  return {
    sequence: head.getUint32(4, true),
    now_ms: Number(head.getBigInt64(8, true) / 1_000_000n),
    exercise: (flags & 1) !== 0,
    delta: (flags & 2) !== 0,
    replay: (flags & 4) !== 0,
    cold_revision: head.getUint32(28, true),
    n,
    columns,
    removed,
  };
}
