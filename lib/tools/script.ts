import { quote } from "../shell/quote.ts";

/** A path as one shell word that no program takes for an option or, as `-`, for standard input. */
export function pathWord(path: string): string {
  return quote(path.startsWith("-") ? `./${path}` : path);
}
