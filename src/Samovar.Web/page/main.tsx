import { render } from 'preact';
import './page.css';

render(<main><h1>Samovar</h1></main>, document.body);
