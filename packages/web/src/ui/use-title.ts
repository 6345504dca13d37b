import { useEffect } from 'react'

/** What the tab of the browser says while the page is open. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Plotline`
  }, [title])
}
