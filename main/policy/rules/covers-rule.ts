import { isWithin } from './program-name.ts'
import type { GatehouseRule, PrefixRule, TokenPattern } from './rule.ts'
import { fitsToken, matchesGlob } from './token-pattern.ts'

type Rule = PrefixRule | GatehouseRule

/**
 * Whether `wide` says the same as `narrow` for everything `narrow` speaks about, so that `narrow` is not needed.
 * Careful: false when unsure.
 */
export function coversRule(wide: Rule, narrow: Rule): boolean {
  if (wide.decision !== narrow.decision) return false
  if (!coversCircumstances(wide, narrow)) return false
  const [outer, inner] = [subjectOf(wide), subjectOf(narrow)]
  if (outer.kind === 'write') return inner.kind === 'write' && isWithin(inner.path, outer.path)
  if (inner.kind === 'write') return false
  // A rule that ignores case, and one that resolves paths, answer more programs than one that does not.
  if (wide.kind === 'gatehouse' && narrow.kind === 'prefix' && wide.decision === 'allow') return false
  if (narrow.kind === 'prefix' && narrow.anyCase && !(wide.kind === 'prefix' && wide.anyCase)) return false
  const fits = outer.openEnd
    ? outer.tokens.length <= inner.tokens.length
    : !inner.openEnd && outer.tokens.length === inner.tokens.length
  if (!fits) return false
  const granting = wide.decision === 'allow'
  const foldsCase = wide.kind === 'prefix' && wide.anyCase
  return outer.tokens.every((token, at) =>
    coversToken(token, inner.tokens[at], granting, foldsCase && at === 0),
  )
}

/** Folder, end, and what a grant opens. A Codex rule holds everywhere and for ever. */
function coversCircumstances(wide: Rule, narrow: Rule): boolean {
  const outer = wide.kind === 'gatehouse' ? wide : null
  const inner = narrow.kind === 'gatehouse' ? narrow : null
  const runs = (rule: GatehouseRule | null): string => rule?.runs ?? 'codex'
  if (wide.decision === 'allow' && runs(outer) !== runs(inner)) return false
  if (outer === null) return true
  if (outer.where !== null && (inner === null || inner.where === null || !isWithin(inner.where, outer.where)))
    return false
  if (outer.endsAtMs === null) return true
  return inner !== null && inner.endsAtMs !== null && inner.endsAtMs <= outer.endsAtMs
}

type Subject = GatehouseRule['subject']

function subjectOf(rule: Rule): Subject {
  if (rule.kind === 'gatehouse') return rule.subject
  return { kind: 'command', tokens: rule.pattern.map((texts) => ({ kind: 'oneOf', texts })), openEnd: true }
}

function coversToken(
  wide: TokenPattern,
  narrow: TokenPattern | undefined,
  granting: boolean,
  foldsCase: boolean,
): boolean {
  if (narrow === undefined) return false
  if (narrow.kind === 'any') {
    if (wide.kind !== 'any') return false
    // Every exclusion of the wider rule must be one of the narrower rule too, literally or by a wider glob.
    return wide.except.every((glob) =>
      narrow.except.some(
        (other) => other === glob || (!/[*?]/.test(glob) && matchesGlob(other, glob) && !granting),
      ),
    )
  }
  const fold = (text: string): string => (foldsCase ? text.toLowerCase() : text)
  const texts = narrow.kind === 'fixed' ? [narrow.text] : narrow.texts
  return texts.every((text) =>
    wide.kind === 'any'
      ? fitsToken(wide, text, granting)
      : (wide.kind === 'fixed' ? [wide.text] : wide.texts).some((own) => fold(own) === fold(text)),
  )
}
