/** An entry of an archive that is made by hand. */
export interface TarEntry {
  readonly path: string;
  readonly type?: string;
  readonly link?: string;
  readonly content?: string;
}

const BLOCK = 512;

/** An archive as a hostile host may send it: names are what they are. */
export function tarBytes(entries: readonly TarEntry[]): Uint8Array<ArrayBuffer> {
  const blocks = entries.flatMap(({ path, type = "0", link = "", content = "" }) => [
    header({ path, type, link, size: content.length }),
    ...(content === "" ? [] : [padded(new TextEncoder().encode(content))]),
  ]);
  return Uint8Array.from([...blocks.flatMap((block) => [...block]), ...new Uint8Array(2 * BLOCK)]);
}

function header(
  { path, type, link, size }: {
    readonly path: string;
    readonly type: string;
    readonly link: string;
    readonly size: number;
  },
): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  put(path, 0);
  put("0000644\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(`${size.toString(8).padStart(11, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put(type, 156);
  put(link, 157);
  put("ustar\x0000", 257);
  const sum = block.reduce((all, byte) => all + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padded(bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  block.set(bytes);
  return block;
}
