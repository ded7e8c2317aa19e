import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import { UsageError } from "../../lib/cli/scan.ts";
import { FLAGS } from "../../lib/cli/flags.ts";
import { helpText } from "../../lib/cli/help.ts";
import { ENVIRONMENT, type Role } from "../../lib/config/variables.ts";

const noFlags = {
  registry: null,
  results: null,
  port: null,
  argumentPort: null,
  bind: null,
  quiet: false,
};

Deno.test("parseCommand() serves when no mode is given", () => {
  assert.deepEqual(parseCommand([]), { mode: "serve", flags: noFlags });
});

Deno.test("parseCommand() parses every flag of serve, with = or a space", () => {
  const expected = {
    mode: "serve",
    flags: {
      registry: "/r.toml",
      results: "structured",
      port: 65535,
      argumentPort: null,
      bind: "::1",
      quiet: true,
    },
  };
  const args = [
    "--registry",
    "/r.toml",
    "--results",
    "structured",
    "--port",
    "65535",
    "--bind",
    "::1",
    "--quiet",
  ];
  assert.deepEqual(parseCommand(args), expected);
  assert.deepEqual(
    parseCommand([
      "--registry=/r.toml",
      "--results=structured",
      "--port=65535",
      "--bind=::1",
      "--quiet",
    ]),
    expected,
  );
});

Deno.test("parseCommand() reads what follows a flag without value by itself", () => {
  const flags = { ...noFlags, port: 2, argumentPort: 1, quiet: true };
  assert.deepEqual(parseCommand(["--quiet", "1", "--port", "2"]), { mode: "serve", flags });
  assert.deepEqual(parseCommand(["--quiet", "--port", "2", "1"]), { mode: "serve", flags });
});

Deno.test("parseCommand() keeps the argument PORT apart from --port", () => {
  const flags = { ...noFlags, port: 2, argumentPort: 1 };
  assert.deepEqual(parseCommand(["1", "--port", "2"]), { mode: "serve", flags });
  assert.deepEqual(parseCommand(["--agent", "1", "--port", "2"]).mode, "agent");
});

Deno.test("parseCommand() collects every --host of a probe", () => {
  assert.deepEqual(parseCommand(["--probe", "--host", "a", "--host=b", "--format", "json"]), {
    mode: "probe",
    flags: noFlags,
    format: "json",
    color: "auto",
    hosts: ["a", "b"],
  });
});

Deno.test("parseCommand() collects every --audit of a check, which is a mode of its own then", () => {
  assert.deepEqual(parseCommand(["--check", "--audit", "a.1", "--audit=a"]), {
    mode: "audit",
    files: ["a.1", "a"],
    hashes: [],
    quiet: false,
  });
  const hash = "0123456789abcdef".repeat(4);
  assert.deepEqual(parseCommand(["--check", "--audit-hash", hash, "--audit", "a", "--quiet"]), {
    mode: "audit",
    files: ["a"],
    hashes: [hash],
    quiet: true,
  });
});

Deno.test("parseCommand() has text as the default format", () => {
  assert.deepEqual(parseCommand(["--probe"]), {
    mode: "probe",
    flags: noFlags,
    format: "text",
    color: "auto",
    hosts: [],
  });
  assert.deepEqual(parseCommand(["--check"]), {
    mode: "check",
    flags: noFlags,
    format: "text",
    color: "auto",
    showTokens: false,
  });
});

Deno.test("parseCommand() shows tokens in TOML alone", () => {
  assert.deepEqual(parseCommand(["--check", "--format", "toml", "--show-tokens"]), {
    mode: "check",
    flags: noFlags,
    format: "toml",
    color: "auto",
    showTokens: true,
  });
});

Deno.test("parseCommand() lets the last of two equal flags win", () => {
  assert.deepEqual(parseCommand(["--port=1", "--port=2"]), {
    mode: "serve",
    flags: { ...noFlags, port: 2 },
  });
});

Deno.test("parseCommand() lets --help and --version beat the other modes", () => {
  assert.deepEqual(parseCommand(["--probe", "--help"]), { mode: "help", role: "hub" });
  assert.deepEqual(parseCommand(["-h"]), { mode: "help", role: "hub" });
  assert.deepEqual(parseCommand(["--agent", "-h"]), { mode: "help", role: "agent" });
  assert.deepEqual(parseCommand(["--check", "--version"]), { mode: "version" });
  assert.deepEqual(parseCommand(["-V"]), { mode: "version" });
});

