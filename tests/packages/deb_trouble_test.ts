import assert from "node:assert/strict";
import { makeLab, testOnDebian } from "./deb_lab.ts";

testOnDebian("an installation that was interrupted is completed by dpkg --configure", async () => {
  await using lab = await makeLab("hub");
  // Wherever the script stops: before the user, after it, and in the middle of making the token.
  for (const command of ["adduser", "install", "chgrp", "mv"]) {
    const path = (await lab.sh(`command -v ${command}`)).trim();
    const real = `${path}.real`;
    await lab.sh(
      `mv ${path} ${real} && printf '#!/bin/sh\\nexit 1\\n' >${path} && chmod +x ${path}`,
    );
    assert.equal((await lab.run(`dpkg -i ${lab.first}`)).code, 1, command);
    assert.equal(
      await lab.sh("dpkg-query -W -f '${db:Status-Status}' lmcp-hub"),
      "half-configured",
    );
    await lab.sh(`${command === "mv" ? real : "mv"} -f ${real} ${path}`);
    await lab.sh("dpkg --configure lmcp-hub");
    assert.equal(
      await lab.sh("stat -c '%U' /var/lib/lmcp-hub && wc -c </etc/lmcp-hub/token"),
      "lmcp-hub\n64\n",
    );
    await lab.sh("dpkg --purge lmcp-hub");
    assert.equal(
      await lab.sh("getent passwd lmcp-hub; ls -d /etc/lmcp-hub /var/l*/lmcp-hub; true").then((
        text,
      ) => text.match(/lmcp-hub:/g)),
      null,
    );
  }
});

testOnDebian(
  "a user that exists already is used, and stays when the package is purged",
  async () => {
    await using lab = await makeLab("hub");
    await lab.sh("useradd --system --home-dir /srv/elsewhere lmcp-hub");
    const user = await lab.sh("getent passwd lmcp-hub; getent group lmcp-hub");
    await lab.sh(`dpkg -i ${lab.first} && dpkg --purge lmcp-hub`);
    assert.equal(await lab.sh("getent passwd lmcp-hub; getent group lmcp-hub"), user);
  },
);

testOnDebian("purging succeeds while a process of the user runs", async () => {
  await using lab = await makeLab("hub");
  // Processes have no sandbox: another test's user must not have the same number.
  await lab.sh("echo FIRST_SYSTEM_UID=700 >>/etc/adduser.conf");
  await lab.sh(`dpkg -i ${lab.first}`);
  assert.match(await lab.sh("id -u lmcp-hub"), /^7\d\d$/m);
  const pid = (await lab.sh(`runuser -u lmcp-hub -- sleep 60 >/dev/null 2>&1 &
until pgrep -u lmcp-hub sleep; do :; done`)).trim();
  try {
    const { code, said } = await lab.run("dpkg --purge lmcp-hub");
    assert.equal(code, 0, said);
    assert.match(said, /lmcp-hub: the user lmcp-hub is left/);
    assert.equal((await lab.run("ls -d /etc/lmcp-hub /var/l*/lmcp-hub")).code, 2);
  } finally {
    await lab.run(`kill ${pid}`);
  }
});

testOnDebian("a package says what keeps it from being used", async () => {
  await using lab = await makeLab("hub");
  await lab.sh("mkdir -p /etc/systemd/system && touch /etc/systemd/system/lmcp-hub.service");
  const said = await lab.sh(`dpkg -i ${lab.first}`);
  assert.match(said, /lmcp-hub: \/etc\/systemd\/system\/lmcp-hub\.service hides the unit/);
});

/** Programs that only write down how they are called, and what makes systemd seem to run. */
const RECORDED = `mkdir -p /run/systemd/system
for program in systemctl deb-systemd-invoke; do
  printf '#!/bin/sh\\necho "%s $*" >>/run/called\\n' $program >/usr/bin/$program
  chmod +x /usr/bin/$program
done`;

testOnDebian(
  "an upgrade restarts what runs, removing stops it, and nothing is started",
  async () => {
    for (const role of ["hub", "agent"] as const) {
      await using lab = await makeLab(role);
      await lab.sh(RECORDED);
      const units = role === "hub"
        ? ["lmcp-hub.service", "lmcp-hub-probe.timer"]
        : ["lmcp-agent.service"];
      const calls = async (script: string) =>
        await lab.sh(`: >/run/called; ${script} >/dev/null; cat /run/called`);
      const reload = "systemctl daemon-reload\n";
      assert.equal(await calls(`dpkg -i ${lab.first}`), reload);
      assert.equal(
        await calls(`dpkg -i ${lab.second}`),
        `${reload}${reload}deb-systemd-invoke try-restart ${units.join(" ")}\n`,
      );
      assert.equal(
        await calls(`dpkg --remove lmcp-${role}`),
        `deb-systemd-invoke stop ${units.toReversed().join(" ")}\n${reload}`,
      );
      // What an administrator has enabled is no more when the package is purged.
      const link = `/etc/systemd/system/multi-user.target.wants/lmcp-${role}.service`;
      await lab.sh(`mkdir -p ${link.slice(0, link.lastIndexOf("/"))} && ln -s /nowhere ${link}`);
      await calls(`dpkg --purge lmcp-${role}`);
      assert.equal((await lab.run(`test -L ${link}`)).code, 1);
    }
  },
);

testOnDebian("a package whose systemd fails is installed and removed all the same", async () => {
  await using lab = await makeLab("hub");
  await lab.sh(
    `${RECORDED}\nprintf '#!/bin/sh\\nexit 1\\n' | tee /usr/bin/systemctl >/usr/bin/deb-systemd-invoke`,
  );
  await lab.sh(`dpkg -i ${lab.first} && dpkg -i ${lab.second} && dpkg --purge lmcp-hub`);
});
