/** The tracks on the map: trails, one-minute vectors, uncertainty and marks, drawn in four instanced calls. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as GlMap } from "maplibre-gl";
import { COASTING, DARK, FRIEND, INCIDENT } from "../live/frame";
import type { TrackStore } from "../live/store";
import { mercatorPerMetre } from "../units";
import { rgb, type Palette } from "./palette";
import { makePart, point, type Part } from "./parts";
import * as glsl from "./shaders";
import { covers, flat, Retained, same, take, type Bounds, type Piece } from "./retained";
import { CELLS, drawAtlas, FRAME_FRIEND, FRAME_INCIDENT, FRAME_SELECTED, HOLLOW } from "./shapes";
import { SEGMENT_FLOATS, TrailRing } from "./trails";

const TRAIL_S = 90;
const VECTOR_S = 60;
const LEAST_MS = 250;
const TRAIL_SEGMENTS = 600_000;
const SIGMAS = 2;
const MARK_PX = 24;
const FRIEND_COLOR = 7;
const INCIDENT_COLOR = 8;
const SELECTED_COLOR = 9;
const TURNS = new Set([0, 3]); // aircraft and birds point where they go
const ICON_FLOATS = 7;
const ELLIPSE_FLOATS = 6;

/** Parts in the order in which they lie on one another. */
const [ELLIPSES, TRAILS, VECTORS, ICONS] = [0, 1, 2, 3];
const FLOATS = [ELLIPSE_FLOATS, SEGMENT_FLOATS, SEGMENT_FLOATS, ICON_FLOATS];
const LINE: [string, number][] = [["ends", 4], ["told", 2]];
const ATTRIBUTES: [string, number][][] = [
  [["centre", 2], ["shape", 4]], LINE, LINE, [["centre", 2], ["look", 4], ["alpha", 1]],
];
/** Instances drawn straight into every frame; beyond, a picture of them is kept. */
const DIRECT_MOST = 8000;
const MARGIN_PX = 96;
const MOVING_BUDGET = 4000;
const STILL_BUDGET = 40_000;

export class TrackLayer implements CustomLayerInterface {
  readonly id = "tracks";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  selected = 0;
  private map: GlMap | null = null;
  private gl: WebGL2RenderingContext | null = null;
  private trails: Part | null = null;
  private vectors: Part | null = null;
  private ellipses: Part | null = null;
  private icons: Part | null = null;
  private atlas: WebGLTexture | null = null;
  private colors = new Float32Array(30);
  private halo: [number, number, number] = [0, 0, 0];
  private readonly ring = new TrailRing(TRAIL_SEGMENTS, TRAIL_S);
  private iconData = new Float32Array(0);
  private ellipseData = new Float32Array(0);
  private vectorData = new Float32Array(0);
  private iconCount = 0;
  private trackCount = 0;
  private stale = true;
  private now_ms = 0;
  private isHidden = false;
  private painting: ReturnType<typeof setTimeout> | undefined;
  private painted_ms = 0;
  private pending: { from: number; count: number }[] = [];
  private retained: Retained | null = null;
  private kept = false;
  private changed = false;
  private pieces: Piece[] = [];
  private drawing: Bounds | null = null;
  private last: Bounds | null = null;
  private origin_matrix: Float32Array = new Float32Array(16);
  private chosenAt = -1;

  constructor(
    private readonly store: TrackStore,
    private readonly origin_x: number,
    private readonly origin_y: number,
    private readonly origin_lat_deg: number,
  ) {}

  paint(palette: Palette): void {
    [...palette.classes, palette.good, palette.bad, palette.focus].forEach((hex, k) => this.colors.set(rgb(hex), 3 * k));
    this.halo = rgb(palette.halo);
    this.changed = true;
    this.map?.triggerRepaint();
  }

