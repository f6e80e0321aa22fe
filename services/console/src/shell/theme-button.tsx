import { useSyncExternalStore, type ReactNode } from 'react';
import { IconButton } from '../ui/button.js';
import { setTheme, theme, type Theme } from './theme.js';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const satisfies Record<Theme, Theme>;
const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;
const WORDS = { auto: 'as the system', light: 'light', dark: 'dark' } as const;

export function ThemeButton(): ReactNode {
  const now = useSyncExternalStore(theme.subscribe, theme.get);
  return (
    <IconButton
      icon={ICONS[now]}
      label={`Colours: ${WORDS[now]}. Change to ${WORDS[NEXT[now]]}`}
      onClick={() => setTheme(NEXT[now])}
    />
  );
}
