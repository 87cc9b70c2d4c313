import type { Command } from './command.ts'
import { configEffective } from './config-effective.ts'
import { configShow } from './config-show.ts'
import { doctorCommand } from './doctor.ts'
import { importCodex } from './import-codex.ts'
import { judgeCommand } from './judge.ts'
import { judgeHostCommand } from './judge-host.ts'
import { rulesCheck } from './rules-check.ts'
import { rulesTest } from './rules-test.ts'
import { sandboxCommand } from './sandbox.ts'

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  sandboxCommand,
  doctorCommand,
  rulesCheck,
  rulesTest,
  judgeCommand,
  judgeHostCommand,
  configEffective,
  configShow,
  importCodex,
]
