import { openIncident } from "../actions";
import { link, picture, session } from "../state";
import type { Incident, Restriction } from "../types";
import { Ago, Countdown, Empty, Pill } from "../ui";
import { ENDED } from "../map/features";
import { byUrgency } from "../order";
import { say, t, term } from "../words";

export const exposureTone = (x: string): string => (x === "X3" ? "bad" : x === "X2" ? "warn" : "");

/** The board: what stands before what is only watched, exposure first, then evidence; what a person must do stands in each row. */
export function IncidentBoard() {
  const all = [...(picture.value?.incidents ?? [])].sort(byUrgency);
  const open = all.filter((i) => i.state !== "closed");
  const closed = all.filter((i) => i.state === "closed");
  return (
    <section class="panel-body" aria-labelledby="board-title">
      <h2 id="board-title" class="panel-title">
        {t("board.title")} <span class="count num">{open.length}</span>
      </h2>
      {open.length ? null : <Empty>{t("board.none")}</Empty>}
      <ul class="cards">
        {open.map((incident) => (
          <IncidentRow key={incident.id} incident={incident} />
        ))}
      </ul>
      {closed.length ? (
        <details class="closed">
          <summary>
            {t("board.closed")} <span class="num">{closed.length}</span>
          </summary>
          <ul class="cards">
            {closed.map((incident) => (
              <IncidentRow key={incident.id} incident={incident} />
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

export const restrictionOf = (incident: string): Restriction | undefined => {
  const all = (picture.value?.restrictions ?? []).filter((r) => r.incident_id === incident);
  return all.find((r) => !ENDED.has(r.state)) ?? all.at(-1);
};

/** The lowest rungs restrict nobody: parties are told, nothing is requested from anyone. */
export const isAdvice = (r: Restriction): boolean => r.rung === "R0" || r.rung === "R1";

/** What is due from a person here for one restriction, in a word. */
export function due(r: Restriction): string {
  if (r.state === "drafted") return t(isAdvice(r) ? "due.advice" : "due.decide");
  if (r.state === "requested") return t("due.number");
  if (r.state === "issued" || r.state === "in force") return t("due.watch");
  if (r.state === "cancellation requested") return t("due.cancelled");
  return "";
}

function IncidentRow({ incident }: { incident: Incident }) {
  const restriction = restrictionOf(incident.id);
  const standing = restriction && !ENDED.has(restriction.state);
  return (
    <li>
      <button
        type="button"
        class={`card incident ${incident.state}`}
        aria-current={link.value.incident === incident.id ? "true" : undefined}
        onClick={() => openIncident(incident.id)}
      >
        <span class="card-head">
          <b class="num">{incident.id}</b>
          <Pill tone={incident.state === "open" ? exposureTone(incident.exposure) : ""} title={term("exposure", incident.exposure)}>
            {incident.exposure}
          </Pill>
          <Pill title={term("grade", incident.grade)}>{incident.grade}</Pill>
          <span class="rule">{term("rule", incident.rule)}</span>
          <span class="muted since">
            {incident.state === "closed" ? term("verdict", incident.verdict ?? "unresolved") : <>{t("board.since")} <Ago ns={incident.opened_ns} /></>}
          </span>
        </span>
        <span class="card-text">{say(incident.why)}</span>
        {standing ? (
          <span class="card-foot">
            <Pill tone={restriction.state === "drafted" ? "accent" : "restriction"}>
              {restriction.id} · {rungOf(restriction)} · {term("restriction", restriction.state)}
            </Pill>
            <Countdown until_ns={lapses(restriction)} />
            <span class="grow" />
            {session.value ? <span class="due">{due(restriction)}</span> : null}
          </span>
        ) : null}
        {incident.state === "watched" ? <span class="muted small">{t("board.watched")}</span> : null}
      </button>
    </li>
  );
}

/** "rung R4": an R that is a rung must not be read as the R of a restriction. */
export const rungOf = (r: Restriction): string => t("restriction_rung", { rung: r.rung });

export const lapses = (r: Restriction): number =>
  (r.state === "drafted" || r.state === "requested" ? r.proposal_lapses_ns : null) ?? r.to_ns;
