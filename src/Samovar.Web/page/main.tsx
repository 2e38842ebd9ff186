import { render } from 'preact';
import './page.css';
import { kept, showTheme, themes } from './state/choices.ts';
import { Live } from './state/live.ts';
import { App } from './views/app.tsx';

showTheme(kept('theme', themes, 'auto'));
render(<App live={new Live()} />, document.body);
