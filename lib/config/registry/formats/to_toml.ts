import { stringify } from "smol-toml";
import type { Host, Registry } from "../../../fleet/host.ts";

/** Where the TOML form suggests to keep a host's token. */
const TOKEN_DIRECTORY = "/etc/lmcp-hub/tokens";

/**
 * A legacy registry as TOML. Tokens are shown if asked for, else each is to be moved to the file
 * that the text names.
 */
export function registryToToml(
  registry: Registry,
  { showTokens }: { readonly showTokens: boolean },
): string {
  const hosts = [...registry.hosts.values()].map((host) =>
    [host.name, toFields(host, showTokens)] as const
  );
  const advice = "# Each token belongs into the file that token_file names, with mode 0600\n\n";
  const needsAdvice = !showTokens && [...registry.hosts.values()].some(({ token }) => token);
  return (needsAdvice ? advice : "") + stringify({ hosts: Object.fromEntries(hosts) });
}

function toFields({ name, sshHost, lmcpUrl, token }: Host, showTokens: boolean) {
  return {
    ...(sshHost === null ? {} : { ssh_host: sshHost }),
    ...(lmcpUrl === null ? {} : { lmcp_url: lmcpUrl }),
    ...(token === null
      ? {}
      : showTokens
      ? { token: token.reveal() }
      : { token_file: `${TOKEN_DIRECTORY}/${name}` }),
  };
}
