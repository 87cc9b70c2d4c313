import type { FakeMenuItem } from '../../main/testing/fake-menu.ts'

/** What a test does to the simulated desktop: the hand of the person, and of the operating system. */
export type DesktopActs = {
  /** Clicks an entry of the application menu by its labels, such as `['Session', 'Read only']`. */
  menu(path: readonly string[]): void
  menuItems(path: readonly string[]): readonly FakeMenuItem[]
  tray(): { readonly picture: string; readonly toolTip: string; readonly items: readonly FakeMenuItem[] }
  trayMenu(path: readonly string[]): void
  /** What the next folder dialogs answer; null cancels one. */
  folders(next: readonly (string | null)[]): void
  /** Notifications on screen, oldest first. */
  notes(): readonly { readonly title: string; readonly body: string }[]
  clickNote(index: number): void
  /** Links that were opened in the browser. */
  links(): readonly string[]
  /** The person turns to another program, or back. */
  focus(where: 'app' | 'elsewhere'): void
  closeWindow(): void
  crashPage(): void
}

export type DesktopAct = keyof DesktopActs

/** From the test to the simulated desktop. */
export type Request = { readonly id: number; readonly act: DesktopAct; readonly args: readonly unknown[] }

/** From the simulated desktop to the test. */
export type Report =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: string }
  | { readonly window: 'load'; readonly url: string }
  | { readonly window: 'closed' }

/** Where the page's ports arrive. */
export const portPath = '/desktop-port'
