import { formatProblem, type Problem } from "../base/problem.ts";
import { hideJwts } from "../base/text/hide_jwts.ts";
import { createRedact, type Redact } from "../base/text/redact.ts";
import { asksForToken, type Configuration } from "../config/load.ts";
import {
  type Authenticator,
  createAuthenticator,
  defaultToken,
  namedTokens,
} from "../http/auth.ts";
import type { Tool } from "../mcp/tool.ts";
import { type Access, createAccess } from "../tools/access.ts";
import { acceptAll, type Accepted } from "./accepted.ts";

/** All that a hub makes of its configuration; a reload replaces it as a whole. */
export interface HubState {
  readonly configuration: Configuration;
  /** Those whom the configuration names, less those whom the files no longer do. */
  readonly accepted: Accepted;
  /** Why the files as they are now are not in use; empty: they are. */
  readonly problems: readonly Problem[];
  /** Who may see and do what. */
  readonly access: Access;
  /** Knows the inbound token and those of the clients. */
  readonly authenticate: Authenticator;
  /** Hides all tokens of the configuration. */
  readonly redact: Redact;
  /** Hides the tokens of clients too that it does not know, in what is recorded of calls. */
  readonly redactRecord: Redact;
}

/** What a state is made of beside its configuration. */
export interface HubStateOptions {
  /** All tools of the hub, in the order in which they are listed. */
  readonly tools: readonly Tool[];
  readonly problems?: readonly Problem[];
  /** Default: all those whom the configuration names. */
  readonly accepted?: Accepted;
}

/** Makes the state of a configuration. */
export function createHubState(
  configuration: Configuration,
  { tools, problems = [], accepted = acceptAll(configuration) }: HubStateOptions,
): HubState {
  const { settings, registry } = configuration;
  const owners = [settings, ...registry.hosts.values(), ...registry.clients.values()];
  const redact = createRedact(owners.flatMap(({ token }) => token ?? []));
  return {
    configuration,
    accepted,
    problems,
    access: createAccess({
      registry: { ...registry, clients: accepted.clients },
      problems: problems.map(formatProblem),
    }, tools),
    authenticate: authenticatorOf(accepted, asksForToken(configuration)),
    redact,
    redactRecord: accepted.oauth === null ? redact : (text) => redact(hideJwts(text)),
  };
}

/** Where a token is asked for and nobody has one any more, nobody is let in. */
function authenticatorOf({ inbound, clients }: Accepted, asksForToken: boolean): Authenticator {
  const tokens = [...defaultToken(inbound), ...namedTokens(clients.values())];
  return tokens.length === 0 && asksForToken ? () => null : createAuthenticator(tokens);
}
