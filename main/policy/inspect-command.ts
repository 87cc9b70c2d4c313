import { commandsOf } from './split-script.ts'

/** What can be told about a command by reading it, as rows of the tier table. */
export type CommandMarks = {
  /** Deletes, overwrites, publishes or changes something that cannot be taken back; in words. */
  readonly irreversible: readonly string[]
  /** Why nobody can tell what it will do; in words. null when it can be read. */
  readonly opaque: string | null
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\brm\b(?=[^|;&\n]*\s-\w*[rRf])/, 'deletes without a copy'],
  [/\bfind\b[^|;&\n]*\s-delete\b/, 'deletes without a copy'],
  [/\b(?:shred|wipefs|mkfs(?:\.\w+)?|blkdiscard)\b/, 'destroys data'],
  [/\bdd\b[^|;&\n]*\bof=/, 'overwrites a device or file'],
  [/\bgit\b[^|;&\n]*\bpush\b[^|;&\n]*\s(?:-f\b|--force|--mirror|--delete|\+\S)/, 'rewrites a remote branch'],
  [/\bgit\b[^|;&\n]*\b(?:reset\s+--hard|clean\s+-\w*[fdx]|checkout\s+--\s|branch\s+-D)/, 'throws work away'],
  [
    /\b(?:npm|pnpm|yarn|cargo|gem|twine|poetry)\b[^|;&\n]*\b(?:publish|upload|unpublish)\b/,
    'publishes to the public',
  ],
  [/\bdocker\b[^|;&\n]*\bpush\b/, 'publishes an image'],
  [/\bgh\b[^|;&\n]*\b(?:release|repo\s+delete)\b/, 'publishes or deletes on a forge'],
  [/\bterraform\b[^|;&\n]*\b(?:apply|destroy)\b/, 'changes production'],
  [/\bkubectl\b[^|;&\n]*\b(?:delete|apply|drain)\b/, 'changes a cluster'],
  [/\b(?:aws|gcloud|az)\b[^|;&\n]*\b(?:delete|remove|terminate|rm)\b/, 'deletes in the cloud'],
  [/\b(?:DROP|TRUNCATE)\s+(?:TABLE|DATABASE|SCHEMA)\b/i, 'drops data'],
  [/\b(?:crontab|systemctl\s+(?:--user\s+)?enable|launchctl\s+load)\b/, 'changes what runs later'],
]

const opaquePatterns: readonly (readonly [RegExp, string])[] = [
  [/\b(?:curl|wget)\b[^;\n]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b/, 'runs text fetched at run time'],
  [/\$\((?:[^)]*\b(?:curl|wget)\b)/, 'runs text fetched at run time'],
  [/\bbase64\b[^;\n]*(?:-d|--decode)[^;\n]*\|\s*(?:ba|z|da)?sh\b/, 'runs encoded text'],
  [/\beval\b/, 'runs text put together at run time'],
  [/\$\(|`/, 'parts of it are put together at run time'],
  [/\bpython3?\s+-c\b|\bnode\s+(?:-e|--eval|-p)\b|\bperl\s+-e\b|\bruby\s+-e\b/, 'holds a program of its own'],
  [/<<-?\s*['"]?\w+/, 'holds a program of its own'],
]

/** Reads a command without running it. Text that cannot be decoded is opaque, never harmless. */
export function inspectCommand(argv: readonly string[]): CommandMarks {
  const text = argv.join(' ').slice(0, 100_000)
  const irreversible = [...new Set(patterns.filter(([p]) => p.test(text)).map(([, words]) => words))]
  const known = opaquePatterns.find(([p]) => p.test(text))?.[1]
  const decodable = commandsOf(argv) !== null
  // Plain globs and variables are everyday; only program text is worth the hatched mark.
  return {
    irreversible,
    opaque: known ?? (decodable || /^[^$`<{]*$/.test(text) ? null : 'parts of it are decided at run time'),
  }
}
