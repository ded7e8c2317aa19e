import type { Inspection } from "./transfer.ts";
import { type ArchiveEntry, readHeader, readRecords, SIZE_OF_BLOCK } from "./tar_header.ts";

/** Longest name, and longest extended header, that is read. */
const MAX_EXTRA_BYTES = 1024 * 1024;
/** Names of links that are remembered. */
const MAX_LINKS = 1_000_000;

/** Types of entries whose content says more of the entry behind them. */
const EXTRA = new Set(["L", "K", "x"]);

/** Why an archive is not extracted anywhere. */
const REFUSED = "its archive, as the host has sent it, was not extracted";

/**
 * Examines an archive as it passes: it holds files, folders and links that stay inside of it, under names
 * that do, and no name leads through one of its links. Whatever else is in it speaks against it, also what this
 * program and `tar` might read in different ways. (POSIX.1-2017, pax, "ustar Interchange Format".)
 */
export class ArchiveInspection implements Inspection {
  readonly #block = new Uint8Array(SIZE_OF_BLOCK);
  #filled = 0;
  /** Bytes of content, and what fills its last block, that are still to come. */
  #rest = 0;
  /** What they are read for; null: they are a file's. */
  #extra: { readonly type: string; readonly size: number; readonly bytes: number[] } | null = null;
  #next: { path?: string; linkPath?: string; size?: number } = {};
  readonly #links = new Set<string>();
  #fault: string | null = null;
  #isOver = false;

  readonly take = (bytes: Uint8Array): string | null => {
    let at = 0;
    while (at < bytes.length && this.#fault === null) {
      at += this.#rest > 0
        ? this.#takeContent(bytes.subarray(at))
        : this.#takeHeader(bytes.subarray(at));
    }
    return this.#fault;
  };

  readonly end = (): string | null => {
    if (!this.#isOver) this.#refuse("it ends too soon");
    return this.#fault;
  };

  #takeContent(bytes: Uint8Array): number {
    const count = Math.min(this.#rest, bytes.length);
    const extra = this.#extra;
    if (extra !== null) {
      const wanted = bytes.subarray(0, Math.min(count, extra.size - extra.bytes.length));
      for (const byte of wanted) extra.bytes.push(byte);
    }
    this.#rest -= count;
    if (this.#rest === 0) this.#endExtra();
    return count;
  }

  #takeHeader(bytes: Uint8Array): number {
    const part = bytes.subarray(0, SIZE_OF_BLOCK - this.#filled);
    this.#block.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < SIZE_OF_BLOCK) return part.length;
    this.#filled = 0;
    this.#readBlock();
    return part.length;
  }

  #readBlock(): void {
    const isEmpty = this.#block.every((byte) => byte === 0);
    if (this.#isOver && !isEmpty) return this.#refuse("something is behind its end");
    if (isEmpty) {
      this.#isOver = true;
      return;
    }
    const header = readHeader(this.#block);
    if (typeof header === "string") return this.#refuse(header);
    const isExtra = EXTRA.has(header.type);
    const size = isExtra ? header.size : this.#next.size ?? header.size;
    if (isExtra) {
      if (size > MAX_EXTRA_BYTES) return this.#refuse("a name in it is too long");
      this.#extra = { type: header.type, size, bytes: [] };
    } else {
      const { path = header.path, linkPath = header.linkPath } = this.#next;
      this.#next = {};
      const fault = this.#examine({ ...header, path, linkPath, size });
      if (fault !== null) return this.#refuse(fault);
    }
    this.#rest = Math.ceil(size / SIZE_OF_BLOCK) * SIZE_OF_BLOCK;
    if (this.#rest === 0) this.#endExtra();
  }

  #endExtra(): void {
    const extra = this.#extra;
    this.#extra = null;
    if (extra === null) return;
    const bytes = Uint8Array.from(extra.bytes);
    if (extra.type === "x") {
      const records = readRecords(bytes);
      if (typeof records === "string") return this.#refuse(records);
      this.#next = { ...this.#next, ...records };
      return;
    }
    const name = decode(bytes).replace(/\0+$/, "");
    if (name.includes("\0")) return this.#refuse("a name in it holds a NUL character");
    this.#next = { ...this.#next, ...(extra.type === "L" ? { path: name } : { linkPath: name }) };
  }

  #examine({ type, path, linkPath, size }: ArchiveEntry): string | null {
    const parts = partsOf(path);
    if (parts === null) return `a name in it leads outside: ${JSON.stringify(path)}`;
    for (let length = 1; length < parts.length; length++) {
      if (this.#links.has(keyOf(parts.slice(0, length)))) {
        return `a name in it leads through a link: ${JSON.stringify(path)}`;
      }
    }
    switch (type) {
      case "0":
        // A link of that name would be written through.
        return this.#links.has(keyOf(parts)) ? "a file in it has the name of a link" : null;
      case "5":
        if (size > 0) return "a folder in it has a content";
        return this.#links.has(keyOf(parts)) ? "a folder in it has the name of a link" : null;
      case "1": {
        const target = partsOf(linkPath);
        const isGood = size === 0 && target !== null && target.length > 0 &&
          target.every((_, at) => !this.#links.has(keyOf(target.slice(0, at + 1))));
        return isGood ? null : `a hard link in it leads outside: ${JSON.stringify(path)}`;
      }
      case "2": {
        if (size > 0 || parts.length === 0 || !staysInside(linkPath, parts.length - 1)) {
          return `a link in it leads outside: ${JSON.stringify(path)}`;
        }
        this.#links.add(keyOf(parts));
        return this.#links.size > MAX_LINKS ? "it has more than a million links" : null;
      }
      default:
        return `something in it is no file, folder or link: ${JSON.stringify(path)}`;
    }
  }

  #refuse(fault: string): void {
    this.#fault ??= `${REFUSED}: ${fault}`;
  }
}

/** The parts of a name that stays inside; null: it does not, or might not. */
function partsOf(path: string): readonly string[] | null {
  if (path === "" || path.startsWith("/")) return null;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? null : parts;
}

/**
 * Whether a link so deep inside leads inside. It may climb at its beginning alone: behind a name, `..` may
 * be of another folder, if the name is a link.
 */
function staysInside(link: string, depth: number): boolean {
  if (link === "" || link.startsWith("/")) return false;
  const parts = link.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const count = climbs === -1 ? parts.length : climbs;
  return count <= depth && !parts.slice(count).includes("..");
}

/** The same for names that some file system takes for the same. */
function keyOf(parts: readonly string[]): string {
  return parts.join("/").normalize("NFKC").toLowerCase();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
