import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { SpecRequest } from '../../../main/sandbox/backend.ts'
import { noGrant } from '../../../protocol/action.ts'
import type { Place } from '../support/lab.ts'
import type { Row } from '../support/row.ts'

const git = (at: string, ...argv: string[]) =>
  execFileSync('git', ['-c', 'safe.directory=*', '-c', 'protocol.file.allow=always', '-C', at, ...argv], {
    stdio: 'pipe',
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.invalid',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.invalid',
    },
  })

const metadata =
  (at?: (place: Place) => string) =>
  (place: Place): Partial<SpecRequest> => ({
    grant: { ...noGrant, gitMetadata: true },
    ...(at ? { folder: at(place) } : {}),
  })

/** A side branch with a commit of its own, and a second commit on the first branch. */
const branches = ({ ws }: Place) => {
  git(ws, 'checkout', '-q', '-b', 'side')
  writeFileSync(`${ws}/side`, 'side\n')
  git(ws, 'add', '-A')
  git(ws, 'commit', '-q', '-m', 'side')
  git(ws, 'checkout', '-q', '-')
  writeFileSync(`${ws}/more`, 'more\n')
  git(ws, 'add', '-A')
  git(ws, 'commit', '-q', '-m', 'more')
}
/** The workspace is a linked worktree of a repository elsewhere. */
const linked = (place: Place) => {
  renameSync(place.ws, `${place.out}/main`)
  git(`${place.out}/main`, 'worktree', 'add', '-q', place.ws)
}
/** `$OUT/super/sub`, a submodule. */
const submodule = (place: Place) => {
  mkdirSync(`${place.out}/super`)
  git(`${place.out}/super`, 'init', '-q')
  git(`${place.out}/super`, 'submodule', '--quiet', 'add', place.ws, 'sub')
  git(`${place.out}/super`, 'commit', '-q', '-m', 'with sub')
}
const sub = (place: Place) => `${place.out}/super/sub`

const worked = (_: Place, answer: { exitCode: number | null; output: string }) =>
  expect(answer.exitCode, answer.output).toBe(0)
/** What git writes by itself while it works. */
const inRepository = ['ws', 'out/main/.git', 'out/super/.git/modules/sub', 'out/super/sub']

const allowed = (what: string, attempt: string, prepare?: (place: Place) => void): Row => ({
  promise: `with git metadata, ${what} works`,
  attempt: `set -e; ${attempt}`,
  ...(prepare ? { prepare } : {}),
  request: metadata(),
  endsWell: true,
  mayChange: inRepository,
  after: worked,
})

const closed = (what: string, attempt: string, prepare?: (place: Place) => void): Row => ({
  promise: `with git metadata, ${what} stays closed`,
  attempt,
  ...(prepare ? { prepare } : {}),
  request: metadata(),
})

