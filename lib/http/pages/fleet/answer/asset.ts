import { type Asset, ASSETS_TAG } from "../assets.ts";
import { SECURITY_HEADERS } from "../document.ts";

const TAG = `"${ASSETS_TAG}"`;

/** Answers with a file that pages load. */
export function answerAsset(request: Request, asset: Asset): Response {
  const isCurrent = (request.headers.get("if-none-match") ?? "").includes(TAG);
  return isCurrent
    ? new Response(null, { status: 304, headers: headersOf(asset) })
    : new Response(asset.text, { headers: headersOf(asset) });
}

/** The browser keeps the files, and asks no more for them (RFC 8246): those of another tag are elsewhere. */
function headersOf({ contentType }: Asset): Record<string, string> {
  return {
    ...SECURITY_HEADERS,
    "content-type": contentType,
    "cache-control": "public, max-age=31536000, immutable",
    etag: TAG,
  };
}
