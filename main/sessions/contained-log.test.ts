import { expect, test } from 'vitest'
import { LogEntry } from '../../protocol/log-entry.ts'
import { settingsOf } from '../../protocol/settings.ts'
import { sessionStart } from '../testing/log-entries.ts'

test('the first line of a log says that the container is the boundary, and the check is told apart from a proof', () => {
  const start = sessionStart({ settings: { ...settingsOf('auto'), boundary: 'container' } })
  expect(LogEntry.parse(start)).toMatchObject({ settings: { boundary: 'container' } })
  const probe = { kind: 'filter', target: 'keyctl', blocked: true, detail: '' }
  const stands = { type: 'containerStands', itemId: 'it_1', container: 'docker', probes: [probe] }
  expect(LogEntry.parse(stands)).toEqual(stands)
})
