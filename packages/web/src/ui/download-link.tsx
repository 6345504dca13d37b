import { Download } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import styles from './download-link.module.css'

interface DownloadLinkProps {
  readonly href: string
  /** For screen readers, where the words leave out of what. */
  readonly label?: string
  readonly children: ReactNode
}

/** A file of the server, saved and not shown. */
export function DownloadLink({ href, label, children }: DownloadLinkProps): ReactElement {
  return (
    <a className={styles['download']} href={href} download aria-label={label}>
      <Download aria-hidden /> {children}
    </a>
  )
}
