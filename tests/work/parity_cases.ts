import type { JsonObject } from "../../lib/mcp/message.ts";

/** What is in the directory that the cases are about. */
export async function fill(directory: string): Promise<void> {
  await Deno.writeTextFile(`${directory}/text`, "ünï\nline\n");
  await Deno.writeFile(`${directory}/latin1`, new Uint8Array([0x66, 0xfc, 0x72]));
  await Deno.mkdir(`${directory}/sub`);
  for (const name of ["b", "a b", "line\nfeed", "-x", ".hidden"]) {
    await Deno.writeTextFile(`${directory}/sub/${name}`, "");
  }
  await Deno.mkdir(`${directory}/~x`);
  await Deno.writeTextFile(`${directory}/~x/file`, "tilde");
  await Deno.symlink("sub", `${directory}/link`);
  await Deno.symlink("loop", `${directory}/loop`);
  await Deno.symlink("nowhere", `${directory}/dangling`);
  await new Deno.Command("mkfifo", { args: [`${directory}/fifo`] }).output();
  await Deno.symlink("/proc/kmsg", `${directory}/kmsg`);
  await Deno.mkdir(`${directory}/shared`);
  await Deno.chmod(`${directory}/shared`, 0o1777);
  await Deno.symlink("../text", `${directory}/shared/link`);
  await Deno.symlink("../sub", `${directory}/shared/folder`);
  if (Deno.uid() === 0) {
    const links = [`${directory}/shared/link`, `${directory}/shared/folder`];
    await new Deno.Command("chown", { args: ["-h", "1234", ...links] }).output();
  }
  using huge = await Deno.create(`${directory}/huge`);
  await huge.truncate(32 * 1024 * 1024 + 1);
}

/** A call, what it is about, and what comes of it. */
export type Case = readonly [
  tool: string,
  what: string,
  args: JsonObject,
  outcome: "ok" | "failed",
];

/** Only root can make links of another user. */
const LINK_OUTCOME = Deno.uid() === 0 ? "failed" : "ok";

