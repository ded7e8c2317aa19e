import type { JsonObject } from "../../lib/mcp/message.ts";
import type { HostFiles } from "./host_files.ts";
import type { ComparedHosts } from "./hosts.ts";
import type { Situation } from "./situation.ts";

/** What is special about a call, and its arguments beside `host`. */
type Calls = Readonly<Record<string, JsonObject>>;

/** What tools do over ssh. */
export function situationsOverSsh({ sshOnly }: ComparedHosts, { path }: HostFiles): Situation[] {
  const calls: Readonly<Record<string, Calls>> = {
    remote_shell: { ...shellCalls(path), ...exitCodes() },
    remote_read_file: readCalls(path),
    remote_write_file: writeCalls(path),
    remote_list_dir: listCalls(path),
    remote_search_files: searchCalls(path),
  };
  return Object.entries(calls).flatMap(([tool, byName]) =>
    Object.entries(byName).map(([what, args]) => ({
      name: `over ssh: ${what}`,
      tool,
      args: { host: sshOnly.name, ...args },
    }))
  );
}

function shellCalls(path: string): Calls {
  return {
    "output": { command: "printf 'one\\ntwo\\n'" },
    "no output": { command: "true" },
    "no line feed at the end": { command: "printf one" },
    "empty command": { command: "" },
    "output on stderr": { command: "echo wrong >&2" },
    "output on both": {
      command: "echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three",
    },
    "Unicode": { command: "echo 'grüße 👋'" },
    "quotes": { command: `echo "it's" '"$HOME"' \\\\ '$(id)'` },
    "several lines": { command: "x=1\nif true; then\n  echo $x\nfi" },
    "a here document": { command: "cat <<'END'\n$HOME\nEND" },
    "a comment at the end": { command: "echo one # two" },
    "reading standard input": { command: "cat; echo end" },
    "carriage returns": { command: "printf 'one\\r\\ntwo\\r\\n'" },
    "a NUL character in the output": { command: "printf 'a\\0b'" },
    "much output": { command: "seq 1 20000" },
    "the name of the shell": { command: "echo $0 $# $BASH_SUBSHELL" },
    "unknown program": { command: "no-such-program" },
    "unknown program in the second line": { command: "true\nno-such-program" },
    "syntax error": { command: "if true" },
    "unexpected word": { command: "echo )" },
    "unset variable": { command: "set -u; echo $missing" },
    "failing in the middle": { command: "set -e; false; echo end" },
    "a background process": { command: "sleep 0.2 & echo one; wait" },
    "cwd": { command: "pwd", cwd: `${path}/names` },
    "cwd with ..": { command: "pwd", cwd: `${path}/names/../names` },
    "cwd with a space": { command: "pwd", cwd: `${path}/link to names` },
    "empty cwd": { command: "pwd", cwd: "" },
    "relative cwd": { command: "pwd", cwd: "." },
    "missing cwd": { command: "pwd", cwd: `${path}/missing` },
    "missing cwd, two lines": { command: "pwd\npwd", cwd: `${path}/missing` },
    "a file as cwd": { command: "pwd", cwd: `${path}/text` },
    "a quote in cwd": { command: "pwd", cwd: `${path}/it's` },
    "cwd and a failing command": { command: "exit 4", cwd: path },
    "a timeout that is not reached": { command: "echo one", timeout: 5 },
    "a timeout that is reached": { command: "echo one; sleep 2", timeout: 1 },
    "extra argument": { command: "echo one", shell: "fish" },
  };
}

function exitCodes(): Calls {
  const codes = [1, 2, 42, 126, 127, 128, 130, 137, 254, 255, 256];
  return {
    ...Object.fromEntries(codes.map((code) => [
      `exit code ${code}`,
      { command: `echo out; exit ${code}` },
    ])),
    "exit code 255 without output": { command: "exit 255" },
    "exit code 255 of a program": { command: "bash -c 'echo out; exit 255'" },
    "killed by a signal": { command: "kill -KILL $$" },
    "terminated by a signal": { command: "echo out; kill -TERM $$" },
  };
}

