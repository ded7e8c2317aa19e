import assert from "node:assert/strict";
import { changeHub } from "./dist.ts";
import { testOnMachine } from "./machine.ts";

testOnMachine(
  "add-host.sh waits for an agent that is slow, for a minute",
  async (machine) => {
    const { directory, registry, port, sh } = machine;
    const signal = "kill -s $1 $(cut -d' ' -f1 /var/lib/lmcp-agent/process)";
    await changeHub(
      machine,
      `signal() { ${signal}; }
case $1 in --probe)
  echo >>${directory}/probes
  case $(wc -l <${directory}/probes) in 1) signal STOP ;; 4) signal CONT ;; esac
  ;;
esac`,
    );
    const { code, stdout, stderr } = await machine.addHost("web1");
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /^web1: the hub does not see it UP yet: trying for a minute \(.*\)\nweb1: the hub sees it UP/m,
    );
    assert.equal((await machine.addHost("web1 --remove")).code, 0);

    // The minute is over at once where a second takes ten.
    const before = await machine.state();
    await sh(`rm probes; mkdir fast; cat >fast/date <<'END'
#!/bin/sh
echo >>${directory}/asked; echo "$(wc -l <${directory}/asked)0"
END
chmod +x fast/date
cat >dist/lmcp-hub <<'END'
#!/bin/sh
case $1 in --probe)
  echo >>${directory}/probes
  echo '{"hosts":[{"name":"web1","up":false,"via":null,"error":"lmcp: connect: timeout; ssh: timeout"}]}'
  exit 1
  ;;
esac
exec ${directory}/hub "$@"
END`);
    const late = await machine.run(
      `PATH=$PWD/fast:$PATH dist/add-host.sh web1 --registry ${registry} --port ${port}`,
    );
    assert.equal(late.code, 1, late.stdout);
    assert.match(
      late.stderr,
      /^add-host\.sh: the hub does not see it UP over lmcp: lmcp: connect: timeout; ssh: timeout$/m,
    );
    assert.equal(await sh("wc -l <probes"), "3\n");
    assert.equal(await machine.state(), before);
  },
);
