/** Programs with their buffers: one for each kind of thing that the tracks' layer draws. */
import { LINE_VERTEX } from "./shaders";

export interface Part { program: WebGLProgram; vao: WebGLVertexArrayObject; buffer: WebGLBuffer; uniform(name: string): WebGLUniformLocation | null }

export function makePart(gl: WebGL2RenderingContext, vertex: string, fragment: string, attributes: [string, number][]): Part {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost())
      throw new Error(`shader: ${gl.getShaderInfoLog(shader)}`);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error(`program: ${gl.getProgramInfoLog(program)}`);
  const vao = gl.createVertexArray();
  gl.bindVertexArray(vao);
  const corners = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  const flat = vertex === LINE_VERTEX ? [0, -1, 0, 1, 1, -1, 1, 1] : [0, 0, 1, 0, 0, 1, 1, 1];
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(flat), gl.STATIC_DRAW);
  const corner = gl.getAttribLocation(program, "corner");
  gl.enableVertexAttribArray(corner);
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
  const buffer = gl.createBuffer();
  const known = new Map<string, WebGLUniformLocation | null>();
  const part: Part = {
    program,
    vao,
    buffer,
    uniform(name) {
      let at = known.get(name);
      if (at === undefined) known.set(name, (at = gl.getUniformLocation(program, name)));
      return at;
    },
  };
  point(gl, part, attributes, 0);
  gl.bindVertexArray(null);
  return part;
}

/** Per-instance attributes, interleaved, from a byte offset on. */
export function point(gl: WebGL2RenderingContext, part: Part, attributes: [string, number][], from: number): void {
  const stride = attributes.reduce((sum, [, size]) => sum + size, 0) * 4;
  gl.bindBuffer(gl.ARRAY_BUFFER, part.buffer);
  let offset = from;
  for (const [name, size] of attributes) {
    const at = gl.getAttribLocation(part.program, name);
    if (at >= 0) {
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, stride, offset);
      gl.vertexAttribDivisor(at, 1);
    }
    offset += size * 4;
  }
}
