/** Where announcements are read from. The texts come from outside; this only holds the two regions. */
export function LiveRegion({ polite, assertive }: { readonly polite: string; readonly assertive: string }) {
  return (
    <div className="sr-only">
      <div role="status" aria-live="polite">
        {polite}
      </div>
      <div role="alert" aria-live="assertive">
        {assertive}
      </div>
    </div>
  )
}
