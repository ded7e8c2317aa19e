import assert from "node:assert/strict";
import {
  type Guard,
  GUARD_FAULTS,
  guardScript,
  NO_GUARD,
  REFUSE_PLANTED,
  REFUSE_UNREADABLE,
} from "../../lib/work/guard.ts";
import { readFileProcedure } from "../../lib/work/read_file.ts";

/** What a bash script complains of; an empty text: it does not. */
async function complaint(script: string, behind: readonly string[] = []): Promise<string> {
  const [program = "", ...args] = [...behind, "bash", "--norc", "-c", script];
  const command = new Deno.Command(program, { args, stdin: "null" });
  const { code, stderr } = await command.output();
  const text = new TextDecoder().decode(stderr).trim();
  assert.equal(code === 0, text === "", text);
  return text;
}

function guard(path: string, options: Partial<Guard>): Promise<string> {
  return complaint(`${guardScript({ ...NO_GUARD, ...options })}\nguard '${path}'`);
}

const GUARDED: readonly (readonly [path: string, guard: Partial<Guard>, fault: string])[] = [
  ["/data/a", { within: "/data" }, ""],
  ["/data", { within: "/data" }, ""],
  ["/database", { within: "/data" }, GUARD_FAULTS.moved],
  ["/", { within: "/data" }, GUARD_FAULTS.moved],
  ["", { within: "/data" }, GUARD_FAULTS.moved],
  ["(unreachable)/data/a", { within: "/data" }, GUARD_FAULTS.moved],
  ["/dXta/a", { within: "/d*ta" }, GUARD_FAULTS.moved],
  ["/d*ta/a", { within: "/d*ta" }, ""],
  ["/etc/token", { denied: ["/etc/token"] }, GUARD_FAULTS.kept],
  ["/etc/token (deleted)", { denied: ["/etc/token"] }, GUARD_FAULTS.kept],
  ["/etc/token/below", { denied: ["/other", "/etc/token"] }, GUARD_FAULTS.kept],
  ["/etc/token", { own: ["/etc/token"] }, GUARD_FAULTS.kept],
  ["/etc/tokens", { denied: ["/etc/token"] }, ""],
  ["/etc", { denied: ["/etc/token"] }, ""],
  ["/data/a", { within: "/data", denied: ["/data/a"] }, GUARD_FAULTS.kept],
];

for (const [path, options, fault] of GUARDED) {
  const verb = fault === "" ? "takes" : "refuses";
  Deno.test(`guardScript() ${verb} "${path}" with ${JSON.stringify(options)}`, async () => {
    assert.equal(await guard(path, options), fault);
  });
}

const KERNEL_FILES: readonly (readonly [path: string, fault: string])[] = [
  ["/proc/kmsg", GUARD_FAULTS.stream],
  ["/proc/kcore", GUARD_FAULTS.stream],
  ["/proc/acpi/event", GUARD_FAULTS.stream],
  ["/proc/12/net/rpc/nfsd.fh/channel", GUARD_FAULTS.stream],
  ["/sys/kernel/tracing/trace_pipe", GUARD_FAULTS.stream],
  ["/sys/kernel/debug/tracing/per_cpu/cpu0/trace_pipe_raw", GUARD_FAULTS.stream],
  ["/sys/kernel/tracing/instances/x/trace_pipe", GUARD_FAULTS.stream],
  ["/sys/kernel/debug/usb/usbmon/0u", GUARD_FAULTS.stream],
  ["/proc/12/environ", GUARD_FAULTS.memory],
  ["/proc/12/task/13/environ", GUARD_FAULTS.memory],
  ["/proc/12/mem", GUARD_FAULTS.memory],
  ["/proc/12/mounts", ""],
  ["/proc/meminfo", ""],
  ["/proc/sys/net/ipv4/tcp_mem", ""],
  ["/sys/kernel/tracing/trace", ""],
  ["/srv/trace_pipe", ""],
  ["/home/proc/12/environ", ""],
];

for (const [path, fault] of KERNEL_FILES) {
  const verb = fault === "" ? "takes" : "refuses";
  Deno.test(`refuse_unreadable ${verb} ${path}`, async () => {
    const script = `${guardScript(NO_GUARD)}${REFUSE_UNREADABLE}\nrefuse_unreadable '${path}'`;
    assert.equal(await complaint(script), fault);
  });
}

