import { linkSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'vitest'
import { noGrant } from '../../../protocol/action.ts'
import type { Place } from '../support/lab.ts'
import type { Row } from '../support/row.ts'

const put = (path: string, text = 'the secret\n') => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const denied =
  (...names: string[]) =>
  (place: Place) => ({
    deniedReads: names.map((name) => `${place.ws}/${name}`),
  })
const keys = (place: Place) => {
  put(`${place.ws}/keys/a`)
  put(`${place.ws}/keys/b`)
}
const works = (_: Place, answer: { exitCode: number | null; output: string }) =>
  expect(answer.exitCode, answer.output).toBe(0)

/** Ways in which a file comes to match a pattern while a command runs. */
const later: readonly (readonly [string, string, string[]])[] = [
  ['a new file', 'echo secret > a.key; grep -q secret a.key', ['ws/a.key']],
  ['a file in a new folder', 'mkdir d; echo secret > d/a.key; grep -q secret d/a.key', ['ws/d']],
  ['a renamed file', 'mv file a.key; grep -q text a.key', ['ws/file', 'ws/a.key']],
  [
    'a file in a folder that is moved',
    'mkdir d; echo secret > d/a.key; mv d e; grep -q secret e/a.key',
    ['ws/e'],
  ],
  ['a symlink', 'ln -s file a.key; grep -q text a.key', ['ws/a.key']],
  ['a hard link', 'ln file a.key; grep -q text a.key', ['ws/file', 'ws/a.key']],
  [
    'a file through the folder of the process',
    'echo secret > a.key; grep -q secret /proc/self/cwd/a.key',
    ['ws/a.key'],
  ],
]

/** Paths that must not even be read, and grants that open single ones of them. */
export const deniedReadRows: readonly Row[] = [
  {
    promise: 'a denied file in the workspace cannot be read',
    attempt: 'cat .env',
    prepare: (place) => put(`${place.ws}/.env`),
    request: denied('.env'),
  },
  {
    promise: 'a denied file cannot be written, moved or removed',
    attempt: 'echo x > .env || $TRY rename .env away || { rm -f .env && ! test -e .env; }',
    prepare: (place) => put(`${place.ws}/.env`),
    request: denied('.env'),
  },
  {
    promise: 'a denied file cannot be read under another name',
    attempt: 'ln .env copy && cat copy',
    prepare: (place) => put(`${place.ws}/.env`),
    request: denied('.env'),
  },
  {
    promise: 'a symlink to a denied file does not open it',
    attempt: 'cat link',
    prepare: (place) => {
      put(`${place.ws}/.env`)
      symlinkSync('.env', `${place.ws}/link`)
    },
    request: denied('.env'),
  },
  {
    promise: 'a denied symlink closes what it leads to',
    attempt: 'cat real',
    prepare: (place) => {
      put(`${place.ws}/real`)
      symlinkSync('real', `${place.ws}/.env`)
    },
    request: denied('.env'),
  },
  {
    promise: 'another name of a denied file, found before, is closed too',
    attempt: 'cat deep/copy',
    prepare: (place) => {
      put(`${place.ws}/.env`)
      mkdirSync(`${place.ws}/deep`)
      linkSync(`${place.ws}/.env`, `${place.ws}/deep/copy`)
    },
    request: (place) => {
      const { dev, ino, nlink } = lstatSync(`${place.ws}/.env`)
      const paths = [`${place.ws}/.env`, `${place.ws}/deep/copy`]
      return {
        ...denied('.env')(place),
        found: { gitDirs: [], hardLinks: [{ paths, dev, ino, links: nlink }], cut: null },
      }
    },
  },
  {
    promise: 'a denied folder shows nothing',
    attempt: 'ls keys || cat keys/a',
    prepare: keys,
    request: denied('keys'),
  },
  {
    promise: 'a denied folder cannot be moved, nor the one above it',
    attempt: '$TRY rename up/keys away || $TRY rename up away',
    prepare: (place) => put(`${place.ws}/up/keys/a`),
    request: denied('up/keys'),
  },
  {
    promise: 'a grant to read one file of a denied folder opens that file',
    attempt: 'cat keys/a',
    prepare: keys,
    request: (place) => ({
      ...denied('keys')(place),
      grant: { ...noGrant, readPaths: [`${place.ws}/keys/a`] },
    }),
    endsWell: true,
    after: works,
  },
  {
    promise: 'a grant to read one file of a denied folder opens no other',
    attempt: 'cat keys/b || ls keys | grep -qx b',
    prepare: keys,
    request: (place) => ({
      ...denied('keys')(place),
      grant: { ...noGrant, readPaths: [`${place.ws}/keys/a`] },
    }),
  },
  {
    promise: 'a grant to read does not let it be written',
    attempt: 'echo x > keys/a || touch keys/new',
    prepare: keys,
    request: (place) => ({
      ...denied('keys')(place),
      grant: { ...noGrant, readPaths: [`${place.ws}/keys/a`] },
    }),
  },
  {
    promise: 'a grant to read a denied file opens it',
    attempt: 'grep -q secret .env',
    prepare: (place) => put(`${place.ws}/.env`),
    request: (place) => ({
      ...denied('.env')(place),
      grant: { ...noGrant, readPaths: [`${place.ws}/.env`] },
    }),
    endsWell: true,
    after: works,
  },
  {
    promise: 'our own folder stays closed whatever is granted',
    attempt: 'cat "$GHOME/config.toml"',
    request: (place) => ({ grant: { ...noGrant, readPaths: [place.home, `${place.home}/config.toml`] } }),
  },
  ...later.map(
    ([what, attempt, mayChange]): Row => ({
      promise: `a denied pattern holds for what comes later: ${what}`,
      attempt,
      request: (place) => ({ deniedGlobs: [{ folder: place.ws, pattern: '**/*.key' }] }),
      mayChange,
    }),
  ),
  {
    promise: 'a denied pattern leaves all other files alone',
    attempt:
      'echo x > a.key; echo plain > b && grep -q plain b && mv b c && grep -q plain c && grep -q text file',
    request: (place) => ({ deniedGlobs: [{ folder: place.ws, pattern: '**/*.key' }] }),
    endsWell: true,
    mayChange: ['ws/a.key', 'ws/c'],
    after: works,
  },
]
