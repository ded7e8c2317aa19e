/** How a program's options end, so that what stands behind them can be found. */
export interface OptionRules {
  /** Letters of options that take no value. */
  readonly flags: string;
  /** Letters of options that take one. */
  readonly valued: string;
  /** Long options that take no value, and those that take one. */
  readonly longFlags?: readonly string[];
  readonly longValued?: readonly string[];
  /** How many operands stand before the program that it runs; default: none. */
  readonly operands?: number;
  /** Whether what begins with a dash is an option behind operands, too; default: no. */
  readonly permutes?: boolean;
}

const shell = { flags: "eux", valued: "" };
const awk = { flags: "", valued: "Fv" };
const noOptions = { flags: "", valued: "" };

/**
 * Programs that read a program: the text, or the name of its file, is their first operand. Of their
 * options these are known to change nothing of that.
 */
export const INTERPRETERS: ReadonlyMap<string, OptionRules> = new Map<string, OptionRules>([
  ...["sh", "bash", "rbash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "csh", "tcsh"]
    .map((name) => [name, shell] as const),
  ...["awk", "gawk", "goawk", "igawk", "mawk", "nawk", "original-awk"]
    .map((name) => [name, awk] as const),
  ["sed", { flags: "nErsuzi", valued: "", permutes: true }],
  ["python", { flags: "uBEIsS", valued: "" }],
  ["pypy", { flags: "uBEIsS", valued: "" }],
  ["perl", { flags: "wT", valued: "" }],
  ["ruby", { flags: "w", valued: "" }],
  ...[
    ...["elvish", "es", "ion", "lksh", "nu", "oksh", "osh", "pdksh", "posh", "rc", "rksh", "sash"],
    ...["xonsh", "yash", "ysh"],
    ...["bpython", "clisp", "coffee", "crystal", "elixir", "erl", "escript", "expect", "ghci"],
    ...["gjs", "gnuplot", "groovy", "guile", "iex", "ipython", "irb", "jshell", "julia", "kotlin"],
    ...["lua", "luajit", "m4", "micropython", "node", "nodejs", "ocaml", "octave", "osascript"],
    ...["php", "powershell", "pwsh", "qjs", "racket", "raku", "rscript", "runghc", "runhaskell"],
    ...["sbcl", "scala", "swift", "tclsh", "ts-node", "tsx", "wish"],
  ].map((name) => [name, noOptions] as const),
]);

const sudo: OptionRules = {
  flags: "AbBEHkKnNPS",
  valued: "CDghpRrTtUu",
  longFlags: ["--non-interactive", "--set-home", "--preserve-env", "--preserve-groups"],
  longValued: ["--user", "--group", "--chdir", "--role", "--type", "--preserve-env"],
};

/** Programs that run another one, which stands behind their options and operands. */
export const WRAPPERS: ReadonlyMap<string, OptionRules> = new Map<string, OptionRules>([
  ["sudo", sudo],
  ["sudo-rs", sudo],
  ["doas", { flags: "n", valued: "Cu" }],
  ["pkexec", { flags: "", valued: "", longValued: ["--user"] }],
  ["nice", { flags: "0123456789", valued: "n", longValued: ["--adjustment"] }],
  ["ionice", { flags: "t", valued: "cn", longValued: ["--class", "--classdata"] }],
  ["nohup", noOptions],
  ["setsid", { flags: "cfw", valued: "", longFlags: ["--ctty", "--fork", "--wait"] }],
  ["stdbuf", { flags: "", valued: "ioe", longValued: ["--input", "--output", "--error"] }],
  ["timeout", {
    flags: "v",
    valued: "ks",
    longFlags: ["--foreground", "--preserve-status", "--verbose"],
    longValued: ["--kill-after", "--signal"],
    operands: 1,
  }],
  ["time", { flags: "apqv", valued: "fo" }],
  ["taskset", { flags: "ac", valued: "", operands: 1 }],
  ["flock", { flags: "eFnosux", valued: "Ew", operands: 1 }],
  ["busybox", noOptions],
  ["toybox", noOptions],
]);

/** Programs that run what they are given in too many ways to tell which part of it is data. */
export const RUNNERS: ReadonlySet<string> = new Set([
  ...[".", "builtin", "command", "eval", "exec", "source", "trap"],
  ...[
    "chronic",
    "entr",
    "env",
    "ifne",
    "parallel",
    "run-parts",
    "sem",
    "watch",
    "watchexec",
    "xargs",
  ],
  ...["at", "batch", "crontab", "daemonize", "start-stop-daemon", "systemd-run", "tsp"],
  ...["aa-exec", "bwrap", "capsh", "cgexec", "chpst", "chroot", "firejail", "gosu", "lxc-attach"],
  ...["newgrp", "nsenter", "runcon", "runuser", "s6-setuidgid", "setarch", "setpriv", "setuidgid"],
  ...["sg", "su", "su-exec", "systemd-nspawn", "unshare"],
  ...["choom", "chrt", "cpulimit", "numactl", "prlimit"],
  ...["ansible", "clush", "dsh", "mosh", "pdsh", "pssh", "rsh", "salt", "salt-call", "ssh"],
  ...["sshpass"],
  ...["bpftrace", "catchsegv", "gdb", "hyperfine", "lldb", "ltrace", "perf", "stap", "strace"],
  ...["valgrind"],
  ...["dbus-launch", "dbus-run-session", "eatmydata", "fakeroot", "faketime", "logsave", "openvt"],
  ...["proxychains", "rlwrap", "screen", "script", "socat", "systemd-cat", "systemd-inhibit"],
  ...["tmux", "torsocks", "unbuffer", "xterm", "xvfb-run"],
  ...[
    "bun",
    "bunx",
    "deno",
    "gmake",
    "make",
    "nix",
    "nix-shell",
    "npm",
    "npx",
    "pnpm",
    "uvx",
    "yarn",
  ],
  ...["ed", "emacs", "ex", "gvim", "joe", "nano", "nvim", "rvim", "sudoedit", "vi", "view", "vigr"],
  ...["vim", "vimdiff", "vipw", "visudo"],
  ...[
    "clickhouse-client",
    "cqlsh",
    "dc",
    "duckdb",
    "mariadb",
    "mongo",
    "mongosh",
    "mysql",
    "mysqlsh",
  ],
  ...["psql", "r", "redis-cli", "sqlite3", "sqlplus"],
]);

/** Words behind which these programs are given a program, as in `kubectl debug`. */
export const RUNNING_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["bundle", ["exec"]],
  ["cargo", ["run"]],
  ["conda", ["run"]],
  ["flatpak", ["run"]],
  ["git", ["filter-branch", "foreach", "run"]],
  ["go", ["run"]],
  ["kubectl", ["debug", "run"]],
  ["machinectl", ["shell"]],
  ["oc", ["debug", "rsh", "run"]],
  ["pipx", ["run"]],
  ["poetry", ["run"]],
  ["snap", ["run"]],
  ["uv", ["run"]],
]);

