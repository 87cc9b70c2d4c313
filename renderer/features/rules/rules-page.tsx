import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { RuleDraft, RuleRow } from '../../../protocol/rules.ts'
import type { Reason } from '../../../protocol/verdict.ts'
import { addExample, type Expects, fromWords, sameDraft } from '../../card/scope/edit-draft.ts'
import type { Lasts } from '../../card/scope/lasts.ts'
import { ScopeDialog } from '../../card/scope/scope-dialog.tsx'
import { type CommandName, commandFor, isTyping } from '../../keys/keymap.ts'
import type { RulesStart } from '../../state/app.ts'
import { useApp, useSessionSummary, useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { emptyRule } from './empty-rule.ts'
import { groupRules, type Health, ruleAt } from './group-rules.ts'
import { NoRows } from './no-rows.tsx'
import { RuleDetails } from './rule-details.tsx'
import { RuleList } from './rule-list.tsx'
import { RulesHead } from './rules-head.tsx'
import { emptyForm, type TestForm } from './test-subject.ts'
import { Tester } from './tester.tsx'
import { TextDialog } from './text-dialog.tsx'
import { useFolders } from './use-folders.ts'
import { useMinute } from './use-minute.ts'
import { useRules } from './use-rules.ts'
import './rules.css'

/** A rule that is edited and not saved. */
type Unsaved = { readonly replaces: string | null; readonly rule: RuleDraft; readonly lasts: Lasts | null }
type OpenText = { readonly file: string; readonly line: number | null }

/** Rules by who decides, and beside them the tester. */
export function RulesPage({ start }: { readonly start: RulesStart }) {
  const { announcements } = useStores()
  const [folder, setFolder] = useState<string | null>(null)
  const { load, rules, actions } = useRules(folder)
  const [filter, setFilter] = useState('')
  const [health, setHealth] = useState<Health | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [openId, setOpenId] = useState<string | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  const [removed, setRemoved] = useState<RuleRow | null>(null)
  const [refusal, setRefusal] = useState<string | null>(null)
  const [unsaved, setUnsaved] = useState<Unsaved | null>(null)
  const [editing, setEditing] = useState<Unsaved | null>(null)
  const [sending, setSending] = useState(false)
  const [text, setText] = useState<OpenText | null>(null)
  const [form, setForm] = useState<TestForm>(emptyForm)
  const grid = useRef<HTMLDivElement>(null)
  const first = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLDivElement>(null)
  const nowMs = useMinute()

  const folders = useFolders(rules?.rows ?? noRows)
  const scope = useSessionSummary(useApp((state) => state.scopeId))
  const here = scope?.folder ?? folders[0] ?? ''
  const test = form.folder === '' && here !== '' ? { ...form, folder: here } : form
  const rows = rules?.rows ?? noRows
  const groups = useMemo(() => groupRules(rows, filter, health, nowMs), [rows, filter, health, nowMs])
  const visible = useMemo(() => groups.flatMap((each) => each.rows), [groups])
  const current = visible.find(({ id }) => id === chosen) ?? visible[0] ?? null

  // Asked for from elsewhere: once for each time, when the rules are there.
  const begun = useRef<RulesStart>(null)
  useEffect(() => {
    if (!rules || start === null || begun.current === start) return
    begun.current = start
    if (start.at === 'place') showPlace(start)
    else if (start.at === 'new') edit(newRule())
    else first.current?.querySelector('input')?.focus()
  })

  const newRule = (): Unsaved => ({ replaces: null, rule: emptyRule(here === '' ? null : here), lasts: null })

  function show(id: string): void {
    setFilter('')
    setHealth(null)
    setChosen(id)
    setOpenId(id)
    grid.current?.focus()
  }
  function showPlace({ file, line }: NonNullable<Reason['source']>): void {
    const row = ruleAt(rows, file, line)
    if (row) show(row.id)
    else setText({ file, line })
  }
  function edit(next: Unsaved): void {
    setRefusal(null)
    setEditing(next)
  }
  function editRow(row: RuleRow): void {
    if (!row.draft || row.lockedBy !== null) return
    // Half an edit of the same rule is gone on with; that of another one makes room.
    if (unsaved?.replaces === row.id) return edit(unsaved)
    edit({ replaces: row.id, rule: row.draft, lasts: null })
  }
  /** @returns whether it was taken */
  async function attempt(run: () => ReturnType<typeof actions.remove>, said: string): Promise<string | null> {
    setRefusal(null)
    const answer = await run()
    if (answer.status === 'refused') {
      setRefusal(answer.why)
      return null
    }
    announcements.say(said)
    return answer.id
  }
  async function save(rule: RuleDraft): Promise<void> {
    if (!editing) return
    setSending(true)
    const id = await attempt(() => actions.save(rule, editing.replaces), 'Rule saved.')
    setSending(false)
    if (id === null) return
    setEditing(null)
    setUnsaved(null)
    show(id)
  }
  async function remove(row: RuleRow): Promise<void> {
    const next = visible[visible.indexOf(row) + 1] ?? visible[visible.indexOf(row) - 1] ?? null
    if ((await attempt(() => actions.remove(row.id), 'Rule removed.')) === null) return
    setRemoving(null)
    setOpenId(null)
    setChosen(next?.id ?? null)
    setRemoved(row)
    grid.current?.focus()
  }
  async function putBack(row: RuleRow): Promise<void> {
    const { draft } = row
    if (!draft) return
    const id = await attempt(() => actions.save(draft, null), 'The rule is back.')
    if (id === null) return
    setRemoved(null)
    show(id)
  }

  function onExample(expects: Expects, words: readonly string[], decided: Reason['source']): void {
    const row = decided && ruleAt(rows, decided.file, decided.line)
    const base =
      unsaved ??
      (row?.draft && row.lockedBy === null ? { replaces: row.id, rule: row.draft, lasts: null } : newRule())
    // A new rule begins from the command itself when that is what it must match.
    const fresh = base.replaces === null && unsaved === null && expects === 'match'
    const rule = fresh ? fromWords(base.rule, words) : addExample(base.rule, expects, words)
    const next = { ...base, rule }
    setUnsaved(next)
    edit(next)
  }

  function toggle(id: string): void {
    setChosen(id)
    setRemoving(null)
    setOpenId(openId === id ? null : id)
  }

  const verbs: Partial<Record<CommandName, () => void>> = {
    newRule: () => edit(newRule()),
    filterRules: () => search.current?.querySelector('input')?.focus(),
    toTester: () => first.current?.querySelector('input')?.focus(),
    ...(current && {
      editRule: () => editRow(current),
      openText: () => setText(current.source),
      ...(current.lockedBy === null && {
        removeRule: () => {
          setChosen(current.id)
          setOpenId(current.id)
          setRemoving(current.id)
        },
        reviewRule: () => {
          if (!current.reviewed) void attempt(() => actions.review(current.id), 'Marked as reviewed.')
        },
      }),
    }),
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.repeat || isTyping(event.target)) return
    const command = commandFor(event.nativeEvent, ['rules'])
    const verb = command === null ? undefined : verbs[command]
    if (!verb) return
    event.preventDefault()
    verb()
  }

  if (load.state === 'failed') {
    return (
      <ErrorState title="The rules could not be read." fix={load.problem.message}>
        <Button onClick={() => location.reload()}>Read again</Button>
      </ErrorState>
    )
  }
  if (load.state === 'loading' || !rules) return <Loading what="Reading the rules" />
  return (
    <>
      <div className="rules" role="presentation" onKeyDown={onKeyDown}>
        <section className="rules-list" aria-label="Rules in force">
          <RulesHead
            rules={rules}
            filter={filter}
            health={health}
            folder={folder}
            folders={folders}
            shown={visible.length}
            nowMs={nowMs}
            searchRef={search}
            onFilter={setFilter}
            onHealth={setHealth}
            onFolder={setFolder}
            onNew={() => edit(newRule())}
            onText={setText}
          />
          {refusal !== null && editing === null && (
            <p className="rules-line scope-red" role="alert">
              {refusal}
            </p>
          )}
          {removed && (
            <p className="rules-line" role="status">
              Removed{' '}
              <span className="mono">
                <Spelled text={removed.what} limit={120} />
              </span>
              {removed.draft && <Button onClick={() => void putBack(removed)}>Put it back</Button>}
            </p>
          )}
          {visible.length > 0 ? (
            <RuleList
              groups={groups}
              currentId={current?.id ?? null}
              openId={openId}
              gridRef={grid}
              nowMs={nowMs}
              onChoose={setChosen}
              onToggle={toggle}
              details={(row) => (
                <RuleDetails
                  row={row}
                  coveredBy={rows.find(({ id }) => id === row.coveredBy) ?? null}
                  removing={removing === row.id}
                  onEdit={() => editRow(row)}
                  onRemove={() => void remove(row)}
                  onRemoving={(now) => {
                    setRemoving(now ? row.id : null)
                    if (!now) grid.current?.focus()
                  }}
                  onReview={() => void attempt(() => actions.review(row.id), 'Marked as reviewed.')}
                  onText={() => setText(row.source)}
                  onShow={show}
                />
              )}
            />
          ) : (
            <NoRows
              filter={filter.trim()}
              all={rows.length}
              onShowAll={() => {
                setFilter('')
                setHealth(null)
              }}
              onNew={() => edit(newRule())}
            />
          )}
        </section>
        <Tester
          form={test}
          folders={folders}
          firstRef={first}
          unsaved={unsaved && { replaces: unsaved.replaces, rule: unsaved.rule }}
          replaced={rows.find(({ id }) => id === unsaved?.replaces) ?? null}
          rules={rules}
          onForm={setForm}
          onOpen={showPlace}
          onExample={onExample}
          onContinue={() => unsaved && edit(unsaved)}
          onDrop={() => setUnsaved(null)}
        />
      </div>
      {editing && (
        <ScopeDialog
          title={editing.replaces === null ? 'New rule' : 'Edit rule'}
          initial={editing.rule}
          initialLasts={editing.lasts}
          replaces={editing.replaces}
          words={editing.rule.match[0] ?? []}
          folder={editing.rule.where}
          places={folders}
          free
          saveLabel="Save rule"
          savedWords="It holds for what comes after saving. Remove it here any time."
          blocked={null}
          failure={refusal}
          sending={sending}
          onSave={(rule) => void save(rule)}
          onOnce={null}
          onDraft={(rule, lasts) => {
            const row = rows.find(({ id }) => id === editing.replaces)
            const same = row?.draft && sameDraft(row.draft, rule)
            setUnsaved(same ? null : { replaces: editing.replaces, rule, lasts })
          }}
          onClose={() => setEditing(null)}
        />
      )}
      {text && <TextDialog file={text.file} line={text.line} onClose={() => setText(null)} />}
    </>
  )
}

const noRows: readonly RuleRow[] = []
