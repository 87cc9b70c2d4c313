import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { SessionProjection } from './project-session.ts'
import { readLog } from './session-log-reader.ts'

const dir = path.resolve(import.meta.dirname, '../../fixtures/sessions')

test.each(readdirSync(dir).filter((name) => name.endsWith('.jsonl')))(
  '%s is still read, whole and in order',
  async (name) => {
    const read = await readLog(path.join(dir, name))
    expect(read).toMatchObject({ problem: null, torn: false })
    const projection = new SessionProjection()
    for (const line of read.lines) projection.apply(line)
    expect(projection.ended).toBe(true)
    expect(projection.summary).toMatchObject({
      state: 'ended',
      turns: 1,
      counts: { allowed: 3, denied: 1, unanswered: 0 },
    })
    const asked = projection.items.filter((item) => item.type === 'action' && item.approvalId !== null)
    expect(
      asked.map((item) => item.type === 'action' && [item.state, item.decision?.type, item.decision?.note]),
    ).toEqual([
      ['refused', 'decline', 'use a script instead'],
      ['ran', 'accept', null],
      ['ran', 'accept', null],
      ['ran', 'accept', null],
    ])
  },
)
