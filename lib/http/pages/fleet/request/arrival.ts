import type { Claimant } from "../../../../calls/claimant.ts";
import type { RequestInfo } from "../../../handler.ts";
import type { Visitor } from "../../../visitors/find_visitor.ts";
import type { Route } from "../routes.ts";

/** A request for something that there is. */
export interface Arrival {
  readonly request: Request;
  readonly route: Route;
  readonly info: RequestInfo;
  /** Null: nobody who is let in. */
  readonly visitor: Visitor | null;
  /** Whose share of what is bounded is used: a stranger's is that of the address. */
  readonly claimant: Claimant;
  /** Whether nobody has signed in from that browser before. */
  readonly isStranger: boolean;
}
