/** Finds home directories. */
export interface Homes {
  readonly ofUid: (uid: number | null) => string | null;
  readonly ofUser: (name: string) => string | null;
}

/**
 * Reads the user database, `passwd(5)`. ssh, too, finds `~` there, whatever `$HOME` is, which this
 * program may not read.
 */
export function parseHomes(passwd: string): Homes {
  const rows = passwd.split("\n").map((line) => line.split(":"));
  const find = (matches: (row: readonly string[]) => boolean) => {
    const home = rows.find(matches)?.[5] ?? "";
    return home.startsWith("/") ? home.replace(/\/+$/, "") : null;
  };
  return {
    ofUid: (uid) => uid === null ? null : find((row) => row[2] === String(uid)),
    ofUser: (name) => find((row) => row[0] === name),
  };
}
