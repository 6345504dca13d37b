import { useSyncExternalStore } from 'react'

export const THEME_CHOICES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEME_CHOICES)[number]

/** Also read by public/theme.js, which runs before the first paint. */
const STORAGE_KEY = 'plotline.theme'
/** Told on the window when the choice changed, so that canvases read their colours again. */
export const THEME_CHANGED = 'plotline:theme'

/** What this browser chose, and a setter that keeps it. */
export function useThemeChoice(): readonly [ThemeChoice, (choice: ThemeChoice) => void] {
  return [useSyncExternalStore(subscribe, readThemeChoice), setThemeChoice]
}

export function readThemeChoice(): ThemeChoice {
  const kept = localStorage.getItem(STORAGE_KEY)
  return THEME_CHOICES.find((choice) => choice === kept) ?? 'system'
}

export function setThemeChoice(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(STORAGE_KEY)
  else localStorage.setItem(STORAGE_KEY, choice)
  showTheme(choice)
  window.dispatchEvent(new Event(THEME_CHANGED))
}

export function nextThemeChoice(choice: ThemeChoice): ThemeChoice {
  return THEME_CHOICES[(THEME_CHOICES.indexOf(choice) + 1) % THEME_CHOICES.length] ?? 'system'
}

function showTheme(choice: ThemeChoice): void {
  if (choice === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = choice
}

function subscribe(onChange: () => void): () => void {
  const fromOtherTab = (): void => {
    showTheme(readThemeChoice())
    onChange()
  }
  window.addEventListener(THEME_CHANGED, onChange)
  window.addEventListener('storage', fromOtherTab)
  return () => {
    window.removeEventListener(THEME_CHANGED, onChange)
    window.removeEventListener('storage', fromOtherTab)
  }
}
