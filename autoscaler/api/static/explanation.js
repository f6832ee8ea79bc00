// How one decision came about: what was seen, what the policy wished, and each rule's word.

import { html } from "./dom.js";
import { pathOf, read } from "./session.js";
import { moment, number, range, span } from "./words.js";

export async function explanationOf(id, item) {
  const path = `${pathOf(id)}/decisions/${item.id}`;
  try {
    return draw(await read(path));
  } catch (problem) {
    return html("p", { class: "told bad" }, `It cannot be explained: ${problem.message}.`);
  }
}

function draw({ decision: entry, inputs, rules, digest, document_id }) {
  const { decision } = entry;
  const rows = rules.map(word => html("tr", { class: word.step ? "" : "quiet" },
    html("th", { scope: "row" }, word.rule.replaceAll("_", " ")), html("td", {}, word.says),
    html("td", {}, word.step ? `→ ${range(word.step.after)}` : "")));
  return html("div", { class: "told" },
    html("p", {}, `In force before: ${range(decision.before)}. The policy wished ${range(decision.wish)}. `
      + `Decided: ${range(decision.after)}.`),
    html("p", { class: "quiet" }, seen(inputs)),
    html("div", { class: "scroll" }, html("table", { class: "rules" },
      html("caption", { class: "hidden" }, "Each rule's word, in their order"), html("tbody", {}, rows))),
    html("p", { class: "quiet" }, [entry.outcome && `Outcome: ${entry.outcome}.`, `Settings version ${document_id}, inputs ${digest.slice(0, 12)}, `
      + `decision ${entry.id}.`].filter(Boolean).join(" ")));
}

function seen(inputs) {
  return [`Seen: ${inputs.status.phase}, ${number(inputs.status.ready_acu)} ACU ready`,
    `${inputs.recent_samples} samples`, inputs.blind_seconds === null ? "never measured" : `sight ${span(inputs.blind_seconds)} old`,
    inputs.forecast_model ? `forecast by ${inputs.forecast_model} of ${moment(inputs.forecast_made_at)}` : "no forecast",
    `mode ${inputs.mode}`, inputs.override ? "an override" : "", inputs.freeze ? "a freeze" : "", inputs.halted,
  ].filter(Boolean).join(", ") + ".";
}
