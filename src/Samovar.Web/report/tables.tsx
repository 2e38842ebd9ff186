import { report, spreadText, show, type SpectrumCell } from './data.ts';
import { Figure, Numbers } from './plot.tsx';

export function Facts() {
  const { facts, samples } = report;
  const rounds = new Set(samples.map(sample => JSON.stringify([sample.cell, sample.round]))).size;
  const rows: [string, string][] = [
    ['Made by', facts.command], ['On', new Date(facts.started_at).toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    ['Samovar', facts.version], ['Machine', `${facts.processor}, ${facts.cores} cores, ${show(facts.memory_bytes / 2 ** 30)} GiB`],
    ['System', `${facts.system}, ${facts.runtime}`],
    ['Model of the engine', facts.model ? `${facts.model}, libllama ${facts.library ?? '?'}` : 'none ran'],
    ['Links', facts.link_method ?? 'userspace where one is named'],
    ['What ran', `${report.cells.length} kinds of work, ${rounds} rounds, ${samples.length} turns`],
  ];
  return <dl>{rows.map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}</dl>;
}

const marks: Record<string, string> = { held: '✓', 'not held': '✗', 'not measured': '–' };

export function Claims() {
  return (
    <div class="scroll"><table class="claims stacks">
      <caption>Each claim with its conditions, what was measured here, and whether it held</caption>
      <thead><tr>{['verdict', 'said', 'measured here', 'why'].map(name => <th scope="col">{name}</th>)}</tr></thead>
      <tbody>{report.claims.map(({ claim, verdict, measured, reason }) => <tr data-claim={claim.id} class={verdict.replace(' ', '-')}>
        <td><b>{marks[verdict]} {verdict}</b></td>
        <th scope="row">{claim.said}<small>{claim.source}: {claim.conditions}</small></th>
        <td data-name="measured here">{measured && verdict !== 'not measured' ? `${spreadText(measured, 1)} ${claim.unit}` : '–'}
          <small>{claim.transport}{claim.against && ` against ${claim.against}`}, {
            claim.workloads.join(', ')}, {claim.backend}, {claim.link}
            {measured && `, n = ${measured.count}`}</small></td>
        <td data-name="why">{reason}</td>
      </tr>)}</tbody>
    </table></div>
  );
}

function Both({ name, cell }: { name: string; cell: SpectrumCell }) {
  return <td data-name={name}>{cell.measured}<small>published: {cell.published}</small></td>;
}

const spectrumColumns = [
  ['state', 'state lives'], ['durability', 'durability'], ['latency', 'latency'], ['bandwidth', 'bandwidth'],
] as const;

export function Spectrum() {
  return (
    <div class="scroll"><table class="stacks">
      <caption>{report.spectrum.conditions}</caption>
      <thead><tr>{['approach', ...spectrumColumns.map(([, name]) => name)].map(name => <th scope="col">{name}</th>)}</tr></thead>
      <tbody>{report.spectrum.rows.map(row => <tr>
        <th scope="row">{row.approach}</th>
        {spectrumColumns.map(([column, name]) => <Both name={name} cell={row[column]} />)}
      </tr>)}</tbody>
    </table></div>
  );
}

export function Cells() {
  return (
    <div class="scroll"><Numbers caption="Medians (least–most) of the rounds"
      columns={['task', 'transport', 'backend', 'link', 'rounds × turns', 'KB up', '% of whole', 'KB down', 'connec\u00adtions',
        'first turn ms', 'first token ms', 'task s', 'CPU ms a turn', 'errors']}
      rows={report.cells.map(one => [one.cell.workload, one.cell.transport, one.cell.backend, one.cell.link, `${one.rounds} × ${one.turns}`,
        <Figure spread={one.bytes_up} digits={1} factor={1e-3} />, <Figure spread={one.bytes_up_change} digits={1} />,
        <Figure spread={one.bytes_down} digits={1} factor={1e-3} />, <Figure spread={one.connections} />,
        <Figure spread={one.first_turn_ms} digits={1} />, <Figure spread={one.first_token_ms} digits={1} />,
        <Figure spread={one.task_ms} digits={2} factor={1e-3} />, <Figure spread={one.server_cpu_ms} digits={1} />,
        show(one.errors)])} /></div>
  );
}

export function Values() {
  return (
    <div class="scroll"><Numbers caption="Constants that belong to no turn: median (least–most)"
      columns={['quantity', 'value', 'conditions']}
      rows={report.values.map(value => [value.name, `${spreadText(value.spread, 2)} ${value.unit}`, value.conditions])} /></div>
  );
}
