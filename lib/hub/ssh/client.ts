import type { HubSettings } from "../../config/settings.ts";
import type { Registry } from "../../fleet/host.ts";
import type { SshClient } from "../../fleet/ssh/command.ts";

/** The hub's ssh: its configuration, and the variables that its processes must not see. */
export function createSshClient(
  { sshConfig }: Pick<HubSettings, "sshConfig">,
  registry: () => Registry,
): SshClient {
  return {
    program: "ssh",
    configFile: sshConfig,
    secretVariables: () => ["LMCP_TOKEN", ...tokenVariables(registry())],
  };
}

function tokenVariables({ hosts, clients }: Registry): string[] {
  return [...hosts.values(), ...clients.values()]
    .flatMap(({ tokenVariable }) => tokenVariable ?? []);
}
