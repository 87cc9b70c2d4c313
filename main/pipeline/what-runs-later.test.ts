import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { shellProposal, testSession } from '../testing/test-session.ts'
import { runsLaterWords } from './what-runs-later.ts'

test('a run that makes a file which runs code later is told in the session, once', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'later-'))
  try {
    const t = await testSession()
    const build = t.sandbox.buildSpec.bind(t.sandbox)
    t.sandbox.buildSpec = async (request) => ({ ...(await build(request)), writableRoots: [root] })
    t.sandbox.script = (run) => {
      writeFileSync(path.join(root, '.envrc'), 'export A=1')
      run.exit(0)
    }
    await t.propose(shellProposal('make env'))
    const notices = () => t.log.filter((l) => l.type === 'notice')
    expect(notices()).toMatchObject([
      { level: 'warning', title: `This run made ${root}/.envrc, which runs code later` },
    ])
    expect(notices()[0]).toMatchObject({ detail: expect.stringContaining('make env') })
    t.sandbox.script = (run) => run.exit(0)
    await t.propose(shellProposal('ls'))
    expect(notices()).toHaveLength(1)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

test('several changes are one notice with a line for each', () => {
  const [title, detail] = runsLaterWords(
    [
      { path: '/w/.envrc', group: 'automation', change: 'appeared' },
      { path: '/home/dana/.bashrc', group: 'shell', change: 'changed' },
    ],
    { what: 'make', folder: '/w' },
  )
  expect(title).toBe('This run changed 2 paths that run code later')
  expect(detail.split('\n')).toEqual([
    '.envrc was made; a build service, a git hook or direnv acts on it.',
    '/home/dana/.bashrc was changed; every new shell acts on it.',
    'Look at them before you go on. It was: make',
  ])
})