  /** A frame has been applied to the store. */
  tick(now_ms: number): void {
    if (now_ms < this.now_ms || now_ms - this.now_ms > 1000 * TRAIL_S) this.ring.clear();
    this.now_ms = now_ms;
    const run = this.ring.append(this.store, now_ms, this.origin_x, this.origin_y, mercatorPerMetre(this.origin_lat_deg));
    if (run) this.pending.push(run);
    this.stale = true;
    this.repaintSoon();
  }

  /** Not shown: frames are taken in, nothing is painted. */
  set hidden(value: boolean) {
    this.isHidden = value;
    if (!value) this.map?.triggerRepaint();
  }

  /** A fast replay sends more frames than anybody can tell apart. */
  private repaintSoon(): void {
    if (this.isHidden || this.painting !== undefined) return;
    const wait_ms = Math.max(0, this.painted_ms + LEAST_MS - performance.now());
    this.painting = setTimeout(() => {
      this.painting = undefined;
      this.painted_ms = performance.now();
      if (!this.isHidden) this.map?.triggerRepaint();
    }, wait_ms);
  }

  select(id: number): void {
    this.selected = id;
    this.stale = true;
    this.map?.triggerRepaint();
  }

  clear(): void {
    this.ring.clear();
    this.stale = true;
  }

