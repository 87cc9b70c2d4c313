import { mkdtemp, open, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { LogEntry, LogLine } from '../../protocol/log-entry.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'
import { SessionProjection } from './project-session.ts'
import { readLog } from './session-log-reader.ts'
import { firstPrev, SessionLogWriter } from './session-log-writer.ts'

/** A session with every entry that held calls leave: asked, joined, denied, quiet, covered, withdrawn, not held. */
async function heldSession(): Promise<{ lines: readonly LogLine[]; live: SessionProjection }> {
  const t = await testSession()
  const outside = { path: '/outside/f', directory: '/outside' }
  t.sandbox.script = async (run) => {
    await Promise.all([run.hold(outside), run.hold(outside)])
    await run.hold({ path: '/srv/__pycache__/m.pyc', directory: '/srv/__pycache__' })
    const gone = run.hold({ path: '/outside/gone' })
    await expect.poll(() => t.inbox.waiting()).toBe(1)
    run.settle(4, 'gone')
    void gone
    run.exit(0)
  }
  const running = t.propose(shellProposal('make'))
  await expect.poll(() => t.types().filter((type) => type === 'heldJoined').length).toBe(1)
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  const id = t.inbox.requests[0]?.id as never
  await t.inbox.decide({ id, revision: 1, offerId: 'session', lookMs: 1 }, 'user')
  await running
  t.sandbox.abilities = { ...t.sandbox.abilities, holds: false, why: 'The kernel is too old.' }
  t.sandbox.script = async (run) => run.exit((await run.hold(outside)).verdict === 'deny' ? 1 : 0)
  await t.propose(shellProposal('make again'))
  await t.session.end('user', null)
  return { lines: t.log, live: t.session.feed.projection }
}

test('a log with held calls, read back, shows what the live session showed', async () => {
  const { lines, live } = await heldSession()
  const types = new Set(lines.map((l) => l.type))
  for (const type of ['heldJoined', 'heldAnswer', 'heldByPolicy', 'holding', 'withdrawn'] as const)
    expect([...types], type).toContain(type)

  const dir = await mkdtemp(path.join(os.tmpdir(), 'gh-held-'))
  try {
    const file = path.join(dir, 's.jsonl')
    const times = lines.map((l) => l.atMs)
    const clock = { nowMs: () => times.shift() ?? 0, after: () => () => {} }
    const writer = new SessionLogWriter(await open(file, 'ax'), clock, { seq: 0, prev: firstPrev })
    for (const { seq: _seq, atMs: _atMs, prev: _prev, ...entry } of lines)
      await writer.append(entry as LogEntry)
    await writer.close()

    const read = await readLog(file)
    expect(read).toMatchObject({ problem: null, torn: false })
    const replayed = new SessionProjection()
    for (const line of read.lines) replayed.apply(line)
    expect(replayed.items).toEqual(live.items)
    expect({ ...replayed.summary, waiting: 0 }).toEqual({ ...live.summary, waiting: 0 })
    expect(replayed.open).toEqual(live.open)
    expect(replayed.ended).toBe(true)

    const command = replayed.items.find((item) => item.type === 'action')
    expect(command).toMatchObject({ calls: { held: 4, granted: 2, quiet: 1 } })
  } finally {
    await rm(dir, { recursive: true })
  }
})
