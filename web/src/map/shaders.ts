/** GLSL of the tracks' layer. Positions are mercator offsets from the sector's origin, so that 32 bits hold centimetres. */

export const LINE_VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_width, u_now, u_life;
uniform vec3 u_colors[10];
in vec2 corner;
in vec4 ends;
in vec2 told;
out vec4 v_color;
out float v_side;
void main() {
  vec4 a = u_matrix * vec4(ends.xy, 0.0, 1.0);
  vec4 b = u_matrix * vec4(ends.zw, 0.0, 1.0);
  vec2 pa = a.xy / a.w * u_viewport * 0.5;
  vec2 pb = b.xy / b.w * u_viewport * 0.5;
  vec2 along = pb - pa;
  float size = length(along);
  vec2 dir = size > 0.001 ? along / size : vec2(1.0, 0.0);
  vec2 at = mix(pa, pb, corner.x) + vec2(-dir.y, dir.x) * corner.y * (u_width * 0.5 + 1.0);
  float left = u_life > 0.0 ? clamp(1.0 - (u_now - told.x) / u_life, 0.0, 1.0) : 1.0;
  v_color = vec4(u_colors[int(told.y)], left * (u_life > 0.0 ? 0.75 : 0.9));
  v_side = corner.y * (u_width * 0.5 + 1.0);
  gl_Position = left <= 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4(at / (u_viewport * 0.5), 0.0, 1.0);
}`;

export const LINE_FRAGMENT = `#version 300 es
precision highp float;
uniform float u_width;
in vec4 v_color;
in float v_side;
out vec4 color;
void main() {
  float a = v_color.a * clamp(u_width * 0.5 + 0.5 - abs(v_side), 0.0, 1.0);
  color = vec4(v_color.rgb * a, a);
}`;

export const ELLIPSE_VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_px;
uniform vec3 u_colors[10];
in vec2 corner;
in vec2 centre;
in vec4 shape;
out vec2 v_at;
out vec2 v_px;
out vec4 v_color;
void main() {
  vec2 px = shape.xy * u_px;
  float grown = 1.0 + 2.0 / max(px.y, 1.0);
  vec2 unit = (corner * 2.0 - 1.0) * grown;
  vec2 along = vec2(sin(shape.z), -cos(shape.z));
  vec2 across = vec2(along.y, -along.x);
  vec2 at = centre + along * unit.x * shape.x + across * unit.y * shape.y;
  v_at = unit;
  v_px = px;
  float seen = smoothstep(9.0, 16.0, px.x) * (1.0 - smoothstep(400.0, 900.0, px.x));
  v_color = vec4(u_colors[int(shape.w)], seen);
  gl_Position = seen <= 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : u_matrix * vec4(at, 0.0, 1.0);
}`;

export const ELLIPSE_FRAGMENT = `#version 300 es
precision highp float;
in vec2 v_at;
in vec2 v_px;
in vec4 v_color;
out vec4 color;
void main() {
  float r = length(v_at);
  float d = (r - 1.0) / max(fwidth(r), 1e-4);
  float ring = clamp(1.1 - abs(d), 0.0, 1.0) * 0.75;
  float fill = clamp(0.5 - d, 0.0, 1.0) * 0.07;
  float a = v_color.a * max(ring, fill);
  color = vec4(v_color.rgb * a, a);
}`;

export const ICON_VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_ratio, u_cells;
uniform vec3 u_colors[10];
in vec2 corner;
in vec2 centre;
in vec4 look;
in float alpha;
out vec2 v_uv;
out vec4 v_color;
void main() {
  vec4 at = u_matrix * vec4(centre, 0.0, 1.0);
  vec2 local = (corner - 0.5) * look.y * u_ratio;
  float s = sin(look.x), c = cos(look.x);
  vec2 turned = vec2(local.x * c + local.y * s, -local.x * s + local.y * c);
  v_uv = vec2((look.z + corner.x) / u_cells, 1.0 - corner.y);
  v_color = vec4(u_colors[int(look.w)], alpha);
  gl_Position = vec4(at.xy / at.w + turned / (u_viewport * 0.5), 0.0, 1.0);
}`;

export const ICON_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D u_atlas;
uniform vec3 u_halo;
in vec2 v_uv;
in vec4 v_color;
out vec4 color;
void main() {
  vec4 t = texture(u_atlas, v_uv);
  float halo = t.g * 0.85;
  float a = max(t.r, halo) * v_color.a;
  color = vec4(mix(u_halo, v_color.rgb, t.r) * a, a);
}`;
