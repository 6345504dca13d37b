// Runs before the first paint: a person's own choice of theme never flashes. The rest is in src/theme/theme-choice.ts.
const chosen = localStorage.getItem('plotline.theme')
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
