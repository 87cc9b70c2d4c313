/** The one origin that the app's own page has inside Electron. */
export const appScheme = 'app'
export const appOrigin = 'app://main'
export const appUrl = `${appOrigin}/`

/**
 * Whether a frame is the app's own page and may talk to the host.
 *
 * `origin` and not `url`: a child at about:blank has an empty url but the origin of its opener. A frame
 * that has gone since it sent its message is null, and nobody is answered.
 */
export const isTrustedFrame = (frame: Pick<Electron.WebFrameMain, 'origin' | 'parent'> | null): boolean =>
  frame !== null && frame.origin === appOrigin && frame.parent === null
