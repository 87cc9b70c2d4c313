import { expect, test } from 'vitest'
import { noGrant } from '../../protocol/action.ts'
import type { Violation } from '../../protocol/sandbox.ts'
import { shell } from '../testing/builders.ts'
import { escalate } from './observe-violations.ts'

const commit = shell('git commit -m x')
const stopped = (path: string, more: { gitMetadata?: true } = {}): Violation => ({
  kind: 'write',
  path,
  wants: 'directory',
  protected: true,
  evidence: '',
  ...more,
})
const first = (...about: Parameters<typeof escalate>) => escalate(...about)?.escalation?.ladder[0]

test('a git directory is asked as git metadata, not as a path', () => {
  expect(first(commit, noGrant, [stopped('/w/.git', { gitMetadata: true })])).toEqual({
    writePaths: [],
    gitMetadata: true,
    network: false,
    unsandboxed: false,
  })
})

test('where git metadata did not open it, the path is what is left', () => {
  const had = { ...noGrant, gitMetadata: true }
  const wanted = first(commit, had, [stopped('/w/sub/.git', { gitMetadata: true })])
  expect(wanted).toMatchObject({ writePaths: ['/w/sub/.git'], gitMetadata: true })
})

test('a place that is no repository of the workspace stays a path', () => {
  expect(first(commit, noGrant, [stopped('/srv/.git')])).toEqual({ ...noGrant, writePaths: ['/srv/.git'] })
})

test('what the run had is asked for again, with what was missing', () => {
  const had = { ...noGrant, writePaths: ['/srv/a'], readPaths: ['/w/.env'] }
  expect(first(commit, had, [stopped('/srv/b')])).toEqual({
    ...noGrant,
    writePaths: ['/srv/a', '/srv/b'],
    readPaths: ['/w/.env'],
  })
})