/** The permission "Git metadata": records can be written, nothing that git would execute or follow later can. */
export const gitMetadataRows: readonly Row[] = [
  {
    promise: 'without it, a commit is not possible',
    attempt: 'git commit -q --allow-empty -m x',
    mayChange: ['ws/.git'],
  },
  allowed(
    'git commit',
    'echo x >> file; git add -A; git commit -q -m second; test "$(git log --oneline | wc -l)" = 2',
  ),
  allowed('git branch and tag', 'git branch b; git switch -q b; git tag v1; git tag -d v1'),
  allowed('git stash', 'echo x >> file; git stash -q; git stash pop -q; test "$(tail -1 file)" = x'),
  allowed('git merge', 'git merge -q --no-edit side; test -e side', branches),
  allowed('git rebase', 'git rebase -q side; test -e side', branches),
  allowed(
    'git cherry-pick and reset',
    'git cherry-pick side; git reset -q --hard HEAD~1; test ! -e side',
    branches,
  ),
  allowed('git worktree add and remove', 'git worktree add -q wt; git worktree remove wt; test ! -e wt'),
  allowed('git gc', 'git gc -q --prune=now; git fsck'),
  allowed(
    'git fetch from a folder',
    'git fetch -q "$OUT/other" HEAD; git rev-parse -q --verify FETCH_HEAD',
    (place) => git(place.out, 'clone', '-q', place.ws, 'other'),
  ),
  allowed(
    'git commit in a linked worktree',
    'echo x >> file; git commit -q -am second; git branch b',
    linked,
  ),
  {
    ...allowed('git commit in a submodule', 'echo x >> file; git commit -q -am second', submodule),
    request: metadata(sub),
  },
  {
    ...allowed(
      'git commit from a folder below the top',
      'echo x > new; git add new; git commit -q -m second',
      ({ ws }) => mkdirSync(`${ws}/deep`),
    ),
    request: metadata((place) => `${place.ws}/deep`),
  },
  closed('config', 'git config alias.x "!touch /tmp/x" || echo "[core] fsmonitor = x" >> .git/config'),
  {
    ...closed('config by replacement', 'cp .git/config c && $TRY rename c .git/config'),
    mayChange: ['ws/c'],
  },
  closed(
    'a hook',
    'echo x > .git/hooks/post-commit || { mv .git/hooks .git/h && mkdir .git/hooks && touch .git/hooks/x; }',
  ),
  closed('an absent hooks folder', 'mkdir -p .git/hooks && touch .git/hooks/post-commit', ({ ws }) =>
    rmSync(`${ws}/.git/hooks`, { recursive: true }),
  ),
  closed(
    'info/attributes',
    'echo "* filter=x" > .git/info/attributes || { mv .git/info .git/i && mkdir .git/info && echo "* filter=x" > .git/info/attributes; }',
  ),
  closed(
    'objects/info/alternates',
    'echo /tmp > .git/objects/info/alternates || { mv .git/objects .git/o && mkdir -p .git/objects/info && echo /tmp > .git/objects/info/alternates; }',
  ),
  closed('objects/info/http-alternates', 'echo http://x.invalid/ > .git/objects/info/http-alternates'),
  closed('config.worktree', 'echo "[core] fsmonitor = x" > .git/config.worktree'),
  closed('modules', 'mkdir -p .git/modules/x && touch .git/modules/x/config'),
  closed('the git directory itself', 'mv .git away'),
  {
    promise: 'with git metadata, a commondir that appears is gone after the run',
    attempt: 'mkdir "$OUT/evil" 2>/dev/null; echo /tmp > .git/commondir',
    request: metadata(),
    endsWell: true,
    after: (place) => expect(existsSync(`${place.ws}/.git/commondir`)).toBe(false),
  },
  closed(
    'commondir and gitdir of another worktree',
    'echo /tmp > .git/worktrees/wt/commondir || echo x > .git/worktrees/wt/gitdir',
    ({ ws, out }) => git(ws, 'worktree', 'add', '-q', `${out}/wt`),
  ),
  closed(
    'the pointer of a linked worktree',
    'echo gitdir: /tmp > .git || { rm -f .git && mkdir .git; }',
    linked,
  ),
  closed(
    'the common config and hooks of a linked worktree',
    'echo x >> "$OUT/main/.git/config" || touch "$OUT/main/.git/hooks/post-commit"',
    linked,
  ),
  closed('the worktree that a linked one belongs to', 'echo x >> "$OUT/main/file"', linked),
  {
    ...closed(
      'config of a submodule',
      'git config core.fsmonitor x || touch "$(git rev-parse --git-dir)/hooks/x"',
      submodule,
    ),
    request: metadata(sub),
  },
  {
    ...closed(
      'the repository around a submodule',
      'touch "$OUT/super/.git/x" || git -C "$OUT/super" commit -q --allow-empty -m x',
      submodule,
    ),
    request: metadata(sub),
  },
  closed('another repository that a pointer file names', 'touch "$OUT/other/.git/x"', (place) => {
    git(place.out, 'clone', '-q', place.ws, 'other')
    rmSync(`${place.ws}/.git`, { recursive: true })
    writeFileSync(`${place.ws}/.git`, `gitdir: ${place.out}/other/.git\n`)
  }),
  closed('another repository that a forged worktree names', 'touch "$OUT/other/.git/x"', (place) => {
    git(place.out, 'clone', '-q', place.ws, 'other')
    rmSync(`${place.ws}/.git`, { recursive: true })
    mkdirSync(`${place.ws}/forged`)
    writeFileSync(`${place.ws}/forged/commondir`, `${place.out}/other/.git\n`)
    writeFileSync(`${place.ws}/forged/gitdir`, `${place.ws}/.git\n`)
    writeFileSync(`${place.ws}/forged/HEAD`, 'ref: refs/heads/master\n')
    writeFileSync(`${place.ws}/.git`, `gitdir: ${place.ws}/forged\n`)
  }),
  {
    ...closed('a repository whose hooks the run could name', 'git config core.hooksPath . ', linked),
    after: (place) =>
      expect(readFileSync(`${place.out}/main/.git/config`, 'utf8')).not.toContain('hooksPath'),
  },
]
