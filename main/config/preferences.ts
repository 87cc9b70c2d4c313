import { mkdir, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { defaultPreferences, Preferences } from '../../protocol/app.ts'
import { writeAtomically } from '../platform/atomic-file.ts'

/** What the person chose for the app itself: `state/preferences.json`. A broken file is kept aside and told. */
export class PreferenceStore {
  #value: Preferences = defaultPreferences
  readonly #file: string
  readonly #listeners = new Set<(value: Preferences) => void>()
  problem: string | null = null

  constructor(home: string) {
    this.#file = path.join(home, 'state', 'preferences.json')
  }

  get value(): Preferences {
    return this.#value
  }

  async load(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => null)
    if (text === null) return
    let raw: unknown = null
    try {
      raw = JSON.parse(text)
    } catch {
      // told below
    }
    const parsed = Preferences.safeParse({ ...defaultPreferences, ...(typeof raw === 'object' ? raw : {}) })
    if (raw !== null && parsed.success) {
      this.#value = parsed.data
      return
    }
    const aside = `${this.#file}.broken`
    await rename(this.#file, aside).catch(() => {})
    this.problem = `${this.#file} could not be read; the defaults are in force and the old file is kept as ${aside}.`
  }

  async set(change: Partial<Preferences>): Promise<Preferences> {
    this.#value = Preferences.parse({ ...this.#value, ...change })
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 })
    await writeAtomically(this.#file, `${JSON.stringify(this.#value, null, 2)}\n`)
    for (const listener of this.#listeners) listener(this.#value)
    return this.#value
  }

  onChange(listener: (value: Preferences) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
