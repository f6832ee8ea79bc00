// A dialog for one order: its fields, in words what it will do, and only then the request.

import { html } from "./dom.js";
import { ask, pathOf } from "./session.js";
import { KINDS } from "./kinds.js";

export function confirmOrder(name, { id, control, one, etag }, changed) {
  const kind = KINDS[name], key = keyOf();
  const problem = html("p", { class: "bad", role: "alert" }), summary = html("p", { "aria-live": "polite" });
  const fields = html("div", { class: "fields" }, kind.fields(one, control));
  const form = html("form", { class: "fields", onsubmit: send, oninput: sum },
    html("h2", { id: "order" }, `${kind.title}: ${id}`), fields, summary, problem,
    html("div", { class: "end" }, html("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      html("button", { class: "main" }, kind.verb)));
  const dialog = html("dialog", { "aria-labelledby": "order", onclose: () => dialog.remove() }, form);

  function values() {
    return Object.fromEntries(new FormData(form));
  }

  function sum() {
    summary.textContent = kind.sentence(id, values(), one);
    problem.textContent = "";
  }

  async function send(event) {
    event.preventDefault();
    try {
      const headers = { "If-Match": etag, "Idempotency-Key": key };
      await ask(`${pathOf(id)}/${kind.path}`, { method: kind.method, body: kind.body(values()), headers });
      dialog.close();
      await changed();
    } catch (refusal) {
      problem.textContent = `Not done: ${refusal.message}.`;
    }
  }

  document.body.append(dialog);
  sum();
  dialog.showModal();
}

// The same order sent twice is carried out once.
const keyOf = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
