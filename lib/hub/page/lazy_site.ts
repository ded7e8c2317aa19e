import type { Site } from "../../http/handler.ts";
import type { SiteServer } from "../../http/listen.ts";
import { refuseRequest } from "../../http/response.ts";
import type { OpenPage, PageParts } from "./open_page.ts";

/** Where the page is; what else begins so is nowhere. */
const PATHS = /^\/(?:$|(?:hosts|calls|jobs|probe|sign-in|sign-out|api|assets)(?:\/|$))/;

/** A site that is put together for the first request to it. */
export interface LazySite {
  readonly create: (server: SiteServer) => Site;
  /** The page probes nothing any more. */
  readonly close: () => Promise<void>;
}

/** The page's libraries cost a start 30 ms and 5 MB, so they are loaded with the first request. */
export function createLazySite(parts: PageParts): LazySite {
  let opening: Promise<OpenPage> | null = null;
  let page: OpenPage | null = null;

  async function load(server: SiteServer): Promise<OpenPage> {
    const { openPage } = await import("./open_page.ts");
    return page = openPage(parts, server);
  }

  return {
    create: (server) =>
      function answerFromSite(request, path, info) {
        if (page !== null) return page.site(request, path, info);
        if (!PATHS.test(path)) return null;
        return (opening ??= load(server)).then(({ site }) =>
          site(request, path, info) ?? refuseRequest(404, "Nothing is here: the fleet page is at /")
        );
      },
    close: async () => (await opening?.catch(() => null))?.[Symbol.dispose](),
  };
}
