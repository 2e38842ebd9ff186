import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './report.css';

render(<main><h1>Samovar, measured</h1></main>, document.body);
