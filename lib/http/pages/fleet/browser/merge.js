// @ts-check

/** @import { HostRow, LiveEvent, Overview } from "../model.ts" */

/**
 * What is known after an event; what has not changed stays the same object, so that it is not drawn again.
 * @param {Overview} overview
 * @param {Extract<LiveEvent, { kind: "all" | "change" | "beat" }>} event
 * @returns {Overview}
 */
export function applyEvent(overview, event) {
  switch (event.kind) {
    case "all":
      return {
        ...share(withoutHosts(overview), withoutHosts(event.overview)),
        hosts: shareHosts(overview.hosts, event.overview.hosts),
      };
    case "beat":
      return { ...overview, now: event.now };
    case "change":
      return {
        ...overview,
        now: event.now,
        hosts: mergeHosts(overview.hosts, event.hosts, event.gone),
        groups: event.groups ?? overview.groups,
        tiles: share(overview.tiles, event.tiles ?? overview.tiles),
        calls: share(overview.calls, event.calls ?? overview.calls),
        approvals: share(overview.approvals, event.approvals ?? overview.approvals),
        problems: share(overview.problems, event.problems ?? overview.problems),
      };
  }
}

/** @param {Overview} overview */
function withoutHosts(overview) {
  return { ...overview, hosts: [] };
}

/**
 * @param {readonly HostRow[]} hosts
 * @param {readonly HostRow[]} changed
 * @param {readonly string[]} gone
 */
function mergeHosts(hosts, changed, gone) {
  if (changed.length === 0 && gone.length === 0) return hosts;
  const merged = new Map(hosts.map((host) => [host.name, host]));
  for (const name of gone) merged.delete(name);
  const isNew = changed.some(({ name }) => !merged.has(name));
  for (const host of changed) merged.set(host.name, host);
  return isNew ? [...merged.values()].sort(byName) : [...merged.values()];
}

/**
 * @param {HostRow} one
 * @param {HostRow} other
 */
function byName(one, other) {
  return one.name < other.name ? -1 : 1;
}

/**
 * @param {readonly HostRow[]} hosts
 * @param {readonly HostRow[]} next
 */
function shareHosts(hosts, next) {
  const known = new Map(hosts.map((host) => [host.name, host]));
  return share(hosts, next.map((host) => share(known.get(host.name), host)));
}

/**
 * The next value, made of the parts of the last one that are equal to its own.
 * @template T
 * @param {T | undefined} last
 * @param {T} next
 * @returns {T}
 */
export function share(last, next) {
  if (Object.is(last, next) || !isTree(last) || !isTree(next)) return next;
  if (Array.isArray(last) !== Array.isArray(next)) return next;
  const keys = Object.keys(next);
  let isSame = keys.length === Object.keys(last).length;
  for (const key of keys) {
    const [before, after] = [Reflect.get(last, key), Reflect.get(next, key)];
    const shared = share(before, after);
    if (shared !== after) Reflect.set(next, key, shared);
    isSame &&= Object.is(shared, before);
  }
  return isSame ? last : next;
}

/**
 * @param {unknown} value
 * @returns {value is object}
 */
function isTree(value) {
  return typeof value === "object" && value !== null;
}
