import { useState } from 'preact/hooks';
import uPlot from 'uplot';
import { report, show, type CellFigures, type PartName, type Spread, type Turn } from './data.ts';
import { Figure, Numbers, Plot, type PlotShape } from './plot.tsx';
import { look, partColors } from './theme.ts';

const unique = (values: string[]) => [...new Set(values)];
const parts: PartName[] = ['link', 'queue', 'render', 'prefill', 'decode', 'remaining'];
const partWords: Record<PartName, string> = {
  link: 'link', queue: 'queue', render: 'render', prefill: 'prefill', decode: 'decode and delivery', remaining: 'not told apart',
};

/** What a legend says of the place under the pointer; nothing while it is elsewhere. */
function idle(text: (value: number, at: number) => string): uPlot.Series.Value {
  return (_plot, value: number | null, _series, at) => at == null ? '' : value == null ? '–' : text(value, at);
}

/** Of a band: not a line of its own. */
const edge: uPlot.Series = { class: 'band', points: { show: false }, value: () => '' };

/** One line for each transport, its spread as a band behind it. */
function turnShape(cells: CellFigures[], value: (turn: Turn) => Spread | undefined, factor: number) {
  return (isDark: boolean): PlotShape => {
    const turns = [...new Set(cells.flatMap(cell => cell.per_turn.map(turn => turn.turn)))].sort((a, b) => a - b);
    const series: uPlot.Series[] = [{ label: 'turn', value: idle(String) }], bands: uPlot.Band[] = [], data: (number | null)[][] = [];
    for (const cell of cells) {
      const { color, dash } = look(cell.cell.transport, isDark);
      const at = turns.map(turn => cell.per_turn.find(one => one.turn === turn)).map(turn => turn && value(turn));
      const each = (pick: (spread: Spread) => number) => at.map(spread => spread && spread.count > 1 ? pick(spread) * factor : null);
      data.push(each(spread => spread.median), each(spread => spread.most), each(spread => spread.least));
      const first = series.length;
      series.push({
        label: cell.cell.transport, stroke: color, dash, width: 2, points: { size: 4, fill: color }, value: idle(value => show(value, 1)),
      }, edge, edge);
      bands.push({ series: [first + 1, first + 2], fill: color + '33' });
    }
    return {
      series, bands, data: [turns, ...data] as uPlot.AlignedData, steps: [1, 2, 5, 10, 20, 50, 100],
      scales: { y: { range: (_u, _least, most) => [0, (most || 1) * 1.05] } },
    };
  };
}

function TurnPlot(props: {
  title: string; y: string; note?: string; cells: CellFigures[]; digits: number; factor?: number; value: (turn: Turn) => Spread | undefined;
}) {
  const { cells, value, factor = 1 } = props;
  const turns = [...new Set(cells.flatMap(cell => cell.per_turn.map(turn => turn.turn)))].sort((a, b) => a - b);
  return (
    <Plot title={props.title} note={props.note} x="turn" y={props.y} shape={turnShape(cells, value, factor)} deps={[cells]}>
      <Numbers caption={`${props.title}, ${props.y}: median (least–most) of the rounds`}
        columns={['turn', ...cells.map(cell => cell.cell.transport)]}
        rows={turns.map(turn => [String(turn), ...cells.map(cell => {
          const found = cell.per_turn.find(one => one.turn === turn);
          return <Figure spread={found && value(found)} digits={props.digits} factor={factor} />;
        })])} />
    </Plot>
  );
}

/** Bars that stand on each other are drawn as sums, the highest first. */
function partsShape(cells: CellFigures[], used: PartName[]) {
  return (isDark: boolean): PlotShape => {
    const sums = cells.map(() => 0);
    const stacked = used.map(part => cells.map((cell, at) => sums[at] = sums[at]! + (cell.parts[part]?.median ?? 0) / 1000));
    const bars = uPlot.paths.bars!({ size: [0.6, 80] });
    const series: uPlot.Series[] = [{ label: 'transport', value: idle(place => cells[place - 1]!.cell.transport) }];
    for (const part of [...used].reverse()) {
      const color = partColors[part]![isDark ? 'dark' : 'light'];
      series.push({
        label: partWords[part], stroke: color, fill: color, width: 0, paths: bars, points: { show: false },
        value: idle((_, at) => show((cells[at]!.parts[part]?.median ?? 0) / 1000, 2) + ' s'),
      });
    }
    return {
      series, data: [cells.map((_, at) => at + 1), ...stacked.reverse()] as uPlot.AlignedData,
      scales: { x: { range: [0.4, cells.length + 0.6] }, y: { range: (_u, _least, most) => [0, most * 1.05] } },
      names: cells.map(({ cell }) => cell.transport),
    };
  };
}

function PartsPlot({ cells }: { cells: CellFigures[] }) {
  const used = parts.filter(part => cells.some(cell => cell.parts[part]));
  return (
    <Plot title="Where the time of a task went" x="" y="s" shape={partsShape(cells, used)} deps={[cells]}
      note={'Medians of the rounds. A simulated provider\'s prefill follows from its set speed, decoding is from the first output '
        + 'to the end; what nobody could tell apart has a colour of its own.'}>
      <Numbers caption="Seconds of a task: median (least–most) of the rounds"
        columns={['transport', ...used.map(part => partWords[part])]}
        rows={cells.map(cell => [cell.cell.transport, ...used.map(part => (
          <Figure spread={cell.parts[part]} digits={2} factor={1 / 1000} />))])} />
    </Plot>
  );
}

const shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.99];

function times(cell: CellFigures): number[] {
  return report.samples.filter(sample => sample.cell.workload === cell.cell.workload && sample.cell.transport === cell.cell.transport
    && sample.cell.backend === cell.cell.backend && sample.cell.link === cell.cell.link && sample.first_token_ms != null)
    .map(sample => sample.first_token_ms!).sort((a, b) => a - b);
}

function DistributionPlot({ cells }: { cells: CellFigures[] }) {
  const all = cells.map(cell => times(cell));
  const shape = (isDark: boolean): PlotShape => {
    const xs = [...new Set(all.flat())].sort((a, b) => a - b);
    const lines = all.map(values => {
      let below = 0;
      return xs.map(x => {
        while (below < values.length && values[below]! <= x) below++;
        return values.length ? 100 * below / values.length : null;
      });
    });
    const series: uPlot.Series[] = [{ label: 'ms', value: idle(value => show(value, 1)) }, ...cells.map(cell => {
      const { color, dash } = look(cell.cell.transport, isDark);
      return {
        label: cell.cell.transport, stroke: color, dash, width: 2, paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false },
        value: idle(value => show(value) + ' %'),
      };
    })];
    return { series, data: [xs, ...lines] as uPlot.AlignedData, scales: { y: { range: [0, 100] } } };
  };
  return (
    <Plot title="Distribution of the time to the first token" x="ms" y="% of turns" shape={shape} deps={[cells]}
      note="All turns of all rounds: the share of them that had their first token by then.">
      <Numbers caption="Time to the first token in ms, by the share of turns that had it"
        columns={['transport', 'turns', ...shares.map(share => `${100 * share} %`)]}
        rows={cells.map((cell, at) => [cell.cell.transport, show(all[at]!.length), ...shares.map(share => all[at]!.length < 2 ? '–'
          : show(all[at]![Math.max(0, Math.ceil(share * all[at]!.length) - 1)]!, 1))])} />
    </Plot>
  );
}

function Choice(props: { label: string; all: string[]; value: string; choose: (value: string) => void }) {
  return (
    <label>{props.label} <select value={props.value} onChange={event => props.choose(event.currentTarget.value)}>
      {props.all.map(name => <option value={name}>{name}</option>)}
    </select></label>
  );
}

/** Cells are chosen by task, backend and link, and drawn side by side by transport. */
export function Plots() {
  const places = report.cells.map(({ cell }) => cell);
  const first = places.find(cell => cell.workload === 'loop-20' && cell.backend === 'provider-65') ?? places[0];
  const [backend, setBackend] = useState(first?.backend ?? '');
  const [link, setLink] = useState(first?.link ?? '');
  const [workload, setWorkload] = useState(first?.workload ?? '');
  const [hidden, setHidden] = useState<string[]>(['http-direct', 'ws-stored']);
  if (!first) return <p>This run has no turns.</p>;
  const backends = unique(places.map(cell => cell.backend));
  const links = unique(places.filter(cell => cell.backend === backend).map(cell => cell.link));
  const linkNow = links.includes(link) ? link : links[0]!;
  const workloads = unique(places.filter(cell => cell.backend === backend && cell.link === linkNow).map(cell => cell.workload));
  const workloadNow = workloads.includes(workload) ? workload : workloads[0]!;
  const here = report.cells.filter(({ cell }) => cell.backend === backend && cell.link === linkNow && cell.workload === workloadNow);
  const cells = here.filter(({ cell }) => !hidden.includes(cell.transport));
  const toggle = (name: string) => setHidden(hidden.includes(name) ? hidden.filter(one => one !== name) : [...hidden, name]);
  return (
    <>
      <form class="controls" onSubmit={event => event.preventDefault()}>
        <Choice label="Backend" all={backends} value={backend} choose={setBackend} />
        <Choice label="Link" all={links} value={linkNow} choose={setLink} />
        <Choice label="Task" all={workloads} value={workloadNow} choose={setWorkload} />
        <fieldset>
          <legend>Transports</legend>
          {here.map(({ cell }) => <label title={report.transports[cell.transport]}>
            <input type="checkbox" checked={!hidden.includes(cell.transport)} onChange={() => toggle(cell.transport)} />{cell.transport}
          </label>)}
        </fieldset>
      </form>
      {cells.length === 0 ? <p>No transport is chosen.</p> : <div class="plots">
        <TurnPlot title="Bytes up, each turn" y="KB" cells={cells} digits={2} factor={1e-3} value={turn => turn.bytes_up} />
        <TurnPlot title="Bytes up, summed" y="KB" cells={cells} digits={1} factor={1e-3} value={turn => turn.summed_up} />
        <TurnPlot title="Time to the first token, each turn" y="ms" cells={cells} digits={1} value={turn => turn.first_token_ms} />
        <TurnPlot title="Time of each turn" y="ms" cells={cells} digits={0} value={turn => turn.total_ms} />
        <PartsPlot cells={cells} />
        <DistributionPlot cells={cells} />
      </div>}
      <ul class="legend">{cells.map(({ cell }) => <li><b>{cell.transport}</b>: {report.transports[cell.transport] ?? ''}</li>)}</ul>
    </>
  );
}
