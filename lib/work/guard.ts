import { quote } from "../shell/quote.ts";

/** What file tools may touch: a script checks it where the thing stands once it is open. */
export interface Guard {
  /** Real path of the folder that everything must be in; null: no limit. */
  readonly within: string | null;
  /** Real paths of an agent's own files and small folders: a hard link to one is kept, too. */
  readonly own: readonly string[];
  /** The same, from the home of the user whom the script runs as; absent: none. */
  readonly inHome?: readonly string[];
  /** Real paths of further files and folders that are kept from file tools. */
  readonly denied: readonly string[];
}

/** A path that was resolved before, whose script checks the guard as well. */
export interface GuardedPath {
  readonly realPath: string;
  readonly guard: Guard;
}

/** Why a guard refuses something; no colon in it, since `reasonIn()` cuts there. */
export const GUARD_FAULTS = {
  kept: "it is kept from file tools",
  planted: "it leads through another user's link in a folder that everybody may write to",
  moved: "it was moved meanwhile",
  stream: "reading it would wait, or take away what others wait for; use shell",
  memory: "it is the memory or the environment of a process; use shell",
} as const;

/** Where `lmcp-agent` is installed with its token; kept from readers over ssh, too. */
export const AGENT_PLACES = [
  "/etc/lmcp-agent",
  "/etc/systemd/system/lmcp-agent.service.d",
  "/run/credentials/lmcp-agent.service",
] as const;

/** The same for an agent that was installed for one user, from that user's home. */
const USERS_AGENT_PLACES = [".config/lmcp-agent"] as const;

/** No limit at all. */
export const NO_GUARD: Guard = { within: null, own: [], denied: [] };

/** What is read over ssh without an agent: the same but for what only the agent knows. */
export const PLAIN_GUARD: Guard = {
  ...NO_GUARD,
  own: AGENT_PLACES,
  inHome: USERS_AGENT_PLACES,
};

/**
 * Defines `guard PATH`, which ends the script with a reason if the guard is against a real path, and
 * `guard_file FILE`, which does so if it is a kept file, also one under another name.
 */
export function guardScript({ within, own, inHome = [], denied }: Guard): string {
  const folders = [...own.map(quote), ...inHome.map((path) => `"\${HOME-}"/${quote(path)}`)];
  const names = [...folders, ...denied.map(quote)];
  const files = [...names, ...folders.map((folder) => `${folder}/*`)];
  const patterns = names.map((name) => `${name}|${name}/*|${name}' (deleted)'`);
  const isKept = names.length === 0
    ? ""
    : `case $1 in ${patterns.join("|")}) refuse ${quote(GUARD_FAULTS.kept)} ;; esac`;
  const isOutside = within === null
    ? ""
    : `case $1 in ${quote(within)}|${quote(within)}/*) ;; *) refuse ${
      quote(GUARD_FAULTS.moved)
    } ;; esac`;
  return `
refuse() { printf '%s\\n' "$1" >&2; exit 1; }
guard() {
  ${isOutside}
  ${isKept}
  return 0
}
guard_file() {
  local name
  for name in ${files.join(" ")}; do
    [ ! -f "$name" ] || [ ! "$1" -ef "$name" ] || refuse ${quote(GUARD_FAULTS.kept)}
  done
}
`;
}

/**
 * Defines `refuse_unreadable PATH`: files of the kernel, by their real path, that look regular and
 * never end, take away what they give, or hold what processes keep to themselves.
 */
export const REFUSE_UNREADABLE = `
refuse_unreadable() {
  case $1 in
    /proc/kmsg|/proc/kcore|/proc/vmcore|/proc/acpi/event|/proc/*/channel|\\
    /sys/*/trace_pipe|/sys/*/trace_pipe_raw|/sys/*/snapshot_raw|\\
    /sys/kernel/debug/usb/usbmon/*|/sys/kernel/security/*/query|/sys/kernel/security/*/revision)
      refuse ${quote(GUARD_FAULTS.stream)} ;;
    /proc/*/environ|/proc/*/mem) refuse ${quote(GUARD_FAULTS.memory)} ;;
  esac
}
`;

/**
 * Defines `refuse_planted PATH`: no link on the way may lie in a sticky folder that everybody may
 * write to, unless it is ours or of the folder's owner. Linux does that for the last link if
 * fs.protected_symlinks is set, but not for who resolves links by hand.
 */
export const REFUSE_PLANTED = `
owner_of() { stat -c %u -- "$1" 2>/dev/null || stat -f %u -- "$1"; }
mode_of() { stat -c %a -- "$1" 2>/dev/null || stat -f %Lp -- "$1"; }
refuse_planted() {
  local rest=$1 at=. part links=0 link
  case $rest in /*) at= ;; esac
  while [ -n "$rest" ] && [ "$links" -le 40 ]; do
    part=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    case $part in ''|.) continue ;; esac
    if [ ! -L "$at/$part" ]; then at=$at/$part; continue; fi
    links=$((links + 1))
    if [ -k "$at/." ]; then
      case $(mode_of "$at/.") in
        *[2367]) case $(owner_of "$at/$part") in
          "$EUID"|"$(owner_of "$at/.")") ;;
          *) refuse ${quote(GUARD_FAULTS.planted)} ;;
        esac ;;
      esac
    fi
    link=$(readlink "$at/$part") || return 0
    case $link in /*) at= ;; esac
    rest=$link/$rest
  done
}
`;
