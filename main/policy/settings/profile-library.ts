import type { ProfilePlace } from './profile-entries.ts'
import type { ProfileAnswer, ProfileSource } from './resolve-profile.ts'
import { resolveProfile } from './resolve-profile.ts'
import { intersectProfiles } from './resolved-profile.ts'

type Profiles = ReadonlyMap<string, ProfileSource>

/** All permission profiles of the files and of the requirements, by name. */
export type ProfileLibrary = {
  /** Sorted, without the built-in ones. */
  readonly names: readonly string[]
  readonly resolve: (name: string) => ProfileAnswer
}

/**
 * Brings together profiles of several sources. A name that several of them define gives what all of its
 * definitions permit: neither side can widen what the other one wrote, as a profile or as somebody's parent.
 *
 * @param managed one map for each source of requirements; what they say comes first where one has to be shown
 */
export function profileLibrary(
  configured: Profiles,
  managed: readonly Profiles[],
  place: ProfilePlace,
): ProfileLibrary {
  const all = [...managed, configured]
  const names = new Set(all.flatMap((profiles) => [...profiles.keys()]))
  const count = all.reduce((sum, profiles) => sum + profiles.size, 0)
  const merged = new Map(all.flatMap((profiles) => [...profiles]))
  const views = count === names.size ? [merged] : all.map((first) => new Map([...merged, ...first]))
  const known = new Map<string, ProfileAnswer>()
  const resolve = (name: string): ProfileAnswer => {
    const before = known.get(name)
    if (before) return before
    const answers = views.map((view) => resolveProfile(name, view, place))
    const joined = answers.reduce((a, b) => ({
      profile: intersectProfiles(a.profile, b.profile),
      extends: a.extends,
      problems: [...a.problems, ...b.problems],
      warnings: [...a.warnings, ...b.warnings],
    }))
    known.set(name, joined)
    return joined
  }
  return { names: [...names].toSorted(), resolve }
}
