/** The colours of one chart as a canvas takes them. */
export interface ChartColours {
  readonly line: string
  readonly band: string
  readonly grid: string
  readonly axis: string
  readonly text: string
  readonly surface: string
  readonly loss: string
}

const SERIES_COLOURS = 8

/** Reads the theme's variables where the chart stands: a canvas knows neither variables nor `light-dark()`. */
export function readColours(host: HTMLElement, place: number): ChartColours {
  const probe = host.ownerDocument.createElement('span')
  host.append(probe)
  const colour = (value: string): string => {
    probe.style.color = value
    return getComputedStyle(probe).color
  }
  const series = `var(--series-${(place % SERIES_COLOURS) + 1})`
  const colours = {
    line: colour(series),
    band: colour(`color-mix(in srgb, ${series} 22%, transparent)`),
    grid: colour('var(--chart-grid)'),
    axis: colour('var(--chart-axis)'),
    text: colour('var(--text)'),
    surface: colour('var(--surface)'),
    loss: colour('var(--warn)'),
  }
  probe.remove()
  return colours
}

/** Calls when the person or the system switches between light and dark. */
export function onThemeChange(listener: () => void): () => void {
  const scheme = window.matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'class', 'style'] })
  scheme.addEventListener('change', listener)
  return () => {
    observer.disconnect()
    scheme.removeEventListener('change', listener)
  }
}
