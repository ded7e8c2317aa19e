import type { Configuration } from "../../config/load.ts";
import type { ConfirmRule } from "../../fleet/confirm.ts";
import type { Registry } from "../../fleet/host.ts";

/**
 * An older configuration, which stays since there is an error in the newer one, with all that the newer
 * one has wait for a person, too. The same object where that is nothing.
 */
export function alsoConfirm(older: Configuration, newer: Configuration): Configuration {
  const { confirm = [] } = older.registry;
  const known = new Set(confirm.map(keyOf));
  const rules = (newer.registry.confirm ?? []).filter((rule) => !known.has(keyOf(rule)));
  const commands = confirmedCommands(older.registry, newer.registry);
  if (rules.length === 0 && commands === older.registry.commands) return older;
  const registry = {
    ...older.registry,
    confirm: [...confirm, ...rules],
    ...(commands && { commands }),
  };
  return { ...older, registry };
}

function keyOf({ tools, hosts, minHosts, asked }: ConfirmRule): string {
  return JSON.stringify([tools && [...tools], hosts && [...hosts], minHosts, asked]);
}

function confirmedCommands({ commands }: Registry, newer: Registry): Registry["commands"] {
  if (commands === undefined) return undefined;
  const others = [...commands].filter(([name, { mustBeConfirmed }]) =>
    !mustBeConfirmed && newer.commands?.get(name)?.mustBeConfirmed === true
  );
  if (others.length === 0) return commands;
  const confirmed = others.map(([name, command]) =>
    [name, { ...command, mustBeConfirmed: true }] as const
  );
  return new Map([...commands, ...confirmed]);
}
