/** One quantity over time, with its last value written out. */
import { CLASSES } from "../live/frame";
import { clock, fixed, ms } from "../units";
import { t } from "../words";

const W = 360;
const H = 84;
const LEFT = 40;
const BOTTOM = 14;

export function StripPlot({ time_ns, series, unit, label, low, high }: {
  time_ns: number[];
  series: (number | null)[];
  unit: string;
  label: string;
  low?: number;
  high?: number;
}) {
  const known = series.filter((v): v is number => v !== null && Number.isFinite(v));
  if (known.length < 2) return null;
  const least = low ?? Math.min(...known);
  const most = high ?? Math.max(...known);
  const span = Math.max(most - least, 1e-6);
  const pad = low === undefined ? 0.08 * Math.max(span, 20) : 0;
  const t0 = time_ns[0]!;
  const t1 = Math.max(time_ns.at(-1)!, t0 + 1);
  const x = (ns: number) => LEFT + ((ns - t0) / (t1 - t0)) * (W - LEFT - 4);
  const y = (v: number) => H - BOTTOM - ((v - least + pad) / (span + 2 * pad)) * (H - BOTTOM - 6);
  let pen = "M";
  const d = series
    .map((v, k) => {
      if (v === null || !Number.isFinite(v)) {
        pen = "M";
        return "";
      }
      const out = `${pen}${x(time_ns[k]!).toFixed(1)} ${y(v).toFixed(1)}`;
      pen = "L";
      return out;
    })
    .join("");
  const last = known.at(-1)!;
  return (
    <figure class="plot strip">
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={`${label}: ${fixed(last)} ${unit}`}>
        {[least, most].map((v) => (
          <g key={v}>
            <path class="grid" d={`M${LEFT} ${y(v)}H${W}`} />
            <text class="tick" x={LEFT - 5} y={y(v) + 3.5} text-anchor="end">{fixed(v)}</text>
          </g>
        ))}
        <text class="tick" x={LEFT} y={H - 2}>{clock(ms(t0), "UTC", false)}</text>
        <text class="tick" x={W - 2} y={H - 2} text-anchor="end">{clock(ms(t1), "UTC", false)}</text>
        <path class="ground" d={d} />
        <circle class="ground" cx={x(t1)} cy={y(last)} r={3} />
      </svg>
      <figcaption class="num">
        {fixed(last)} {unit} <span class="muted">{label}</span>
      </figcaption>
    </figure>
  );
}

/** The probability of every class over time; each line in its class's colour, the last ones named in the bars above. */
export function ClassPlot({ time_ns, chances }: { time_ns: number[]; chances: (number | null)[][] }) {
  const t0 = time_ns[0]!;
  const t1 = Math.max(time_ns.at(-1)!, t0 + 1);
  const x = (ns: number) => LEFT + ((ns - t0) / (t1 - t0)) * (W - LEFT - 4);
  const y = (p: number) => H - BOTTOM - p * (H - BOTTOM - 6);
  return (
    <figure class="plot strip wide">
      <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={t("plot.classes")}>
        {[0, 0.5, 1].map((p) => (
          <g key={p}>
            <path class="grid" d={`M${LEFT} ${y(p)}H${W}`} />
            <text class="tick" x={LEFT - 5} y={y(p) + 3.5} text-anchor="end">{fixed(100 * p)} %</text>
          </g>
        ))}
        {CLASSES.map((name, k) => {
          const column = chances[k] ?? [];
          if (!column.some((p) => (p ?? 0) > 0.02)) return null;
          const d = column.map((p, i) => (p === null ? "" : `${i ? "L" : "M"}${x(time_ns[i]!).toFixed(1)} ${y(p).toFixed(1)}`)).join("");
          return <path key={name} class={`chance c-${name}`} d={d} />;
        })}
        <text class="tick" x={LEFT} y={H - 2}>{clock(ms(t0), "UTC", false)}</text>
        <text class="tick" x={W - 2} y={H - 2} text-anchor="end">{clock(ms(t1), "UTC", false)}</text>
      </svg>
    </figure>
  );
}
