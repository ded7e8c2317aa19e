import type { Role } from "../../lib/config/variables.ts";
import { renderBash } from "./bash.ts";
import { renderFish } from "./fish.ts";
import { type Edition, renderManPage } from "./man_page.ts";
import { renderZsh } from "./zsh.ts";

/** A file that is made from what `--help` says. */
export interface SharedFile {
  /** Below `/usr/local/share`, or another place for what no machine differs in. */
  readonly path: string;
  readonly text: string;
}

/** Folders that differ between what an operator installs and what a package does. */
export interface Folders {
  readonly zsh: string;
  readonly fish: string;
}

/** Where shells look below `/usr/local/share`. */
export const LOCAL_FOLDERS: Folders = {
  zsh: "zsh/site-functions",
  fish: "fish/vendor_completions.d",
};

/** The manual page and the completions of a program. */
export function renderShared(
  role: Role,
  edition: Edition,
  folders: Folders = LOCAL_FOLDERS,
): readonly SharedFile[] {
  const name = `lmcp-${role}`;
  return [
    { path: `man/man1/${name}.1`, text: renderManPage(role, edition) },
    { path: `bash-completion/completions/${name}`, text: renderBash(role) },
    { path: `${folders.zsh}/_${name}`, text: renderZsh(role) },
    { path: `${folders.fish}/${name}.fish`, text: renderFish(role) },
  ];
}
