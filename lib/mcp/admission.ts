import type { Budget, Lease } from "../calls/budget.ts";
import type { Claimant } from "../calls/claimant.ts";
import type { Era, Refusal } from "./era.ts";
import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  MISSING_CLIENT_CAPABILITY,
  UNAVAILABLE,
} from "./message.ts";
import { hasLongToken, MAX_TOKEN_CHARS } from "./progress.ts";
import { showValue } from "./arguments/shown_value.ts";
import type { ToolTable } from "./table.ts";
import type { Tool } from "./tool.ts";

/** Tools have few arguments; what is unknown of a loose one's is written down and passed on. */
const MAX_ARGUMENTS = 64;
/** Room for the answer that each call is sure to have. */
const ANSWER_BYTES = 32 * 1024;

/** A `tools/call` that passed all checks. */
export interface CheckedCall {
  readonly tool: Tool;
  readonly args: JsonObject;
}

/** What a call is checked against. */
export interface CheckOptions {
  readonly era: Era;
  readonly table: ToolTable;
  /** Size of the whole message. */
  readonly messageBytes: number;
}

/** The tool and the arguments of a call, or why it cannot be served. */
export function checkCall(
  request: JsonRpcRequest,
  { era, table, messageBytes }: CheckOptions,
): CheckedCall | Refusal {
  const { name } = request.params;
  const args = request.params.arguments ?? {};
  const tool = typeof name === "string" ? table.byName.get(name) : undefined;
  if (!tool) {
    return invalidParams(`Unknown tool ${showValue(name)}: tools/list names those there are`);
  }
  if (messageBytes > tool.maxMessageBytes) {
    return refuseLong(`A call of ${tool.name}`, tool.maxMessageBytes);
  }
  if (!isJsonObject(args)) return invalidParams("`arguments` must be an object");
  if (Object.keys(args).length > MAX_ARGUMENTS) {
    return invalidParams(`A call has at most ${MAX_ARGUMENTS} arguments`);
  }
  if (hasLongToken(request)) {
    return invalidParams(`\`progressToken\` has at most ${MAX_TOKEN_CHARS} characters`);
  }
  const missing = tool.requires && era.missingCapabilities(request, tool.requires);
  if (missing) {
    return {
      code: MISSING_CLIENT_CAPABILITY,
      message: `The tool needs client capabilities: ${Object.keys(missing).join(", ")}`,
      data: { requiredCapabilities: missing },
      httpStatus: 400,
    };
  }
  return { tool, args };
}

function invalidParams(message: string): Refusal {
  return { code: INVALID_PARAMS, message, httpStatus: 200 };
}

/** Says that a message, named by `what`, is longer than may be. */
export function refuseLong(what: string, maxBytes: number): Refusal {
  const message = `${what} has at most ${maxBytes} bytes: nothing was done`;
  return { code: INVALID_REQUEST, message, httpStatus: 413 };
}

/** What all calls together may have. */
export interface CallBudgets {
  readonly places: Budget;
  /** Bytes of answers that have not left. */
  readonly answers: Budget;
  /** Whose shares a principal's calls count against. */
  readonly claimantOf: (principal: string) => Claimant;
}

/** What one call has of them, until its answer has left. */
export interface CallHolds {
  readonly place: Lease;
  readonly answer: Lease;
}

/** A call's part of the budgets; null: its principal, or all together, have too much already. */
export function admit(principal: string, budgets: CallBudgets): CallHolds | null {
  const claimant = budgets.claimantOf(principal);
  const place = budgets.places.lease(claimant);
  const answer = budgets.answers.lease(claimant);
  if (place.take(1) && answer.take(ANSWER_BYTES)) return { place, answer };
  place[Symbol.dispose]();
  return null;
}

/** The refusal of a call that was not admitted. */
export const FULL: Refusal = {
  code: UNAVAILABLE,
  message: "Too many calls are running: nothing was done, try again later",
  httpStatus: 429,
};

/** The refusal of a call that comes while the server stops. */
export const STOPPING: Refusal = {
  code: UNAVAILABLE,
  message: "The server is stopping: nothing was done",
  httpStatus: 503,
};
