/** Every word on the map, on one canvas above it: what matters most is placed first, and nothing covers it. */
import type { Palette } from "./palette";

export interface Label {
  x: number;
  y: number;
  lines: string[];
  color: string;
  rank: number; // lower is placed first
  size?: number;
  weight?: number;
  centred?: boolean;
  /** Half the width of the mark that the words stand beside; no other words cover it. */
  mark_px?: number;
}

export interface View { width: number; height: number; ratio: number; centre_x: number; centre_y: number; world_px: number }

export const toPixel = (view: View, x: number, y: number): [number, number] => [
  (x - view.centre_x) * view.world_px + view.width / 2,
  (y - view.centre_y) * view.world_px + view.height / 2,
];

const CELL_PX = 16;
const LIMIT = 220;

/** Boxes taken so far, in cells: cheap enough for every map frame. */
export class Taken {
  private readonly cells = new Set<number>();
  take(x0: number, y0: number, x1: number, y1: number, force: boolean): boolean {
    const a = Math.floor(x0 / CELL_PX);
    const b = Math.floor(x1 / CELL_PX);
    const c = Math.floor(y0 / (CELL_PX / 2));
    const d = Math.floor(y1 / (CELL_PX / 2));
    if (!force) for (let i = a; i <= b; i++) for (let j = c; j <= d; j++) if (this.cells.has(i * 65_536 + j)) return false;
    for (let i = a; i <= b; i++) for (let j = c; j <= d; j++) this.cells.add(i * 65_536 + j);
    return true;
  }
}

const FONT = '"Inter Variable", "Inter", system-ui, sans-serif';
const widths = new Map<string, number>();

function widthOf(g: CanvasRenderingContext2D, text: string, font: string): number {
  const key = font + text;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    width = g.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

export function drawLabels(canvas: HTMLCanvasElement, view: View, labels: Label[], palette: Palette): number {
  const w = Math.round(view.width * view.ratio);
  const h = Math.round(view.height * view.ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const g = canvas.getContext("2d")!;
  g.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  g.clearRect(0, 0, view.width, view.height);
  g.textBaseline = "alphabetic";
  g.lineJoin = "round";
  g.strokeStyle = palette.halo;
  const taken = new Taken();
  let drawn = 0;
  for (const label of labels) {
    if (!label.mark_px) continue;
    const [px, py] = toPixel(view, label.x, label.y);
    taken.take(px - 8, py - 8, px + 8, py + 8, true);
  }
  for (const label of labels.sort((a, b) => a.rank - b.rank)) {
    if (drawn >= LIMIT) break;
    const size = label.size ?? 11;
    const [px, py] = toPixel(view, label.x, label.y);
    if (px < -80 || py < -30 || px > view.width + 20 || py > view.height + 20) continue;
    const font = `${label.weight ?? 500} ${size}px ${FONT}`;
    g.font = font;
    const lead = size * 1.22;
    const wide = Math.max(...label.lines.map((text) => widthOf(g, text, font)));
    const high = lead * label.lines.length;
    const gap = (label.mark_px ?? 6) + 4;
    const spots: [number, number][] = label.centred
      ? [[px - wide / 2, py - high / 2]]
      : [[px + gap, py - high / 2], [px - gap - wide, py - high / 2], [px - wide / 2, py + gap], [px - wide / 2, py - gap - high],
         [px + gap, py + gap], [px + gap, py - gap - high], [px - gap - wide, py + gap], [px - gap - wide, py - gap - high],
         [px + gap, py + 2 * high], [px + gap, py - 3 * high], [px - gap - wide, py + 2 * high], [px - gap - wide, py - 3 * high]];
    const spot = spots.find(([x, y]) => taken.take(x, y, x + wide, y + high, false)) ?? (label.rank < 0.4 ? spots[0] : undefined);
    if (!spot) continue;
    g.fillStyle = label.color;
    if (spots.indexOf(spot) >= 4) {
      // Far from its mark: a line says whose words these are.
      g.beginPath();
      g.moveTo(px, py);
      g.lineTo(Math.max(spot[0], Math.min(px, spot[0] + wide)), Math.max(spot[1], Math.min(py, spot[1] + high)));
      g.lineWidth = 1;
      g.strokeStyle = label.color;
      g.globalAlpha = 0.6;
      g.stroke();
    }
    g.strokeStyle = palette.halo;
    g.lineWidth = 3;
    label.lines.forEach((text, k) => {
      const x = label.centred ? px - widthOf(g, text, font) / 2 : spot[0];
      const y = spot[1] + lead * k + size;
      g.globalAlpha = 0.9;
      g.strokeText(text, x, y);
      g.globalAlpha = 1;
      g.fillText(text, x, y);
    });
    drawn++;
  }
  return drawn;
}
