import { type Problem, settingError } from "../base/problem.ts";
import { isName } from "./address.ts";
import type { AgentFlags } from "./settings.ts";
import type { ConfigSources } from "./sources.ts";

/** Where a program is to listen, and what says so. */
export interface BindSetting {
  readonly bind: string;
  readonly flags: AgentFlags;
}

/** A name that nobody knows is no address, so what could reach it is not the question. */
export async function checkBind(
  { bind, flags }: BindSetting,
  { canResolve }: ConfigSources,
): Promise<Problem[]> {
  if (!isName(bind) || await canResolve(bind)) return [];
  const message = `"${bind}" is not a known name: use an IP address of this machine, or localhost`;
  return [settingError(bindSource(flags), message)];
}

/** A program that other machines can reach, and that asks for no token. */
export function unguardedBind({ bind, flags }: BindSetting): Problem {
  return settingError(
    bindSource(flags),
    `"${bind}" can be reached from other machines, which needs an inbound token: ` +
      "set LMCP_TOKEN_FILE",
  );
}

function bindSource({ bind }: AgentFlags): string {
  return bind === null ? "LMCP_HOST" : "--bind";
}
