import { createLink } from '@tanstack/react-router'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import styles from './tab-links.module.css'

/** Tabs that are pages: real links in a labelled navigation, with TabLink inside. */
export function TabLinks({
  label,
  children,
}: {
  readonly label: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <nav aria-label={label} className={styles['tabs']}>
      {children}
    </nav>
  )
}

/** The router marks the one that is open with aria-current="page". */
export const TabLink = createLink(
  ({
    count,
    children,
    className: _routerClass,
    ...props
  }: ComponentProps<'a'> & { readonly count?: number | undefined }) => (
    <a {...props} className={styles['tab']}>
      {children}
      {count !== undefined && <span className={styles['count']}>{count}</span>}
    </a>
  ),
)
