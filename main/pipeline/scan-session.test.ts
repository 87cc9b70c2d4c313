import { expect, test } from 'vitest'
import type { Found } from '../sandbox/backend.ts'
import { SessionScan } from './scan-session.ts'

const nothing: Found = { gitDirs: [], hardLinks: [], cut: null }
const shared = { paths: ['/w/a'], dev: 1, ino: 2, links: 2 }

function scanOf(scan: (signal: AbortSignal) => Promise<Found>) {
  const t = { told: [] as string[], changes: 0 }
  const session = new SessionScan({
    scan,
    notice: async (title) => void t.told.push(title),
    changed: async () => void (t.changes += 1),
  })
  return { ...t, t, session }
}

test('hard links are told, and nested repositories make another boundary', async () => {
  const { t, session } = scanOf(async () => ({ ...nothing, gitDirs: ['/w/x/.git'], hardLinks: [shared] }))
  expect(session.found).toBe(null)
  await session.done
  expect(session.found?.gitDirs).toEqual(['/w/x/.git'])
  expect(t.told).toEqual(['One file here also has a name outside the folder'])
  expect(t.changes).toBe(1)
})

test('when there is nothing to tell, nothing is said', async () => {
  const { t, session } = scanOf(async () => nothing)
  await session.done
  expect(t).toEqual({ told: [], changes: 0 })
  expect(session.found).toEqual(nothing)
})

test('a walk that fails leaves it unknown, and an ended session hears nothing', async () => {
  const failing = scanOf(() => Promise.reject(new Error('gone')))
  await failing.session.done
  expect(failing.session.found).toBe(null)

  const ended = scanOf(async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    return { ...nothing, hardLinks: [shared], cut: 'stopped' }
  })
  ended.session.end()
  await ended.session.done
  expect(ended.session.found).toBe(null)
  expect(ended.t.told).toEqual([])
})
