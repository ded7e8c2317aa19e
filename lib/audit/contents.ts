import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** First bytes of what other programs compress. */
const FORMATS: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["compress", [0x1f, 0x9d]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];

/**
 * The bytes of a file, also of one that is compressed with gzip, whatever it is named, in one piece or
 * several. Rejects as `Deno.open()` and reading do, and for what is compressed in another way: none of
 * it is a line.
 */
export async function* readContents(path: string): AsyncGenerator<Uint8Array> {
  const { readable } = await Deno.open(path);
  const chunks = readable[Symbol.asyncIterator]();
  const first = await chunks.next();
  const bytes = first.value ?? new Uint8Array();
  const [format = null] =
    FORMATS.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte)) ??
      [];
  const all = joined(bytes, chunks);
  if (format === null) yield* all;
  else if (format === "gzip") yield* gunzipped(all);
  else {
    await chunks.return?.();
    throw new Error(
      `it is compressed with ${format}, and only gzip can be read: decompress it first`,
    );
  }
}

async function* joined(
  first: Uint8Array,
  rest: AsyncIterableIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function* gunzipped(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const source = Readable.from(compressed, { objectMode: true });
  source.on("error", (error) => gunzip.destroy(error));
  for await (const chunk of source.pipe(gunzip)) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}
