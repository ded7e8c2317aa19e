import { messageOf } from "../../lib/base/text/error_text.ts";
import { FAULTS } from "./backend.ts";
import { TARGET } from "./hosts.ts";
import { type Hubs, ownCommand, startHubs, startLua, startOwn } from "./hubs.ts";
import { type Lab, writeRegistry } from "./lab.ts";
import type { Comparison } from "./situation.ts";

/** `remote_list_hosts` of both, `--probe`, and registries that are odd or missing. */
export async function compareListings(lab: Lab): Promise<Comparison[]> {
  return [
    ...await compareStates(lab),
    ...await compareOddRegistries(lab),
    ...await compareMissingRegistry(lab),
  ];
}

async function compareStates(lab: Lab): Promise<Comparison[]> {
  const registry = await writeRegistry("states.conf", statesRegistry(lab), lab);
  await using hubs = await startHubs(registry, lab);
  const lists = await callBoth(hubs, {});
  const forced = await callBoth(hubs, { force: true });
  const remembered = await callBoth(hubs, { force: false });
  const probed = {
    lua: lists.lua.split("\n").map((line) => line.trimEnd()).join("\n"),
    own: (await probe(registry, lab)).trimEnd(),
  };
  return [
    ...byLine("remote_list_hosts", "first", lists),
    ...byLine("remote_list_hosts", "forced", forced),
    ...byLine("remote_list_hosts", "remembered", remembered),
    ...byLine("--probe", "probed", probed).slice(0, -1),
  ];
}

/** A host for each state, and lines that are written in every way that is allowed. */
function statesRegistry({ backends, closedPort }: Lab): string {
  const up = backends.urlOf("a text");
  const refused = `http://127.0.0.1:${closedPort}/mcp`;
  // A fault of several lines would break the Lua hub's list.
  const faults = Object.keys(FAULTS).filter((name) => !name.endsWith("page"));
  return [
    "# name ssh_host lmcp_url token",
    "",
    "   # an indented comment",
    `up-lmcp - ${up} -`,
    `up-both ${TARGET} ${up} -`,
    `up-ssh ${TARGET} - -`,
    `up-ssh-instead ${TARGET} ${refused} -`,
    `up-token - ${up} secret-token-of-this-host`,
    `down-refused - ${refused} -`,
    `down-name - http://unknown.invalid:8080/mcp -`,
    "down-ssh refusing - -",
    "down-ssh-name unknown - -",
    `down-both refusing ${refused} -`,
    ...faults.map((name, at) => `fault-${at} - ${backends.brokenUrlOf(name)} -`),
    ...faults.map((name, at) => `fault-${at}-ssh ${TARGET} ${backends.brokenUrlOf(name)} -`),
    "nothing - - -",
    "nothing2 -",
    `two-columns ${TARGET}`,
    `three-columns - ${up}`,
    `five-columns - ${up} - further`,
    "one-column",
    `a-name-that-is-longer-than-its-column - ${up} -`,
    `fourteen-chars - ${up} -`,
    `tabs\t-\t${up}\t-`,
    `  indented   -   ${up}   -  `,
    `crlf - ${up} -\r`,
    `twice - ${refused} -`,
    `twice ${TARGET} - -`,
    `Upper - ${up} -`,
    `1digit - ${up} -`,
    `under_score - ${up} -`,
    `dotted.example.org - ${up} -`,
  ].map((line) => `${line}\n`).join("");
}

/** Registries that one of the two may not take. */
async function compareOddRegistries(lab: Lab): Promise<Comparison[]> {
  const up = lab.backends.urlOf("a text");
  const odd: Readonly<Record<string, string>> = {
    "an empty registry": "",
    "a registry of comments": "# nothing\n",
    "no line feed at the end": `up - ${up} -`,
    "a byte order mark": `\uFEFFup - ${up} -\n`,
    "a name in Unicode": `grüße - ${up} -\n`,
    "a name with a slash": `a/b - ${up} -\n`,
    "no URL": "odd - nonsense -\n",
    "an https URL": `odd - ${up.replace("http:", "https:")} -\n`,
  };
  const comparisons: Comparison[] = [];
  for (const [situation, text] of Object.entries(odd)) {
    const registry = await writeRegistry("odd.conf", text, lab);
    comparisons.push({ subject: "remote_list_hosts", situation, ...await listOnce(registry, lab) });
  }
  return comparisons;
}

async function listOnce(registry: string, lab: Lab): Promise<Answers> {
  await using lua = await startLua(registry, lab);
  return { lua: await lua.call("remote_list_hosts", {}), own: await listOwn(registry, lab) };
}

/** The list of this hub, or why it did not start. */
async function listOwn(registry: string, lab: Lab): Promise<string> {
  try {
    await using own = await startOwn(registry, lab);
    return await own.call("remote_list_hosts", {});
  } catch (error) {
    return messageOf(error);
  }
}

async function compareMissingRegistry(lab: Lab): Promise<Comparison[]> {
  const registry = `${lab.directory}/missing.conf`;
  await using hubs = await startHubs(registry, lab);
  const call = { host: "nowhere", command: "true" };
  const lists = await callBoth(hubs, {});
  const shells = {
    lua: await hubs.lua.call("remote_shell", call),
    own: await hubs.own.call("remote_shell", call),
  };
  return [
    { subject: "remote_list_hosts", situation: "no registry", ...lists },
    { subject: "remote_shell", situation: "no registry", ...shells },
    {
      subject: "standard error",
      situation: "no registry",
      lua: firstLine(hubs.lua.said()),
      own: firstLine(hubs.own.said()),
    },
  ];
}

/** What both said. */
type Answers = Pick<Comparison, "lua" | "own">;

async function callBoth({ lua, own }: Hubs, args: { force?: boolean }): Promise<Answers> {
  return {
    lua: await lua.call("remote_list_hosts", args),
    own: await own.call("remote_list_hosts", args),
  };
}

/** One comparison for each host, and one for the order of all. */
function byLine(subject: string, when: string, { lua, own }: Answers): Comparison[] {
  const ourLines = new Map(own.split("\n").map((line) => [nameIn(line), line]));
  const luaLines = new Map(lua.split("\n").map((line) => [nameIn(line), line]));
  const names = new Set([...luaLines.keys(), ...ourLines.keys()]);
  return [
    ...[...names].map((name) => ({
      subject,
      situation: `${when}: ${name}`,
      lua: luaLines.get(name) ?? "(no line)",
      own: ourLines.get(name) ?? "(no line)",
    })),
    {
      subject,
      situation: `${when}: order`,
      lua: [...luaLines.keys()].join(" "),
      own: [...ourLines.keys()].join(" "),
    },
  ];
}

function nameIn(line: string): string {
  return line.split(" ", 1).join();
}

function firstLine(text: string): string {
  return text.split("\n", 1).join();
}

async function probe(registry: string, lab: Lab): Promise<string> {
  const { program, args, env } = ownCommand(registry, lab);
  const { stdout } = await new Deno.Command(program, { args: [...args, "--probe"], env }).output();
  return new TextDecoder().decode(stdout);
}
