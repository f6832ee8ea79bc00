// What about a cluster somebody should know; `bad` wants a person.

const NEAR = 0.95;

export function alarmsOf(one) {
  const found = [];
  const add = (kind, text, why) => found.push({ kind, text, why });
  if (one.error) add("bad", "failing", `${one.failures} ticks in a row: ${one.error}`);
  if (one.status?.phase === "unavailable") add("bad", "unavailable", "the provider says so");
  if (one.last_tick_at && one.blind_seconds === null) add("bad", "never measured", "there was no usable sample yet");
  else if (one.blind_seconds > 300) add("bad", "blind", `no usable sample for ${Math.round(one.blind_seconds)} s`);
  if (one.status && one.demand_acu !== null && one.demand_acu >= NEAR * one.status.range.ceiling_acu) {
    add("bad", "at the ceiling", "demand has reached the ceiling of the range");
  }
  if (one.halted) add("warn", "kill switch", one.halted);
  if (one.frozen) add("warn", "frozen", "a person stopped changes for a while");
  if (one.overridden) add("warn", "override", "a person gave it a range for a while");
  return found;
}
