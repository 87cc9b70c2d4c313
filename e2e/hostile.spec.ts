import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { hostileText, startModelServer } from '../main/testing/model-server.ts'
import { openAiCompatible, say, startHouse } from './support/house.ts'
import { expect, test } from './support/launch.ts'
import { App } from './support/pages.ts'

/** How the screen spells what is in `hostileText`. */
const spellings = ['⟨U+202E⟩', '⟨U+2066⟩', '⟨ZWSP⟩', '⟨ESC[31m⟩', '⟨ESC⟩', '⟨BEL⟩']

async function expectSpelled(place: Locator): Promise<void> {
  for (const spelling of spellings) await expect(place).toContainText(spelling)
  await expect(place).toContainText('<img src=x onerror=alert(1)><b>bold</b>[link](javascript:alert(1))')
}

/** What hostile text would leave behind had anything interpreted it. */
async function expectNothingInterpreted(app: Page): Promise<void> {
  // Elements only, without the terminal: it is made to hold text of any kind, as cells.
  expect(await app.locator('img[src="x"], b, script:not([src]), a[href^="javascript"]').count()).toBe(0)
  expect(await app.title()).not.toContain('taken')
  // None of them stands in the page as itself; the terminal is drawn from cells and has its own test.
  const raw = await app.evaluate(() => {
    const text = [...document.body.querySelectorAll(':not(.xterm, .xterm *)')].flatMap((element) => [
      ...[...element.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.nodeValue ?? ''),
      ...[...element.attributes].map((attribute) => attribute.value),
    ])
    // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
    return text.filter((part) => /[\u0000-\u0008\u000e-\u001f\u200b\u202a-\u202e\u2066-\u2069]/.test(part))
  })
  expect(raw).toEqual([])
}

/** Counts what asks the person from inside the page. */
function countDialogs(app: Page): { readonly seen: () => number } {
  let seen = 0
  app.on('dialog', (dialog) => {
    seen += 1
    void dialog.dismiss()
  })
  return { seen: () => seen }
}

test('hostile file names, files and messages are spelled out and interpreted nowhere', async ({ app }) => {
  const dialogs = countDialogs(app)
  const ui = new App(app)
  const folder = await ui.startDemo()
  // The base of the diff stands once the first change shows; what comes now is the agent's.
  await expect(ui.diff.getByRole('heading', { name: 'CHANGELOG.md' })).toBeVisible()
  writeFileSync(
    path.join(folder, 'a\u202Eb\u200B<b>.txt'),
    `<script>alert(1)</script>\n\u001B[2J\u202Eabc\n${'x'.repeat(1_000_000)}\n`,
  )
  await expect(ui.diff.getByRole('heading', { name: 'a⟨U+202E⟩b⟨ZWSP⟩<b>.txt' })).toBeVisible()
  await expect(ui.diff).toContainText('<script>alert(1)</script>')
  await expect(ui.diff).toContainText('⟨ESC[2J⟩⟨U+202E⟩abc')

  // A message of the person stands in the conversation as it is.
  await say(ui, hostileText)
  await expectSpelled(app.getByRole('main'))
  await expectNothingInterpreted(app)
  expect(dialogs.seen()).toBe(0)
})

test('a model that speaks hostile text: words, card, row and output are spelled out', async ({
  app,
  homes,
}) => {
  const dialogs = countDialogs(app)
  const ui = new App(app)
  const server = await startModelServer('hostile-text')
  try {
    const model = { provider: openAiCompatible, address: `${server.url}/v1` }
    await startHouse(ui, homes.userHome, model, { preset: 'Read only', message: 'speak' })
    await expectSpelled(ui.conversation.getByRole('blockquote').first())
    await ui.go('Inbox')
    const card = await ui.choose(/printf.*waits/, 'Run a command')
    await expectSpelled(card.slot('Wants'))
    await expect(ui.page.getByRole('row', { name: /printf/ })).toContainText('⟨U+202E⟩')
    await expectNothingInterpreted(app)
    await card.press('Allow once')

    // It ran: what it printed, and what the model says of it, are no more than text either.
    await ui.openLive('project')
    await expect(ui.conversation.getByText('Turn ended')).toBeVisible()
    await expectSpelled(ui.conversation.getByRole('blockquote').last())
    await expectNothingInterpreted(app)
    expect(dialogs.seen()).toBe(0)
  } finally {
    await server.close()
  }
})
