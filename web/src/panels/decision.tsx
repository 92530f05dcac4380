import { useEffect, useState } from "preact/hooks";
import { back, openTrack, order } from "../actions";
import { get } from "../api";
import { can, link, looking_back, picture, site, store, tick } from "../state";
import type { Incident, Restriction, Words } from "../types";
import { At, Button, Countdown, Empty, Mark, party, Pill } from "../ui";
import { feet, minutes, nauticalMiles, ms, squareKm } from "../units";
import { language, say, t, term } from "../words";
import { ToldButtons } from "./dialogs";
import { exposureTone, isAdvice, lapses, restrictionOf, rungOf } from "./incidents";
import { Matrix } from "./matrix";
import { ENDED } from "../map/features";

export interface LadderStep {
  rung: string;
  words: Words;
  competent: string;
  today: boolean;
  restriction?: Restriction | null;
  area_m2?: number | null;
  minutes?: number | null;
  impact?: Words | null;
  exemptions?: string[];
  told?: string[];
  people: number;
  allowed: boolean;
  in_hand: boolean;
}

/** One screen: what it is, what the ladder says today, what that costs, who is competent, who will be told. */
export function IncidentPanel() {
  const incident = picture.value?.incidents.find((i) => i.id === link.value.incident);
  const [ladder, setLadder] = useState<LadderStep[]>([]);
  const [chosen, setChosen] = useState("");
  const restriction = incident ? restrictionOf(incident.id) : undefined;
  useEffect(() => {
    if (!incident || looking_back.value) return;
    let gone = false;
    get<{ ladder: LadderStep[] }>(`/api/incidents/${incident.id}/decision`).then(
      (answer) => gone || setLadder(answer.ladder),
      () => gone || setLadder([]),
    );
    return () => {
      gone = true;
    };
  }, [incident?.id, incident?.updated_ns, restriction?.id, restriction?.state, looking_back.value]);
  if (!incident) return <Empty>{t("incident.gone", { id: link.value.incident })}</Empty>;
  const today = ladder.find((step) => step.today);
  // What may be asked for now is what must be weighed: the rung in hand, else today's.
  const step = ladder.find((s) => s.rung === chosen) ?? ladder.findLast((s) => s.in_hand) ?? today;
  return (
    <section class="panel-body decision" aria-labelledby="incident-title">
      <header class="panel-head">
        <Button tone="quiet" onClick={back} aria-label={t("back")}>
          ←
        </Button>
        <h2 id="incident-title" class="panel-title">
          {incident.id} · {term("rule", incident.rule)}
        </h2>
        <Pill tone={exposureTone(incident.exposure)}>{incident.exposure}</Pill>
        <Pill>{incident.grade}</Pill>
      </header>
      <p class="lead">{say(incident.why)}</p>
      <dl class="facts">
        <dt>{t("incident.evidence")}</dt>
        <dd>{term("grade", incident.grade)}</dd>
        <dt>{t("incident.exposure")}</dt>
        <dd>{term("exposure", incident.exposure)}</dd>
        <dt>{t("incident.opened")}</dt>
        <dd>
          <At ns={incident.opened_ns} /> UTC · {term("incident", incident.state)}
        </dd>
        <dt>{t("incident.objects")}</dt>
        <dd>
          <Objects incident={incident} />
        </dd>
      </dl>
      <Claims incident={incident.id} />
      {incident.state === "closed" ? (
        <p class="verdict">
          <b>{term("verdict", incident.verdict ?? "unresolved")}.</b> {incident.verdict_reason}
        </p>
      ) : (
        <>
          {ladder.length ? <Ladder ladder={ladder} chosen={step?.rung ?? ""} choose={setChosen} /> : null}
          {step ? <Step step={step} incident={incident} /> : null}
          {restriction ? <Current key={restriction.id} restriction={restriction} /> : null}
          {can("operator") && !looking_back.value ? <Close incident={incident} /> : null}
        </>
      )}
      <Matrix incident={incident.id} />
      {can("operator") && !looking_back.value ? (
        <div class="row">
          <ToldButtons />
        </div>
      ) : null}
    </section>
  );
}

function Objects({ incident }: { incident: Incident }) {
  tick.value;
  if (!incident.track_ids.length) return <span>{say(incident.hazard.words)}</span>;
  return (
    <span class="row">
      {incident.track_ids.map((id) => {
        const row = store.row(id);
        const kind = row < 0 ? "unknown" : store.read(row).class;
        return (
          <button key={id} type="button" class="link" onClick={() => openTrack(id)}>
            <Mark of={kind} size={15} /> {term("class", kind)} {id}
            {row < 0 ? ` · ${t("object.not_held")}` : ""}
          </button>
        );
      })}
    </span>
  );
}

