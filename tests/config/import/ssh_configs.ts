/** What `ssh -G` prints of a host, by keyword. */
export type Resolved = Readonly<Record<string, string>>;

/** A configuration as people have it. */
export interface SshConfigCase {
  readonly name: string;
  /** By their names in one directory, which `DIR` names in a text; the main one is `config`. */
  readonly files: Readonly<Record<string, string>>;
  /** The hosts that are to be imported, in order, and how they resolve. */
  readonly hosts: Readonly<Record<string, Resolved>>;
  /** What is said on standard error, in order; none if left out. */
  readonly said?: readonly RegExp[];
}

const MATCH_SKIPPED = /a Match block is skipped: only ssh can tell which hosts it is for/;
const LEFT_OUT = /is left out: a host name holds/;

/** Twenty of them. */
export const SSH_CONFIGS: readonly SshConfigCase[] = [
  {
    name: "one host, indented as the manual does",
    files: { config: "Host web\n    HostName web.example.org\n    User deploy\n    Port 2222\n" },
    hosts: { web: { hostname: "web.example.org", user: "deploy", port: "2222" } },
  },
  {
    name: "defaults for all hosts at the end",
    files: {
      config: [
        "Host a",
        "  HostName 192.0.2.1",
        "Host b",
        "  HostName 192.0.2.2",
        "  User own",
        "Host *",
        "  User shared",
        "  ServerAliveInterval 60",
        "",
      ].join("\n"),
    },
    hosts: {
      a: { hostname: "192.0.2.1", user: "shared", serveraliveinterval: "60" },
      b: { hostname: "192.0.2.2", user: "own" },
    },
  },
  {
    name: "several names in a line, beside wildcards",
    files: { config: "Host db1 db2 db-* cache?\n  User dba\n  HostName %h.example.org\n" },
    hosts: {
      db1: { hostname: "db1.example.org", user: "dba" },
      db2: { hostname: "db2.example.org", user: "dba" },
    },
  },
  {
    name: "negated patterns",
    files: {
      config: [
        "Host *.corp !bastion.corp",
        "  ProxyJump bastion.corp",
        "Host bastion.corp app.corp !app* old !old",
        "  User jump",
        "Host app.corp",
        "  User app",
        "",
      ].join("\n"),
    },
    hosts: {
      "bastion.corp": { user: "jump" },
      "app.corp": { user: "app", proxyjump: "bastion.corp" },
    },
  },
  {
    name: "upper-case keywords, tabs and CRLF",
    files: { config: "HOST\tweb\r\n\tHOSTNAME\t192.0.2.1\r\n\tuser\troot\r\n\r\nhost  db \r\n" },
    hosts: { web: { hostname: "192.0.2.1", user: "root" }, db: { hostname: "db" } },
  },
  {
    name: "equals signs",
    files: {
      config: "Host=web\nHostName=192.0.2.1\nHost = db\n  HostName = 192.0.2.2\n  Port= 23\n",
    },
    hosts: { web: { hostname: "192.0.2.1" }, db: { hostname: "192.0.2.2", port: "23" } },
  },
  {
    name: "quoted names",
    files: { config: `Host "web" 'db' "*"\n  IdentityFile "~/my keys/id"\n  User "root"\n` },
    hosts: { web: { user: "root" }, db: { user: "root" } },
  },
  {
    name: "comments wherever they may be",
    files: {
      config: [
        "# Host never",
        '   # Host never2 "',
        "Host web # the front end",
        "  HostName 192.0.2.1 # behind the balancer",
        "#Host never3",
        "Host db#1",
        "",
      ].join("\n"),
    },
    hosts: { web: { hostname: "192.0.2.1" } },
    said: [/config:6: warning: "db#1": is left out/],
  },
  {
    name: "a chain of jumps",
    files: {
      config: [
        "Host bastion",
        "  HostName bastion.example.org",
        "Host inner",
        "  ProxyJump bastion",
        "Host innermost",
        "  HostName 10.1.2.3",
        "  ProxyJump root@inner:2222,bastion",
        "",
      ].join("\n"),
    },
    hosts: {
      bastion: { hostname: "bastion.example.org" },
      inner: { proxyjump: "bastion" },
      innermost: { hostname: "10.1.2.3", proxyjump: "root@inner:2222,bastion" },
    },
  },
  {
    name: "ProxyCommand with quotes and pipes",
    files: {
      config: [
        "Host old",
        `  ProxyCommand sh -c "ssh -W %h:%p gate 2>/dev/null | cat"`,
        "Host *.onion tor",
        "  ProxyCommand nc -X 5 -x 127.0.0.1:9050 %h %p",
        "",
      ].join("\n"),
    },
    hosts: {
      old: { proxycommand: `sh -c "ssh -W %h:%p gate 2>/dev/null | cat"` },
      tor: { proxycommand: "nc -X 5 -x 127.0.0.1:9050 %h %p" },
    },
  },
  {
    name: "Match exec for networks",
    files: {
      config: [
        "Host home",
        "  HostName home.example.org",
        'Match host home exec "true"',
        "  HostName 192.168.1.2",
        "  Include DIR/home",
        'Match originalhost work !exec "false"',
        "  User me",
        "Host work",
        "  HostName work.example.org",
        "",
      ].join("\n"),
      home: "Host home-nas\n",
    },
    hosts: {
      home: { hostname: "home.example.org" },
      work: { hostname: "work.example.org", user: "me" },
    },
    said: [MATCH_SKIPPED, /the Include is skipped, since it is in a Match block/, MATCH_SKIPPED],
  },
  {
    name: "Match all in front of what is for all",
    files: {
      config: "Host web\n  User a\nMatch all\n  Include DIR/more\n  Port 99\n",
      more: "Host db\n  User b\n",
    },
    hosts: { web: { user: "a", port: "99" }, db: { user: "b" } },
  },
  {
    name: "an Include with a glob, in the order of names",
    files: {
      config: "Include DIR/conf.d/*.conf DIR/none/* DIR/nothing\nHost last\n",
      "conf.d/20-db.conf": "Host db\n  User two\n",
      "conf.d/10-web.conf": "Host web\n  User one\n",
      "conf.d/.hidden.conf": "Host never\n",
      "conf.d/README": "Host never2\n",
      "conf.d/30-dir.conf/x": "Host never3\n",
    },
    hosts: { web: { user: "one" }, db: { user: "two" }, last: { hostname: "last" } },
  },
  {
    name: "Includes in Includes, and globs of directories",
    files: {
      config: 'Include "DIR/*/ssh config"\nHost main\n',
      "a/ssh config": "Include DIR/deep/[0-9]?-x\nHost a\n  User a\n",
      "b/ssh config": "Host b a\n  User b\n",
      "deep/01-x": "Host deep\n  User d\n",
      "deep/0-x": "Host never\n",
    },
    hosts: { deep: { user: "d" }, a: { user: "a" }, b: { user: "b" }, main: {} },
  },
  {
    name: "an Include in a Host block, which is for that host alone",
    files: {
      config: "Host *.corp\n  Include DIR/corp\nHost x\n  User x\n",
      corp: "User corp\nHost web.corp other\n  Port 2200\n",
    },
    hosts: { "web.corp": { user: "corp", port: "2200" }, x: { user: "x" } },
    said: [/corp:2: warning: "other" is left out: the Host line at .*config:1, in which this/],
  },
  {
    name: "CanonicalizeHostname",
    files: {
      config: [
        "CanonicalizeHostname yes",
        "CanonicalDomains example.org",
        "CanonicalizeMaxDots 0",
        "Host web",
        "  User canon",
        "Host web.example.org",
        "  User full",
        "Match canonical host *.example.org",
        "  Port 2222",
        "",
      ].join("\n"),
    },
    hosts: { web: { user: "canon" }, "web.example.org": { user: "full" } },
    said: [MATCH_SKIPPED],
  },
  {
    name: "addresses as names, and what cannot be a name of the registry",
    files: {
      config:
        "Host 192.0.2.7\n  User ip\nHost 2001:db8::1 [2001:db8::2] a,b user@c büro -x .y _z\n",
    },
    hosts: { "192.0.2.7": { user: "ip" }, _z: {} },
    said: Array.from({ length: 7 }, () => LEFT_OUT),
  },
  {
    name: "the same host in several blocks, whose first values count",
    files: {
      config: "Host web\n  Port 1001\nHost web db\n  Port 1002\n  User u\nHost db web\n  User v\n",
    },
    hosts: { web: { port: "1001", user: "u" }, db: { port: "1002", user: "u" } },
  },
  {
    name: "names that differ in case, with dots, and of code forges",
    files: {
      config: [
        "Host Web web",
        "  Port 1",
        "Host WEB",
        "  Port 2",
        "Host github.com gitlab.example.org",
        "  User git",
        "  IdentitiesOnly yes",
        "",
      ].join("\n"),
    },
    hosts: {
      Web: { port: "1" },
      web: { port: "1" },
      WEB: { port: "2" },
      "github.com": { user: "git", hostname: "github.com" },
      "gitlab.example.org": { user: "git" },
    },
  },
  {
    name: "what programs write: Vagrant, OrbStack, cloud command lines",
    files: {
      config: [
        "# Added by OrbStack",
        "Include DIR/orbstack/ssh/config",
        "",
        "Host default",
        "  HostName 127.0.0.1",
        "  User vagrant",
        "  Port 2222",
        "  UserKnownHostsFile /dev/null",
        "  StrictHostKeyChecking no",
        '  IdentityFile "/home/x/my project/.vagrant/private_key"',
        "Host i-* mi-*",
        "  ProxyCommand sh -c \"aws ssm start-session --target %h --parameters 'portNumber=%p'\"",
        "# Google Compute Engine Section",
        "Host vm1.europe-west1-b.project",
        "    HostName 192.0.2.9",
        "    CheckHostIP=no",
        "    HostKeyAlias=compute.4242",
        "# End of Google Compute Engine Section",
        "",
      ].join("\n"),
      "orbstack/ssh/config": "Host orb\n  Hostname 127.0.0.1\n  Port 32222\n  User default\n",
    },
    hosts: {
      orb: { port: "32222", user: "default" },
      default: { hostname: "127.0.0.1", port: "2222", user: "vagrant" },
      "vm1.europe-west1-b.project": { hostname: "192.0.2.9", hostkeyalias: "compute.4242" },
    },
  },
];
