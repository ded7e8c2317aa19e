import { formatProblem, type Problem } from "../base/problem.ts";
import { createRedact, type Redact } from "../base/text/redact.ts";
import type { Configuration } from "../config/load.ts";
import { type Authenticator, createAuthenticator, defaultToken } from "../http/auth.ts";
import type { Tool } from "../mcp/tool.ts";
import { type Access, createAccess } from "../tools/access.ts";

/** All that a hub makes of its configuration; a reload replaces it as a whole. */
export interface HubState {
  readonly configuration: Configuration;
  /** Why the files as they are now are not in use; empty: they are. */
  readonly problems: readonly Problem[];
  /** Who may see and do what. */
  readonly access: Access;
  /** Knows the inbound token and those of the clients. */
  readonly authenticate: Authenticator;
  /** Hides all tokens of the configuration. */
  readonly redact: Redact;
}

/** What a state is made of beside its configuration. */
export interface HubStateOptions {
  /** All tools of the hub, in the order in which they are listed. */
  readonly tools: readonly Tool[];
  readonly problems?: readonly Problem[];
}

/** Makes the state of a configuration. */
export function createHubState(
  configuration: Configuration,
  { tools, problems = [] }: HubStateOptions,
): HubState {
  const { settings, registry } = configuration;
  const owners = [settings, ...registry.hosts.values(), ...registry.clients.values()];
  return {
    configuration,
    problems,
    access: createAccess({ registry, problems: problems.map(formatProblem) }, tools),
    authenticate: createAuthenticator([
      ...defaultToken(settings.token),
      ...registry.clients.values(),
    ]),
    redact: createRedact(owners.flatMap(({ token }) => token ?? [])),
  };
}
