import assert from "node:assert/strict";
import {
  findLmcpUrlFault,
  findNameFault,
  findSshHostFault,
} from "../../../lib/config/registry/address.ts";

for (const name of ["a", "A.b_c-9", "9", "_a", "__proto__"]) {
  Deno.test(`findNameFault() accepts ${name}`, () => {
    assert.equal(findNameFault(name, "host"), null);
  });
}

for (const name of ["", "-a", ".a", "a b", "a/b", "é", "a\n", "a:b"]) {
  Deno.test(`findNameFault() refuses ${JSON.stringify(name)}`, () => {
    assert.match(findNameFault(name, "host") ?? "", /^a host name holds letters/);
  });
}

const goodDestinations = [
  "tesla",
  "tesla.fritz.box",
  "user@tesla",
  "DOMAIN\\user@tesla",
  "user@realm@bastion",
  "192.0.2.1",
  "2001:db8::1",
  "fe80::1%eth0",
  "[2001:db8::1]",
  "ssh://user@tesla:2222",
];

for (const destination of goodDestinations) {
  Deno.test(`findSshHostFault() accepts ${destination}`, () => {
    assert.equal(findSshHostFault(destination), null);
  });
}

const badDestinations: readonly (readonly [string, RegExp])[] = [
  ["-oProxyCommand=touch${IFS}x", /starts with "-"/],
  ["[-oProxyCommand=x", /starts with "-"/],
  ["[-oProxyCommand=x]", /starts with "-"/],
  ["user@-oProxyCommand=x", /starts with "-"/],
  ["user@[-oProxyCommand=x]", /starts with "-"/],
  ["-oProxyCommand=x@host", /starts with "-"/],
  ["ssh://-oProxyCommand=x", /starts with "-"/],
  ["ssh://user@-oProxyCommand=x", /starts with "-"/],
  ["a\nb", /white space/],
  ["a b", /white space/],
  ["a\u0000", /control/],
  ["a\u00a0b", /white space/],
  ["a`id`", /shell/],
  ["a$(id)", /shell/],
  ["a;id", /shell/],
  ["a|id@b", /shell/],
  ["a'@b", /shell/],
  ["a\\@b", /shell/],
  ["a\\b", /shell/],
  ["", /must name a host/],
  ["user@", /must name a host/],
  ["@host", /must name a host/],
  ["ssh://", /must name a host/],
];

for (const [destination, fault] of badDestinations) {
  Deno.test(`findSshHostFault() refuses ${JSON.stringify(destination)}`, () => {
    assert.match(findSshHostFault(destination) ?? "", fault);
  });
}

const goodUrls = [
  "http://tesla:8080/mcp",
  "https://tesla",
  "HTTP://tesla/",
  "http://[::1]:8080/mcp",
  "http://a/b@c",
  "http://a/?q=b@c",
  "ssh://tesla:8080/mcp",
  "SSH://tesla",
  "ssh://admin@tesla/mcp?x=1",
  "ssh://my_alias:8080/mcp",
  "ssh://[::1]:8080/mcp",
];

for (const url of goodUrls) {
  Deno.test(`findLmcpUrlFault() accepts ${url}`, () => {
    assert.equal(findLmcpUrlFault(url), null);
  });
}

const badUrls: readonly (readonly [string, RegExp])[] = [
  ["", /must be a URL/],
  ["tesla:8080", /must be a URL/],
  ["ftp://tesla/", /must be a URL/],
  ["file:///etc/passwd", /must be a URL/],
  ["http:/tesla/", /must be a URL/],
  ["http:\\\\tesla/", /must be a URL/],
  ["http:///mcp", /must be a URL/],
  ["http://tesla:99999/", /must be a URL/],
  ["http://a b/", /white space/],
  ["http://tesla/\n", /white space/],
  ["http://te\tsla/", /white space/],
  ["http://user@tesla/", /user information/],
  ["http://user:password@tesla/", /user information/],
  ["http://@tesla/", /user information/],
  ["http://tesla/#top", /fragment/],
  ["http://tesla/#", /fragment/],
  ["ssh:tesla", /must be a URL such as "ssh:/],
  ["ssh:///mcp", /must be a URL such as "ssh:/],
  ["ssh://:8080/mcp", /must be a URL such as "ssh:/],
  ["ssh://tesla:0/mcp", /must be a URL such as "ssh:/],
  ["ssh://tesla:99999/mcp", /must be a URL such as "ssh:/],
  ["ssh://tesla:http/mcp", /must be a URL such as "ssh:/],
  ["ssh://te\tsla/", /white space/],
  ["ssh://@tesla/", /must name a host/],
  ["ssh://-oProxyCommand=id/", /starts with "-"/],
  ["ssh://-lroot@tesla/", /starts with "-"/],
  ["ssh://a`id`/", /shell/],
  ["ssh://a$(id)/", /shell/],
  ["ssh://a;id@tesla/", /shell/],
  ["ssh://user:password@tesla/", /password/],
  ["ssh://tesla/#top", /fragment/],
];

for (const [url, fault] of badUrls) {
  Deno.test(`findLmcpUrlFault() refuses ${JSON.stringify(url)}`, () => {
    assert.match(findLmcpUrlFault(url) ?? "", fault);
  });
}