const [SELF, OWNER, OTHER] = [0, 1234, 2345] as const;

/** Folders with a link `link` to the folder `real`, which has a `file`. */
const PLANTED: readonly (readonly [what: string, mode: number, link: number, refused: boolean])[] =
  [
    ["another user's in a sticky folder for everybody", 0o1777, OTHER, true],
    ["another user's in a sticky folder that all may write to but not read", 0o1733, OTHER, true],
    ["our own in a sticky folder for everybody", 0o1777, SELF, false],
    ["the folder's owner's in a sticky folder for everybody", 0o1777, OWNER, false],
    ["another user's in a folder that is not sticky", 0o777, OTHER, false],
    ["another user's in a sticky folder that only its owner may write to", 0o1755, OTHER, false],
  ];

for (const [what, mode, owner, refused] of PLANTED) {
  Deno.test({
    name: `refuse_planted ${refused ? "refuses" : "takes"} a link, ${what} (as root)`,
    ignore: Deno.uid() !== SELF,
    fn: async () => {
      const directory = await Deno.realPath(await Deno.makeTempDir());
      await Deno.chmod(directory, 0o755);
      await Deno.mkdir(`${directory}/shared`);
      await Deno.mkdir(`${directory}/real`);
      await Deno.writeTextFile(`${directory}/real/file`, "");
      await Deno.symlink("../real", `${directory}/shared/link`);
      await Deno.symlink("shared/link/file", `${directory}/way`);
      await new Deno.Command("chown", {
        args: ["-h", String(owner), `${directory}/shared/link`],
      }).output();
      await Deno.chown(`${directory}/shared`, OWNER, OWNER);
      await Deno.chmod(`${directory}/shared`, mode);
      for (const path of ["shared/link", "shared/link/file", "way", "shared/link/none"]) {
        const script = `${guardScript(NO_GUARD)}${REFUSE_PLANTED}
          refuse_planted '${directory}/${path}'
          cd '${directory}' && refuse_planted './${path}' && refuse_planted '${path}'`;
        assert.equal(await complaint(script), refused ? GUARD_FAULTS.planted : "", path);
      }
      await Deno.remove(directory, { recursive: true });
    },
  });
}

Deno.test("refuse_planted ends with links that lead in a circle", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.symlink("b/x", `${directory}/a`);
  await Deno.symlink("a/y", `${directory}/b`);
  const script = `${guardScript(NO_GUARD)}${REFUSE_PLANTED}\nrefuse_planted '${directory}/a'`;
  assert.equal(await complaint(script), "");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("readFileProcedure() returns no token of an agent of the ssh user's own", async () => {
  const home = await Deno.makeTempDir();
  const folder = `${home}/real/.config/lmcp-agent`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/token`, "secret");
  await Deno.link(`${folder}/token`, `${home}/hard`);
  await Deno.symlink("real", `${home}/link`);
  await Deno.writeTextFile(`${home}/file`, "content");
  for (const name of ["real", "link"]) {
    const read = (path: string) =>
      complaint(readFileProcedure(path).source, ["env", `HOME=${home}/${name}`]);
    for (
      const path of [`${folder}/token`, `${home}/link/.config/lmcp-agent/token`, `${home}/hard`]
    ) {
      assert.equal(await read(path), GUARD_FAULTS.kept, path);
    }
    assert.equal(await read(`${home}/file`), "");
  }
  await Deno.remove(home, { recursive: true });
});

const CREDENTIALS = "/run/credentials/lmcp-agent.service";
Deno.test({
  name: "readFileProcedure() returns no token of an installed agent over ssh (as root)",
  ignore: Deno.uid() !== 0 || Deno.build.os !== "linux",
  fn: async () => {
    const place = `mount -t tmpfs none /run && mkdir -p ${CREDENTIALS} &&
      printf secret >${CREDENTIALS}/token && ln ${CREDENTIALS}/token /run/hard &&
      ln -s ${CREDENTIALS} /run/link && echo content >/run/file && exec "$@"`;
    const behind = ["unshare", "-m", "bash", "-c", place, "bash"];
    const read = (path: string) => complaint(readFileProcedure(path).source, behind);
    for (const path of [`${CREDENTIALS}/token`, "/run/hard", "/run/link/token"]) {
      assert.equal(await read(path), GUARD_FAULTS.kept);
    }
    assert.equal(await read("/run/file"), "");
  },
});
