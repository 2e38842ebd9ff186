import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import type { MainActions } from './main.tsx';

interface PageActions {
  filter(): void;
  leaveFilter(): void;
  theme(): void;
  mode(): void;
  help(): void;
  pause(): void;
}

const screenful = 10;

/** One place for all keys. Keys with a modifier, and those of a field or a button that has the focus, stay the browser's. */
export function useKeys(main: RefObject<MainActions>, page: PageActions): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const target = event.target as HTMLElement;
      if (target.matches('input, textarea, select')) {
        if (event.key === 'Escape' && target.matches('[type=search]')) page.leaveFilter();
        else if (event.key === 'Enter' && target.matches('[type=search]')) main.current?.focus?.();
        else if (event.key === 'ArrowDown' && target.matches('[type=search]')) main.current?.focus?.();
        return;
      }
      if ((event.key === 'Enter' || event.key === ' ') && target.matches('a, button')) return;
      if (event.key.startsWith('Arrow') && target.matches('[role=tab]')) return;
      const act = actionOf(event.key, main.current ?? {}, page);
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });
}

function actionOf(key: string, main: MainActions, page: PageActions): (() => void) | undefined {
  const move = (by: number) => main.move && (() => main.move!(by));
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return move(1);
    case 'k':
    case 'ArrowUp':
      return move(-1);
    case 'PageDown':
      return move(screenful);
    case 'PageUp':
      return move(-screenful);
    case 'Home':
      return move(-Infinity);
    case 'End':
      return move(Infinity);
    case 'h':
    case 'ArrowLeft':
      return main.turn && (() => main.turn!(-1));
    case 'l':
    case 'ArrowRight':
      return main.turn && (() => main.turn!(1));
    case 'Enter':
      return main.open;
    case 'Escape':
      return main.close;
    case '/':
      return page.filter;
    case '?':
      return page.help;
    case 'p':
      return page.pause;
    case 't':
      return page.mode;
    case 'd':
      return page.theme;
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
      return main.tab && (() => main.tab!(Number(key) - 1));
    default:
      return undefined;
  }
}
