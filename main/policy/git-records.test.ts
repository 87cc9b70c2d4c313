import { expect, test } from 'vitest'
import { isGitRecord } from './git-records.ts'

const dirs = ['/w/.git', '/main/.git/worktrees/w', '/main/.git']
// prettier-ignore
test.each([
  ['/w/.git/objects/ab/cdef', 'openat', true],
  ['/w/.git/objects/pack/tmp_pack_1', 'openat', true],
  ['/w/.git/objects/info', 'mkdir', true],
  ['/w/.git/refs/heads/config', 'openat', true],
  ['/w/.git/refs/heads/config.lock', 'openat', true],
  ['/w/.git/index.lock', 'openat', true],
  ['/w/.git/HEAD', 'openat', true],
  ['/w/.git/logs/HEAD', 'openat', true],
  ['/w/.git/info/refs_O83hQD', 'openat', true],
  ['/w/.git/info/refs', 'rename', true],
  ['/w/.git/info/refs/x', 'openat', false],
  ['/w/.git/info/exclude', 'openat', false],
  ['/w/.git/COMMIT_EDITMSG', 'openat', true],
  ['/main/.git/worktrees/w/index.lock', 'openat', true],
  ['/w/.git', 'rename', false],
  ['/w/.git/config', 'openat', false],
  ['/w/.git/config.lock', 'openat', false],
  ['/w/.git/config.worktree', 'openat', false],
  ['/w/.git/hooks', 'mkdir', false],
  ['/w/.git/hooks/pre-commit', 'openat', false],
  ['/w/.git/info/attributes', 'openat', false],
  ['/w/.git/info', 'rename', false],
  ['/w/.git/commondir', 'openat', false],
  ['/w/.git/modules/sub/hooks/x', 'openat', false],
  ['/w/.git/modules/sub/config', 'openat', false],
  ['/w/.git/objects/info/alternates', 'openat', false],
  ['/w/.git/objects/info/http-alternates', 'openat', false],
  ['/w/.git/objects/info/alternates.lock', 'openat', false],
  ['/w/.git/objects', 'rename', false],
  ['/w/.git/objects/info', 'renameat2', false],
  ['/w/.git/objects/info', 'symlinkat', false],
  ['/main/.git/worktrees/other', 'rename', false],
  ['/main/.git/worktrees/other/gitdir', 'openat', false],
  ['/main/.git/worktrees/w/config.worktree', 'openat', false],
  ['/main/.git/worktrees/w/commondir', 'openat', false],
  ['/w/.gitx/objects/ab', 'openat', false],
  ['/elsewhere/.git/objects/ab', 'openat', false],
  ['/w/.git/objects/../hooks/x', 'openat', false],
])('%s by %s: %s', (path, call, record) => {
  expect(isGitRecord(path, dirs, call)).toBe(record)
})
