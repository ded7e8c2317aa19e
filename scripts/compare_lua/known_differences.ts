import type { Comparison } from "./situation.ts";

/** A difference from the Lua hub that is meant. */
export interface KnownDifference {
  /** What this hub does, as the documents say it. */
  readonly what: string;
  /** Whether two texts differ by this alone. */
  readonly explains: (comparison: Comparison) => boolean;
}

const OVER_SSH = "[via ssh fallback]\n";
const UNKNOWN = " | outcome unknown: it may have run, so it was not tried again; " +
  "look at the host before you repeat it";

const PART = "\nIts output until then:\n";
const NOT_RUN = "\nIt did not run.";

/** All that differs, and nothing else does. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    what:
      "A call that may have run is not repeated over ssh; the answer says that its outcome is " +
      "unknown.",
    explains: ({ lua, own }) =>
      own.endsWith(UNKNOWN) &&
      (lua.startsWith(OVER_SSH) || sameError(lua, own.slice(0, -UNKNOWN.length))),
  },
  {
    what: "Where a call that changes something certainly did not run, the answer says so.",
    explains: ({ lua, own }) => own === `${lua}${NOT_RUN}`,
  },
  {
    what: "What a command printed before contact with its host was lost is in the answer.",
    explains: ({ own }) => own.includes(`${UNKNOWN}${PART}`),
  },
  {
    what: "A missing argument, or one of the wrong type, is refused before anything is tried.",
    explains: ({ own }) => /^Error: (missing|bad) `\w+` parameter/.test(own),
  },
  {
    what: "`remote_shell_bg` falls back to ssh, too.",
    explains: ({ subject, lua, own }) =>
      subject === "remote_shell_bg" &&
      (/^\[via ssh fallback\]\nPID \d+, log \//.test(own) ||
        lua.startsWith("Error: lmcp: ") && / \| ssh: .*\nIt did not run\.$/.test(own)),
  },
  {
    what: "`remote_edit_file` falls back to ssh, too.",
    explains: ({ subject, lua, own }) =>
      subject === "remote_edit_file" &&
      (/^\[via ssh fallback\]\nReplaced \d+ /.test(own) ||
        lua.startsWith("Error: lmcp: ") &&
          / \| ssh: (cannot edit |.*\nIt did not run\.$)/.test(own)),
  },
  {
    what:
      "An argument that the tool does not have is refused over ssh, and by tools that only read.",
    explains: ({ situation, own }) =>
      situation.endsWith("extra argument") &&
      /^Error: (.* \| ssh: )?unknown `\w+` parameter \(accepted: .*\)$/.test(own),
  },
  {
    what: "Arguments that only this hub has, such as `offset`, `mode` and `all`, have an effect.",
    explains: ({ situation, own }) =>
      situation.endsWith("new argument") && own.startsWith(OVER_SSH),
  },
  {
    what: "A search without `pattern` learns that `content` will do, too.",
    explains: ({ lua, own }) =>
      lua.endsWith(" | ssh: pattern required") && own.endsWith(": give pattern or content"),
  },
  {
    what: "An unknown host gets hints of similar names.",
    explains: ({ lua, own }) =>
      own.startsWith(lua) && /^; did you mean ".*"\?$/.test(own.slice(lua.length)),
  },
  {
    what: "When ssh itself fails, every tool says so, as `remote_shell` does.",
    explains: ({ lua, own }) => {
      const [, said] = / \| ssh: ssh connect failed: (.+)$/.exec(own) ?? [];
      return said !== undefined &&
        (lua === `${OVER_SSH}${said}\r\n` || lua.endsWith(` exit 255: ${said}\r\n`));
    },
  },
  {
    what: "A command that exits with 255, or is ended by a signal, is no failure of ssh.",
    explains: ({ lua, own }) =>
      / \| ssh: ssh connect failed: /.test(lua) && /^\[via ssh.*\]\n\[rc=(255|1\d\d)\]\n/.test(own),
  },
  {
    what: "Over ssh too, a command ends at its `timeout`, and the answer says so.",
    explains: ({ situation, own }) =>
      situation.endsWith("a timeout that is reached") &&
      own === `${OVER_SSH}[rc=143]\none\n[timed out after 1 s]`,
  },
  {
    what: "If `cwd` cannot be entered, nothing of the command runs, whatever its number of lines.",
    explains: ({ situation, lua, own }) =>
      situation.endsWith("missing cwd, two lines") && own.startsWith(`${OVER_SSH}[rc=1]\n`) &&
      lua.includes(own.slice(`${OVER_SSH}[rc=1]\n`.length)),
  },
  {
    what: "A syntax error in a command names `eval`, and with `set -u` an unset variable ends it " +
      "with exit code 127.",
    explains: ({ lua, own }) =>
      withoutEval(own) === lua ||
      own.replace("[rc=127]", "[rc=1]") === lua && own.endsWith(": unbound variable\n"),
  },
  {
    what: "A search in a missing folder is an error.",
    explains: ({ lua, own }) =>
      lua === OVER_SSH && / \| ssh: find exit 1: find: .*: No such file or directory\n$/.test(own),
  },
  {
    what: "A file that is no text, and what is no regular file, is not read over ssh.",
    explains: ({ lua, own }) =>
      lua.startsWith(OVER_SSH) && /it is not (text but .*|a regular file); use /.test(own),
  },
  {
    what: "Over ssh, `-` is the name of a file.",
    explains: ({ situation, own }) =>
      situation.endsWith("path -") && own.endsWith("cat: ./-: No such file or directory\n"),
  },
  {
    what: "A backend's answer counts only with the id of the request and a proper result or error.",
    explains: ({ situation, own }) =>
      own.includes("lmcp: the answer has the id of another request") ||
      /\bthe id of another request\b/.test(situation) && own.startsWith(OVER_SSH) ||
      /lmcp: bad json: \{"jsonrpc":"2.0","id":\d+(,"error":\{"code":-?\d+\})?\}/.test(own),
  },
  {
    what: "A connection that breaks is reported as lost.",
    explains: ({ lua, own }) =>
      own.replace(/connection lost: [^|]*?( \||$)/, "no body separator$1") === lua ||
      own.endsWith(UNKNOWN) && own.includes("lmcp: connection lost: "),
  },
  {
    what:
      "What a backend says of a failure is one line of at most 200 characters, without control " +
      "characters.",
    explains: ({ lua, own }) => /lmcp: (http|rpc|bad json)/.test(own) && isCutOf(lua, own),
  },
  {
    what:
      "Over ssh too, a path that begins with `~/` starts in the user's home, and `~user` is refused.",
    explains: ({ situation, own }) =>
      situation.endsWith("path ~") &&
      /cat: \/.*\/home\/missing: No such file or directory\n$/.test(own),
  },
  {
    what: "Content that is no text, such as an image, is passed on as it is.",
    explains: ({ situation, own }) => situation === "an image first" && own === "two",
  },
  {
    what: "A result of several texts is shown with all of them, not with its first one alone.",
    explains: ({ situation, lua, own }) =>
      situation.startsWith("several texts") && own === `${lua}\ntwo`,
  },
  {
    what: "A probe over ssh that fails says what ssh said, in place of its exit code.",
    explains: ({ subject, lua, own }) => {
      const [, said] = /^.*\bssh: ssh connect failed: (.+)\]$/.exec(own) ?? [];
      return subject === "--probe" && said !== undefined && lua.endsWith("ssh: rc=255]");
    },
  },
  {
    what: "A result without text is written as JSON the way JavaScript does it.",
    explains: ({ lua, own }) => isJson(lua) && isJson(own),
  },
  {
    what: "A device that cannot be written to is reported in other words.",
    explains: ({ situation, own }) =>
      situation.endsWith("/dev/full") && own.includes("tee: /dev/full: No space left on device\n"),
  },
  {
    what: "A registry with a bad host name or URL is refused, with the number of the line.",
    explains: ({ own }) => /^Cannot start a program: .*\/odd\.conf:1: error: /.test(own),
  },
  {
    what: "A list of no hosts says so.",
    explains: ({ lua, own }) => lua === "" && own.startsWith("(there are no hosts"),
  },
  {
    what: "A byte order mark at the start of a registry is no part of the first name.",
    explains: ({ situation }) => situation === "a byte order mark",
  },
  {
    what: "Backends may be reached by HTTPS.",
    explains: ({ lua }) => lua.includes("[lmcp: hub only speaks http to backends]"),
  },
];

/** The known difference by which two texts differ; undefined: none explains it. */
export function explain(comparison: Comparison): KnownDifference | undefined {
  const own = comparison.own.replace(NOT_RUN, "");
  return KNOWN_DIFFERENCES.find(({ explains }) => explains(comparison)) ??
    KNOWN_DIFFERENCES.find(({ explains }) => explains({ ...comparison, own }));
}

/** Whether an error is the other one's first part, up to what is said of ssh. */
function sameError(lua: string, own: string): boolean {
  const [luaStart = ""] = lua.split(" | ssh: ");
  return isCutOf(lua, own) || isCutOf(luaStart, own) ||
    /: bad json: \{"jsonrpc":"2.0",/.test(own);
}

/** Whether a text is the other one on one line, perhaps with a part left out. */
function isCutOf(lua: string, own: string): boolean {
  const whole = onOneLine(lua);
  const [start = "", end] = onOneLine(own).split("…");
  return end === undefined ? whole === start : whole.startsWith(start) && whole.endsWith(end);
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** A syntax error shows how a command over ssh is evaluated. */
function withoutEval(text: string): string {
  return text.replaceAll("bash: eval: line", "bash: line")
    .replace("`set --; unset -v REPLY; ", "`");
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
