import { readFileSync } from 'node:fs'

/**
 * How `scripts/weaken.ts` runs the rows: against a sandbox that was built worse on purpose. Then
 * no attempt is made without a boundary. null: the sandbox is as it should be.
 */
export const weakened = readWeakened(process.env['GATEHOUSE_WEAKENED'])

/** @param file a JSON list of the full names of rows to try, or `all` */
function readWeakened(file: string | undefined): { tries(fullName: string): boolean } | null {
  if (!file) return null
  if (file === 'all') return { tries: () => true }
  const names = new Set(JSON.parse(readFileSync(file, 'utf8')) as string[])
  return { tries: (fullName) => names.has(fullName) }
}