/** `DIR` is the directory, `CHILD` a process. */
export const CASES: readonly Case[] = [
  ["remote_shell", "a command", { command: "echo out; echo err >&2; exit 3" }, "ok"],
  ["remote_shell", "a silent command", { command: "true" }, "ok"],
  ["remote_shell", "a cwd", { command: "pwd", cwd: "DIR/sub" }, "ok"],
  ["remote_shell", "a missing cwd", { command: "touch DIR/ran", cwd: "DIR/none" }, "failed"],
  ["remote_shell", "a cwd that is a file", { command: "true", cwd: "DIR/text" }, "failed"],
  ["remote_shell", "a timeout", { command: "echo begun; sleep 30", timeout: 3 }, "ok"],
  ["remote_shell", "a long output", { command: "yes | head -c 3000000" }, "ok"],
  ["remote_shell", "a syntax error", { command: "echo 'unbalanced" }, "ok"],
  ["remote_shell", "bytes that are no UTF-8", { command: "printf 'a\\377b'" }, "ok"],
  ["remote_shell", "the home", { command: "pwd; cd; pwd; echo ~ $HOME" }, "ok"],
  ["remote_shell", "a relative cwd", { command: "pwd", cwd: "sub" }, "ok"],
  ["remote_shell", "the home as cwd", { command: "pwd", cwd: "~" }, "ok"],
  ["remote_shell", "a cwd in the home", { command: "pwd", cwd: "~/sub" }, "ok"],
  ["remote_shell", "a missing cwd in the home", { command: "pwd", cwd: "~/none" }, "failed"],
  ["remote_shell", "another's home as cwd", { command: "touch DIR/ran", cwd: "~root" }, "failed"],
  ["remote_shell", "a cwd called ~x", { command: "pwd", cwd: "./~x" }, "ok"],
  ["remote_read_file", "a text", { path: "DIR/text" }, "ok"],
  ["remote_read_file", "a relative path", { path: "sub/../text" }, "ok"],
  ["remote_read_file", "a path in the home", { path: "~/text" }, "ok"],
  ["remote_read_file", "the home", { path: "~" }, "failed"],
  ["remote_read_file", "another's home", { path: "~root/x" }, "failed"],
  ["remote_read_file", "a path called ~x", { path: "./~x/file" }, "ok"],
  ["remote_read_file", "a path with ~ inside", { path: "DIR/~x/file" }, "ok"],
  ["remote_read_file", "a file of /proc", { path: "/proc/version" }, "ok"],
  ["remote_read_file", "a file of /proc over a link", { path: "/proc/mounts" }, "ok"],
  ["remote_read_file", "the log of the kernel", { path: "/proc/kmsg" }, "failed"],
  ["remote_read_file", "the same over a link", { path: "DIR/kmsg" }, "failed"],
  ["remote_read_file", "the memory of the kernel", { path: "/proc/kcore" }, "failed"],
  ["remote_read_file", "an environment", { path: "/proc/CHILD/environ" }, "failed"],
  ["remote_read_file", "a memory", { path: "/proc/CHILD/mem" }, "failed"],
  ["remote_read_file", "another user's link", { path: "DIR/shared/link" }, LINK_OUTCOME],
  [
    "remote_write_file",
    "another user's link",
    { path: "DIR/shared/link", content: "x" },
    LINK_OUTCOME,
  ],
  ["remote_list_dir", "another user's link", { path: "DIR/shared/folder" }, LINK_OUTCOME],
  [
    "remote_search_files",
    "another user's link",
    { path: "DIR/shared/folder", pattern: "*" },
    LINK_OUTCOME,
  ],
  ["remote_read_file", "a missing file", { path: "DIR/none" }, "failed"],
  ["remote_read_file", "a directory", { path: "DIR/sub" }, "failed"],
  ["remote_read_file", "no UTF-8", { path: "DIR/latin1" }, "failed"],
  ["remote_read_file", "a FIFO", { path: "DIR/fifo" }, "failed"],
  ["remote_read_file", "a device", { path: "/dev/zero" }, "failed"],
  ["remote_read_file", "a huge file", { path: "DIR/huge" }, "failed"],
  ["remote_read_file", "a path below a file", { path: "DIR/text/x" }, "failed"],
  ["remote_read_file", "a loop of links", { path: "DIR/loop" }, "failed"],
  ["remote_read_file", "an empty path", { path: "" }, "failed"],
  ["remote_write_file", "a new file", { path: "DIR/new", content: "é\n" }, "ok"],
  ["remote_write_file", "a relative path", { path: "new2", content: "é" }, "ok"],
  ["remote_write_file", "a path in the home", { path: "~/new3", content: "é" }, "ok"],
  ["remote_write_file", "the home", { path: "~", content: "é" }, "failed"],
  ["remote_write_file", "another's home", { path: "~root/x", content: "x" }, "failed"],
  ["remote_write_file", "a device", { path: "/dev/null", content: "x" }, "ok"],
  ["remote_write_file", "a directory", { path: "DIR/sub", content: "x" }, "failed"],
  ["remote_write_file", "a missing directory", { path: "DIR/no/x", content: "x" }, "failed"],
  ["remote_write_file", "a path below a file", { path: "DIR/text/x", content: "x" }, "failed"],
  ["remote_write_file", "a loop of links", { path: "DIR/loop", content: "x" }, "failed"],
  ["remote_write_file", "a long name", { path: `DIR/${"x".repeat(300)}`, content: "x" }, "failed"],
  ["remote_write_file", "an empty path", { path: "", content: "x" }, "failed"],
  ["remote_list_dir", "a directory", { path: "DIR/sub" }, "ok"],
  ["remote_list_dir", "the home by default", {}, "ok"],
  ["remote_list_dir", "the home", { path: "~" }, "ok"],
  ["remote_list_dir", "a path in the home", { path: "~/sub" }, "ok"],
  ["remote_list_dir", "a relative path", { path: "sub" }, "ok"],
  ["remote_list_dir", "a file in the home", { path: "~/text" }, "ok"],
  ["remote_list_dir", "another's home", { path: "~root" }, "failed"],
  ["remote_list_dir", "an empty path", { path: "" }, "failed"],
  ["remote_list_dir", "a file", { path: "DIR/text" }, "ok"],
  ["remote_list_dir", "a dangling link", { path: "DIR/dangling" }, "ok"],
  ["remote_list_dir", "a missing directory", { path: "DIR/none" }, "failed"],
  ["remote_list_dir", "an option", { path: "-delete" }, "failed"],
  ["remote_search_files", "matches", { path: "DIR", pattern: "*e*" }, "ok"],
  ["remote_search_files", "a relative path", { path: "sub", pattern: "*b*" }, "ok"],
  ["remote_search_files", "a path in the home", { path: "~/sub", pattern: "*b*" }, "ok"],
  ["remote_search_files", "another's home", { path: "~root", pattern: "*" }, "failed"],
  ["remote_search_files", "a link", { path: "link", pattern: "*" }, "ok"],
  ["remote_search_files", "no matches", { path: "DIR", pattern: "none" }, "ok"],
  ["remote_search_files", "too many matches", { path: "/usr/share", pattern: "*" }, "ok"],
  ["remote_search_files", "a missing directory", { path: "DIR/none", pattern: "*" }, "failed"],
  ["remote_search_files", "an action", { path: "-delete", pattern: "*" }, "failed"],
];
