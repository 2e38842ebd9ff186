import { useState } from 'preact/hooks';
import { needs, type Inputs } from './capacity.ts';
import { report, show, spreadText } from './data.ts';

const all = report.capacity.inputs;
const measured: Inputs = Object.fromEntries(all.map(input => [input.key, input.value]));

const shown = (value: number | undefined) => value === undefined ? '' : Number(value.toPrecision(6));

export function Calculator() {
  const [inputs, set] = useState<Inputs>(measured);
  const change = (key: string, text: string) => set({ ...inputs, [key]: text.trim() === '' ? undefined : Number(text) });
  return (
    <div class="calculator">
      <form onSubmit={event => event.preventDefault()}>
        {all.map(input => <label>
          <span>{input.name}{input.unit && `, ${input.unit}`}</span>
          <input type="number" step="any" min="0" data-key={input.key} value={shown(inputs[input.key])}
            onInput={event => change(input.key, event.currentTarget.value)} />
          <small>{input.spread ? `measured: ${spreadText(input.spread, 1)}; ${input.source}` : input.source}</small>
        </label>)}
        <button type="button" onClick={() => set(measured)}>As measured</button>
      </form>
      <div class="scroll"><table>
        <caption>What that many sessions need</caption>
        <thead><tr><th scope="col">needed</th><th scope="col">value</th><th scope="col">formula</th></tr></thead>
        <tbody aria-live="polite">{needs(inputs).map(need => <tr>
          <th scope="row">{need.name}</th>
          <td data-need={need.name}>{need.value === undefined ? '–' : `${show(need.value, need.value < 100 ? 2 : 0)} ${need.unit}`}</td>
          <td>{need.formula}</td>
        </tr>)}</tbody>
      </table></div>
    </div>
  );
}
