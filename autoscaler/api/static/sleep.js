// A cluster's sleep: why it is awake, how long a wake takes, what sleep saved and whom it kept waiting.

import { html } from "./dom.js";
import { pathOf, read } from "./session.js";
import { number, span, usd } from "./words.js";

// Sums change by the minute, and are added up anew each time.
const EVERY_MS = 30000;

export function sleepOf(id) {
  const facts = html("dl", { class: "card facts" }), element = html("section", { hidden: "" }, html("h3", {}, "Sleep"), facts);
  let readAt = -EVERY_MS;

  async function refresh(one) {
    element.hidden = !one.limits.may_pause;
    if (element.hidden || performance.now() - readAt < EVERY_MS) return;
    readAt = performance.now();
    const told = await read(`${pathOf(id)}/pauses`);
    facts.replaceChildren(...factsOf(told).map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
  }

  return { element, refresh };
}

function factsOf({ days, why_awake, resumes, slept }) {
  const facts = [["Awake, for", why_awake.length ? why_awake.join("; ") : "it sleeps"]];
  if (resumes) {
    facts.push(["A resume takes", between(resumes.shallow)],
      [`After ${span(resumes.deep_after_seconds)} of sleep`, between(resumes.deep)], ["Wakes learned from", String(resumes.seen)]);
  }
  if (slept) {
    facts.push([`Awake and idle in ${days} days`, `${number(slept.awake_idle_hours)} h`], ["Paused", `${number(slept.paused_hours)} h`],
      ["Cold hits", `${slept.cold_hits}, ${span(slept.waited_seconds)} waited`],
      ["Saved against never pausing", `${usd(slept.saved_usd)}, the clairvoyant ${usd(slept.clairvoyant_saved_usd)}`],
      ["Saved against its time-out", usd(slept.saved_against_left_alone_usd)]);
  }
  return facts;
}

function between({ low_seconds, median_seconds, high_seconds }) {
  const told = seconds => number(seconds < 10 ? seconds : Math.round(seconds));
  return `${told(median_seconds)} s, 90 % ${told(low_seconds)} to ${told(high_seconds)} s`;
}
