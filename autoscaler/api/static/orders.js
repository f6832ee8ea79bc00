// What people order for a cluster: shown to all, given by those whose token may, each one confirmed.

import { html } from "./dom.js";
import { confirmOrder } from "./confirm.js";
import { ask, pathOf } from "./session.js";
import { moment, range } from "./words.js";

const RANKS = { read: 0, operate: 1, admin: 2 };

export function ordersOf(id, caller, changed) {
  const shown = html("p"), buttons = html("div", { class: "bar" });
  let etag = null, control = null, one = null;
  const may = scope => RANKS[caller.scope] >= RANKS[scope];

  const order = kind => confirmOrder(kind, { id, control, one, etag }, changed);
  const button = (text, kind) => html("button", { type: "button", onclick: () => order(kind) }, text);

  async function refresh(cluster) {
    ({ document: control, etag } = await ask(`${pathOf(id)}/control`));
    one = cluster;
    shown.replaceChildren(...told(control).map(text => html("span", { class: "chip" }, text)));
    const focused = buttons.contains(document.activeElement) ? document.activeElement.textContent : null;
    buttons.replaceChildren(...(may("operate") ? operating() : []), ...(may("admin") ? [button("Mode…", "mode")] : []));
    if (focused) [...buttons.children].find(other => other.textContent === focused)?.focus();
  }

  const operating = () => [
    button("Override…", "override"), control.override ? button("End the override…", "end-override") : null,
    button("Freeze…", "freeze"), control.freeze ? button("End the freeze…", "end-freeze") : null,
    one.limits.may_pause ? button("Pause when idle…", "pause") : null, button("Keep awake…", "resume"),
  ].filter(Boolean);

  return { refresh, element: html("section", {}, shown, buttons,
    may("operate") ? null : html("p", { class: "quiet" }, "Your token may look, and order nothing.")) };
}

function told({ mode, override, freeze, halted }) {
  return [`mode ${mode}`,
    override ? `override: ${range(override.range)}, until ${moment(override.until)}, by ${override.by}` : "no override",
    freeze ? `frozen (${freeze.direction}) until ${moment(freeze.until)}, by ${freeze.by}` : "no freeze",
    halted ? `kill switch: ${halted}` : ""].filter(Boolean);
}
