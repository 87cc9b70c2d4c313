import type { SessionId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import { logFormat } from '../../protocol/log-entry.ts'
import { settingsOf } from '../../protocol/settings.ts'

export const sessionStart = (more: Partial<Extract<LogEntry, { type: 'sessionStart' }>> = {}): LogEntry => ({
  type: 'sessionStart',
  format: logFormat,
  sessionId: 'se_1' as SessionId,
  appVersion: '0.0.0',
  folder: '/w',
  branch: 'main',
  title: 'w',
  agent: { kind: 'demo' },
  agentName: 'Demo',
  settings: settingsOf('auto'),
  ...more,
})
