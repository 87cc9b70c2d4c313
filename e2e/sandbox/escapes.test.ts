import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseRows } from './rows/base-rows.ts'
import { holdingRows } from './rows/holding-rows.ts'
import { kernelRows, processRows } from './rows/kernel-rows.ts'
import { rows as specRows } from './rows/spec-rows.ts'
import { Lab, treeState, type User } from './support/lab.ts'
import { endProcessesWith, processesWith } from './support/processes-with.ts'
import type { Row } from './support/row.ts'
import { weakened } from './support/weakened.ts'

/** Every table; each row is one promise of the sandbox. */
const rows: readonly Row[] = [...baseRows, ...specRows, ...holdingRows, ...kernelRows, ...processRows]

const root: User = { name: 'root', uid: 0 }
const nobody: User = { name: 'nobody', uid: 65534 }
const uid = process.getuid?.() ?? -1
const users: readonly User[] = uid === 0 ? [root, nobody] : [{ name: 'nobody', uid }]

const labs: Lab[] = []
afterAll(() => {
  for (const lab of labs) lab.remove()
})

// Each user has a lab of his own, so both tables run at the same time; the rows of one run one after the other.
describe.runIf(process.platform === 'linux').concurrent.each(users)('as $name', (user) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await Lab.open(user)
    labs.push(lab)
  })
  afterAll(async () => {
    await lab.close()
    if (weakened) endProcessesWith(lab.root)
    expect(processesWith(lab.root), 'nothing that was started here still runs').toEqual([])
  })

  const tried = rows
    .filter((row) => (row.only ?? user.name) === user.name)
    .filter((row) => weakened?.tries(`as ${user.name} ${row.promise}`) ?? true)
  // By their whole names, which `test.each` would cut.
  const each = (row: Row) =>
    test(row.promise, { concurrent: false }, ({ task }) => {
      const alsoStopped = row.alsoStopped?.[user.name]
      if (alsoStopped !== undefined) Object.assign(task.meta, { alsoStopped })
      return keeps(row)
    })
  for (const row of tried) each(row)

  async function keeps(row: Row): Promise<void> {
    if (!row.noControl && !weakened) {
      const control = await lab.run(lab.place(row.prepare), row.attempt, {
        ...row,
        mode: 'danger-full-access',
      })
      expect(control, 'without a boundary the attempt must work').toMatchObject({
        exitCode: 0,
        problem: null,
      })
    }

    const place = lab.place(row.prepare)
    const look = () => ({ ...treeState(place.base), ...treeState(place.home) })
    const before = look()
    const answer = await lab.run(place, row.attempt, row)
    expect(answer, `it must start and not be lost: ${answer.problem ?? answer.lost}`).toMatchObject({
      problem: row.refused ?? null,
      lost: null,
    })
    if (!row.endsWell) expect(answer, answer.output).not.toMatchObject({ exitCode: 0 })
    else if (!row.stopAt) expect(answer, answer.output).toMatchObject({ exitCode: 0 })
    const changed = difference(before, look()).map((path) => path.replace(`${place.base}/`, ''))
    expect(changed.filter((path) => !row.mayChange?.some((may) => path.startsWith(may)))).toEqual([])
    row.after?.(place, answer, lab)
  }
})

function difference(before: Record<string, string>, after: Record<string, string>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => before[path] !== after[path],
  )
}
