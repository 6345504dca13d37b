import type { ReactElement, ReactNode } from 'react'
import { ToggleButton, Button as AriaButton } from 'react-aria-components'
import { cx } from './cx.ts'
import styles from './icon-button.module.css'
import { Tooltip } from './tooltip.tsx'

export interface IconButtonProps {
  /** Its name for screen readers, and its tooltip. */
  readonly label: string
  readonly children: ReactNode
  readonly onPress: () => void
  readonly isDisabled?: boolean
  /** Given: the button is a toggle, and this is whether it is on. */
  readonly isSelected?: boolean
  readonly size?: 'sm' | 'md'
  readonly className?: string
}

export function IconButton({
  label,
  children,
  onPress,
  isDisabled = false,
  isSelected,
  size = 'md',
  className,
}: IconButtonProps): ReactElement {
  const look = {
    'aria-label': label,
    isDisabled,
    className: cx(styles['iconButton'], styles[size], className),
  }
  return (
    <Tooltip text={label}>
      {isSelected === undefined ? (
        <AriaButton {...look} onPress={onPress}>
          {children}
        </AriaButton>
      ) : (
        <ToggleButton {...look} isSelected={isSelected} onChange={onPress}>
          {children}
        </ToggleButton>
      )}
    </Tooltip>
  )
}