function readCalls(path: string): Calls {
  const names = [
    "text",
    "unfinished",
    "empty",
    "crlf",
    "blank lines",
    "grüße 👋",
    "it's",
    "-dash",
    "mark",
    "binary",
    "large",
    "link",
    "dangling",
    "missing",
    "missing/text",
    "text/below",
    "nothing",
    "many",
    "missing it's",
    "m".repeat(300),
  ];
  return {
    ...Object.fromEntries(names.map((name) => [
      name.length > 50 ? "a name that is too long" : name,
      { path: `${path}/${name}` },
    ])),
    "a file of the kernel": { path: "/proc/sys/kernel/ostype" },
    "/dev/null": { path: "/dev/null" },
    "relative path": { path: "./missing" },
    "path ~": { path: "~/missing" },
    "path -": { path: "-" },
    "path -n": { path: "-n" },
    "empty path": { path: "" },
    "extra argument": { path: `${path}/text`, start: 1 },
    "new argument": { path: `${path}/text`, offset: 1 },
  };
}

function writeCalls(path: string): Calls {
  const file = (name: string) => `${path}/changed/${name}`;
  return {
    "new file": { path: file("new"), content: "new\n" },
    "existing file": { path: file("text"), content: "new\n" },
    "link": { path: file("link"), content: "new\n" },
    "empty content": { path: file("new"), content: "" },
    "content in Unicode": { path: file("new"), content: "grüße 👋" },
    "content of several lines": { path: file("new"), content: "EOF_B64_PAYLOAD\n$HOME\r\n'\n" },
    "large content": { path: file("new"), content: "0123456789".repeat(20_000) },
    "path in Unicode": { path: file("grüße"), content: "x" },
    "a quote in path": { path: file("it's"), content: "x" },
    "a space in path": { path: file("two words"), content: "x" },
    "/dev/null": { path: "/dev/null", content: "x" },
    "/dev/full": { path: "/dev/full", content: "x" },
    "missing folder": { path: file("missing/new"), content: "x" },
    "a folder": { path: file("folder"), content: "x" },
    "below a file": { path: file("text/new"), content: "x" },
    "name too long": { path: file("n".repeat(300)), content: "x" },
    "read-only file system": { path: "/proc/new", content: "x" },
    "empty path": { path: "", content: "x" },
    "extra argument": { path: file("new"), content: "x", owner: "root" },
    "new argument": { path: file("new"), content: "x", mode: "0600" },
  };
}

function listCalls(path: string): Calls {
  return {
    "names": { path: `${path}/names` },
    "empty folder": { path: `${path}/nothing` },
    "many names": { path: `${path}/many` },
    "slash at the end": { path: `${path}/names/` },
    "line feed in a name": { path: `${path}/line feed` },
    "link to a folder": { path: `${path}/link to names` },
    "file": { path: `${path}/text` },
    "link to a file": { path: `${path}/link` },
    "dangling link": { path: `${path}/dangling` },
    "missing folder": { path: `${path}/missing` },
    "missing folder with a quote": { path: `${path}/it's missing` },
    "below a file": { path: `${path}/text/below` },
    "no path": {},
    "path .": { path: "." },
    "empty path": { path: "" },
    "path -l": { path: "-l" },
    "a pattern": { path: `${path}/*` },
    "extra argument": { path: `${path}/names`, hidden: true },
    "new argument": { path: `${path}/names`, all: true },
  };
}

/**
 * No path here starts with "-": the Lua hub's `find` reads it as an expression, and `-delete` deletes
 * what is in the directory where ssh starts.
 */
function searchCalls(path: string): Calls {
  return {
    "one match": { path, pattern: "deep.txt" },
    "pattern": { path: `${path}/names`, pattern: "*" },
    "no match": { path, pattern: "no-such-name" },
    "more than 200 matches": { path: `${path}/many`, pattern: "*.log" },
    "Unicode": { path, pattern: "grü*" },
    "a space": { path, pattern: "with space" },
    "a quote": { path, pattern: "it's" },
    "line feed in a name": { path: `${path}/line feed`, pattern: "one*" },
    "slash at the end": { path: `${path}/names/`, pattern: "folder" },
    "empty pattern": { path, pattern: "" },
    "a slash in the pattern": { path, pattern: "names/a" },
    "from a file": { path: `${path}/text`, pattern: "te*" },
    "from a link": { path: `${path}/link to names`, pattern: "*" },
    "missing folder": { path: `${path}/missing`, pattern: "*" },
    "no path": { pattern: "no-such-name" },
    "extra argument": { path, pattern: "deep.txt", depth: 1 },
  };
}
