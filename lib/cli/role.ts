import type { Role } from "../config/variables.ts";

const ROLES: readonly Role[] = ["hub", "agent"];

/** The argument that compiling bakes into a binary, in front of those it is started with. */
export function roleArgument(role: Role): string {
  return `--role=${role}`;
}

/** The name under which a command line's program is known, and with which its messages begin. */
export function programName(args: readonly string[]): "lmcp-hub" | "lmcp-agent" {
  return `lmcp-${roleOf(splitRole(args))}`;
}

/** What a command line asks for: the role of its binary, or without one what `--agent` says. */
export function roleOf({ role, args }: ReturnType<typeof splitRole>): Role {
  return role ?? (args.includes("--agent") ? "agent" : "hub");
}

/** Splits the role off a binary's arguments; null: this is not a binary, so it has all modes. */
export function splitRole(
  args: readonly string[],
): { readonly role: Role | null; readonly args: readonly string[] } {
  const role = ROLES.find((role) => roleArgument(role) === args[0]) ?? null;
  return { role, args: role === null ? args : args.slice(1) };
}

/** Why a binary cannot run in a mode, and which one can; null: it can. */
export function findRoleFault(role: Role | null, mode: string): string | null {
  if (role === "hub" && mode === "agent") {
    return `"--agent" needs the binary lmcp-agent: this is lmcp-hub, which may run only ssh`;
  }
  if (role === "agent" && mode !== "agent") {
    return `"--${mode}" needs the binary lmcp-hub: this is lmcp-agent, which serves its machine`;
  }
  return null;
}
