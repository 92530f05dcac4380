import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { attempt } from "../actions";
import { type Feed, type Output, get, post } from "../api";
import { isSilent } from "../order";
import { can, looking_back, picture, site, tick } from "../state";
import { Ago, Button, Empty, Field, Pill } from "../ui";
import { fixed, whole } from "../units";
import { language, t, term } from "../words";
import { remarkInSpanish } from "../words/problems";

const EVERY_MS = 2000;
const DAY_S = 86_400;

/** Who reports and who is told, how they do, and who answers for what is taken off the air. */
export function FeedsPage() {
  tick.value;
  const [lines, setLines] = useState<{ feeds: Feed[]; outputs: Output[] } | null>(null);
  const live = !looking_back.value;
  const ask = (still = () => true) =>
    get<{ feeds: Feed[]; outputs: Output[] }>("/api/feeds").then((came) => (still() ? setLines(came) : undefined), () => undefined);
  useEffect(() => {
    if (!live) return setLines(null);
    let here = true; // what was asked before one looks back must not stand on the page of the past
    void ask(() => here);
    const timer = setInterval(() => void ask(() => here), EVERY_MS);
    return () => {
      here = false;
      clearInterval(timer);
    };
  }, [live]);
  const feeds = lines?.feeds ?? picture.value?.feeds ?? [];
  const outputs = lines?.outputs ?? [];
  return (
    <section class="page" aria-labelledby="feeds-title">
      <h1 id="feeds-title">{t("feeds.title")}</h1>
      {feeds.length ? <Feeds feeds={feeds} again={ask} /> : <Empty>{t("feeds.none")}</Empty>}
      {outputs.length ? <Outputs outputs={outputs} /> : null}
      <Sensors />
    </section>
  );
}

function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}

const State = ({ of, bad }: { of: string; bad: boolean }) => (
  <Pill tone={bad ? "bad" : of === "waiting" ? "warn" : "good"}>{term("feed", of)}</Pill>
);

const remark = (words: string): string => (language.value === "es" ? remarkInSpanish(words) : words);

/** What was refused or lost, by reason, most first. */
const Reasons = ({ of }: { of: Record<string, number> }) => (
  <>
    {Object.entries(of)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, n]) => `${remark(reason)} ${whole(n, language.value)}`)
      .join(" · ")}
  </>
);

