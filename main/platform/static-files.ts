import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'

/**
 * What the page may do, as every host sends it. Nothing is loaded from elsewhere, nothing is evaluated,
 * no markup is built from text (`trusted-types 'none'`). Inline styles stay open: the terminal needs them.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** Sent with every answer, refusals included. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  // a text file is never run as a script
  'x-content-type-options': 'nosniff',
  // the address, which may hold a token in its fragment, goes nowhere
  'referrer-policy': 'no-referrer',
  // another page can neither hold a handle on this one nor embed its files
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

export type StaticAnswer = {
  readonly status: 200 | 400 | 404 | 405
  readonly headers: Readonly<Record<string, string>>
  /** null for HEAD. */
  readonly body: Uint8Array<ArrayBuffer> | null
}

export type StaticFiles = {
  /**
   * Never throws; what cannot be served is an answer with its status.
   *
   * @param target path of the request as it was sent, still encoded; a query or fragment is ignored
   */
  answer(method: string, target: string): Promise<StaticAnswer>
}

/**
 * Serves the files below one folder, and nothing else on the disk.
 *
 * @param root absolute path of the built renderer; may lie inside an asar archive
 */
export function createStaticFiles(root: string): StaticFiles {
  const refuse = (status: 400 | 404 | 405, why: string, method: string): StaticAnswer => ({
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    },
    body: method === 'HEAD' ? null : new TextEncoder().encode(`${why}\n`),
  })

  return {
    async answer(method, target) {
      if (method !== 'GET' && method !== 'HEAD')
        return refuse(405, 'Only GET and HEAD are answered here.', method)
      const relative = readTarget(target)
      if (relative === null) return refuse(400, 'This path cannot name a file of the app.', method)
      const file = path.join(root, ...relative)
      try {
        // A link that leads out of the folder is as much a way out as "..".
        const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)])
        if (!realFile.startsWith(realRoot + path.sep)) return refuse(404, 'No such file.', method)
        const body = new Uint8Array(await readFile(realFile))
        return {
          status: 200,
          headers: {
            ...securityHeaders,
            'content-type': types[path.extname(file).toLowerCase()] ?? 'application/octet-stream',
            'content-length': String(body.byteLength),
            // names below assets/ carry a hash of their content
            'cache-control': relative[0] === 'assets' ? 'public, max-age=31536000, immutable' : 'no-store',
          },
          body: method === 'HEAD' ? null : body,
        }
      } catch {
        return refuse(404, 'No such file.', method)
      }
    },
  }
}

/**
 * Turns a request path into the names below the root, or null when it is not plainly one: a name of the
 * build is printable, has no `%` left after one decoding (so nothing was encoded twice), no backslash, no
 * colon (drive letters and streams on Windows), and does not begin with a dot.
 */
function readTarget(target: string): readonly string[] | null {
  const raw = target.split(/[?#]/, 1)[0] ?? ''
  if (!raw.startsWith('/')) return null
  let decoded: string
  try {
    decoded = decodeURIComponent(raw)
  } catch {
    return null
  }
  if (decoded === '/') return ['index.html']
  if (decoded.length > 1024) return null
  const names = decoded.slice(1).split('/')
  const plain = /^[^.%\\:\p{C}][^%\\:\p{C}]*$/u
  return names.every((name) => plain.test(name)) ? names : null
}
