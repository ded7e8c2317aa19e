import { dirname } from "node:path";
import { FORBIDDEN_BY_BINARY } from "../base/files/write_failure.ts";
import { isWritable } from "../base/files/writable.ts";

/** Why lines could not be appended to a file, as it can be known without making it; null: they could. */
export async function findAppendFault(path: string): Promise<string | null> {
  const { state } = await Deno.permissions.query({ name: "write", path });
  if (state !== "granted") return FORBIDDEN_BY_BINARY;
  if (await isDirectory(path)) return "it is a directory";
  const isFree = await isWritable(path) ?? await isWritable(dirname(path));
  if (isFree === null) return "there is no such directory";
  return isFree ? null : "permission denied";
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((found) => found.isDirectory, () => false);
}