export function Claims({ incident = "", track = 0 }: { incident?: string; track?: number }) {
  const claims = (picture.value?.claims ?? []).filter(
    (c) => (incident && c.incident_id === incident) || (track && c.track_id === track),
  );
  if (!claims.length) return null;
  return (
    <ul class="claims" aria-label={t("claim.title")}>
      {claims.map((c) => (
        <li key={c.id}>
          <b>{party(c.party)}</b> <At ns={c.time_ns} />: “{c.says}”{" "}
          <span class="muted">{t("claim.on", { evidence: c.on_evidence })}</span>
          {c.contradicts ? <span class="bad"> {t("claim.contradicts", { what: c.contradicts })}</span> : null}
        </li>
      ))}
    </ul>
  );
}

function Ladder({ ladder, chosen, choose }: { ladder: LadderStep[]; chosen: string; choose: (rung: string) => void }) {
  return (
    <div class="ladder" role="group" aria-label={t("ladder.title")}>
      {ladder.map((s) => (
        <button
          key={s.rung}
          type="button"
          class={`rung ${s.today ? "today" : ""}`}
          aria-pressed={s.rung === chosen}
          onClick={() => choose(s.rung)}
          title={say(s.words)}
        >
          <b class="num">{s.rung}</b>
          <span>{say(s.words)}</span>
          {s.today ? <em>{t("ladder.today")}</em> : null}
          {s.in_hand && s.restriction ? <em class="hand num">{s.restriction.id}</em> : null}
        </button>
      ))}
    </div>
  );
}

function Step({ step, incident }: { step: LadderStep; incident: Incident }) {
  const rung = site.value?.policy.ladder.find((r) => r.name === step.rung);
  const draft = step.restriction;
  const area = step.area_m2 ?? draft?.volume.area_m2;
  const impact = step.impact ?? draft?.impact;
  const exemptions = step.exemptions?.length ? step.exemptions : (draft?.exemptions ?? []);
  return (
    <div class="step">
      <h3>
        {step.rung}: {say(step.words) || rung?.action[language.value]}
      </h3>
      <dl class="facts">
        <dt>{t("step.competent")}</dt>
        <dd>
          <b>{party(step.competent)}</b>
          {(rung?.people ?? 1) > 1 ? <span class="muted"> · {t("step.people", { n: rung!.people })}</span> : null}
        </dd>
        {draft ? (
          <>
            <dt>{t("step.volume")}</dt>
            <dd>
              <Volume restriction={draft} />
            </dd>
          </>
        ) : area ? (
          <>
            <dt>{t("step.area")}</dt>
            <dd class="num">{squareKm(area)} km²</dd>
          </>
        ) : null}
        {step.minutes ? (
          <>
            <dt>{t("step.time")}</dt>
            <dd class="num">{minutes(step.minutes * 60)} min</dd>
          </>
        ) : null}
        {impact ? (
          <>
            <dt>{t("step.costs")}</dt>
            <dd>{say(impact)}</dd>
          </>
        ) : null}
        {exemptions.length ? (
          <>
            <dt>{t("step.exempt")}</dt>
            <dd>
              {exemptions.map((e) => term("exempt", e)).join(", ")}
              <span class="muted"> · {t("step.exempt_how")}</span>
            </dd>
          </>
        ) : null}
        {step.told?.length ? (
          <>
            <dt>{t("step.told")}</dt>
            <dd>{step.told.map(party).join(" · ")}</dd>
          </>
        ) : null}
      </dl>
      {!step.today && incident.state === "open" ? (
        <p class="muted small">{t(step.allowed ? "step.allowed" : "step.not_today")}</p>
      ) : null}
    </div>
  );
}

export function Volume({ restriction: r }: { restriction: Restriction }) {
  const lower = r.volume.lower_altitude_amsl_m;
  return (
    <span class="num">
      {squareKm(r.volume.area_m2)} km²
      {r.volume.radius_m ? ` (${t("volume.radius")} ${nauticalMiles(r.volume.radius_m)} NM)` : ""},{" "}
      {lower === null ? t("map.surface") : `${feet(lower)} ft`} – {feet(r.volume.upper_altitude_amsl_m)} ft {t("unit.amsl")}
      {r.excludes_neighbour ? ` · ${t("volume.excludes")}` : ""}
    </span>
  );
}

