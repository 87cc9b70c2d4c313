import { expect, test } from 'vitest'
import type { FileDiff } from '../../protocol/workspace.ts'
import { markRunsLater, runsLaterAt } from './mark-runs-later.ts'

const home = '/home/dana'

test.each([
  ['/w/.envrc', /direnv/],
  ['/w/.github/workflows/ci.yml', /build service/],
  ['/w/.vscode', /editor/],
  ['/w/.git/hooks/pre-commit', /git/],
  ['/home/dana/.bashrc', /every new shell/],
])('%s runs later', (path, words) => {
  expect(runsLaterAt(path, ['/w'], home)).toMatch(words)
})

test.each([
  '/w/src/.envrc',
  '/w/.envrc.sample',
  '/w/.github/ISSUE_TEMPLATE.md',
  '/other/.envrc',
  '/home/dana/src/.bashrc',
])('%s does not', (path) => {
  expect(runsLaterAt(path, ['/w'], home)).toBeNull()
})

test('also at the top of the disk', () => {
  expect(runsLaterAt('/.envrc', ['/'], home)).toMatch(/direnv/)
})

const file = (path: string, fromPath: string | null = null): FileDiff => ({
  path,
  fromPath,
  change: fromPath === null ? 'update' : 'rename',
  added: 1,
  removed: 0,
  binary: false,
  hunks: [],
  leftOut: 0,
  kept: false,
})

test('of a diff only those files are marked, in snapshots and in changes', () => {
  const marked = markRunsLater('/w', home)
  const snapshot = marked.snapshot({
    scope: 'turn',
    base: 'turn 1 start',
    files: [file('src/a.ts'), file('.npmrc'), file('kept.yml', '.gitlab-ci.yml')],
    filesLeftOut: 0,
    outside: [],
    protectedTouched: [],
    problem: null,
    atMs: 1,
  })
  expect(snapshot.files.map(({ runsLater }) => runsLater)).toEqual([
    undefined,
    'a package manager or build tool acts on it',
    'a build service, a git hook or direnv acts on it',
  ])
  expect(marked.change({ type: 'file', file: file('.npmrc') })).toMatchObject({
    file: { runsLater: expect.stringContaining('package manager') },
  })
  const gone = { type: 'gone', path: '.npmrc' } as const
  expect(marked.change(gone)).toBe(gone)
})
