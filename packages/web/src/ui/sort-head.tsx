import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactElement } from 'react'
import styles from './sortable-table.module.css'

interface SortHeadProps<Column extends string> {
  readonly column: Column
  readonly label: string
  /** The column that is sorted by; a leading "-" descends. */
  readonly sort: Column | `-${Column}`
  readonly onPress: () => void
  readonly className?: string | undefined
}

/** The head of a column that can be sorted by. */
export function SortHead<Column extends string>({
  column,
  label,
  sort,
  onPress,
  className,
}: SortHeadProps<Column>): ReactElement {
  const order = sort === column ? 'ascending' : sort === `-${column}` ? 'descending' : undefined
  const Arrow = order === 'descending' ? ArrowDown : ArrowUp
  return (
    <th scope="col" aria-sort={order} className={className}>
      <button type="button" className={styles['sort']} onClick={onPress}>
        {label}
        {order !== undefined && <Arrow aria-hidden />}
      </button>
    </th>
  )
}
