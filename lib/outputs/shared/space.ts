import { type Claimant, shareOf } from "../../calls/claimant.ts";
import type { Table } from "../../shared/table.ts";
import { type Directory, type Holding, type Known, sumBytes } from "./directory.ts";
import { pieceKey, writeRecord } from "./record.ts";

/** How much all hubs together keep. */
export interface SpaceBounds {
  readonly maxBytes: number;
  readonly maxIds: number;
  readonly maxAgeMs: number;
}

/** Options of a `Space`. */
export interface SpaceOptions extends SpaceBounds {
  readonly table: Table;
  readonly directory: Directory;
  readonly claimantOf: (principal: string) => Claimant;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

/**
 * Makes room in the table by the same rules as each hub does in its memory: a principal that is no
 * operator has half, and whoever has most makes room for others. Hubs that do so at the same moment may
 * let go of a little more than they must.
 */
export class Space {
  readonly #options: SpaceOptions;

  constructor(options: SpaceOptions) {
    this.#options = options;
  }

  /** Makes room for so much more of a principal; false: it can have none. */
  async makeRoom(
    principal: string,
    { ids, bytes }: { readonly ids: number; readonly bytes: number },
  ): Promise<boolean> {
    const { directory, maxBytes, maxIds, maxAgeMs, wall } = this.#options;
    if (bytes > this.#shareOf(maxBytes, principal)) return false;
    directory.dropOlder(wall() - maxAgeMs);
    const own = holdingOf(directory, principal);
    return await this.#shrink([own], this.#shareOf(maxBytes, principal) - bytes) &&
      await this.#thin([own], this.#shareOf(maxIds, principal) - ids) &&
      await this.#shrink(directory.holdings(), maxBytes - bytes) &&
      await this.#thin(directory.holdings(), maxIds - ids);
  }

  /** Removes a record with its answer. */
  async forget({ key }: Known): Promise<boolean> {
    const { table, directory } = this.#options;
    const isRemoved = await table.remove(key) && await table.remove(pieceKey(key, "*"));
    if (isRemoved) directory.drop(key);
    return isRemoved;
  }

  /** Bytes that a principal may have. */
  shareOfBytes(principal: string): number {
    return this.#shareOf(this.#options.maxBytes, principal);
  }

  #shareOf(total: number, principal: string): number {
    return this.#options.claimantOf(principal).isOperator ? total : shareOf(total);
  }

  async #shrink(holdings: Holding[], maxBytes: number): Promise<boolean> {
    let sum = holdings.reduce((sum, { bytes }) => sum + bytes, 0);
    const rest = holdings.map(({ known, bytes }) => ({
      ended: known.filter(({ record }) => record.kind === "ended"),
      bytes,
    }));
    while (sum > maxBytes) {
      const [most] = rest.filter(({ ended }) => ended.length > 0).sort((a, b) => b.bytes - a.bytes);
      const oldest = most?.ended.shift();
      if (most === undefined || oldest === undefined) return true;
      if (!await this.#letGo(oldest)) return false;
      most.bytes -= sumBytes([oldest]);
      sum -= sumBytes([oldest]);
    }
    return true;
  }

  async #thin(holdings: Holding[], maxIds: number): Promise<boolean> {
    let sum = holdings.reduce((sum, { known }) => sum + known.length, 0);
    const rest = holdings.map(({ known }) =>
      known.filter(({ record }) => record.kind !== "running")
    );
    while (sum > maxIds) {
      const [most] = rest.filter(({ length }) => length > 0).sort((a, b) => b.length - a.length);
      const oldest = most?.shift();
      if (oldest === undefined) return true;
      if (!await this.forget(oldest)) return false;
      sum--;
    }
    return true;
  }

  /** The answer goes, and whoever asks for it learns that. */
  async #letGo({ key, record: { principal }, revision }: Known): Promise<boolean> {
    const { table, directory, wall } = this.#options;
    const record = { kind: "gone", principal, at: wall() } as const;
    const write = await table.write(key, writeRecord(record), revision);
    if (write.kind === "away") return false;
    if (write.kind === "written") directory.put({ key, record, revision: write.revision });
    return await table.remove(pieceKey(key, "*"));
  }
}

function holdingOf(directory: Directory, principal: string): Holding {
  return directory.holdings().find((holding) => holding.principal === principal) ??
    { principal, known: [], bytes: 0 };
}
