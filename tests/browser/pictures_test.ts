import { OPERATOR, startFleet } from "./support/fleet.ts";
import { signIn, untilLive } from "./support/fleet_page.ts";
import { inChromium } from "./support/in_chromium.ts";
import { startManyHosts } from "./support/many_hosts.ts";
import { takePicture } from "./support/picture.ts";
import { openTab } from "./support/tab.ts";

const SCREENS = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 375, height: 812 },
};

for (const count of [3, 30, 1_000]) {
  inChromium(`a fleet of ${count} shows on any screen`, async (chromium) => {
    await using many = await startManyHosts(count);
    await using fleet = await startFleet(many);
    await fleet.call("remote_list_hosts", {});
    const [first = ""] = many.down;
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [screen, viewport] of Object.entries(SCREENS)) {
        await using tab = await openTab(chromium, { ...fleet, colorScheme, viewport });
        const { page } = tab;
        const take = (what: string) =>
          takePicture(page, `${what}-${count}-${screen}-${colorScheme}`);
        await page.goto("/sign-in");
        if (count === 3) await take("sign_in");
        await signIn(page, OPERATOR);
        await untilLive(page);
        await take("overview");
        for (const path of ["hosts", "calls", `hosts/${first}`]) {
          await page.goto(`/${path}`);
          await untilLive(page);
          await take(path.split("/").length > 1 ? "host" : path);
        }
      }
    }
  });
}
