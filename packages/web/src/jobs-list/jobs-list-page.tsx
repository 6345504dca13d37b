import type { ReactElement } from 'react'

export function JobsListPage(): ReactElement {
  return <main />
}
