// The orders there are: their fields, the request each becomes, and what it will do in a sentence.

import { html } from "./dom.js";
import { number, range, span } from "./words.js";

const HOURS = [0.5, 1, 2, 4, 8, 12, 24, 72, 168];

const acu = (name, text, value, limits) => html("label", {}, text,
  html("input", { name, type: "number", value, min: 0, max: limits.max_acu, step: limits.step_acu, required: true }));
const choice = (name, text, options, chosen) => html("label", {}, text, html("select", { name },
  options.map(([value, told]) => html("option", { value, selected: value === chosen }, told))));
const lasting = () => choice("for_seconds", "For how long", HOURS.map(hours => [hours * 3600, span(hours * 3600)]), 7200);
const long = values => `for ${span(Number(values.for_seconds))}`;
const seconds = values => ({ for_seconds: Number(values.for_seconds) });
const nothing = () => null;

export const KINDS = {
  override: {
    title: "Override", verb: "Order this range", method: "PUT", path: "override",
    fields: one => [html("div", { class: "pair" },
      acu("floor_acu", "Floor, ACU", one.status?.range.floor_acu ?? one.limits.min_acu, one.limits),
      acu("ceiling_acu", "Ceiling, ACU", one.status?.range.ceiling_acu ?? one.limits.max_acu, one.limits)), lasting()],
    body: values => ({ ...seconds(values), floor_acu: Number(values.floor_acu), ceiling_acu: Number(values.ceiling_acu) }),
    sentence: (id, values, one) => `${id} gets ${number(Number(values.floor_acu))} to ${number(Number(values.ceiling_acu))} ACU `
      + `and stays awake, ${long(values)}, whatever its policy wishes. In force now: ${range(one.status?.range)}.`,
  },
  "end-override": {
    title: "End the override", verb: "End it", method: "DELETE", path: "override", fields: nothing, body: nothing,
    sentence: id => `From the next decision on ${id} is its policy's again.`,
  },
  freeze: {
    title: "Freeze", verb: "Freeze it", method: "PUT", path: "freeze",
    fields: () => [choice("direction", "Which changes stop", [["shrink", "shrinking"], ["grow", "growing"], ["both", "all"]], "shrink"), lasting()],
    body: values => ({ ...seconds(values), direction: values.direction }),
    sentence: (id, values) => `${id} does not ${{ shrink: "shrink", grow: "grow", both: "change" }[values.direction]} ${long(values)}`
      + `${values.direction === "shrink" ? "" : ", even when its demand grows"}.`,
  },
  "end-freeze": {
    title: "End the freeze", verb: "End it", method: "DELETE", path: "freeze", fields: nothing, body: nothing,
    sentence: id => `From the next decision on ${id} may change again.`,
  },
  pause: {
    title: "Pause when idle", verb: "Let it pause", method: "POST", path: "pause-now", fields: () => [lasting()], body: seconds,
    sentence: (id, values) => `${id} pauses as soon as it is idle, ${long(values)}. The next client waits until it is awake.`,
  },
  resume: {
    title: "Keep awake", verb: "Keep it awake", method: "POST", path: "resume-now", fields: () => [lasting()], body: seconds,
    sentence: (id, values) => `${id} wakes if it sleeps, and stays awake ${long(values)}.`,
  },
  mode: {
    title: "Mode", verb: "Change the mode", method: "PUT", path: "mode",
    fields: (one, control) => [choice("mode", "What becomes of decisions", [["observe", "observe"], ["recommend", "recommend"], ["enforce", "enforce"]], control.mode)],
    body: values => ({ mode: values.mode }),
    sentence: (id, values) => (values.mode === "enforce"
      ? `The provider is asked for every change that is decided for ${id}.`
      : `Decisions for ${id} are written down, and nothing is changed.`),
  },
};
