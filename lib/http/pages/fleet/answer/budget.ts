import { createBudget, type Lease } from "../../../../calls/budget.ts";
import type { Claimant } from "../../../../calls/claimant.ts";

const MIB = 1024 * 1024;
/** Of all that is on its way. */
const MAX_BYTES = { visitors: 48 * MIB, strangers: 8 * MIB, assets: 16 * MIB };
/** After so much was made, what it was made from is garbage, several times as much. */
const COLLECTED_BYTES = 8 * MIB;

/** What is sent, and to whom: to visitors, or to strangers, whose assets keep nobody from signing in. */
export type Pool = keyof typeof MAX_BYTES;

/** Who is sent something. */
export interface Receiver {
  readonly pool: Pool;
  readonly claimant: Claimant;
  /** Of the session that they signed in to; null: none. */
  readonly sessionId: string | null;
}

/** What one answer or stream has of the budget. */
export type ByteLease = Pick<Lease, "take" | "giveBack" | typeof Symbol.dispose>;

/** The bytes of the page that are on their way, in answers and in streams. */
export interface ByteBudget {
  readonly lease: (receiver: Receiver) => ByteLease;
}

/**
 * Makes a `ByteBudget`. Of what visitors may have, one session may have half, and so may one client in
 * all its sessions; of what strangers may have, one address.
 */
export function createByteBudget(collectGarbage: () => void): ByteBudget {
  const budgets = {
    visitors: createBudget(() => MAX_BYTES.visitors),
    strangers: createBudget(() => MAX_BYTES.strangers),
    assets: createBudget(() => MAX_BYTES.assets),
  };
  const sessions = createBudget(() => MAX_BYTES.visitors);
  let made = 0;

  function note(bytes: number): void {
    made += bytes;
    if (made < COLLECTED_BYTES) return;
    made = 0;
    collectGarbage();
  }

  function leasesOf({ pool, claimant, sessionId }: Receiver): readonly Lease[] {
    const own = budgets[pool].lease(claimant);
    if (sessionId === null) return [own];
    return [own, sessions.lease({ name: sessionId, isOperator: false })];
  }

  return {
    lease: (receiver) => {
      const leases = leasesOf(receiver);
      return {
        take: (bytes) => {
          note(bytes);
          return takeOfAll(leases, bytes);
        },
        giveBack: (bytes) => leases.forEach((lease) => lease.giveBack(bytes)),
        [Symbol.dispose]: () => leases.forEach((lease) => lease[Symbol.dispose]()),
      };
    },
  };
}

/** Takes from each, or from none. */
function takeOfAll(leases: readonly Lease[], bytes: number): boolean {
  const missing = leases.findIndex((lease) => !lease.take(bytes));
  if (missing < 0) return true;
  for (const lease of leases.slice(0, missing)) lease.giveBack(bytes);
  return false;
}
