/** Every action by keyboard. The table is the help page; one-key shortcuts can be switched off (WCAG 2.1.4). */
import * as act from "./actions";
import { dialog, keys_on, link } from "./state";
import type { Key } from "./words";

interface Shortcut { keys: string[]; words: Key; group: Key; run: () => void }

/** At once: whoever types on must already be in the field. */
const focusNow = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus();

export const SHORTCUTS: Shortcut[] = [
  { keys: ["n"], words: "key.next_incident", group: "help.look", run: () => act.stepIncident(1) },
  { keys: ["N"], words: "key.previous_incident", group: "help.look", run: () => act.stepIncident(-1) },
  { keys: ["o"], words: "key.next_object", group: "help.look", run: () => act.stepTrack(1) },
  { keys: ["O"], words: "key.previous_object", group: "help.look", run: () => act.stepTrack(-1) },
  { keys: ["Escape"], words: "key.back", group: "help.look", run: act.back },
  { keys: ["+", "−"], words: "key.zoom", group: "help.look", run: () => undefined },
  { keys: ["d"], words: "key.decide", group: "help.act", run: () => focusNow("[data-decide]") },
  { keys: ["a"], words: "key.acknowledge", group: "help.act", run: act.acknowledgeNext },
  { keys: ["p"], words: "key.phone", group: "help.act", run: () => act.openDialog("phone") },
  { keys: ["c"], words: "key.claim", group: "help.act", run: () => (link.value.track || link.value.incident) && act.openDialog("claim") },
  { keys: ["s"], words: "key.sighting", group: "help.act", run: () => act.openView("sighting") },
  { keys: ["m"], words: "key.map", group: "help.go", run: () => act.openView("map") },
  { keys: ["t"], words: "key.table", group: "help.go", run: () => act.openView("table") },
  { keys: ["i"], words: "key.incidents", group: "help.go", run: () => act.go({ track: 0, incident: "", view: "map" }) },
  { keys: ["q"], words: "key.questions", group: "help.go", run: () => act.openView("questions") },
  { keys: ["f"], words: "key.friends", group: "help.go", run: () => act.openView("friends") },
  { keys: ["h"], words: "key.feeds", group: "help.go", run: () => act.openView("feeds") },
  { keys: ["j"], words: "key.journal", group: "help.go", run: () => act.openView("journal") },
  { keys: ["w"], words: "key.relief", group: "help.go", run: () => act.openView("relief") },
  { keys: ["u"], words: "key.accounts", group: "help.go", run: () => act.openView("accounts") },
  { keys: [" "], words: "key.pause", group: "help.time", run: act.pause },
  { keys: ["l"], words: "key.live", group: "help.time", run: act.live },
  { keys: ["r"], words: "key.replay", group: "help.time", run: () => focusNow("#scrub") },
  { keys: ["e"], words: "key.language", group: "help.screen", run: act.nextLanguage },
  { keys: ["k"], words: "key.theme", group: "help.screen", run: act.nextTheme },
  { keys: ["?"], words: "key.help", group: "help.screen", run: () => act.openDialog("help") },
];

const BY_KEY = new Map(SHORTCUTS.flatMap((s) => s.keys.map((key) => [key, s] as const)));
const TYPING = "input, textarea, select, [contenteditable]";
const PRESSING = "button, a, summary, [role=tab], [role=radio]";

export function listen(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.value) return;
    const at = event.target;
    if (!(at instanceof HTMLElement)) return;
    if (event.key === "Escape" && at.matches(TYPING)) {
      at.blur();
      return;
    }
    if (at.matches(TYPING) || (event.key === " " && at.matches(PRESSING))) return;
    if (!keys_on.value && event.key !== "?" && event.key !== "Escape") return;
    const found = BY_KEY.get(event.key);
    if (!found || found.words === "key.zoom") return;
    event.preventDefault();
    found.run();
  });
}
