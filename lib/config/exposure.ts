import { type Problem, settingError } from "../base/problem.ts";
import { isLoopback, isName } from "./address.ts";
import type { AgentFlags } from "./server.ts";
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

/** What decides who can reach a program that asks for no token. */
export interface Exposure extends BindSetting {
  readonly allowedHosts: readonly string[];
  /** Whether every user of this machine may act as root through it. */
  readonly isRoot: boolean;
  /** LMCP_WITHOUT_TOKEN. */
  readonly isMeant: boolean;
}

/** Why a program must ask for a token; null: it need not. */
export function findExposure(exposure: Exposure): Problem | null {
  const { bind, flags, allowedHosts, isRoot, isMeant } = exposure;
  if (!isLoopback(bind)) {
    return settingError(
      bindSource(flags),
      `"${bind}" can be reached from other machines, which needs an inbound token: ` +
        "set LMCP_TOKEN_FILE",
    );
  }
  if (isMeant) return null;
  const mend = "set LMCP_TOKEN_FILE, or LMCP_WITHOUT_TOKEN=1 if that is meant";
  if (allowedHosts.length > 0) {
    return settingError(
      "LMCP_ALLOWED_HOSTS",
      `is for a program behind a proxy, and without an inbound token this one serves whoever ` +
        `reaches the proxy: ${mend}`,
    );
  }
  if (!isRoot) return null;
  return settingError(
    "inbound token",
    `there is none, and this runs as root, so every user of this machine is root: ${mend}`,
  );
}

function bindSource({ bind }: AgentFlags): string {
  return bind === null ? "LMCP_HOST" : "--bind";
}
