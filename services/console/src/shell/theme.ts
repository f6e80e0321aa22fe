import { Store } from '../session/store.js';

export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'parley.theme';

export const theme = new Store<Theme>(kept());

/** For all windows of this browser, as the login is not. */
export function setTheme(next: Theme): void {
  localStorage.setItem(KEY, next);
  theme.set(next);
  applyTheme();
}

/** `auto` follows the system, by CSS alone. */
export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (theme.get() === 'auto') delete dataset['theme'];
  else dataset['theme'] = theme.get();
}

function kept(): Theme {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'auto';
}
