import { joinPlain, resolvePlain } from './plain-path.ts'
import type { ProfilePlace } from './profile-entries.ts'
import type { DeniedReadRequirement } from './requirements.ts'
import type { DeniedGlob } from './resolved-profile.ts'

/**
 * Resolves `deny_read`. What is relative is meant from the folder of the file, but hardly ever is: a pattern such
 * as `**` + `/*.pem` says "wherever it is", so it is closed in every workspace and in the home folder as well.
 */
export function requiredDenials(
  denied: readonly DeniedReadRequirement[],
  place: ProfilePlace,
): { readonly paths: readonly string[]; readonly globs: readonly DeniedGlob[] } {
  const paths = new Set<string>()
  const globs: DeniedGlob[] = []
  for (const { path, base } of denied) {
    const isAnchored = path.startsWith('/') || path === '~' || path.startsWith('~/')
    const from = isAnchored
      ? ['/']
      : [base, ...place.workspaceRoots, ...(place.home === null ? [] : [place.home])]
    for (const folder of from) {
      const trimmed = path === '**' ? '.' : path.replace(/(?:\/\*\*)+$/, '')
      const names = trimmed.split('/')
      const first = names.findIndex((name) => /[*?[\]{}]/.test(name))
      const literal = first < 0 ? trimmed : names.slice(0, first).join('/')
      const anchored = literal === '' ? (isAnchored ? '/' : folder) : literal
      const resolved = resolvePlain(anchored, { base: folder, home: place.home })
      // A path that cannot be resolved by its text, such as `~name/x`, closes nothing less than its spelling says.
      const at = resolved ?? joinPlain(folder, anchored)
      if (first < 0) paths.add(at)
      else globs.push({ folder: at, pattern: path.split('/').slice(first).join('/'), maxDepth: null })
    }
  }
  return { paths: [...paths], globs }
}
