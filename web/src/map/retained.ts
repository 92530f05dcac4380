/** A picture of everything that flies, kept as a texture: drawn a little in each frame, shown in every frame.
 *
 * A hundred thousand trail segments cost a software renderer more than the whole rest of the map, and while
 * a person pans they are the same segments again and again. So beyond a few thousand they are drawn once for
 * one view with a margin, piece by piece, and that picture is moved with the map until the next is ready.
 */

/** Mercator offsets from the sector's origin; y grows southward. */
export interface Bounds { x0: number; y0: number; x1: number; y1: number }

/** What is still to be drawn of one picture: instances `from … from + count` of part `what`. */
export interface Piece { what: number; from: number; count: number }

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform vec4 u_bounds;
in vec2 corner;
out vec2 v_uv;
void main() {
  v_uv = vec2(corner.x, 1.0 - corner.y);
  gl_Position = u_matrix * vec4(mix(u_bounds.xy, u_bounds.zw, corner), 0.0, 1.0);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D u_picture;
in vec2 v_uv;
out vec4 color;
void main() { color = texture(u_picture, v_uv); }`;

interface Sheet { texture: WebGLTexture; target: WebGLFramebuffer; width: number; height: number; bounds: Bounds | null }

export class Retained {
  private front: Sheet;
  private back: Sheet;
  private readonly program: WebGLProgram;
  private readonly vao: WebGLVertexArrayObject;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.front = this.sheet();
    this.back = this.sheet();
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    this.program = program;
    this.vao = gl.createVertexArray();
    gl.bindVertexArray(this.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, "corner");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    gl.bindVertexArray(null);
  }

  /** The view that is shown now; null before the first picture. */
  get bounds(): Bounds | null {
    return this.front.bounds;
  }

  /** An empty picture of this view, to be drawn into after `target()`. */
  begin(bounds: Bounds, width: number, height: number): void {
    const { gl, back } = this;
    gl.bindTexture(gl.TEXTURE_2D, back.texture);
    if (back.width !== width || back.height !== height) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      back.width = width;
      back.height = height;
    }
    back.bounds = bounds;
    this.target();
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** What is drawn next goes into the picture that is being made. */
  target(): void {
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, this.back.target);
    this.gl.viewport(0, 0, this.back.width, this.back.height);
  }

  /** The picture is whole: it is shown from now on. */
  finish(): void {
    [this.front, this.back] = [this.back, this.front];
  }

  /** As it was drawn, where it belongs now. */
  show(matrix: Float32Array): void {
    const { gl, front, program } = this;
    if (!front.bounds) return;
    gl.useProgram(program);
    gl.bindVertexArray(this.vao);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, front.texture);
    gl.uniform1i(gl.getUniformLocation(program, "u_picture"), 0);
    gl.uniformMatrix4fv(gl.getUniformLocation(program, "u_matrix"), false, matrix);
    const { x0, y0, x1, y1 } = front.bounds;
    gl.uniform4f(gl.getUniformLocation(program, "u_bounds"), x0, y0, x1, y1);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private sheet(): Sheet {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    const target = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return { texture, target, width: 1, height: 1, bounds: null };
  }
}

/** Clip coordinates of a view: what `u_matrix` is while its picture is drawn. */
export function flat({ x0, y0, x1, y1 }: Bounds): Float32Array {
  const out = new Float32Array(16);
  out[0] = 2 / (x1 - x0);
  out[5] = -2 / (y1 - y0);
  out[10] = out[15] = 1;
  out[12] = -(x0 + x1) / (x1 - x0);
  out[13] = (y0 + y1) / (y1 - y0);
  return out;
}

/** Cut at most `budget` instances off the front of what is to be drawn. */
export function take(pieces: Piece[], budget: number): Piece[] {
  const out: Piece[] = [];
  while (budget > 0 && pieces.length) {
    const next = pieces[0]!;
    const count = Math.min(budget, next.count);
    if (count > 0) out.push({ ...next, count });
    budget -= count;
    if (count < next.count) pieces[0] = { what: next.what, from: next.from + count, count: next.count - count };
    else pieces.shift();
  }
  return out;
}

/** Whether a view lies within a picture of the same scale (to a hundredth of a zoom level). */
export const covers = (picture: Bounds, view: Bounds, of: Bounds): boolean =>
  Math.abs(Math.log2((picture.x1 - picture.x0) / (of.x1 - of.x0))) < 0.01 &&
  view.x0 >= picture.x0 && view.x1 <= picture.x1 && view.y0 >= picture.y0 && view.y1 <= picture.y1;

export const same = (a: Bounds, b: Bounds): boolean => a.x0 === b.x0 && a.y0 === b.y0 && a.x1 === b.x1 && a.y1 === b.y1;
