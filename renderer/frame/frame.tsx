import type { ReactNode } from 'react'
import { BottomBar } from './bottom-bar.tsx'
import { Rail } from './rail.tsx'
import { Strips } from './strips.tsx'
import { TopBar } from './top-bar.tsx'
import './frame.css'

/** What stands around every page. The strip is there for four states only. */
export function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <div className="frame">
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <TopBar />
      <Strips />
      <div className="frame-body">
        <Rail />
        <main id="main" className="frame-main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <BottomBar />
    </div>
  )
}
