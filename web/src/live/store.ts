/** What is on the screen now: rows by track, kept in growing columns so that nothing is allocated per tick. */
import { CLASSES, type Frame } from "./frame";
import { mercatorX, mercatorY } from "../units";

const GROW = 1.6;

/** One row as a person would read it; made on request only. */
export interface Row {
  id: number;
  lon_deg: number;
  lat_deg: number;
  height_ellipsoid_m: number;
  height_ground_m: number;
  east_m_s: number;
  north_m_s: number;
  up_m_s: number;
  speed_m_s: number;
  course_rad: number;
  sigma_major_m: number;
  age_s: number;
  class: string;
  motion: number;
  probability: number;
  existence: number;
  status: number;
}

/** Rows are dense: row `i` of every column below `size` is a track; removal moves the last row into the gap. */
export class TrackStore {
  size = 0;
  private now_ms = 0;
  id = new Uint32Array(256);
  lon_deg = new Float64Array(256);
  lat_deg = new Float64Array(256);
  /** Mercator position, 0…1. */
  x = new Float64Array(256);
  y = new Float64Array(256);
  /** Where its trail has come to, NaN where it has none yet; moved on by `TrailRing`. */
  was_x = new Float64Array(256);
  was_y = new Float64Array(256);
  height_ellipsoid_m = new Float32Array(256);
  height_ground_m = new Float32Array(256);
  east_m_s = new Float32Array(256);
  north_m_s = new Float32Array(256);
  up_m_s = new Float32Array(256);
  sigma_major_m = new Float32Array(256);
  sigma_minor_m = new Float32Array(256);
  sigma_azimuth_rad = new Float32Array(256);
  age_s = new Float32Array(256);
  class_index = new Uint8Array(256);
  motion_index = new Uint8Array(256);
  probability_255 = new Uint8Array(256);
  existence_255 = new Uint8Array(256);
  status = new Uint8Array(256);
  private readonly row_of = new Map<number, number>();

  clear(): void {
    this.size = 0;
    this.row_of.clear();
  }

  row(id: number): number {
    return this.row_of.get(id) ?? -1;
  }

  apply(frame: Frame): void {
    const c = frame.columns;
    // Rows that a delta does not tell have only grown older.
    const passed_s = this.now_ms ? (frame.now_ms - this.now_ms) / 1000 : 0;
    this.now_ms = frame.now_ms;
    if (frame.delta) for (let i = 0; i < this.size; i++) this.age_s[i] = this.age_s[i]! + passed_s;
    if (!frame.delta) this.keepOnly(c.track_id);
    for (const id of frame.removed) this.remove(id);
    for (let k = 0; k < frame.n; k++) {
      const id = c.track_id[k]!;
      let i = this.row_of.get(id) ?? -1;
      const isNew = i < 0;
      if (isNew) i = this.add(id);
      const lon = c.lon_e7[k]! * 1e-7;
      const lat = c.lat_e7[k]! * 1e-7;
      const x = mercatorX(lon);
      const y = mercatorY(lat);
      if (isNew) this.was_x[i] = this.was_y[i] = Number.NaN;
      this.lon_deg[i] = lon;
      this.lat_deg[i] = lat;
      this.x[i] = x;
      this.y[i] = y;
      this.height_ellipsoid_m[i] = c.height_ellipsoid_m[k]!;
      this.height_ground_m[i] = c.height_ground_m[k]!;
      this.east_m_s[i] = c.east_m_s[k]!;
      this.north_m_s[i] = c.north_m_s[k]!;
      this.up_m_s[i] = c.up_m_s[k]!;
      this.sigma_major_m[i] = c.sigma_major_m[k]!;
      this.sigma_minor_m[i] = c.sigma_minor_m[k]!;
      this.sigma_azimuth_rad[i] = c.sigma_major_azimuth_rad[k]!;
      this.age_s[i] = c.age_s[k]!;
      this.class_index[i] = c.class_index[k]!;
      this.motion_index[i] = c.motion_index[k]!;
      this.probability_255[i] = c.probability_255[k]!;
      this.existence_255[i] = c.existence_255[k]!;
      this.status[i] = c.status[k]!;
    }
  }

  read(i: number): Row {
    const east = this.east_m_s[i]!;
    const north = this.north_m_s[i]!;
    return {
      id: this.id[i]!,
      lon_deg: this.lon_deg[i]!,
      lat_deg: this.lat_deg[i]!,
      height_ellipsoid_m: this.height_ellipsoid_m[i]!,
      height_ground_m: this.height_ground_m[i]!,
      east_m_s: east,
      north_m_s: north,
      up_m_s: this.up_m_s[i]!,
      speed_m_s: Math.hypot(east, north),
      course_rad: (Math.atan2(east, north) + 2 * Math.PI) % (2 * Math.PI),
      sigma_major_m: this.sigma_major_m[i]!,
      age_s: this.age_s[i]!,
      class: CLASSES[this.class_index[i]!] ?? "unknown",
      motion: this.motion_index[i]!,
      probability: this.probability_255[i]! / 255,
      existence: this.existence_255[i]! / 255,
      status: this.status[i]!,
    };
  }

  private keepOnly(ids: Uint32Array): void {
    const kept = new Set(ids);
    for (let i = this.size - 1; i >= 0; i--) {
      const id = this.id[i]!;
      if (!kept.has(id)) this.remove(id);
    }
  }

  private add(id: number): number {
    if (this.size === this.id.length) this.grow();
    const i = this.size++;
    this.id[i] = id;
    this.row_of.set(id, i);
    return i;
  }

  private remove(id: number): void {
    const i = this.row_of.get(id);
    if (i === undefined) return;
    this.row_of.delete(id);
    const last = --this.size;
    if (i === last) return;
    for (const column of this.all()) column[i] = column[last]!;
    this.row_of.set(this.id[i]!, i);
  }

  private all() {
    return [
      this.id, this.lon_deg, this.lat_deg, this.x, this.y, this.was_x, this.was_y,
      this.height_ellipsoid_m, this.height_ground_m, this.east_m_s, this.north_m_s, this.up_m_s,
      this.sigma_major_m, this.sigma_minor_m, this.sigma_azimuth_rad, this.age_s,
      this.class_index, this.motion_index, this.probability_255, this.existence_255, this.status,
    ];
  }

  private grow(): void {
    const more = Math.ceil(this.id.length * GROW);
    const wide = <T extends Uint32Array | Float64Array | Float32Array | Uint8Array>(old: T): T => {
      const next = new (old.constructor as new (n: number) => T)(more);
      next.set(old as never);
      return next;
    };
    this.id = wide(this.id);
    this.lon_deg = wide(this.lon_deg);
    this.lat_deg = wide(this.lat_deg);
    this.x = wide(this.x);
    this.y = wide(this.y);
    this.was_x = wide(this.was_x);
    this.was_y = wide(this.was_y);
    this.height_ellipsoid_m = wide(this.height_ellipsoid_m);
    this.height_ground_m = wide(this.height_ground_m);
    this.east_m_s = wide(this.east_m_s);
    this.north_m_s = wide(this.north_m_s);
    this.up_m_s = wide(this.up_m_s);
    this.sigma_major_m = wide(this.sigma_major_m);
    this.sigma_minor_m = wide(this.sigma_minor_m);
    this.sigma_azimuth_rad = wide(this.sigma_azimuth_rad);
    this.age_s = wide(this.age_s);
    this.class_index = wide(this.class_index);
    this.motion_index = wide(this.motion_index);
    this.probability_255 = wide(this.probability_255);
    this.existence_255 = wide(this.existence_255);
    this.status = wide(this.status);
  }
}
