import { dirname } from "node:path";

/** A directory on the host that both hubs work on, which is this machine. */
export interface HostFiles extends AsyncDisposable {
  readonly path: string;
  /** Makes the part that calls change as it was. */
  readonly reset: () => Promise<void>;
}

const encoder = new TextEncoder();

/** What is only read. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  "text": encoder.encode("one\ntwo\n"),
  "unfinished": encoder.encode("no line feed"),
  "empty": encoder.encode(""),
  "crlf": encoder.encode("one\r\ntwo\r\n"),
  "blank lines": encoder.encode("\n\none\n\n"),
  "grüße 👋": encoder.encode("grüße 👋\n"),
  "it's": encoder.encode("quoted\n"),
  "-dash": encoder.encode("a dash\n"),
  "mark": encoder.encode("\uFEFFmarked\n"),
  "binary": Uint8Array.of(0x68, 0x69, 0, 0xff, 0xfe, 0x0a),
  "large": encoder.encode("0123456789abcdef\n".repeat(20_000)),
  "names/b": encoder.encode(""),
  "names/a": encoder.encode(""),
  "names/B": encoder.encode(""),
  "names/.hidden": encoder.encode(""),
  "names/with space": encoder.encode(""),
  "names/übung": encoder.encode(""),
  "names/folder/deep.txt": encoder.encode(""),
  "line feed/one\ntwo": encoder.encode(""),
};

/** Makes the directory. */
export async function makeHostFiles(): Promise<HostFiles> {
  const path = await Deno.makeTempDir({ prefix: "lmcp-lua-" });
  for (const [name, bytes] of Object.entries(FILES)) {
    await Deno.mkdir(dirname(`${path}/${name}`), { recursive: true });
    await Deno.writeFile(`${path}/${name}`, bytes);
  }
  await Deno.mkdir(`${path}/nothing`);
  await Deno.mkdir(`${path}/home`);
  await Deno.mkdir(`${path}/many`);
  for (let at = 0; at < 250; at++) await Deno.writeTextFile(`${path}/many/${at}.log`, "");
  await Deno.symlink(`${path}/text`, `${path}/link`);
  await Deno.symlink(`${path}/names`, `${path}/link to names`);
  await Deno.symlink(`${path}/missing`, `${path}/dangling`);
  const files: HostFiles = {
    path,
    reset: async () => {
      await Deno.remove(`${path}/changed`, { recursive: true }).catch(() => {});
      await Deno.mkdir(`${path}/changed/folder`, { recursive: true });
      await Deno.writeTextFile(`${path}/changed/text`, "old\n");
      await Deno.symlink(`${path}/changed/text`, `${path}/changed/link`);
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
  await files.reset();
  return files;
}