const container: OptionRules = {
  flags: "dit",
  valued: "euw",
  longFlags: ["--detach", "--interactive", "--privileged", "--tty"],
  longValued: ["--env", "--env-file", "--user", "--workdir"],
  operands: 1,
};

/** Programs whose subcommand `exec` runs a program in a container, which is the first operand. */
export const CONTAINERS: ReadonlyMap<string, OptionRules> = new Map([
  ...["crictl", "docker", "docker-compose", "nerdctl", "podman", "podman-compose"]
    .map((name) => [name, container] as const),
  ["ip", { ...noOptions, operands: 1 }],
]);

/** The same of programs that have `--` before the program. */
export const PODS: ReadonlySet<string> = new Set(["incus", "kubectl", "lxc", "oc", "pct", "qm"]);

const apt = ["-c", "-o", "--config-file", "--option"];
const copy = ["-D", "-F", "-S", "-o"];
const netcat = ["-c", "-e", "--exec", "--lua-exec", "--sh-exec"];

/** Options of other programs whose value is run, or names a file that says what is. */
export const RUNNING_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["apt", apt],
  ["apt-get", apt],
  ["cpio", ["--rsh-command"]],
  ["git", [
    "-O",
    "-c",
    "--config-env",
    "--exec",
    "--exec-path",
    "--extcmd",
    "--open-files-in-pager",
    "--receive-pack",
    "--upload-pack",
  ]],
  ["helm", ["--post-renderer"]],
  ["install", ["--strip-program"]],
  ["man", ["-H", "-P", "--html", "--pager"]],
  ["nc", netcat],
  ["ncat", netcat],
  ["nmap", ["--script"]],
  ["puppet", ["-e", "--execute"]],
  ["rpm", ["-D", "-E", "--define", "--eval", "--pipe"]],
  ["rsync", ["-e", "--rsh", "--rsync-path"]],
  ["scp", copy],
  ["sftp", copy],
  ["sort", ["--compress-program"]],
  ["split", ["--filter"]],
  ["tar", [
    "-F",
    "-I",
    "--checkpoint-action",
    "--info-script",
    "--new-volume-script",
    "--rmt-command",
    "--rsh-command",
    "--to-command",
    "--use-compress-program",
  ]],
  ["tcpdump", ["-z"]],
  ["vagrant", ["-c", "--command"]],
  ["wget", ["-e", "--execute", "--use-askpass"]],
  ["zip", ["-TT", "--unzip-command"]],
]);

/** With these `find` runs a program, and puts names of files into its arguments. */
export const FIND_ACTIONS: readonly string[] = ["-exec", "-execdir", "-ok", "-okdir"];

/** Programs that run none of their arguments, although these may be the names of interpreters. */
export const NAMERS: ReadonlySet<string> = new Set([
  ...["apk", "dnf", "dpkg", "pacman", "yum", "zypper"],
  ...["journalctl", "killall", "pgrep", "pidof", "pkill", "rc-service", "service", "systemctl"],
  ...["type", "whatis", "whereis", "which"],
]);

/** Names under which some machines have GNU's programs. */
export const GNU_NAMES: ReadonlySet<string> = new Set(
  [
    "env",
    "find",
    "install",
    "nice",
    "nohup",
    "sed",
    "sort",
    "split",
    "stdbuf",
    "tar",
    "timeout",
    "xargs",
  ]
    .map((name) => `g${name}`),
);
