import { Lazy } from "../../base/time/lazy.ts";
import type { Site } from "../../http/handler.ts";
import type { SiteServer } from "../../http/listen.ts";
import { isOfPage } from "../../http/pages/fleet/paths.ts";
import { refuseRequest } from "../../http/response.ts";
import type { OpenPage, PageParts } from "./open_page.ts";

/** A site that is put together for the first request to it. */
export interface LazySite {
  readonly create: (server: SiteServer) => Site;
  /** The page probes nothing any more. */
  readonly close: () => Promise<void>;
}

/** The page's libraries cost a start 30 ms and 5 MB, so they are loaded with the first request. */
export function createLazySite(parts: PageParts): LazySite {
  let page: OpenPage | null = null;
  let opening: Lazy<OpenPage> | null = null;

  async function load(server: SiteServer): Promise<OpenPage> {
    const { openPage } = await import("./open_page.ts");
    return page = openPage(parts, server);
  }

  return {
    create: (server) => {
      const lazy = opening = new Lazy(() => load(server));
      return function answerFromSite(request, path, info) {
        if (page !== null) return page.site(request, path, info);
        if (!isOfPage(path)) return null;
        return lazy.get().then(({ site }) =>
          site(request, path, info) ?? refuseRequest(404, "Nothing is here: the fleet page is at /")
        );
      };
    },
    close: async () => (await opening?.opened())?.[Symbol.dispose](),
  };
}
