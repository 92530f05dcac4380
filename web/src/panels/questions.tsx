import { useState } from "preact/hooks";
import { openIncident, order } from "../actions";
import { can, looking_back, picture, session, site } from "../state";
import type { Question } from "../types";
import { Ago, At, Button, Empty, Field, party, Pill } from "../ui";
import { t, term } from "../words";
import { AckButton, Matrix } from "./matrix";

/** What parties ask and what was answered; and every text that went out, with who has read it. */
export function QuestionsPage() {
  const questions = [...(picture.value?.questions ?? [])].sort((a, b) => Number(!!a.answer) - Number(!!b.answer) || b.asked_ns - a.asked_ns);
  const notices = picture.value?.notices ?? [];
  return (
    <section class="page narrow" aria-labelledby="questions-title">
      <h1 id="questions-title">{t("questions.title")}</h1>
      {questions.length ? null : <Empty>{t("questions.none")}</Empty>}
      {questions.map((q) => (
        <QuestionCard key={q.id} question={q} />
      ))}
      {can("partner") || can("operator") ? <Ask /> : null}
      <Matrix />
      <h2>{t("notices.title")}</h2>
      {notices.length ? null : <Empty>{t("notices.none")}</Empty>}
      {[...notices].reverse().slice(0, 60).map((n) => (
        <details key={n.id} class="notice">
          <summary>
            <span class="num">{n.id}</span> <At ns={n.composed_ns} /> {party(n.party)} · {term("notice_kind", n.kind)}
            {n.restriction_id ? ` ${n.restriction_id}` : ""} · <span class={n.state === "escalated" || n.state === "failed" ? "bad" : "muted"}>{term("notice", n.state)}</span>
          </summary>
          <p class="subject">{n.subject}</p>
          <pre lang={n.language}>{n.text}</pre>
          {n.acknowledged_ns === null && n.state !== "composed" && !looking_back.value && (can("operator") || can("partner")) ? <AckButton id={n.id} /> : null}
        </details>
      ))}
    </section>
  );
}

function QuestionCard({ question: q }: { question: Question }) {
  const [text, setText] = useState("");
  return (
    <article class={`question ${q.answer ? "answered" : "waiting"}`}>
      <header class="row">
        <b class="num">{q.id}</b> {party(q.party)} <At ns={q.asked_ns} />
        {q.incident_id ? (
          <button type="button" class="link" onClick={() => openIncident(q.incident_id)}>
            {q.incident_id}
          </button>
        ) : null}
        <span class="grow" />
        {q.answer ? <Pill tone="good">{t("questions.answered")}</Pill> : <Pill tone={q.escalated_ns ? "bad" : "warn"}>{t("questions.waiting")} <Ago ns={q.asked_ns} /></Pill>}
      </header>
      <blockquote lang={q.language}>{q.text}</blockquote>
      {q.answer ? (
        <p>
          <b>{q.answered_by}</b>: <span>{q.answer}</span>
        </p>
      ) : can("operator") && !looking_back.value ? (
        <form
          class="act"
          onSubmit={(e) => {
            e.preventDefault();
            void order("AnswerQuestion", { question_id: q.id, text }, t("done.answered", { id: q.id }));
          }}
        >
          <label class="grow">
            <span class="field-label">{t("questions.answer", { language: t(q.language === "es" ? "language.es" : "language.en") })}</span>
            <textarea required rows={2} value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
          <Button tone="primary" type="submit">
            {t("questions.send")}
          </Button>
        </form>
      ) : null}
    </article>
  );
}

function Ask() {
  const own = session.value?.party ?? "";
  const [who, setWho] = useState(own);
  const [text, setText] = useState("");
  return (
    <details>
      <summary>{t("questions.ask")}</summary>
      <form
        class="act column"
        onSubmit={(e) => {
          e.preventDefault();
          void order("AskQuestion", { party: own || who, text, incident_id: "" }, t("done.asked")).then((ok) => ok && setText(""));
        }}
      >
        {own ? null : (
          <Field label={t("questions.from")}>
            <select required value={who} onChange={(e) => setWho(e.currentTarget.value)}>
              <option value="" />
              {site.value?.parties.map((p) => (
                <option key={p.id} value={p.id}>
                  {p.name}
                </option>
              ))}
            </select>
          </Field>
        )}
        <Field label={t("questions.text")}>
          <textarea required rows={2} value={text} onInput={(e) => setText(e.currentTarget.value)} />
        </Field>
        <Button type="submit">{t("questions.ask_do")}</Button>
      </form>
    </details>
  );
}
