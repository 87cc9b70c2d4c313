import type { Surface } from '../host/surface.ts'
import { createFileSecretStore } from '../platform/file-secret-store.ts'

/**
 * The browser does what the desktop would do: it shows counts in the page; folders are picked there, too.
 *
 * @param ownPorts where the page is served
 */
export function createServeSurface(secretsFile: string, ownPorts: () => readonly number[]): Surface {
  return {
    kind: 'serve',
    picksFolders: false,
    secrets: createFileSecretStore(secretsFile),
    notify: () => {},
    withdrawNote: () => {},
    setBadge: () => {},
    pickFolder: async () => null,
    // A link is opened by the page that asks, in its own browser.
    openLink: async () => false,
    ownPorts,
  }
}
