import {
  type HubFlags,
  type HubMode,
  loadAgentSettings,
  loadHubSettings,
} from "../../lib/config/settings.ts";
import type { AgentFlags } from "../../lib/config/server.ts";
import { formatProblem } from "../../lib/base/problem.ts";
import { type FakeFile, fakeSources } from "./fake_sources.ts";

/** What settings are read from. */
export interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly flags?: Partial<HubFlags>;
  readonly mode?: HubMode;
  readonly canResolve?: boolean;
}

/** A command line without flags. */
export const noFlags: AgentFlags = { port: null, argumentPort: null, bind: null, quiet: false };

/** The hub's settings, and their problems as they are printed. */
export async function loadHub({ flags, mode = "serve", ...world }: World) {
  const { settings, problems, unguarded } = await loadHubSettings({
    ...fakeSources(world),
    mode,
    flags: { registry: null, results: null, ...noFlags, ...flags },
  });
  const all = unguarded === null ? problems : [...problems, unguarded];
  return { settings, problems: all.map(formatProblem) };
}

/** The agent's settings, and their problems as they are printed. */
export async function loadAgent({ flags, ...world }: World) {
  const { settings, problems } = await loadAgentSettings({
    ...fakeSources(world),
    flags: { ...noFlags, ...flags },
  });
  return { settings, problems: problems.map(formatProblem) };
}

/** The problems of the hub in one environment. */
export async function problemsOf(world: World) {
  return (await loadHub(world)).problems;
}