const notAPort = "the argument PORT must be a number from 0 to 65535, not";

const refused: readonly (readonly [string, string])[] = [
  ["--regstry x", 'unknown flag "--regstry"; did you mean "--registry"?'],
  ["-p 1", 'unknown flag "-p"'],
  ["-stdio", 'unknown flag "-stdio"; did you mean "--stdio"?'],
  ["-prob", 'unknown flag "-prob"; did you mean "--probe"?'],
  ["-x", 'unknown flag "-x"'],
  ["probe", `${notAPort} "probe"; did you mean "--probe"?`],
  ["chekc", `${notAPort} "chekc"; did you mean "--check"?`],
  ["check --registry x", `${notAPort} "check"; did you mean "--check"?`],
  ["probe tesla", `${notAPort} "probe"; did you mean "--probe"?`],
  ["help", `${notAPort} "help"; did you mean "--help"?`],
  ["version", `${notAPort} "version"; did you mean "--version"?`],
  ["serve", `${notAPort} "serve"; to serve, leave it out`],
  ["hosts.toml", `${notAPort} "hosts.toml"; did you mean "--registry hosts.toml"?`],
  ["--check hosts.toml", `${notAPort} "hosts.toml"; did you mean "--registry hosts.toml"?`],
  ["--agent hosts.toml", `${notAPort} "hosts.toml"`],
  [
    "--probe web.example.org",
    'unexpected argument "web.example.org": "--probe" takes none; ' +
    'did you mean "--host web.example.org"?',
  ],
  [
    "--probe tesla",
    'unexpected argument "tesla": "--probe" takes none; did you mean "--host tesla"?',
  ],
  ["--no-quiet", 'unknown flag "--no-quiet"'],
  ["--port", '"--port" needs a value'],
  ["--port --quiet", '"--port" needs a value'],
  ["--registry=", '"--registry" needs a value'],
  ["--quiet=1", '"--quiet" takes no value'],
  ["--stdio=1", '"--stdio" takes no value'],
  ["--port 65536", '"--port" must be a number from 0 to 65535, not "65536"'],
  ["--port 1e3", '"--port" must be a number from 0 to 65535, not "1e3"'],
  ["http", 'the argument PORT must be a number from 0 to 65535, not "http"'],
  ["-- --port", 'the argument PORT must be a number from 0 to 65535, not "--port"'],
  ["1 2", 'unexpected argument "2": only one, the port, is taken'],
  ["--stdio 1", 'unexpected argument "1": "--stdio" takes none'],
  ["--probe 1", 'unexpected argument "1": "--probe" takes none'],
  ["--bind [::1]", '"--bind" must be an IP address without brackets, or a name, not "[::1]"'],
  ["--stdio --probe", '"--stdio" and "--probe" cannot be given together'],
  ["--agent --stdio", '"--stdio" and "--agent" cannot be given together'],
  ["--host a", '"--host" needs "--probe"'],
  ["--format json", '"--format" needs "--probe" or "--check"'],
  ["--check --host a", '"--host" does not go with "--check"'],
  ["--audit a", '"--audit" needs "--check"'],
  ["--probe --audit a", '"--audit" does not go with "--probe"'],
  ["--check --audit-hash 0", '"--audit-hash" belongs to "--check --audit"'],
  ["--check --audit a --audit-hash 0", '"--audit-hash" must be 64 digits of hex, not "0"'],
  ["--check --audit a --registry b", '"--registry" does not go with "--audit"'],
  ["--check --audit a --format toml", '"--format" does not go with "--audit"'],
  ["--stdio --port 1", '"--port" does not go with "--stdio"'],
  ["--agent --registry x", '"--registry" does not go with "--agent"'],
  [
    "--probe --format toml",
    '"--format" must be "text", "json" or "prometheus", not "toml"',
  ],
  ["--check --format json", '"--format" must be "text" or "toml", not "json"'],
  ["--check --show-tokens", '"--show-tokens" belongs to "--check --format toml"'],
];

for (const [line, message] of refused) {
  Deno.test(`parseCommand() refuses "${line}" in one line that names the flag`, () => {
    assert.throws(() => parseCommand(line.split(" ")), new UsageError(message));
  });
}

