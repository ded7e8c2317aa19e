import type { Host } from "../../fleet/host.ts";
import { Folding, type ResultGroup } from "../../targets/folding/fold.ts";
import type { HostResult } from "../../targets/folding/host_result.ts";
import type { BatchResult } from "./batch.ts";
import { skippedResult } from "./host_result.ts";

/** What is known of a run so far. */
export class RunReport {
  readonly #folding = new Folding();
  /** Where each host stands among all. */
  readonly #places: ReadonlyMap<string, number>;
  readonly #skipped: string[] = [];
  readonly #earlier: string[] = [];
  readonly #unknown: string[] = [];
  #done = 0;
  #failed = 0;

  constructor(hosts: readonly Host[]) {
    this.#places = new Map(hosts.map(({ name }, place) => [name, place]));
  }

  /** Takes a host's result; returns whether the command did what it should. */
  add({ host, result, isEarlier }: BatchResult): boolean {
    if (result.outcome === "skipped") {
      this.skip(host);
      return false;
    }
    this.#folding.add(result);
    const isGood = hasSucceeded(result);
    this.#done++;
    if (!isGood) this.#failed++;
    if (isEarlier) this.#earlier.push(host.name);
    if (result.outcome === "unknown") this.#unknown.push(host.name);
    return isGood;
  }

  skip(host: Host): void {
    this.#skipped.push(host.name);
    this.#folding.add(skippedResult(host));
  }

  /** Hosts with the same result, in the order in which they were to be run on. */
  get groups(): readonly ResultGroup[] {
    return this.#folding.groups()
      .map((group) => ({ ...group, hosts: this.#inOrder(group.hosts) }));
  }

  /** Hosts whose turn did not come. */
  get skipped(): readonly string[] {
    return this.#inOrder(this.#skipped);
  }

  /** Hosts that ran it in an earlier call with the same key. */
  get earlier(): readonly string[] {
    return this.#inOrder(this.#earlier);
  }

  /** Hosts on which it may have run. */
  get unknown(): readonly string[] {
    return this.#inOrder(this.#unknown);
  }

  /** Hosts on which it failed, did not run, or may have run. */
  get failed(): number {
    return this.#failed;
  }

  /** `14 of 24, 2 failed`. */
  get progress(): string {
    const failed = this.#failed === 0 ? "" : `, ${this.#failed} failed`;
    return `${this.#done} of ${this.#places.size}${failed}`;
  }

  #inOrder(names: readonly string[]): readonly string[] {
    const placeOf = (name: string) => this.#places.get(name) ?? 0;
    return names.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

/** Whether a command ran, and did what it should as far as its host can say. */
export function hasSucceeded(
  { outcome, exitCode, note }: Pick<HostResult, "outcome" | "exitCode" | "note">,
): boolean {
  return outcome === "ok" && (exitCode === 0 || exitCode === null && note === null);
}
