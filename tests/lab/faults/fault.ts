import type { LabConnection } from "../connection.ts";
import type { RpcRequest } from "../dialect.ts";
import type { HttpText } from "../http_text.ts";

/** A request that a backend has wholly read. */
export interface LabExchange {
  readonly connection: LabConnection;
  readonly request: RpcRequest;
  /** What the answer should be. */
  readonly right: HttpText;
}

/** What a backend does with a request, instead of answering it as it should. */
export interface Fault {
  readonly name: string;
  /** Whether the tool runs all the same, as far as a caller could ever know. */
  readonly runs: boolean;
  readonly strike: (exchange: LabExchange) => Promise<void>;
}
