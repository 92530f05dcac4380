import { go, logOut, nextLanguage, nextTheme, openDialog, setTheme } from "../actions";
import { VIEWS, type ViewName } from "../hash";
import { THEMES } from "../map/palette";
import { exercise, link, liveness, looks, now_ms, picture, seesPicture, session, site, theme } from "../state";
import { isSilent } from "../order";
import { Button, Pill } from "../ui";
import { clock } from "../units";
import { language, speak, t, term, type Key } from "../words";

/** Everything that leaves an exercise, and every screen of it, says so in both languages. */
export const ExerciseBanner = () =>
  exercise.value ? (
    <div class="exercise" role="note">
      EXERCISE <span aria-hidden="true">/</span> EJERCICIO
    </div>
  ) : null;

export function TopBar() {
  return (
    <header class="topbar">
      <span class="wordmark">Windhover</span>
      <span class="site-name">{site.value?.name}</span>
      {seesPicture.value ? <Live /> : null}
      {seesPicture.value ? <Clock /> : null}
      <span class="grow" />
      <ScreenChoices />
      <Button tone="quiet" onClick={() => openDialog("help")} hint="?" aria-label={t("help.title")}>
        {t("help.short")}
      </Button>
      <Button tone="quiet" class="button quiet who" onClick={() => go({ view: "accounts" })} title={(session.value?.roles ?? []).map((role) => term("role", role)).join(", ")}>
        {session.value?.name}
      </Button>
      <Button tone="quiet" onClick={() => void logOut()}>
        {t("login.leave")}
      </Button>
    </header>
  );
}

const STATES: Record<string, { words: Key; tone: string }> = {
  starting: { words: "live.starting", tone: "warn" },
  live: { words: "live.live", tone: "good" },
  replay: { words: "live.replay", tone: "warn" },
  paused: { words: "live.paused", tone: "warn" },
  lost: { words: "live.lost", tone: "bad" },
};

function Live() {
  const state = STATES[liveness.value]!;
  return (
    <span role="status" class="live-state">
      <Pill tone={state.tone}>
        <span class="dot" aria-hidden="true" />
        {t(state.words)}
        {liveness.value === "replay" && link.value.speed !== 1 ? ` ×${link.value.speed}` : ""}
      </Pill>
    </span>
  );
}

function Clock() {
  const zone = site.value?.local_timezone ?? "UTC";
  if (!now_ms.value) return null;
  return (
    <span class="clock num">
      <b>{clock(now_ms.value)}</b> UTC
      <span class="clock-local">
        {clock(now_ms.value, zone, false)} {t("time.local")}
      </span>
    </span>
  );
}

export function ScreenChoices() {
  return (
    <span class="choices">
      <span class="segmented" role="group" aria-label={t("screen.language")}>
        {(["en", "es"] as const).map((l) => (
          <button key={l} type="button" lang={l} aria-pressed={language.value === l} onClick={() => speak(l)} title={l === "en" ? "English" : "Español"}>
            {l.toUpperCase()}
          </button>
        ))}
      </span>
      <span class="segmented" role="group" aria-label={t("screen.theme")}>
        {THEMES.map((name) => (
          <button key={name} type="button" aria-pressed={theme.value === name} onClick={() => setTheme(name)}>
            {t(`theme.${name}` as Key)}
          </button>
        ))}
      </span>
    </span>
  );
}

const PAGES: { view: ViewName; words: Key; glyph: string; key: string; count?: () => number }[] = [
  { view: "map", words: "view.map", glyph: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14", key: "m" },
  { view: "table", words: "view.table", glyph: "M3 5h18v14H3zM3 10h18M3 15h18M9 5v14", key: "t" },
  {
    view: "questions",
    words: "view.questions",
    glyph: "M4 5h16v11H10l-5 4v-4H4zM10 9a2 2 0 1 1 3 1.7c-.7.4-1 .8-1 1.5M12 14v.2",
    key: "q",
    count: () => picture.value?.questions.filter((q) => !q.answer).length ?? 0,
  },
  { view: "friends", words: "view.friends", glyph: "M12 3l8 4v5c0 5-3.5 8-8 9-4.500-1-8-4-8-9V7zM8.500 12l2.500 2.500 4.500-5", key: "f" },
  { view: "sighting", words: "view.sighting", glyph: "M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z", key: "s" },
  {
    view: "feeds",
    words: "view.feeds",
    glyph: "M5 19a14 14 0 0 1 14-14M5 19a8 8 0 0 1 8-8M5 19h.1",
    key: "h",
    count: () => picture.value?.feeds.filter(isSilent).length ?? 0,
  },
  { view: "journal", words: "view.journal", glyph: "M6 3h11l2 2v16H6zM9 8h7M9 12h7M9 16h4", key: "j" },
  { view: "relief", words: "view.relief", glyph: "M4 8h13l-3-3M20 16H7l3 3", key: "w" },
  {
    view: "accounts",
    words: "view.accounts",
    glyph: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21c1-4.500 4-6.500 8-6.500s7 2 8 6.500",
    key: "u",
  },
];
/** What a partner's desk and a mere administrator have any use for. */
const PARTNERS = new Set<ViewName>(["questions", "accounts"]);

export function Rail() {
  const shown = looks.value ? PAGES : PAGES.filter((p) => (seesPicture.value ? PARTNERS.has(p.view) : p.view === "accounts"));
  return (
    <nav class="rail" aria-label={t("view.pages")}>
      {shown.map(({ view, words, glyph, key, count }) => {
        const n = count?.() ?? 0;
        return (
          <button
            key={view}
            type="button"
            aria-current={link.value.view === view ? "page" : undefined}
            aria-keyshortcuts={key}
            title={`${t(words)} (${key})`}
            onClick={() => go({ view })}
          >
            <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
              <path d={glyph} />
            </svg>
            <span>{t(words)}</span>
            {n ? <b class="badge num">{n}</b> : null}
          </button>
        );
      })}
    </nav>
  );
}

export { VIEWS, nextLanguage, nextTheme };
