// Asks for a token; it is tried at once and kept in this tab only.

import { html } from "./dom.js";
import { keep } from "./session.js";

export function signIn(told, then) {
  const field = html("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const send = event => {
    event.preventDefault();
    keep(field.value.trim());
    then();
  };
  return html("form", { class: "card sign-in fields", onsubmit: send, "aria-labelledby": "sign-in" },
    html("h2", { id: "sign-in" }, "Sign in"),
    html("label", { for: "token" }, "Access token", field),
    html("p", { class: "bad", role: "alert" }, told),
    html("button", { class: "main" }, "Sign in"),
    html("p", { class: "quiet" }, "It stays in this tab, until you close it or sign out. An administrator makes one with: "
      + "autoscaler tokens create NAME --scope read"));
}
