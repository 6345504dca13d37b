import { useEffect, useRef } from 'react'

export interface Shortcut {
  /** As KeyboardEvent.key has it: "j", "?", "M" with shift, "Enter". */
  readonly key: string
  readonly run: () => void
  /** Ctrl, or Command on a Mac. Such a shortcut also works inside inputs. */
  readonly withCtrl?: boolean
}

/** While mounted. Single keys stay out of inputs and open dialogs, and can be switched off for good. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const found = latest.current.find((shortcut) => isMeant(shortcut, event))
      if (found === undefined) return
      event.preventDefault()
      found.run()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}

const STORAGE_KEY = 'plotline.single-keys'
export const areSingleKeysOn = (): boolean => localStorage.getItem(STORAGE_KEY) !== 'off'
export const switchSingleKeys = (isOn: boolean): void =>
  isOn ? localStorage.removeItem(STORAGE_KEY) : localStorage.setItem(STORAGE_KEY, 'off')

function isMeant({ key, withCtrl = false }: Shortcut, event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.altKey || event.key !== key) return false
  if (withCtrl) return event.ctrlKey || event.metaKey
  if (event.ctrlKey || event.metaKey || !areSingleKeysOn()) return false
  return !isTyping(event.target) && document.querySelector('[role$="dialog"]') === null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('input, textarea, select, [role="listbox"]') !== null)
  )
}
