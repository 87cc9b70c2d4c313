import type { Known } from './peel.ts'

/** Something that a command starts. */
export type Inner =
  | {
      readonly kind: 'command'
      readonly label: string
      readonly words: readonly Known[]
      readonly assignments: readonly string[]
    }
  /** `text` null: decided at run time. `exact`: nothing but `SHELL -c SCRIPT`. */
  | {
      readonly kind: 'script'
      readonly label: string
      readonly text: string | null
      readonly args: readonly Known[]
      readonly exact: boolean
      /** Which shell reads it; null: the one around it. */
      readonly shell: string | null
    }

export type Unwrapped = { readonly inner: readonly Inner[]; readonly doubts: readonly string[] }

/** What a command reads. `body`: the text of a here-document or here-string; `fed`: anything but the terminal. */
export type Input = { readonly fed: boolean; readonly body: string | null }

export const command = (
  label: string,
  words: readonly Known[],
  assignments: readonly string[] = [],
): Inner => ({
  kind: 'command',
  label,
  words,
  assignments,
})
/** A script for the shell that programs use unless told otherwise. */
export const script = (
  label: string,
  text: string | null,
  more: { readonly args?: readonly Known[]; readonly exact?: boolean; readonly shell?: string | null } = {},
): Inner => ({
  kind: 'script',
  label,
  text,
  args: more.args ?? [],
  exact: more.exact ?? false,
  shell: more.shell === undefined ? 'sh' : more.shell,
})
/** Words that a program joins by spaces and gives to a shell. */
export const joined = (words: readonly Known[]): string | null =>
  words.every((w) => w.value !== null) ? words.map((w) => w.value).join(' ') : null

export const nothing: Unwrapped = { inner: [], doubts: [] }