/** The restriction as it stands and the one thing that a person may do next. */
export function Current({ restriction: r }: { restriction: Restriction }) {
  const [text, setText] = useState("");
  const [mode, setMode] = useState<"" | "renew" | "withdraw">("");
  const operator = can("operator") && !looking_back.value;
  const approver = can("approver") && !looking_back.value;
  const act = async (name: string, fields: Record<string, unknown>, done: string) => {
    if (await order(name, { restriction_id: r.id, ...fields }, done)) {
      setText("");
      setMode("");
      // What is typed next must not land in the next step's field.
      document.getElementById("side")?.focus();
    }
  };
  const needsText = (label: string, verb: string, run: () => void) => (
    <form
      key={label}
      class="act"
      onSubmit={(e) => {
        e.preventDefault();
        run();
      }}
    >
      <label class="grow">
        <span class="field-label">{label}</span>
        <input data-decide data-first required value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </label>
      <Button tone="primary" type="submit">
        {verb}
      </Button>
    </form>
  );
  const proposal = r.state === "drafted" || r.state === "requested";
  const standing = r.state === "issued" || r.state === "in force";
  return (
    <div class={`current ${ENDED.has(r.state) ? "ended" : "open"}`}>
      <div class="row">
        <b class="num">
          {r.id} · {rungOf(r)}
        </b>
        <Pill tone="restriction">{term("restriction", r.state)}</Pill>
        {r.authority_number ? <span class="num">{r.authority_number}</span> : null}
        <span class="grow" />
        {ENDED.has(r.state) ? null : (
          <Countdown until_ns={lapses(r)} label={proposal ? t("current.lapses") : t("current.until")} />
        )}
      </div>
      {proposal ? <p class="muted small">{t(isAdvice(r) ? "current.advice" : "current.proposal")}</p> : null}
      {standing ? <p class="muted small">{t("current.standing", { who: party(r.competent) })}</p> : null}
      {r.requested_by.length ? <p class="small">{t("current.requested_by", { who: r.requested_by.join(", ") })}</p> : null}
      {r.reason ? <p class="small">{r.reason}</p> : null}
      {operator && !approver && !ENDED.has(r.state) ? <p class="small warn">{t("current.approver")}</p> : null}
      {!operator ? null : r.state === "drafted" ? (
        <div class="row">
          {isAdvice(r) ? null : (
            <Button
              tone="primary"
              disabled={!approver}
              data-decide
              onClick={() => void act("RequestRestriction", {}, t("done.requested", { id: r.id, who: party(r.competent) }))}
            >
              {t("act.request", { who: party(r.competent) })}
            </Button>
          )}
          <Button onClick={() => setMode(mode === "renew" ? "" : "renew")}>{t("act.renew")}</Button>
          <Button onClick={() => setMode(mode === "withdraw" ? "" : "withdraw")}>{t("act.withdraw")}</Button>
        </div>
      ) : r.state === "requested" ? (
        <>
          {needsText(t("act.number"), t("act.enter"), () =>
            void act("EnterAuthorityNumber", { authority_number: text }, t("done.issued", { id: r.id, number: text })),
          )}
          <div class="row">
            <Button onClick={() => setMode(mode === "renew" ? "" : "renew")}>{t("act.renew")}</Button>
            <Button onClick={() => setMode(mode === "withdraw" ? "" : "withdraw")}>{t("act.withdraw")}</Button>
          </div>
        </>
      ) : standing ? (
        <>
          {needsText(t("act.why_over"), t("act.ask_cancel", { who: party(r.competent) }), () =>
            void act("RequestCancellation", { reason: text }, t("done.cancel_asked", { id: r.id })),
          )}
          <Button onClick={() => setMode(mode === "renew" ? "" : "renew")}>{t("act.renew")}</Button>
        </>
      ) : r.state === "cancellation requested" ? (
        <Button tone="primary" data-decide onClick={() => void act("ConfirmCancelled", {}, t("done.cancelled", { id: r.id }))}>
          {t("act.cancelled", { who: party(r.competent) })}
        </Button>
      ) : null}
      {approver && mode === "renew"
        ? needsText(t("act.evidence"), t("act.renew"), () => void act("RenewRestriction", { evidence: text }, t("done.renewed", { id: r.id })))
        : null}
      {operator && mode === "withdraw"
        ? needsText(t("act.reason"), t("act.withdraw"), () => void act("WithdrawRestriction", { reason: text }, t("done.withdrawn", { id: r.id })))
        : null}
      {r.to_ns && !ENDED.has(r.state) ? (
        <p class="muted small">
          <At ns={r.from_ns} /> – <At ns={r.to_ns} /> UTC · {minutes((ms(r.to_ns) - ms(r.from_ns)) / 1000)} min
        </p>
      ) : null}
    </div>
  );
}

const VERDICTS = ["aircraft", "drone", "balloon", "bird", "tethered", "friendly", "countermeasure", "nothing found", "unresolved"];

function Close({ incident }: { incident: Incident }) {
  const [verdict, setVerdict] = useState("");
  const [reason, setReason] = useState("");
  return (
    <details class="close-incident">
      <summary>{t("close.title")}</summary>
      <form
        class="act"
        onSubmit={(e) => {
          e.preventDefault();
          void order("CloseIncident", { incident_id: incident.id, verdict, reason }, t("done.closed", { id: incident.id }));
        }}
      >
        <label>
          <span class="field-label">{t("close.verdict")}</span>
          <select required value={verdict} onChange={(e) => setVerdict(e.currentTarget.value)}>
            <option value="" />
            {VERDICTS.map((v) => (
              <option key={v} value={v}>
                {term("verdict", v)}
              </option>
            ))}
          </select>
        </label>
        <label class="grow">
          <span class="field-label">{t("close.reason")}</span>
          <input required value={reason} onInput={(e) => setReason(e.currentTarget.value)} />
        </label>
        <Button type="submit">{t("close.do")}</Button>
      </form>
    </details>
  );
}
