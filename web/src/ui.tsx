/** Small parts that every panel uses. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ClassName } from "./live/frame";
import { HOLLOW, PATHS } from "./map/shapes";
import { now_ms, site, tick } from "./state";
import { clock, countdown, dayClock, ms } from "./units";
import { language, t } from "./words";

export { HOLLOW };

export const Mark = ({ of, size = 18, hollow = false }: { of: string; size?: number; hollow?: boolean }) => (
  <svg class={`mark c-${of}`} viewBox="0 0 48 48" width={size} height={size} aria-hidden="true">
    <path
      d={PATHS[of as ClassName] ?? PATHS.unknown}
      fill-rule="evenodd"
      fill={hollow ? "none" : "currentColor"}
      stroke={hollow ? "currentColor" : "none"}
      stroke-width={hollow ? 4 : 0}
    />
  </svg>
);

/** Seconds left until `until_ns`, ticking with the picture's own clock. */
export function Countdown({ until_ns, label }: { until_ns: number; label?: string }) {
  tick.value;
  const left = (ms(until_ns) - now_ms.value) / 1000;
  const tone = left < 0 ? "bad" : left < (site.value?.policy.renew_reminder_s ?? 300) ? "warn" : "";
  return (
    <span class={`countdown ${tone}`}>
      {label ? <span class="countdown-label">{label}</span> : null}
      <span class="num">{countdown(left)}</span>
    </span>
  );
}

/** How long ago, by the picture's clock. */
export function Ago({ ns }: { ns: number }) {
  tick.value;
  return <span class="num">{countdown(Math.max(0, (now_ms.value - ms(ns)) / 1000))}</span>;
}

/** UTC, with the local time in the title. */
export function At({ ns, seconds = false }: { ns: number; seconds?: boolean }) {
  const zone = site.value?.local_timezone ?? "UTC";
  return (
    <time class="num" dateTime={new Date(ms(ns)).toISOString()} title={`${clock(ms(ns), zone)} ${t("time.local")}`}>
      {clock(ms(ns), "UTC", seconds)}
    </time>
  );
}

/** Day and time in UTC, of the wall and not of the picture. */
export function When({ ns }: { ns: number }) {
  return (
    <time class="num" dateTime={new Date(ms(ns)).toISOString()}>
      {dayClock(ms(ns), "UTC", language.value)}
    </time>
  );
}

export const Bar = ({ value, tone = "" }: { value: number; tone?: string }) => {
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    ref.current?.style.setProperty("width", `${Math.max(0.5, Math.min(100, value * 100))}%`);
  }, [value]);
  return (
    <span class="bar" aria-hidden="true">
      <span ref={ref} class={`bar-fill ${tone}`} />
    </span>
  );
};

export const Pill = ({ tone = "", title, children }: { tone?: string; title?: string; children: ComponentChildren }) => (
  <span class={`pill ${tone}`} title={title}>
    {children}
  </span>
);

interface ButtonProps extends Omit<JSX.IntrinsicElements["button"], "size"> {
  tone?: "primary" | "quiet" | "danger" | "plain";
  hint?: string;
}
/** A button; `hint` is the key that does the same. */
export const Button = ({ tone = "plain", hint, children, ...rest }: ButtonProps) => (
  <button type="button" class={`button ${tone}`} {...(hint ? { "aria-keyshortcuts": hint } : {})} {...rest}>
    {children}
    {hint ? <kbd aria-hidden="true">{hint}</kbd> : null}
  </button>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** A modal dialog: focus goes in, Escape goes out, focus comes back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  // Before the next key arrives, not after the next paint: nothing that is typed is lost.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    ref.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={ref} class="dialog" aria-label={title} onClose={close} onCancel={close}>
      <header class="dialog-head">
        <h2>{title}</h2>
        <Button tone="quiet" onClick={close} aria-label={t("close")}>
          ✕
        </Button>
      </header>
      {children}
    </dialog>
  );
}

export const Field = ({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }) => (
  <label class="field">
    <span class="field-label">{label}</span>
    {children}
    {hint ? <span class="field-hint">{hint}</span> : null}
  </label>
);

interface PasswordProps {
  label: string;
  hint?: string;
  fresh?: boolean;
  value: string;
  change: (typed: string) => void;
}
/** A field for a password, which its owner may look at before sending it; `fresh`: a new one is chosen. */
export function PasswordField({ label, hint, fresh = false, value, change }: PasswordProps) {
  const [open, setOpen] = useState(false);
  const parts = {
    name: "password",
    required: true,
    minLength: fresh ? 12 : 1,
    autocomplete: fresh ? "new-password" : "current-password",
    spellcheck: false,
    value,
    onInput: (e: InputEvent & { currentTarget: HTMLInputElement }) => change(e.currentTarget.value),
  } as const;
  return (
    <div class="field password">
      <Field label={label} {...(hint ? { hint } : {})}>
        {open ? <input {...parts} type="text" /> : <input {...parts} type="password" />}
      </Field>
      <Button tone="quiet" aria-pressed={open} onClick={() => setOpen(!open)}>
        {t("login.show")}
      </Button>
    </div>
  );
}

export const party = (id: string): string => site.value?.parties.find((p) => p.id === id)?.name ?? id;
