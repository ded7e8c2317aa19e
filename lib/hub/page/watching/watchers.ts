import type { Clock } from "../../../base/time/clock.ts";
import type { Logger } from "../../../base/log.ts";
import { OWN_PRINCIPALS } from "../../../fleet/client.ts";
import type { Host } from "../../../fleet/host.ts";
import type { Changes } from "./changes.ts";
import { createProbing, type ProbingOptions } from "./probing.ts";
import type { Sources } from "../sources.ts";

/** Options of `createWatchers()`. */
export interface WatchersOptions extends Pick<Sources, "state" | "linkTo" | "calls"> {
  readonly changes: Changes;
  readonly probe: ProbingOptions["probe"];
  readonly clock: Pick<Clock, "wall" | "every">;
  readonly log: Pick<Logger, "error">;
}

/** Those who have a page open. */
export interface Watchers extends Disposable {
  /** Whether there are any, so that every change is noticed. */
  readonly areThere: () => boolean;
  /** As `FleetView.watch` has it. */
  readonly add: (principal: string, listener: () => void) => () => void;
}

/** Makes `Watchers`. Nothing is probed, and no timer runs, while there are none. */
export function createWatchers(options: WatchersOptions): Watchers {
  const { state, changes, calls, clock } = options;
  const watching = new Set<{ readonly principal: string }>();
  let minute = 0;
  let unwatchCalls = () => {};
  const probing = createProbing({ ...options, hosts: watchedHosts, onTick: noticeTime });

  function watchedHosts(): Iterable<Host> {
    const { access, configuration } = state();
    const principals = new Set([...watching].map(({ principal }) => principal));
    if ([...principals].some((principal) => OWN_PRINCIPALS.has(principal))) {
      return configuration.registry.hosts.values();
    }
    return new Set([...principals].flatMap((name) => [...access.hostsFor(name).hosts.values()]));
  }

  /** Calls by minute change with the time alone. */
  function noticeTime(): void {
    const now = Math.floor(clock.wall() / 60_000);
    if (now !== minute) changes.mark();
    minute = now;
  }

  function stop(): void {
    unwatchCalls();
    probing.stop();
  }

  return {
    areThere: () => watching.size > 0,
    add: (principal, listener) => {
      const watcher = { principal };
      const unwatch = changes.watch(listener);
      if (watching.size === 0) {
        unwatchCalls = calls.watch(changes.mark);
        // What changed while nobody watched.
        changes.mark();
      }
      watching.add(watcher);
      probing.start();
      return () => {
        unwatch();
        if (watching.delete(watcher) && watching.size === 0) stop();
      };
    },
    [Symbol.dispose]: () => {
      watching.clear();
      stop();
    },
  };
}
