import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/**
 * What axe finds on the page: the rule and where, a line each.
 *
 * @param except a selector that is left out: a terminal draws its own text into rows for sighted readers, and its
 *   words are offered beside it
 */
export async function violations(page: Page, except?: string): Promise<string[]> {
  const builder = new AxeBuilder({ page })
    // Off by default: what is read aloud begins with what is written.
    .options({ resultTypes: ['violations'], rules: { 'label-content-name-mismatch': { enabled: true } } })
  const { violations: found } = await (except === undefined ? builder : builder.exclude(except)).analyze()
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
}
