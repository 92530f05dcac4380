import { useEffect, useRef } from "preact/hooks";
import { acknowledgeAll, go, openIncident } from "../actions";
import { can, link, looking_back, picture, sound_on, toasts } from "../state";
import { shownAlerts, soundOf, waitingAlerts } from "../order";
import { At, Button } from "../ui";
import { say, t } from "../words";

/** On a telephone and above other pages the most urgent alone: the rest of the screen is what one came for. */
const shown = (): number => (window.innerWidth < 820 || link.value.view !== "map" ? 1 : 3);
let audio: AudioContext | null = null;

/** Two short tones, no file; silent until the person has touched the page, as browsers ask. */
function ring(urgent: boolean): void {
  if (!sound_on.value || !navigator.userActivation?.hasBeenActive) return;
  try {
    audio ??= new AudioContext();
    const start = audio.currentTime;
    for (const [k, pitch] of (urgent ? [880, 660, 880] : [660, 550]).entries()) {
      const tone = audio.createOscillator();
      const loud = audio.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, start + 0.18 * k);
      loud.gain.exponentialRampToValueAtTime(0.12, start + 0.18 * k + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, start + 0.18 * k + 0.16);
      tone.connect(loud).connect(audio.destination);
      tone.start(start + 0.18 * k);
      tone.stop(start + 0.18 * k + 0.17);
    }
  } catch {
    audio = null; // no sound device: the flash and the live region remain
  }
}

/** What must reach a person: sound, flash, live region; gone only when acknowledged by name. */
export function Alerts() {
  const newest = (picture.value?.alerts ?? []).filter((a) => !a.acknowledged_by).at(-1);
  const lines = waitingAlerts(picture.value?.alerts ?? []);
  const visible = shownAlerts(lines, newest?.id ?? "", shown());
  const heard = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (looking_back.value) return;
    const [sound, all] = soundOf(picture.value?.alerts ?? [], heard.current);
    heard.current = all;
    if (sound) ring(sound === "urgent");
  }, [newest?.id, newest?.time_ns]);
  return (
    <section class="alerts" aria-label={t("alert.title")}>
      <div class="visually-hidden" aria-live="assertive" aria-atomic="true">
        {newest && !looking_back.value ? `${t("alert.new")}: ${say(newest.words)}` : ""}
      </div>
      {visible.map((group, k) => {
        const a = group.at(-1)!;
        const times = group.reduce((n, x) => n + x.count, 0);
        return (
        <div key={a.id} class={`alert ${a.severity} ${a.id === newest?.id ? "newest" : ""}`}>
          <button type="button" class="alert-words" onClick={() => (/^I\d/.test(a.about) ? openIncident(a.about) : go({ view: "questions" }))}>
            <At ns={a.time_ns} /> {say(a.words)}
            {times > 1 ? <span class="num muted"> ×{times}</span> : null}
          </button>
          {can("operator") && !looking_back.value ? (
            <Button onClick={() => void acknowledgeAll(group)} {...(k === 0 ? { hint: "a" } : {})} aria-label={`${t("act.acknowledge")}: ${say(a.words)}`}>
              {t("act.acknowledge")}
            </Button>
          ) : null}
        </div>
        );
      })}
      {lines.length > visible.length ? <p class="alert-more">{t("alert.more", { n: lines.length - visible.length })}</p> : null}
    </section>
  );
}

export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map((x) => (
      <p key={x.id} class={`toast ${x.tone}`}>
        {x.text}
      </p>
    ))}
  </div>
);