/** The variables and flags that a program's help lists, each at the start of a line. */
function listed(role: Role, pattern: RegExp): string[] {
  return [...helpText(role).matchAll(pattern)].map(([, name = ""]) => name);
}

Deno.test("helpText() lists the variables that the program reads, and no others", () => {
  for (const role of ["hub", "agent"] as const) {
    const expected = ENVIRONMENT.filter((variable) => variable[role] !== undefined);
    assert.deepEqual(listed(role, /^ {2}(LMCP_\w+) /gm), expected.map(({ name }) => name));
  }
});

Deno.test("helpText() lists the options of the program, and no others", () => {
  assert.deepEqual(listed("hub", /^ {2}--([\w-]+)/gm), [...FLAGS.keys()]);
  assert.deepEqual(listed("agent", /^ {2}--([\w-]+)/gm), ["port", "bind", "nats-key", "quiet"]);
});

Deno.test("helpText() lists every mode of the hub, and only that of the agent", () => {
  const usage = (role: Role) => helpText(role).split("\n\n")[1] ?? "";
  for (
    const mode of ["--stdio", "--probe", "--check", "--help", "--version", "lmcp-agent [PORT]"]
  ) {
    assert.ok(usage("hub").includes(mode), mode);
  }
  assert.match(
    usage("agent"),
    /^Usage:\n {2}lmcp-agent \[PORT\] .*\n {2}lmcp-agent --help, --version /,
  );
  assert.doesNotMatch(helpText("agent"), /probe|stdio|registry/);
});

Deno.test("helpText() names the values of the flags that take one", () => {
  assert.match(helpText("hub"), /^ +--port N +port to listen on$/m);
  assert.match(helpText("hub"), /^ +--quiet +print only what is wrong$/m);
});

Deno.test("helpText() shows the program's own defaults", () => {
  assert.match(helpText("hub"), /LMCP_PORT .* \[8090\]$/m);
  assert.match(helpText("agent"), /LMCP_PORT .* \[8080\]$/m);
  assert.match(helpText("hub"), /LMCP_HOST .* \[127\.0\.0\.1\]$/m);
  assert.match(helpText("agent"), /LMCP_ROOT .* \[\/\]$/m);
  assert.match(helpText("hub"), /LMCP_TOKEN .*token$/m);
});

Deno.test("parseCommand() reads what to import, and from which file", () => {
  const command = { mode: "import", flags: noFlags } as const;
  assert.deepEqual(parseCommand(["--import", "ssh-config"]), {
    ...command,
    source: "ssh-config",
    file: null,
  });
  assert.deepEqual(parseCommand(["--import=ansible", "-"]), {
    ...command,
    source: "ansible",
    file: "-",
  });
  assert.deepEqual(parseCommand(["--import", "tailscale", "8090", "--registry", "r.toml"]), {
    ...command,
    flags: { ...noFlags, registry: "r.toml" },
    source: "tailscale",
    file: "8090",
  });
});

Deno.test("parseCommand() refuses an import without source or file, or with too much", () => {
  const rows = [
    ["--import", /^"--import" needs a value$/],
    ["--import -", /^"--import" needs a value$/],
    ["--import putty", /^"--import" must be "ssh-config", "ansible" or "tailscale", not "putty"$/],
    [
      "--import ansible",
      /needs FILE, or - for standard input: ansible-inventory --list \| lmcp-hub/,
    ],
    ["--import tailscale", /needs FILE, or - for standard input: tailscale status --json \| lmcp-/],
    ["--import ssh-config a b", /^unexpected argument "b": one FILE is taken$/],
    ["--import ssh-config --probe", /^"--probe" and "--import" cannot be given together$/],
    ["--import ssh-config --port 1", /^"--port" does not go with "--import"$/],
    ["--import ssh-config --format toml", /^"--format" does not go with "--import"$/],
    ["--improt ssh-config", /^unknown flag "--improt"; did you mean "--import"\?$/],
  ] as const;
  for (const [line, message] of rows) {
    assert.throws(() => parseCommand(line.split(" ")), { name: "UsageError", message }, line);
  }
  assert.throws(() => parseCommand(["--import", "ssh-config", ""]), /needs FILE, or -/);
});
