import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { Keyboard, Monitor, Moon, Plus, Sun, type LucideIcon } from 'lucide-react'
import { useState, type ReactElement } from 'react'
import {
  nextThemeChoice,
  THEME_CHOICES,
  useThemeChoice,
  type ThemeChoice,
} from '../theme/theme-choice.ts'
import { useServer } from '../rest/server.ts'
import { LinkButton } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Logo } from '../ui/logo.tsx'
import { Menu } from '../ui/menu.tsx'
import { countText } from '../ui/number-text.ts'
import { useShortcuts } from '../ui/shortcut.ts'
import { ShortcutList } from './shortcut-list.tsx'
import styles from './shell.module.css'
import { StoppedBanner } from './stopped-banner.tsx'

/** The header that every page has, and the keys that work on every page. */
export function Shell(): ReactElement {
  const [isListOpen, setListOpen] = useState(false)
  const [theme, setTheme] = useThemeChoice()
  const navigate = useNavigate()
  useShortcuts([
    { key: 'j', run: () => void navigate({ to: '/jobs' }) },
    { key: 'n', run: () => void navigate({ to: '/jobs/new' }) },
    { key: 'S', run: () => void navigate({ to: '/storage' }) },
    { key: 'T', run: () => setTheme(nextThemeChoice(theme)) },
    { key: '?', run: () => setListOpen(true) },
  ])

  return (
    <>
      <a className={styles['skip']} href="#content">
        Skip to the page
      </a>
      <header className={styles['header']}>
        <div className={styles['bar']}>
          <Link to="/jobs" className={styles['home']} aria-label="Plotline, all jobs">
            <Logo />
          </Link>
          <nav aria-label="Pages" className={styles['nav']}>
            <Link
              to="/jobs"
              activeOptions={{ exact: true, includeSearch: false }}
              className={styles['link']}
            >
              Jobs
            </Link>
            <StorageLink />
          </nav>
          <div className={styles['tools']}>
            <IconButton label="Keyboard shortcuts" onPress={() => setListOpen(true)}>
              <Keyboard aria-hidden />
            </IconButton>
            <ThemeMenu theme={theme} onChoose={setTheme} />
            <LinkButton to="/jobs/new" variant="primary" aria-label="Create job">
              <Plus aria-hidden />
              <span className={styles['word']}>Create job</span>
            </LinkButton>
          </div>
        </div>
      </header>
      <div id="content" tabIndex={-1} className={styles['below']}>
        <StoppedBanner />
        <Outlet />
      </div>
      <ShortcutList isOpen={isListOpen} onClose={() => setListOpen(false)} />
    </>
  )
}

/** Carries the number of things that the server warns of: the page behind it has them in words. */
function StorageLink(): ReactElement {
  const { data: server } = useServer()
  const count = server?.warnings.length ?? 0
  return (
    <Link
      to="/storage"
      activeOptions={{ exact: true, includeSearch: false }}
      className={styles['link']}
      {...(count > 0 && { title: `The server has ${countText(count, 'warning')}.` })}
    >
      Storage
      {count > 0 && (
        <span className={styles['badge']} role="img" aria-label={countText(count, 'warning')}>
          {count}
        </span>
      )}
    </Link>
  )
}

function ThemeMenu({
  theme,
  onChoose,
}: {
  readonly theme: ThemeChoice
  readonly onChoose: (theme: ThemeChoice) => void
}): ReactElement {
  const Icon = THEMES[theme].icon
  return (
    <Menu
      label={`Theme: ${THEMES[theme].label}`}
      actions={THEME_CHOICES.map((choice) => {
        const { label, icon: ChoiceIcon } = THEMES[choice]
        return {
          label,
          icon: <ChoiceIcon aria-hidden />,
          onAction: () => onChoose(choice),
          ...(choice === theme ? { hint: 'chosen' } : {}),
        }
      })}
    >
      <Icon aria-hidden />
    </Menu>
  )
}

const THEMES: Readonly<Record<ThemeChoice, { readonly label: string; readonly icon: LucideIcon }>> =
  {
    system: { label: 'As the system', icon: Monitor },
    light: { label: 'Light', icon: Sun },
    dark: { label: 'Dark', icon: Moon },
  }
