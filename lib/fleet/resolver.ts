import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import type { Clock } from "../base/time/clock.ts";
import { HUB } from "./claimant.ts";
import { createLimiter } from "./limiter.ts";

/**
 * Lookups under way at once. The system's resolver blocks a thread for each, and 32 blocked
 * threads would freeze every file read of this process.
 */
const MAX_LOOKUPS = 8;
/** Lookups that may wait for a thread, and for how long, before they fail. */
const MAX_WAITING = 4096;
const WAIT_MS = 30_000;

/** The callback of Node's `dns.lookup`. */
export type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** Looks a name up as Node's `dns.lookup` does; fits the `lookup` option of sockets. */
export type Lookup = (name: string, options: LookupOptions, callback: LookupCallback) => void;

/** The system's resolver: all addresses of a name. */
export type Resolve = (name: string) => Promise<LookupAddress[]>;

/** Options of `createLookup()`. */
export interface ResolverOptions {
  readonly clock: Clock;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/**
 * A bounded lookup: few at once, and one for each name however many ask. A place is freed when the
 * lookup ends, not when its caller gives up, since the blocked thread stays until then.
 */
export function createLookup({ clock, resolve = resolveBySystem }: ResolverOptions): Lookup {
  const limiter = createLimiter({
    running: MAX_LOOKUPS,
    waiting: MAX_WAITING,
    waitMs: WAIT_MS,
    clock,
  });
  const never = new AbortController().signal;
  const underWay = new Map<string, Promise<LookupAddress[]>>();

  async function resolveInTurn(name: string): Promise<LookupAddress[]> {
    const permit = await limiter.acquire(HUB, never);
    if (typeof permit === "string") throw new LookupError(name, "EAI_AGAIN");
    using _place = permit;
    return await resolve(name);
  }

  function share(name: string): Promise<LookupAddress[]> {
    const known = underWay.get(name);
    if (known !== undefined) return known;
    const started = resolveInTurn(name).finally(() => underWay.delete(name));
    underWay.set(name, started);
    return started;
  }

  return (name, options, callback) => {
    share(name).then(
      (addresses) => answer(name, addresses, options, callback),
      (error) => callback(error, []),
    );
  };
}

function answer(
  name: string,
  addresses: LookupAddress[],
  options: LookupOptions,
  callback: LookupCallback,
): void {
  const fitting = addresses.filter(({ family }) =>
    options.family !== 4 && options.family !== 6 || family === options.family
  );
  const [first] = fitting;
  if (first === undefined) callback(new LookupError(name, "ENOTFOUND"), []);
  else if (options.all) callback(null, fitting);
  else callback(null, first.address, first.family);
}

function resolveBySystem(name: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(name, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

/** A name that could not be looked up, with Node's code for the reason. */
class LookupError extends Error {
  readonly code: string;

  constructor(name: string, code: string) {
    super(`Cannot look up "${name}": ${code}`);
    this.name = "LookupError";
    this.code = code;
  }
}
