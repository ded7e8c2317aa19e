import { quote } from "../../shell/quote.ts";
import { type GuardedPath, guardScript, PLAIN_GUARD, REFUSE_PLANTED } from "../guard.ts";
import { operandWord, scriptForPath } from "../path.ts";
import { FILE_FAULTS } from "../read_file.ts";

/**
 * A script that works from inside a folder, which then no longer changes with its path: `at` is its
 * real path, `from` what to work on there (`.`, or a file of it as `./name`), `name` that file's name
 * or empty. Fails with a reason where there is nothing.
 */
export function enteringScript(path: string, guarded: GuardedPath | null, work: string): string {
  return guarded === null
    ? scriptForPath(path, () => enter(operandWord(path), null) + work)
    : enter(quote(guarded.realPath), guarded) + work;
}

function enter(word: string, guarded: GuardedPath | null): string {
  return `${guardScript(guarded?.guard ?? PLAIN_GUARD)}${REFUSE_PLANTED}
start=${word}
[ -n "$start" ] || refuse 'No such file or directory'
${guarded === null ? 'refuse_planted "$start"' : ""}
case $start in /*) ;; *) start=./$start ;; esac
name= from=.
if [ -d "$start" ]; then
  cd -P -- "$start" || exit
elif [ -e "$start" ] || [ -L "$start" ]; then
  name=\${start##*/} from=./\${start##*/}
  folder=\${start%/*}
  cd -P -- "\${folder:-/}" || exit
else
  cd -P -- "$start"
  exit 1
fi
at=$(env pwd -P) || exit
case $at$name in
  /proc|/proc/*|/sys|/sys/*|/dev|/dev/*) is_kernel=yes ;;
  *) is_kernel=no ;;
esac
guard "\${at%/}\${name:+/$name}"
special() { refuse ${quote(FILE_FAULTS.special)}; }
`;
}
