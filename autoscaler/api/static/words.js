// How numbers, times and ranges are told. Unknown is a word, never zero.

const format = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 2 });

export const number = value => (value === null || value === undefined ? "unknown" : format.format(value));
export const usd = value => (value === null || value === undefined ? "unknown" : money.format(value));
export const moment = text => (text ? `${text.slice(0, 19).replace("T", " ")} UTC` : "");
export const clock = text => (text ? text.slice(11, 16) : "");

export function range(one) {
  if (!one) return "unknown";
  const pause = one.pause_after_seconds === null ? "" : `, pauses after ${span(one.pause_after_seconds)}`;
  return `${number(one.floor_acu)} to ${number(one.ceiling_acu)} ACU${pause}`;
}

export function span(seconds) {
  if (seconds === null || seconds === undefined) return "unknown";
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${number(Math.round(seconds / 360) / 10)} h`;
}
