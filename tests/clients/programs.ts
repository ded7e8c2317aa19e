/** A client that npm installs, in the one version that it is tested in. */
export interface Program {
  /** How docs/clients.md calls it. */
  readonly title: string;
  readonly name: string;
  readonly version: string;
  /** Its command. */
  readonly command: string;
  /** What its package runs after it was installed, to put its binary in place. */
  readonly setup?: string;
}

/** The clients that run without an account. */
export const PROGRAMS = {
  claudeCode: {
    title: "Claude Code",
    name: "@anthropic-ai/claude-code",
    version: "2.1.332",
    command: "claude",
    setup: "install.cjs",
  },
  codex: { title: "Codex", name: "@openai/codex", version: "0.171.0", command: "codex" },
  geminiCli: {
    title: "Gemini CLI",
    name: "@google/gemini-cli",
    version: "0.61.0",
    command: "gemini",
  },
  openCode: {
    title: "opencode",
    name: "opencode-ai",
    version: "1.18.33",
    command: "opencode",
    setup: "postinstall.mjs",
  },
  mcporter: { title: "mcporter", name: "mcporter", version: "0.12.3", command: "mcporter" },
  inspector: {
    title: "MCP Inspector",
    name: "@modelcontextprotocol/inspector",
    version: "2.12.0",
    command: "mcp-inspector",
  },
} as const satisfies Record<string, Program>;