  onAdd(map: GlMap, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.map = map;
    this.gl = gl;
    this.trails = makePart(gl, glsl.LINE_VERTEX, glsl.LINE_FRAGMENT, LINE);
    this.vectors = makePart(gl, glsl.LINE_VERTEX, glsl.LINE_FRAGMENT, LINE);
    this.ellipses = makePart(gl, glsl.ELLIPSE_VERTEX, glsl.ELLIPSE_FRAGMENT, ATTRIBUTES[ELLIPSES]!);
    this.icons = makePart(gl, glsl.ICON_VERTEX, glsl.ICON_FRAGMENT, ATTRIBUTES[ICONS]!);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.trails.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.ring.data.byteLength, gl.DYNAMIC_DRAW);
    this.atlas = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.atlas);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, drawAtlas(2));
    gl.generateMipmap(gl.TEXTURE_2D);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  onRemove(): void {
    this.retained = null;
    this.gl = null;
    this.map = null;
  }

  /** Before the map's own frame: go on with the kept picture, where there is so much that one is kept. */
  prerender(_: unknown, input: CustomRenderMethodInput): void {
    const { gl, map } = this;
    if (!gl || !map) return;
    this.origin_matrix = shifted(input.defaultProjectionData.mainMatrix, this.origin_x, this.origin_y);
    if (this.stale && !this.pieces.length) this.rebuild();
    const all = this.everything();
    if (all.reduce((sum, piece) => sum + piece.count, 0) < DIRECT_MOST) {
      this.kept = false;
      this.pieces = [];
      return;
    }
    this.retained ??= new Retained(gl);
    const first = !this.kept || !this.retained.bounds;
    this.kept = true;
    const ratio = window.devicePixelRatio || 1;
    const margin = MARGIN_PX * ratio;
    const view = seen(this.origin_matrix, 0, 0);
    const wide = seen(this.origin_matrix, margin / gl.drawingBufferWidth, margin / gl.drawingBufferHeight);
    const still = this.last !== null && same(this.last, view);
    this.last = view;
    if (!this.pieces.length) {
      const shown = this.retained.bounds;
      // While the map moves, the picture moves along; it is made anew when it is old, left, or of another scale.
      if (!first && !this.changed && shown && (still ? same(shown, wide) : covers(shown, view, wide))) {
        if (!still) map.triggerRepaint();
        return;
      }
      this.pieces = all;
      this.changed = false;
      this.retained.begin(wide, gl.drawingBufferWidth + 2 * margin, gl.drawingBufferHeight + 2 * margin);
      this.drawing = wide;
    }
    this.retained.target();
    const budget = first ? Infinity : still ? STILL_BUDGET : MOVING_BUDGET;
    const size = [gl.drawingBufferWidth + 2 * margin, gl.drawingBufferHeight + 2 * margin] as const;
    this.draw(take(this.pieces, budget), flat(this.drawing!), size);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    if (!this.pieces.length) this.retained.finish();
    map.triggerRepaint();
  }

  render(_: unknown, input: CustomRenderMethodInput): void {
    const { gl } = this;
    if (!gl) return;
    const matrix = shifted(input.defaultProjectionData.mainMatrix, this.origin_x, this.origin_y);
    const viewport = [gl.drawingBufferWidth, gl.drawingBufferHeight] as const;
    if (!this.kept) {
      this.draw(this.everything(), matrix, viewport);
      return;
    }
    this.blend();
    this.retained!.show(matrix);
    // Who is chosen is marked at once, whatever the picture's age.
    if (this.chosenAt >= 0) this.draw([{ what: ICONS, from: this.chosenAt, count: 1 }], matrix, viewport);
    gl.bindVertexArray(null);
  }

  /** Every instance in the order in which they lie on one another. */
  private everything(): Piece[] {
    return [
      { what: ELLIPSES, from: 0, count: this.trackCount },
      ...this.ring.spans().map(({ from, count }) => ({ what: TRAILS, from, count })),
      { what: VECTORS, from: 0, count: this.trackCount },
      { what: ICONS, from: 0, count: this.iconCount },
    ];
  }

  private blend(): void {
    const gl = this.gl!;
    gl.enable(gl.BLEND);
    gl.blendEquation(gl.FUNC_ADD);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.colorMask(true, true, true, true);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.SCISSOR_TEST);
    gl.disable(gl.CULL_FACE);
  }

  private draw(pieces: Piece[], matrix: Float32Array, viewport: readonly [number, number]): void {
    const { gl, trails, vectors, ellipses, icons } = this;
    if (!gl || !trails || !vectors || !ellipses || !icons) return;
    const ratio = window.devicePixelRatio || 1;
    this.blend();
    const use = (part: Part) => {
      gl.useProgram(part.program);
      gl.bindVertexArray(part.vao);
      gl.uniformMatrix4fv(part.uniform("u_matrix"), false, matrix);
      gl.uniform2f(part.uniform("u_viewport"), viewport[0], viewport[1]);
      gl.uniform3fv(part.uniform("u_colors"), this.colors);
    };
    const lines = (part: Part, width: number, life_s: number) => {
      gl.uniform1f(part.uniform("u_width"), width * ratio);
      gl.uniform1f(part.uniform("u_now"), this.ring.seconds(this.now_ms));
      gl.uniform1f(part.uniform("u_life"), life_s);
    };
    let before = -1;
    for (const { what, from, count } of pieces) {
      if (!count) continue;
      const part = [ellipses, trails, vectors, icons][what]!;
      if (what !== before) {
        use(part);
        if (what === ELLIPSES) gl.uniform1f(part.uniform("u_px"), (512 * 2 ** (this.map?.getZoom() ?? 0)) | 0);
        if (what === TRAILS) lines(part, 1.6, TRAIL_S);
        if (what === VECTORS) lines(part, 1.2, 0);
        if (what === ICONS) {
          gl.uniform1f(part.uniform("u_ratio"), ratio);
          gl.uniform1f(part.uniform("u_cells"), CELLS);
          gl.uniform3fv(part.uniform("u_halo"), this.halo);
          gl.activeTexture(gl.TEXTURE0);
          gl.bindTexture(gl.TEXTURE_2D, this.atlas);
          gl.uniform1i(part.uniform("u_atlas"), 0);
        }
        before = what;
      }
      point(gl, part, ATTRIBUTES[what]!, from * FLOATS[what]! * 4);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
    }
    gl.bindVertexArray(null);
  }

  private rebuild(): void {
    const gl = this.gl!;
    const s = this.store;
    const n = s.size;
    if (this.vectorData.length < n * SEGMENT_FLOATS) {
      this.vectorData = new Float32Array(2 * n * SEGMENT_FLOATS);
      this.ellipseData = new Float32Array(2 * n * ELLIPSE_FLOATS);
      this.iconData = new Float32Array(2 * 4 * n * ICON_FLOATS);
    }
    const v = this.vectorData;
    const e = this.ellipseData;
    const m = this.iconData;
    let k = 0;
    this.chosenAt = -1;
    this.changed = true;
    const mark = (x: number, y: number, turn: number, px: number, cell: number, color: number, alpha: number) => {
      m[k++] = x;
      m[k++] = y;
      m[k++] = turn;
      m[k++] = px;
      m[k++] = cell;
      m[k++] = color;
      m[k++] = alpha;
    };
    for (let i = 0; i < n; i++) {
      const x = s.x[i]! - this.origin_x;
      const y = s.y[i]! - this.origin_y;
      const per_m = mercatorPerMetre(s.lat_deg[i]!);
      const status = s.status[i]!;
      const kind = s.class_index[i]!;
      v.set([x, y, x + s.east_m_s[i]! * VECTOR_S * per_m, y - s.north_m_s[i]! * VECTOR_S * per_m, 0, kind], i * SEGMENT_FLOATS);
      const major = Math.min(s.sigma_major_m[i]!, 20_000) * SIGMAS * per_m;
      const minor = Math.min(s.sigma_minor_m[i]!, 20_000) * SIGMAS * per_m;
      e.set([x, y, major, minor, s.sigma_azimuth_rad[i]!, kind], i * ELLIPSE_FLOATS);
      const turn = TURNS.has(kind) ? Math.atan2(s.east_m_s[i]!, s.north_m_s[i]!) : 0;
      if (status & INCIDENT) mark(x, y, 0, MARK_PX + 14, FRAME_INCIDENT, INCIDENT_COLOR, 1);
      if (status & FRIEND) mark(x, y, 0, MARK_PX + 12, FRAME_FRIEND, FRIEND_COLOR, 1);
      if (s.id[i] === this.selected) {
        this.chosenAt = k / ICON_FLOATS;
        mark(x, y, 0, MARK_PX + 22, FRAME_SELECTED, SELECTED_COLOR, 1);
      }
      mark(x, y, turn, kind === 5 ? MARK_PX - 6 : MARK_PX, (status & DARK ? HOLLOW : 0) + kind, kind, status & COASTING ? 0.55 : 1);
    }
    this.trackCount = n;
    this.iconCount = k / ICON_FLOATS;
    const upload = (part: Part, data: Float32Array, floats: number) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, part.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data.subarray(0, floats), gl.DYNAMIC_DRAW);
    };
    upload(this.vectors!, v, n * SEGMENT_FLOATS);
    upload(this.ellipses!, e, n * ELLIPSE_FLOATS);
    upload(this.icons!, m, k);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.trails!.buffer);
    for (const run of this.pending) {
      const from = run.from * SEGMENT_FLOATS;
      gl.bufferSubData(gl.ARRAY_BUFFER, from * 4, this.ring.data.subarray(from, from + run.count * SEGMENT_FLOATS));
    }
    this.pending = [];
    this.stale = false;
  }
}

/** Mercator offsets that a matrix without turn or tilt shows, and this share of the view more on every side. */
export function seen(matrix: Float32Array, more_x: number, more_y: number): Bounds {
  const [wide, high] = [1 + 2 * more_x, 1 + 2 * more_y];
  const w = matrix[15]!;
  const x = (clip: number) => (clip * w - matrix[12]!) / matrix[0]!;
  const y = (clip: number) => (clip * w - matrix[13]!) / matrix[5]!;
  return { x0: x(-wide), y0: y(high), x1: x(wide), y1: y(-high) };
}

/** matrix · translation, in doubles: only then are 32 bits enough for the rest. */
export function shifted(matrix: ArrayLike<number>, x: number, y: number): Float32Array {
  const out = new Float32Array(16);
  for (let k = 0; k < 16; k++) out[k] = matrix[k]!;
  for (let row = 0; row < 4; row++) out[12 + row] = matrix[row]! * x + matrix[4 + row]! * y + matrix[12 + row]!;
  return out;
}
