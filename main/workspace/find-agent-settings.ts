import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { readSmallText } from './read-small.ts'

export type AgentSetting = { readonly path: string; readonly what: string }

const maxBytes = 512 * 1024

type Look = (path: string) => Promise<string | null>

/** What a folder may bring for agents, and how to say what is in it. Nothing of it is run or applied. */
const known: readonly { readonly path: string; readonly look: Look }[] = [
  { path: '.gatehouse', look: folder('rules and settings for Gatehouse') },
  { path: '.codex/config.toml', look: codexConfig },
  { path: '.codex/hooks.json', look: hooksFile },
  { path: '.claude/settings.json', look: claudeSettings },
  { path: '.claude/settings.local.json', look: claudeSettings },
  { path: '.claude/commands', look: folder('commands for Claude Code') },
  { path: '.mcp.json', look: mcpFile },
  { path: '.cursor', look: folder('rules and settings for Cursor') },
  { path: '.agents', look: folder('skills and settings for agents') },
  { path: '.vscode/tasks.json', look: tasksFile },
  { path: 'AGENTS.md', look: instructions },
  { path: 'CLAUDE.md', look: instructions },
  { path: 'GEMINI.md', look: instructions },
  { path: '.github/copilot-instructions.md', look: instructions },
]

/** Agent settings, hooks and instructions at the top of the folder. A file that cannot be read says so. */
export async function findAgentSettings(root: string): Promise<AgentSetting[]> {
  const found = await Promise.all(
    known.map(async ({ path, look }) => {
      const facts = await lstat(join(root, path)).catch(() => null)
      if (!facts) return null
      if (facts.isSymbolicLink()) return { path, what: 'a symlink, which is not followed' }
      return { path, what: (await look(join(root, path))) ?? 'is there, but could not be read' }
    }),
  )
  return found.filter((setting) => setting !== null)
}

function folder(what: string): Look {
  return async (path) => {
    const entries = await readdir(path).catch(() => null)
    return entries && `${what}, ${count(entries.length, entries.length === 1 ? 'entry' : 'entries')}`
  }
}

async function codexConfig(path: string): Promise<string | null> {
  const text = await readSmallText(path, maxBytes)
  if (text === null) return null
  const config = attempt(() => parse(text))
  if (!isTable(config)) return 'settings for Codex that are not valid TOML'
  return said('settings for Codex', [
    hooks(config['hooks']),
    config['notify'] === undefined ? '' : 'a notify program',
    servers(config['mcp_servers']),
  ])
}

async function claudeSettings(path: string): Promise<string | null> {
  const settings = await readJson(path)
  if (!isTable(settings)) return settings === null ? null : 'settings for Claude Code that are not valid JSON'
  const permissions = isTable(settings['permissions']) ? settings['permissions'] : {}
  const allowed = Array.isArray(permissions['allow']) ? permissions['allow'].length : 0
  return said('settings for Claude Code', [
    hooks(settings['hooks']),
    allowed > 0 ? `${count(allowed, 'permission')} granted in advance` : '',
    servers(settings['mcpServers']),
  ])
}

async function hooksFile(path: string): Promise<string | null> {
  const file = await readJson(path)
  if (file === null) return null
  return said('hooks for Codex', [hooks(isTable(file) ? (file['hooks'] ?? file) : null)])
}

async function mcpFile(path: string): Promise<string | null> {
  const file = await readJson(path)
  if (!isTable(file)) return file === null ? null : 'MCP servers in a file that is not valid JSON'
  return said('MCP servers for agents', [servers(file['mcpServers'])])
}

async function tasksFile(path: string): Promise<string | null> {
  const text = await readSmallText(path, maxBytes)
  if (text === null) return null
  // The file may have comments, so it is read as text.
  const atOpen = /"runOn"\s*:\s*"folderOpen"/.test(text)
  return said('tasks for VS Code', [atOpen ? 'one runs when the folder is opened' : ''])
}

/** Only a command that is spelled out in code marks on a line with an imperative is quoted. */
async function instructions(path: string): Promise<string | null> {
  const text = await readSmallText(path, maxBytes)
  if (text === null) return null
  const lines = text.split('\n').length
  const command = /^[^\n`]*\b(?:[Rr]un|[Ee]xecute|RUN)\b[^\n`]{0,40}`([^`\n\p{C}]{1,60})`/mu.exec(text)?.[1]
  return command
    ? `instructions, ${count(lines, 'line')}; tells the agent to run "${command.trim()}"`
    : `instructions, ${count(lines, 'line')}`
}

/** Hooks come as lists or as tables of lists; each command counts. */
function hooks(value: unknown): string {
  const total = commands(value, 0)
  return total === 0 ? '' : count(total, 'hook')
}

function commands(value: unknown, depth: number): number {
  if (depth > 6) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + commands(item, depth + 1), 0)
  if (!isTable(value)) return 0
  if (value['command'] !== undefined) return 1
  return Object.values(value).reduce<number>((sum, item) => sum + commands(item, depth + 1), 0)
}

function servers(value: unknown): string {
  if (!isTable(value)) return ''
  const names = Object.keys(value)
  if (names.length === 0) return ''
  const shown = names.slice(0, 3).map((name) => name.replace(/[^\w.@/-]/g, '?').slice(0, 40))
  const more = names.length > shown.length ? ', …' : ''
  return `${count(names.length, 'MCP server')} (${shown.join(', ')}${more})`
}

async function readJson(path: string): Promise<unknown> {
  const text = await readSmallText(path, maxBytes)
  return text === null ? null : attempt((): unknown => JSON.parse(text))
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const said = (what: string, parts: readonly string[]): string =>
  [what, ...parts.filter((part) => part !== '')].join(', ')

const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 || noun.endsWith('ies') || noun.endsWith('y') ? '' : 's'}`
