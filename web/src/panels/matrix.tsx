import { order } from "../actions";
import { can, looking_back, picture, session, site, tick, now_ms } from "../state";
import type { Notice } from "../types";
import { At, Button, party } from "../ui";
import { clock, countdown, ms } from "../units";
import { t, term } from "../words";

/** Who was told what and who has read it: one row per text, one column per party. */
export function Matrix({ incident = "" }: { incident?: string }) {
  const notices = (picture.value?.notices ?? []).filter((n) => !incident || n.incident_id === incident);
  if (!notices.length) return null;
  const rows = new Map<string, Notice[]>();
  for (const n of notices) {
    if (n.kind === "escalation") continue;
    const key = `${n.kind} ${n.restriction_id || n.incident_id}`;
    rows.set(key, [...(rows.get(key) ?? []), n]);
  }
  const parties = (site.value?.parties ?? []).filter((p) => notices.some((n) => n.party === p.id));
  return (
    <section class="matrix-box" aria-labelledby={`matrix-${incident}`}>
      <h3 id={`matrix-${incident}`}>{t("matrix.title")}</h3>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby={`matrix-${incident}`}>
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">{t("matrix.what")}</th>
              {parties.map((p) => (
                <th key={p.id} scope="col">
                  {p.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...rows.entries()].reverse().map(([key, row]) => (
              <tr key={key}>
                <th scope="row">
                  <At ns={row[0]!.composed_ns} /> {term("notice_kind", row[0]!.kind)} {row[0]!.restriction_id}
                </th>
                {parties.map((p) => {
                  const notice = row.filter((n) => n.party === p.id).at(-1);
                  return <td key={p.id}>{notice ? <Cell notice={notice} /> : <span class="muted">·</span>}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ notice: n }: { notice: Notice }) {
  tick.value;
  if (n.acknowledged_ns !== null) {
    const took = (ms(n.acknowledged_ns) - ms(n.sent_ns ?? n.composed_ns)) / 1000;
    return (
      <span class="good" title={`${n.acknowledged_by} ${clock(ms(n.acknowledged_ns))} UTC`}>
        ✓ <span class="num">{countdown(took)}</span>
      </span>
    );
  }
  const late = n.due_ns !== null && now_ms.value > ms(n.due_ns);
  const tone = n.state === "failed" || n.state === "escalated" || late ? "bad" : "warn";
  return (
    <span class={tone} title={`${party(n.party)}: ${term("notice", n.state)}`}>
      {n.state === "failed" ? "✕" : n.state === "escalated" || late ? "!" : "…"}{" "}
      <span class="num">{term("notice", n.state)}</span>
      {mine(n) ? <AckButton id={n.id} /> : null}
    </span>
  );
}

/** A partner acknowledges its own notices; an operator may note an acknowledgement heard by telephone. */
const mine = (n: Notice): boolean =>
  !looking_back.value && n.state !== "composed" && (can("operator") || (can("partner") && session.value?.party === n.party));

export const AckButton = ({ id }: { id: string }) => (
  <Button tone="quiet" onClick={() => void order("Acknowledge", { notice_id: id }, t("done.acknowledged", { id }))}>
    {t("act.acknowledge")}
  </Button>
);
