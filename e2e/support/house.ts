import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import type { App } from './pages.ts'

/** The provider of servers that speak the OpenAI API, as the screen names it. */
export const openAiCompatible = 'OpenAI-compatible, also local servers'

/** A new folder in which a house agent works, from its first message or from what is said to it later. Answers the folder. */
export async function startHouse(
  ui: App,
  userHome: string,
  model: { readonly provider: string; readonly address: string },
  begin: { readonly preset: 'Read only' | 'Auto'; readonly message?: string },
): Promise<string> {
  const { page } = ui
  const folder = path.join(userHome, 'project')
  mkdirSync(folder)
  await ui.go('Open folder')
  await page.getByRole('textbox', { name: 'Path of the folder' }).fill(folder)
  await page.getByRole('button', { name: 'Look at this folder' }).click()
  await page.getByRole('radio', { name: 'House' }).check({ force: true })
  await page.getByRole('combobox', { name: /Provider/ }).selectOption({ label: model.provider })
  await page.getByRole('textbox', { name: /Address/ }).fill(model.address)
  await page.getByRole('textbox', { name: /^Model/ }).fill('mock-model')
  await page.getByRole('radio', { name: new RegExp(`^${begin.preset}`) }).check()
  if (begin.message !== undefined)
    await page.getByRole('textbox', { name: 'First message' }).fill(begin.message)
  await expect(
    page.getByRole('region', { name: 'Sandbox check' }).getByText(/^All \d+ attempts were stopped/),
  ).toBeVisible()
  await page.getByRole('button', { name: `Start in ${begin.preset}` }).click()
  await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible()
  return folder
}

export async function say(ui: App, message: string): Promise<void> {
  const box = ui.page.getByRole('textbox', { name: /^Message/ })
  await box.fill(message)
  await box.press('Enter')
}
