/** What a reader chose and the browser keeps: never a key, never anything of the server's. */
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export type TimelineMode = 'turns' | 'time';

export function kept<T extends string>(name: string, among: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(`samovar.${name}`);
    return among.find(one => one === value) ?? otherwise;
  } catch {
    return otherwise;
  } // storage may be forbidden
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`samovar.${name}`, value);
  } catch {
    /* it is kept until the page is closed, then */
  }
}

export const showTheme = (theme: Theme): void => {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
};
