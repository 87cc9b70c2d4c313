import { foldersBetween, isWithin, outermostFirst } from '../paths.ts'

/**
 * The folders between something writable and what is kept inside it, each to be mounted onto itself: a mount
 * cannot be renamed, but a folder that only contains one can be, and its name would be free for another.
 * Only where writing is open: a pin shows its folder as it is on the disk, so one inside a closed folder would
 * open it.
 *
 * @param open writable folders
 * @param closed what lies inside them and is not writable, or not even readable
 */
export function pinsFor(open: readonly string[], closed: readonly string[]): string[] {
  const regions = [...open, ...closed]
  const pins = [...closed, ...open].flatMap((path) => {
    const around = innermost(
      regions.filter((region) => region !== path),
      path,
    )
    return around !== null && open.includes(around) && !closed.includes(around)
      ? foldersBetween(around, path)
      : []
  })
  return outermostFirst(pins).filter((pin) => !regions.includes(pin))
}

const innermost = (regions: readonly string[], path: string): string | null =>
  regions.reduce<string | null>(
    (best, region) => (isWithin(path, region) && region.length > (best?.length ?? -1) ? region : best),
    null,
  )
