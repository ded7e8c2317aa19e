import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { magicCommand, magicPacket, sendMagicPacket, type Wake } from "../../lib/fleet/wake.ts";

const MAC = "52:54:00:12:34:ff";

/** Receives datagrams on 127.0.0.1. */
async function receive(count: number) {
  const socket = createSocket("udp4");
  const packets: string[] = [];
  const all = Promise.withResolvers<readonly string[]>();
  socket.on("message", (packet) => {
    packets.push(packet.toString("hex"));
    if (packets.length === count) all.resolve(packets);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  const wake: Wake = { mac: MAC, broadcast: "127.0.0.1", port: socket.address().port, via: null };
  return { wake, packets: all.promise, [Symbol.dispose]: () => socket.close() };
}

const EXPECTED = `${"ff".repeat(6)}${"5254001234ff".repeat(16)}`;

Deno.test("magicPacket() is six bytes 0xff, and the address 16 times", () => {
  assert.equal(magicPacket(MAC).toHex(), EXPECTED);
});

Deno.test("sendMagicPacket() sends it three times", async () => {
  using receiver = await receive(3);
  await sendMagicPacket(receiver.wake);
  assert.deepEqual(await receiver.packets, [EXPECTED, EXPECTED, EXPECTED]);
});

for (const missing of ["python3", "perl"]) {
  Deno.test(`magicCommand() sends the same from a host without ${missing}`, async () => {
    using receiver = await receive(3);
    const command = magicCommand(receiver.wake);
    const bash = missing === "perl"
      ? `perl() { return 1; }; command() { return 1; }; ${command}`
      : command;
    const { code, stderr } = await new Deno.Command("bash", { args: ["-c", bash] }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.deepEqual(await receiver.packets, [EXPECTED, EXPECTED, EXPECTED]);
  });
}
