import { Ellipsis } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import {
  Button as AriaButton,
  Menu as AriaMenu,
  MenuItem,
  MenuTrigger,
  Popover,
} from 'react-aria-components'
import { cx } from './cx.ts'
import iconButtonStyles from './icon-button.module.css'
import styles from './menu.module.css'

export interface MenuAction {
  readonly label: string
  readonly onAction?: () => void
  /** Given: the item is a link to a file, which the browser saves under that name. */
  readonly download?: { readonly href: string; readonly name: string }
  readonly icon?: ReactNode
  readonly isDisabled?: boolean
  /** Shown in red, for what destroys. */
  readonly isDanger?: boolean
  /** Shown at the right: a key or a check mark. */
  readonly hint?: ReactNode
}

export interface MenuProps {
  /** The name of the button that opens it. */
  readonly label: string
  readonly actions: readonly MenuAction[]
  /** What the button shows; three dots by default. */
  readonly children?: ReactNode
  /** Replaces the look of the button. */
  readonly className?: string
}

export function Menu({ label, actions, children, className }: MenuProps): ReactElement {
  return (
    <MenuTrigger>
      <AriaButton
        aria-label={label}
        className={className ?? cx(iconButtonStyles['iconButton'], iconButtonStyles['md'])}
      >
        {children ?? <Ellipsis aria-hidden />}
      </AriaButton>
      <Popover className={styles['popover'] ?? ''} placement="bottom end" offset={4}>
        <AriaMenu className={styles['menu'] ?? ''}>
          {actions.map((action) => (
            <MenuItem
              key={action.label}
              textValue={action.label}
              className={cx(styles['item'], action.isDanger === true && styles['danger'])}
              isDisabled={action.isDisabled ?? false}
              {...(action.onAction && { onAction: action.onAction })}
              {...(action.download && {
                href: action.download.href,
                download: action.download.name,
              })}
            >
              {action.icon}
              <span className={styles['label']}>{action.label}</span>
              {action.hint !== undefined && <span className={styles['hint']}>{action.hint}</span>}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
