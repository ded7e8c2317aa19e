import type { Peers } from "./peers.ts";
import type { Table } from "./table.ts";

/** What several hubs have in common. */
export interface SharedState {
  readonly peers: Peers;
  /** Answers that are kept, and calls that go on. */
  readonly outputs: Table;
  /** What each hub shows of its calls. */
  readonly calls: Table;
  /** What was found out last about each host. */
  readonly hosts: Table;
  /** Calls that wait for a person. */
  readonly approvals: Table;
}
