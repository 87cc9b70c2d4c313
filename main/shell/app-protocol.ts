import { createStaticFiles } from '../platform/static-files.ts'
import type { ElectronApi } from './electron-api.ts'
import { appScheme, appUrl } from './origin.ts'

/** Must run before `ready`; Electron ignores it afterwards. */
export function registerAppScheme(e: Pick<ElectronApi, 'protocol'>): void {
  e.protocol.registerSchemesAsPrivileged([
    {
      scheme: appScheme,
      // `standard` gives the page a real origin; no service workers, no way around the content policy
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ])
}

/**
 * Answers app://main/… from the built renderer. A scheme of our own instead of file://, so that the page
 * has an origin, gets headers, and cannot read the disk.
 *
 * @param renderer absolute path of the built renderer
 */
export function handleAppProtocol(e: Pick<ElectronApi, 'protocol'>, renderer: string): void {
  const files = createStaticFiles(renderer)
  e.protocol.handle(appScheme, async (request) => {
    // Only the exact origin: no other host name, port or user of the same scheme. The target is cut from
    // the text, because parsing would resolve ".." before it could be refused.
    const target = request.url.startsWith(appUrl) ? request.url.slice(appUrl.length - 1) : ''
    const { status, headers, body } = await files.answer(request.method, target)
    return new Response(body, { status, headers })
  })
}
