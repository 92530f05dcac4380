import { useState } from "preact/hooks";
import { attempt, openDialog, order } from "../actions";
import { post } from "../api";
import { keep } from "../kept";
import { SHORTCUTS } from "../keyboard";
import { dialog, keys_on, link, picture, site, sound_on } from "../state";
import { Button, Dialog, Field, Mark } from "../ui";
import { CLASSES } from "../live/frame";
import { t, term, type Key } from "../words";

const close = () => (dialog.value = "");

export function Dialogs() {
  if (dialog.value === "help") return <Help />;
  if (dialog.value === "phone") return <Phone />;
  if (dialog.value === "claim") return <Claim />;
  return null;
}

/** What people told the desk: the two buttons that open its dialogs. */
export function ToldButtons() {
  return (
    <>
      <Button onClick={() => openDialog("claim")} hint="c">
        {t("claim.add")}
      </Button>
      <Button onClick={() => openDialog("phone")} hint="p">
        {t("phone.title")}
      </Button>
    </>
  );
}

function Help() {
  const groups = [...new Set(SHORTCUTS.map((s) => s.group))];
  return (
    <Dialog title={t("help.title")} close={close}>
      <div class="help">
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(group)}</h3>
            <dl>
              {SHORTCUTS.filter((s) => s.group === group).map((s) => (
                <div key={s.words}>
                  <dt>
                    {s.keys.map((k) => (
                      <kbd key={k}>{k === " " ? t("key.space") : k === "Escape" ? "Esc" : k}</kbd>
                    ))}
                  </dt>
                  <dd>{t(s.words)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t("help.legend")}</h3>
          <ul class="legend">
            {CLASSES.map((name) => (
              <li key={name}>
                <Mark of={name} /> {term("class", name)}
              </li>
            ))}
            <li>
              <Mark of="drone" hollow /> {t("legend.dark")}
            </li>
            <li>{t("legend.ellipse")}</li>
            <li>{t("legend.vector")}</li>
            <li>{t("legend.drift")}</li>
            <li>{t("legend.dashed")}</li>
          </ul>
        </section>
      </div>
      <label class="check">
        <input
          type="checkbox"
          data-first
          checked={keys_on.value}
          onChange={(e) => {
            keys_on.value = e.currentTarget.checked;
            keep("keys", keys_on.value ? "on" : "off");
          }}
        />{" "}
        {t("help.keys_on")}
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={sound_on.value}
          onChange={(e) => {
            sound_on.value = e.currentTarget.checked;
            keep("sound", sound_on.value ? "on" : "off");
          }}
        />{" "}
        {t("help.sound_on")}
      </label>
      <p class="muted small">
        {t("help.credits")} <a href="/third-party.txt">{t("help.licences")}</a>
      </p>
    </Dialog>
  );
}

/** The telephone log: `p`, write, Enter. */
function Phone() {
  const [text, setText] = useState("");
  const [incident, setIncident] = useState(link.value.incident);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => post("/api/phone-log", { text, incident_id: incident }), t("done.phone"))) close();
  };
  return (
    <Dialog title={t("phone.title")} close={close}>
      <form class="act column" onSubmit={submit}>
        <Field label={t("phone.text")}>
          <input data-first required value={text} onInput={(e) => setText(e.currentTarget.value)} />
        </Field>
        <Field label={t("phone.incident")}>
          <select value={incident} onChange={(e) => setIncident(e.currentTarget.value)}>
            <option value="">–</option>
            {picture.value?.incidents.map((i) => (
              <option key={i.id} value={i.id}>
                {i.id} {term("rule", i.rule)}
              </option>
            ))}
          </select>
        </Field>
        <Button tone="primary" type="submit" hint="Enter">
          {t("phone.save")}
        </Button>
      </form>
    </Dialog>
  );
}

/** Who said what about this, on what evidence: kept beside the sensors' record. */
function Claim() {
  const [f, setF] = useState({ party: "", says: "", on_evidence: "" });
  const set = (change: Partial<typeof f>) => setF({ ...f, ...change });
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = { ...f, track_id: link.value.track || null, incident_id: link.value.incident };
    if (await order("RecordClaim", fields, t("done.claim"))) close();
  };
  return (
    <Dialog title={t("claim.add")} close={close}>
      <form class="act column" onSubmit={submit}>
        <Field label={t("claim.who")}>
          <input data-first required list="claim-parties" value={f.party} onInput={(e) => set({ party: e.currentTarget.value })} />
          <datalist id="claim-parties">
            {site.value?.parties.map((p) => (
              <option key={p.id} value={p.id}>
                {p.name}
              </option>
            ))}
          </datalist>
        </Field>
        <Field label={t("claim.says")}>
          <input required value={f.says} onInput={(e) => set({ says: e.currentTarget.value })} />
        </Field>
        <Field label={t("claim.evidence")}>
          <input required value={f.on_evidence} onInput={(e) => set({ on_evidence: e.currentTarget.value })} />
        </Field>
        <Button tone="primary" type="submit">
          {t("claim.save")}
        </Button>
      </form>
    </Dialog>
  );
}

export type { Key };
