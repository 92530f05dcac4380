import { useState } from "preact/hooks";
import { explain, firstAdmin, logIn } from "../actions";
import { Button, Field, PasswordField } from "../ui";
import { t } from "../words";
import { ScreenChoices } from "./topbar";

/** The door. The one-time link of a first start (`#first-admin=TOKEN`) makes the first administrator. */
export function Login() {
  const token = new URLSearchParams(location.hash.slice(1)).get("first-admin") ?? "";
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await (token ? firstAdmin(token, name, password) : logIn(name, password));
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="login-card" onSubmit={submit}>
        <h1 class="wordmark">Windhover</h1>
        <p class="login-lead">{token ? t("login.first") : t("login.lead")}</p>
        <Field label={t("login.name")}>
          <input
            name="username"
            autocomplete="username"
            autofocus
            required
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </Field>
        <PasswordField
          label={t("login.password")}
          {...(token ? { hint: t("login.long") } : {})}
          fresh={token !== ""}
          value={password}
          change={setPassword}
        />
        <p class="problem" role="alert">
          {problem}
        </p>
        <Button tone="primary" type="submit" disabled={busy}>
          {token ? t("login.make") : t("login.enter")}
        </Button>
        <div class="login-foot">
          <ScreenChoices />
          <a href="/status">{t("login.status")}</a>
        </div>
      </form>
    </main>
  );
}