function Feeds({ feeds, again }: { feeds: Feed[]; again: () => Promise<unknown> }) {
  const [open, setOpen] = useState("");
  const answers = !looking_back.value && (can("approver") || can("admin"));
  return (
    <Scroll label={t("feeds.title")}>
      <table class="list people feeds">
        <thead>
          <tr>
            <th scope="col">{t("feeds.name")}</th>
            <th scope="col">{t("feeds.kind")}</th>
            <th scope="col">{t("table.state")}</th>
            <th scope="col">{t("feeds.last")}</th>
            <th scope="col" class="right">{t("feeds.rate")}</th>
            <th scope="col" class="right">{t("feeds.delay")}</th>
            <th scope="col" class="right">{t("feeds.plots")}</th>
            <th scope="col" class="right">{t("feeds.lost")}</th>
            <th scope="col">{t("feeds.words")}</th>
            {answers ? <th scope="col"><span class="visually-hidden">{t("help.act")}</span></th> : null}
          </tr>
        </thead>
        <tbody>
          {feeds.map((f) => (
            <Line
              key={f.name}
              feed={f}
              answers={answers}
              open={open === f.name}
              toggle={() => setOpen(open === f.name ? "" : f.name)}
              again={again}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface LineProps { feed: Feed; answers: boolean; open: boolean; toggle: () => void; again: () => Promise<unknown> }

function Line({ feed: f, answers, open, toggle, again }: LineProps) {
  const off = Math.abs(f.clock_ahead_s) >= 0.5;
  return (
    <>
      <tr aria-current={open ? "true" : undefined}>
        <th scope="row">{f.name}</th>
        <td>{f.kind ? term("sensor", f.kind) : ""}</td>
        <td><State of={f.state} bad={isSilent(f)} /></td>
        <td>{f.last_ns ? <Ago ns={f.last_ns} /> : "–"}</td>
        <td class="num right">{fixed(f.rate_hz, 1)}</td>
        <td class="num right">{f.detections ? fixed(f.latency_s, 1) : "–"}</td>
        <td class="num right">{whole(f.detections, language.value)}</td>
        <td class={`num right ${f.dropped ? "warn" : ""}`}>{whole(f.dropped, language.value)}</td>
        <td class="wraps">
          {f.words ? <div>{remark(f.words)}</div> : null}
          {Object.keys(f.rejected).length ? <div class="muted small">{t("feeds.rejected")} <Reasons of={f.rejected} /></div> : null}
          {f.clock_corrected_s ? <div class="muted small">{t("feeds.corrected", { n: fixed(f.clock_corrected_s, 1) })}</div> : null}
          <Ground feed={f} />
        </td>
        {answers ? (
          <td class="right">
            {f.kind || listens(f) ? (
              <Button tone={off ? "primary" : "quiet"} aria-expanded={open} onClick={toggle} aria-label={`${t("accounts.change")}: ${f.name}`}>
                {t("accounts.change")}
              </Button>
            ) : null}
          </td>
        ) : null}
      </tr>
      {open && answers ? (
        <tr>
          <td colSpan={10} class="change">
            <Rule feed={f} done={() => { toggle(); void again(); }} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** Whether of radio; of a node on a SAPIENT line only its registration tells. */
const listens = (f: Feed): boolean => f.captures_signalling || f.decodes_content || f.legal_basis !== "" || f.name.includes("/");

/** On what ground a feed takes signals off the air, and by whose word. */
function Ground({ feed: f }: { feed: Feed }) {
  if (!f.legal_basis) return null; // then its remark says that it is off, and why
  return (
    <div class="muted small">
      {t("feeds.ground", { basis: f.legal_basis, name: f.basis_recorded_by })}
      {f.content_allowed_by ? ` ${t("feeds.content_by", { name: f.content_allowed_by })}` : ""}
    </div>
  );
}

/** What a person can say of a feed; each word is in the journal before the feed obeys it. */
function Rule({ feed: f, done }: { feed: Feed; done: () => void }) {
  const [by, setBy] = useState("");
  const [text, setText] = useState("");
  const [ahead, setAhead] = useState(String(Math.round(10 * (f.clock_corrected_s + f.clock_ahead_s)) / 10));
  const say = async (what: string, fields: Record<string, unknown>) => {
    if (await attempt(() => post(`/api/feeds/${what}`, { feed: f.name, by, ...fields }), t("feeds.ruled", { name: f.name }))) done();
  };
  const ground = { minLength: 4, maxLength: 2000, value: text, onInput: (e: InputEvent & { currentTarget: HTMLInputElement }) => setText(e.currentTarget.value) };
  const wordless = text.trim().length < 4;
  return (
    <form class="act column" onSubmit={(e) => e.preventDefault()}>
      <Field label={t("feeds.by")} hint={t("feeds.by_hint")}>
        <input maxLength={100} autocomplete="name" value={by} onInput={(e) => setBy(e.currentTarget.value)} />
      </Field>
      {listens(f) ? (
        <>
          <Field label={t("feeds.words_for")} hint={t("feeds.words_hint")}>
            <input {...ground} />
          </Field>
          <div class="row">
            <Button tone="primary" disabled={wordless} onClick={() => void say("basis", { basis: text })}>{t("feeds.basis_do")}</Button>
            {f.decodes_content ? (
              <Button disabled={wordless || !f.legal_basis} onClick={() => void say("content", { reason: text })}>{t("feeds.content_do")}</Button>
            ) : null}
            {f.legal_basis ? (
              <Button tone="danger" disabled={wordless} onClick={() => void say("withdraw", { reason: text })}>{t("feeds.withdraw_do")}</Button>
            ) : null}
          </div>
        </>
      ) : null}
      {f.kind ? (
        <div class="row">
          <Field label={t("feeds.ahead")} hint={t("feeds.ahead_hint")}>
            <input type="number" step="any" min={-DAY_S} max={DAY_S} value={ahead} onInput={(e) => setAhead(e.currentTarget.value)} />
          </Field>
          <Button disabled={!Number.isFinite(Number.parseFloat(ahead))} onClick={() => void say("clock", { ahead_s: Number.parseFloat(ahead) })}>
            {t("feeds.clock_do")}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

function Outputs({ outputs }: { outputs: Output[] }) {
  return (
    <>
      <h2>{t("outputs.title")}</h2>
      <Scroll label={t("outputs.title")}>
        <table class="list people">
          <thead>
            <tr>
              <th scope="col">{t("outputs.name")}</th>
              <th scope="col">{t("feeds.kind")}</th>
              <th scope="col">{t("outputs.purpose")}</th>
              <th scope="col">{t("table.state")}</th>
              <th scope="col">{t("outputs.last")}</th>
              <th scope="col" class="right">{t("outputs.sent")}</th>
              <th scope="col" class="right">{t("outputs.queued")}</th>
              <th scope="col">{t("feeds.words")}</th>
            </tr>
          </thead>
          <tbody>
            {outputs.map((o) => (
              <tr key={o.name}>
                <th scope="row">{o.name}</th>
                <td>{o.kind}</td>
                <td class="wraps">{o.purpose}</td>
                <td><State of={o.state} bad={o.state === "off"} /></td>
                <td>{o.last_sent_ns ? <Ago ns={o.last_sent_ns} /> : "–"}</td>
                <td class="num right">{whole(o.sent, language.value)}</td>
                <td class="num right">{whole(o.queued, language.value)}</td>
                <td class="wraps">
                  {o.words ? <div>{remark(o.words)}</div> : null}
                  {Object.keys(o.dropped).length ? <div class="warn small">{t("feeds.lost")}: <Reasons of={o.dropped} /></div> : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

function Sensors() {
  return (
    <>
      <h2>{t("feeds.sensors")}</h2>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t("feeds.name")}</th>
            <th scope="col">{t("feeds.kind")}</th>
            <th scope="col" class="right">{t("feeds.reach")}</th>
            <th scope="col" class="right">{t("feeds.period")}</th>
          </tr>
        </thead>
        <tbody>
          {site.value?.sensors.map((s) => (
            <tr key={s.name}>
              <th scope="row">{s.name}</th>
              <td>{term("sensor", s.kind)}</td>
              <td class="num right">{(s.range_max_m / 1000).toFixed(0)} km</td>
              <td class="num right">{s.period_s} s</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
