/** The marks of the classes, drawn once per theme into one atlas; also used, as SVG paths, in panels and legend.
 * A 48 × 48 cell, centre at 24, up = ahead. Each class differs in outline, so that colour never stands alone. */
import { CLASSES, type ClassName } from "../live/frame";

export const CELL = 48;

export const PATHS: Record<ClassName, string> = {
  // swept wings and a tail
  aircraft: "M24 5 L27 18 L43 28 L43 32 L27 28 L26.5 37 L32 41 L32 44 L24 42 L16 44 L16 41 L21.5 37 L21 28 L5 32 L5 28 L21 18 Z",
  // four rotors on a cross
  drone:
    "M21 21 L14.6 14.6 A5.6 5.6 0 1 1 17.4 11.8 L24 18.4 L30.6 11.8 A5.6 5.6 0 1 1 33.4 14.6 L27 21 L27 27 L33.4 33.4 A5.6 5.6 0 1 1 30.6 36.2 L24 29.6 L17.4 36.2 A5.6 5.6 0 1 1 14.6 33.4 L21 27 Z",
  // an envelope with its neck
  balloon: "M24 6 C34 6 38 14 38 20 C38 28 30 33 27 36 L27 39 L21 39 L21 36 C18 33 10 28 10 20 C10 14 14 6 24 6 Z M20 41 L28 41 L27 45 L21 45 Z",
  // spread wings
  bird: "M4 20 C12 12 20 16 24 24 C28 16 36 12 44 20 C36 18 30 22 27 31 L24 36 L21 31 C18 22 12 18 4 20 Z",
  // a kite on its line
  tethered: "M24 4 L36 18 L24 34 L12 18 Z M23 34 L25 34 L25 45 L23 45 Z M19 43 L29 43 L29 46 L19 46 Z",
  // scattered echoes
  clutter: "M24 18 a4 4 0 1 0 .01 0 Z M11 12 a3 3 0 1 0 .01 0 Z M37 12 a3 3 0 1 0 .01 0 Z M12 32 a3 3 0 1 0 .01 0 Z M36 33 a3 3 0 1 0 .01 0 Z",
  // a square on its side's middle: nothing is claimed
  unknown: "M12 12 H36 V36 H12 Z M16.5 16.5 V31.5 H31.5 V16.5 Z",
};

/** Cells: the classes filled, the classes hollow ("dark"), then frames: friend, incident, selected, cooperative. */
export const HOLLOW = CLASSES.length;
export const FRAME_FRIEND = 2 * CLASSES.length;
export const FRAME_INCIDENT = FRAME_FRIEND + 1;
export const FRAME_SELECTED = FRAME_FRIEND + 2;
export const CELLS = FRAME_FRIEND + 3;

/** Red channel: the mark; green: its halo. One row of cells; coloured in the shader. */
export function drawAtlas(scale: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = CELL * scale * CELLS;
  canvas.height = CELL * scale;
  const g = canvas.getContext("2d")!;
  g.fillStyle = "#000";
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.lineJoin = "round";
  g.globalCompositeOperation = "lighter";
  const cell = (k: number, draw: () => void) => {
    g.save();
    g.scale(scale, scale);
    g.translate(k * CELL, 0);
    g.beginPath();
    g.rect(0, 0, CELL, CELL);
    g.clip();
    draw();
    g.restore();
  };
  CLASSES.forEach((name, k) => {
    const path = new Path2D(PATHS[name]);
    const small = () => {
      g.translate(24, 24);
      g.scale(0.8, 0.8);
      g.translate(-24, -24);
    };
    cell(k, () => {
      small();
      g.strokeStyle = "#0f0";
      g.lineWidth = 7;
      g.stroke(path);
      g.fillStyle = "#0f0";
      g.fill(path, "evenodd");
      g.fillStyle = "#f00";
      g.fill(path, "evenodd");
    });
    cell(HOLLOW + k, () => {
      small();
      g.strokeStyle = "#0f0";
      g.lineWidth = 8;
      g.stroke(path);
      g.fillStyle = "#0f0";
      g.fill(path, "evenodd");
      g.strokeStyle = "#f00";
      g.lineWidth = 4.6;
      g.stroke(path);
    });
  });
  cell(FRAME_FRIEND, () => {
    for (const [style, width] of [["#0f0", 6.5], ["#f00", 2.6]] as const) {
      g.strokeStyle = style;
      g.lineWidth = width;
      g.beginPath();
      g.arc(24, 24, 19, 0, 2 * Math.PI);
      g.stroke();
    }
  });
  cell(FRAME_INCIDENT, () => corners(g, 5, 9, [["#0f0", 7], ["#f00", 3.2]]));
  cell(FRAME_SELECTED, () => corners(g, 3.5, 13, [["#0f0", 6], ["#f00", 2.4]]));
  return canvas;
}

function corners(g: CanvasRenderingContext2D, inset: number, length: number, pens: readonly (readonly [string, number])[]): void {
  const a = inset;
  const b = CELL - inset;
  for (const [style, width] of pens) {
    g.strokeStyle = style;
    g.lineWidth = width;
    g.beginPath();
    for (const [x, y, dx, dy] of [[a, a, 1, 1], [b, a, -1, 1], [a, b, 1, -1], [b, b, -1, -1]] as const) {
      g.moveTo(x, y + dy * length);
      g.lineTo(x, y);
      g.lineTo(x + dx * length, y);
    }
    g.stroke();
  }
}
