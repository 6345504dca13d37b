import type { ReactElement, ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

export interface ConfirmDialogProps {
  readonly title: string
  /** What will happen, in words. */
  readonly children: ReactNode
  /** The verb and its thing: "Delete job". */
  readonly confirmLabel: string
  readonly isOpen: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly isPending?: boolean
  /** Something is to be done first. */
  readonly isDisabled?: boolean
}

/** Asks before something that cannot be undone. Focus starts on Cancel. */
export function ConfirmDialog({
  title,
  children,
  confirmLabel,
  isOpen,
  onConfirm,
  onClose,
  isPending = false,
  isDisabled = false,
}: ConfirmDialogProps): ReactElement {
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      width="sm"
      role="alertdialog"
      actions={
        <>
          <Button variant="secondary" onPress={onClose} autoFocus>
            Cancel
          </Button>
          <Button
            variant="danger"
            onPress={onConfirm}
            isPending={isPending}
            isDisabled={isDisabled}
          >
            {confirmLabel}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}
