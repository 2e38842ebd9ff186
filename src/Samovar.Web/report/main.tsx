import './errors.ts';
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './report.css';
import { Calculator } from './calculator.tsx';
import { Plots } from './plots.tsx';
import { Cells, Claims, Facts, Spectrum, Values } from './tables.tsx';

function Page() {
  return (
    <main>
      <h1>Samovar, measured</h1>
      <p>What stateful continuation is worth: every published claim beside what was measured here. Figures are medians of interleaved rounds
        with the least and the most of them; a dash is a figure without a spread or one that was not measured.</p>
      <Facts />
      <nav aria-label="Sections">
        <a href="#claims">Claims</a> <a href="#plots">Plots</a> <a href="#spectrum">Where state lives</a>
        <a href="#capacity">Capacity</a> <a href="#cells">All figures</a>
      </nav>
      <section id="claims"><h2>Claims</h2><Claims /></section>
      <section id="plots"><h2>Plots</h2><Plots /></section>
      <section id="spectrum"><h2>Where state lives</h2><Spectrum /></section>
      <section id="capacity"><h2>Capacity</h2>
        <p>What a number of live sessions needs, from the measured constants and your own assumptions.</p><Calculator /></section>
      <section id="cells"><h2>All figures</h2><Cells /><Values /></section>
    </main>
  );
}

render(<Page />, document.getElementById('report')!);
document.documentElement.dataset.ready = 'true';
