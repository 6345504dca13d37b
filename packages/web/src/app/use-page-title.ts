import { useEffect } from 'react'

/** "Jobs · Plotline" while the page is open. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Plotline`
  }, [title])
}
