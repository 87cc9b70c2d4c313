import { parseLayer } from '../config/parse-layer.ts'
import { parseRules } from '../policy/rules/parse-rules.ts'
import { effectiveConfig } from '../policy/settings/effective-config.ts'

/** What a file of Codex holds for Gatehouse. */
export type Described = {
  /** Keys that have an effect, with the names of their tables. */
  readonly keys: readonly string[]
  readonly rules: number
  readonly problems: readonly { readonly line: number; readonly message: string }[]
  /** Gatehouse could not work with it at all. */
  readonly broken: boolean
}

/** Describes a config.toml, and what in it has no effect here. @param file absolute */
export function describeConfig(file: string, text: string, home: string): Described {
  const layer = parseLayer('user', file, { state: 'text', text })
  const { notices, origins } = effectiveConfig({
    layers: [layer],
    requirements: [],
    cwd: home,
    gitRoot: null,
    home,
    tmpdir: null,
    hostName: null,
    trust: null,
    profile: null,
    session: {},
  })
  return {
    keys: origins.map(({ key }) => key),
    rules: 0,
    problems: notices
      .filter(({ level, place }) => level !== 'info' && place?.file === file)
      .map(({ message, place }) => ({ line: place?.line ?? 1, message })),
    broken: layer.state === 'broken',
  }
}

/**
 * Describes a rules file. One with problems is taken over too: it then restricts what it can, and allows nothing,
 * until it is mended.
 */
export function describeRules(name: string, text: string): Described {
  const set = parseRules([{ file: name, text }])
  return {
    keys: [],
    rules: set.prefix.length + set.hostExecutables.length + set.network.length,
    problems: set.problems.map(({ place, message }) => ({
      line: place.line,
      message: message.slice(`${place.file}:${place.line}:${place.column}: `.length),
    })),
    broken: false,
  }
}
