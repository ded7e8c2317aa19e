import { PageBytes } from "../../lib/base/page_bytes.ts";

/** A program that fills pages with 256 MiB, disposes of them, and prints how many bytes went back. */
const MIB = 1024 * 1024;
const piece = new Uint8Array(MIB).fill(1);
const bytes = new PageBytes(256 * MIB);
for (let count = 0; count < 256; count++) bytes.push(piece);
const full = Deno.memoryUsage().rss;
bytes[Symbol.dispose]();
console.log(full - Deno.memoryUsage().rss);
